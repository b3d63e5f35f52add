import { type ASTVisitor, GraphQLError, type ValidationContext, type ValidationRule } from "graphql";
import { measureBreadth, measureDepth, measureFields } from "./extent.js";

/** Deeper documents are refused. The contract's own deepest field stands at level 6. */
const maxDepth = 12;

/** More fields at the root, aliases counted, are refused. */
const maxRootFields = 30;

/** More fields in all are refused: 100 for each at the root, which is more than there are different ones. */
const maxFields = 3_000;

/** Refuses operations that are deeper, broader or larger than any question to this schema needs to be, or of a kind it lacks. */
export const limitDocument: ValidationRule = (context: ValidationContext): ASTVisitor => ({
  OperationDefinition(operation) {
    const fragmentOf = (name: string) => context.getFragment(name);
    const { selectionSet } = operation;
    const rootFields = measureBreadth(fragmentOf)(selectionSet);
    const depth = measureDepth(fragmentOf)(selectionSet);
    const fields = measureFields(fragmentOf)(selectionSet);
    if (rootFields > maxRootFields)
      refuse(
        `The operation asks ${rootFields} fields at its root, and at most ${maxRootFields} are answered: split it.`,
      );
    if (depth > maxDepth)
      refuse(`The operation is ${depth} levels deep, and at most ${maxDepth} are answered: split it.`);
    if (fields > maxFields)
      refuse(`The operation asks for more than ${maxFields} fields, its fragments opened: split it.`);
    if (context.getSchema().getRootType(operation.operation) == null)
      refuse(`There is no ${operation.operation} in this schema: ask a query.`);

    function refuse(reason: string): void {
      context.reportError(new GraphQLError(reason, { nodes: operation, extensions: { code: "BAD_USER_INPUT" } }));
    }
  },
});
