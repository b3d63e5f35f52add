import "reflect-metadata";
import type { GraphQLSchema, OperationDefinitionNode } from "graphql";
import type { FreshReader } from "../../loaders/fresh-reader.js";
import type { RequestContext } from "../context.js";
import type { Asker } from "./page-columns.js";
import { createPagePlan, type PagePlan } from "./page-plan.js";
import { RowMemory } from "./row-memory.js";
import { type Fragments, NotPlain } from "./selection-writer.js";
import { TextMemory } from "./text-memory.js";
import { writeFreshPage } from "./write-fresh-page.js";
import { writePage } from "./write-page.js";

/** What is known of the way one operation is answered. */
interface Known {
  plan: PagePlan | null;
  isProven: boolean;
}

export interface WrittenPage {
  /** The JSON text of `data`. */
  readonly text: string;
  /** Null once graphql-js has been seen to say the same; before that, to be told what it said. */
  readonly prove: ((data: unknown) => boolean) | null;
}

/**
 * Answers pages, the operations that shops send all day, without resolving their fields one by one. Each operation is planned
 * once; its first answer is given by graphql-js and compared. One that differs is never written so again.
 */
export class Pages {
  readonly #schema: GraphQLSchema;
  readonly #memory = new TextMemory();
  readonly #rows = new RowMemory();
  // By the parsed operation, of which there is one for each text as long as the document is remembered.
  readonly #known = new WeakMap<OperationDefinitionNode, Known>();

  constructor(schema: GraphQLSchema) {
    this.#schema = schema;
  }

  /** @returns null where graphql-js has to answer; what was read for it by then is in the request's loaders */
  async write(
    definition: OperationDefinitionNode,
    fragments: Fragments,
    variables: Readonly<Record<string, unknown>>,
    context: RequestContext,
  ): Promise<WrittenPage | null> {
    const known = this.#knownOf(definition, fragments);
    const { plan, isProven } = known;
    if (plan === null) return null;
    try {
      const text = await writePage(plan, variables, context);
      return { text, prove: isProven ? null : (data) => prove(known, text, data) };
    } catch (error) {
      if (error instanceof NotPlain) return null;
      throw error;
    }
  }

  /** @returns the JSON text of `data` of a page that was proven, where memory alone answers all of it; null where it does not */
  writeFresh(
    definition: OperationDefinitionNode,
    variables: Readonly<Record<string, unknown>>,
    asker: Asker,
    reader: FreshReader,
  ): string | null {
    const known = this.#known.get(definition);
    if (known === undefined || known.plan === null || !known.isProven) return null;
    try {
      return writeFreshPage(known.plan, variables, asker, { reader, rows: this.#rows });
    } catch (error) {
      if (error instanceof NotPlain) return null;
      throw error;
    }
  }

  #knownOf(definition: OperationDefinitionNode, fragments: Fragments): Known {
    const before = this.#known.get(definition);
    if (before !== undefined) return before;
    const known: Known = { plan: this.#plan(definition, fragments), isProven: false };
    this.#known.set(definition, known);
    return known;
  }

  #plan(definition: OperationDefinitionNode, fragments: Fragments): PagePlan | null {
    try {
      return createPagePlan(this.#schema, definition, fragments, this.#memory);
    } catch (error) {
      if (error instanceof NotPlain) return null;
      throw error;
    }
  }
}

function prove(known: Known, text: string, data: unknown): boolean {
  known.isProven = JSON.stringify(data) === text;
  if (!known.isProven) known.plan = null;
  return known.isProven;
}
