import type { ApolloServerPlugin } from "@apollo/server";
import { InMemoryLRUCache } from "@apollo/utils.keyvaluecache";
import { type DocumentNode, type StringValueNode, visit } from "graphql";

/**
 * Parsed documents that are remembered, by the length of their text and of their JSON: over a thousand of the size that shops send. In memory
 * each takes many times that, with its plan as a page: a flood of made-up ones was seen to take 0.3 GB, and 0.8 GB at Apollo's own 30 MB.
 */
const documentsBytes = 6 * 1024 * 1024;

/** What Apollo remembers parsed documents in. Their text counts too: each is kept with it, and a comment of a megabyte is in no JSON. */
export function createDocumentStore(): InMemoryLRUCache<DocumentNode> {
  return new InMemoryLRUCache({
    maxSize: documentsBytes,
    sizeCalculation: (document) => (document.loc?.source.body.length ?? 0) + JSON.stringify(document).length,
  });
}

/**
 * Has the texts that a document gives as arguments be texts of their own. As they are parsed they are cut out of the document's, and a
 * remembered SKU would hold all of that in memory.
 */
export const ownTexts: ApolloServerPlugin = {
  async requestDidStart() {
    return {
      // Called for what was just parsed, and for nothing else.
      async validationDidStart({ document }) {
        visit(document, { StringValue: takeOut });
      },
    };
  },
};

function takeOut(node: StringValueNode): void {
  // In place: the document is what is remembered.
  (node as { value: string }).value = JSON.parse(JSON.stringify(node.value)) as string;
}
