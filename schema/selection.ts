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

/**
 * The fields that a selection really asks for: fragments opened, `@skip` and `@include` obeyed, aliases kept apart. Each
 * fragment is opened once, as the execution does: spread again it adds nothing.
 */
export function selectedFields(selectionSet: SelectionSetNode | undefined, scope: SelectionScope): FieldNode[] {
  const fields: FieldNode[] = [];
  const opened = new Set<string>();

  function collect({ selections }: SelectionSetNode): void {
    for (const selection of selections) {
      if (isIncluded(selection, scope)) take(selection);
    }
  }

  function take(selection: SelectionNode): void {
    if (selection.kind === Kind.FIELD) fields.push(selection);
    else if (selection.kind === Kind.INLINE_FRAGMENT) collect(selection.selectionSet);
    else if (!opened.has(selection.name.value)) {
      opened.add(selection.name.value);
      const fragment = scope.fragments[selection.name.value];
      if (fragment !== undefined) collect(fragment.selectionSet);
    }
  }

  if (selectionSet !== undefined) collect(selectionSet);
  return fields;
}

/** The coerced arguments; null where they are bad, as a null by way of a variable is: the field itself says so, at its own path. */
export function argumentsOf(
  field: GraphQLField<unknown, unknown>,
  node: FieldNode,
  { variableValues }: Pick<SelectionScope, "variableValues">,
): Readonly<Record<string, unknown>> | null {
  const only = onlyVariable(field, node, variableValues);
  if (only !== null) return only;
  try {
    return getArgumentValues(field, node, variableValues);
  } catch (error) {
    if (error instanceof GraphQLError) return null;
    throw error;
  }
}

/** The arguments of a field with one, given by a variable: it is coerced already, and all that is to be done for most lists of a shop. */
function onlyVariable(
  { args }: GraphQLField<unknown, unknown>,
  { arguments: given = [] }: FieldNode,
  variableValues: SelectionScope["variableValues"],
): Readonly<Record<string, unknown>> | null {
  const [argument] = given;
  if (args.length !== 1 || given.length !== 1 || argument?.value.kind !== Kind.VARIABLE) return null;
  const name = argument.value.name.value;
  const value = Object.hasOwn(variableValues, name) ? variableValues[name] : null;
  // A null, or none, is judged by the type, and may have a default.
  return value === null || value === undefined ? null : { [argument.name.value]: value };
}

function isIncluded(node: SelectionNode, { variableValues }: SelectionScope): boolean {
  if (node.directives === undefined || node.directives.length === 0) return true;
  if (getDirectiveValues(GraphQLSkipDirective, node, variableValues)?.if === true) return false;
  return getDirectiveValues(GraphQLIncludeDirective, node, variableValues)?.if !== false;
}
