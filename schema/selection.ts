import {
  type FieldNode,
  type FragmentDefinitionNode,
  GraphQLError,
  type GraphQLField,
  GraphQLIncludeDirective,
  GraphQLSkipDirective,
  getArgumentValues,
  getDirectiveValues,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
} from "graphql";

/** What is needed to read a selection: the document's fragments and the coerced variables. */
export interface SelectionScope {
  readonly fragments: Readonly<Record<string, FragmentDefinitionNode | undefined>>;
  readonly variableValues: Readonly<Record<string, unknown>>;
}

/** The fields that a selection really asks for: fragments opened, `@skip` and `@include` obeyed, aliases kept apart. */
export function* selectedFields(
  selectionSet: SelectionSetNode | undefined,
  scope: SelectionScope,
): Generator<FieldNode> {
  for (const selection of selectionSet?.selections ?? []) {
    if (!isIncluded(selection, scope)) continue;
    switch (selection.kind) {
      case Kind.FIELD:
        yield selection;
        break;
      case Kind.INLINE_FRAGMENT:
        yield* selectedFields(selection.selectionSet, scope);
        break;
      case Kind.FRAGMENT_SPREAD:
        // Fragments cannot run in a circle: documents are validated before they are read.
        yield* selectedFields(scope.fragments[selection.name.value]?.selectionSet, scope);
    }
  }
}

/** The coerced arguments; null where they are bad, as a null by way of a variable is: the field itself says so, at its own path. */
export function argumentsOf(
  field: GraphQLField<unknown, unknown>,
  node: FieldNode,
  { variableValues }: SelectionScope,
): Record<string, unknown> | null {
  try {
    return getArgumentValues(field, node, variableValues);
  } catch (error) {
    if (error instanceof GraphQLError) return null;
    throw error;
  }
}

function isIncluded(node: SelectionNode, { variableValues }: SelectionScope): boolean {
  if (node.directives === undefined || node.directives.length === 0) return true;
  if (getDirectiveValues(GraphQLSkipDirective, node, variableValues)?.if === true) return false;
  return getDirectiveValues(GraphQLIncludeDirective, node, variableValues)?.if !== false;
}
