import {
  type ASTVisitor,
  type FragmentDefinitionNode,
  GraphQLError,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
  type ValidationContext,
  type ValidationRule,
} from "graphql";

/** Deeper documents are refused. The contract's own deepest field stands at level 6. */
const maxDepth = 12;

/** More fields at the root, aliases counted, are refused. */
const maxRootFields = 30;

/** Refuses documents that are deeper or broader than any question to this schema needs to be. */
export const limitDocument: ValidationRule = (context: ValidationContext): ASTVisitor => ({
  OperationDefinition(operation) {
    const extent = new Extent(context);
    const rootFields = extent.breadthOf(operation.selectionSet);
    const depth = extent.depthOf(operation.selectionSet);
    if (rootFields > maxRootFields)
      refuse(`The operation asks ${rootFields} fields at its root, and at most ${maxRootFields} are answered`);
    if (depth > maxDepth) refuse(`The operation is ${depth} levels deep, and at most ${maxDepth} are answered`);

    function refuse(reason: string): void {
      context.reportError(
        new GraphQLError(`${reason}: split it.`, { nodes: operation, extensions: { code: "BAD_USER_INPUT" } }),
      );
    }
  },
});

/** Measures selections; each fragment once, so that fragments of fragments cost no more than their text. */
class Extent {
  readonly #context: ValidationContext;
  readonly #depths = new Map<string, number>();
  readonly #breadths = new Map<string, number>();

  constructor(context: ValidationContext) {
    this.#context = context;
  }

  depthOf(selectionSet: SelectionSetNode | undefined): number {
    return Math.max(0, ...(selectionSet?.selections ?? []).map((selection) => this.#depthOfSelection(selection)));
  }

  breadthOf(selectionSet: SelectionSetNode): number {
    return selectionSet.selections.reduce((sum, selection) => sum + this.#breadthOfSelection(selection), 0);
  }

  #depthOfSelection(selection: SelectionNode): number {
    switch (selection.kind) {
      case Kind.FIELD:
        // Introspection asks no ERP, is off in production, and its own query is deeper than any other.
        return selection.name.value.startsWith("__") ? 1 : 1 + this.depthOf(selection.selectionSet);
      case Kind.INLINE_FRAGMENT:
        return this.depthOf(selection.selectionSet);
      case Kind.FRAGMENT_SPREAD:
        return this.#ofFragment(selection.name.value, this.#depths, ({ selectionSet }) => this.depthOf(selectionSet));
    }
  }

  #breadthOfSelection(selection: SelectionNode): number {
    switch (selection.kind) {
      case Kind.FIELD:
        return 1;
      case Kind.INLINE_FRAGMENT:
        return this.breadthOf(selection.selectionSet);
      case Kind.FRAGMENT_SPREAD:
        return this.#ofFragment(selection.name.value, this.#breadths, ({ selectionSet }) =>
          this.breadthOf(selectionSet),
        );
    }
  }

  #ofFragment(name: string, known: Map<string, number>, measure: (fragment: FragmentDefinitionNode) => number): number {
    const before = known.get(name);
    if (before !== undefined) return before;
    known.set(name, 0); // fragments in a circle are refused by a rule of their own; here they only must end
    const fragment = this.#context.getFragment(name);
    const extent = fragment ? measure(fragment) : 0;
    known.set(name, extent);
    return extent;
  }
}
