import {
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLObjectType,
  type GraphQLOutputType,
  getNamedType,
  getNullableType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
} from "graphql";

/** Writes one value as the JSON text that a selection makes of it. @throws {NotPlain} where only the execution knows what to do */
export type Write = (value: unknown) => string;

/** What the page writer leaves to graphql-js: directives, nulls where none may be, whatever it does not know. */
export class NotPlain extends Error {}

export type Fragments = Readonly<Record<string, FragmentDefinitionNode | undefined>>;

/** One field of an answer: the nodes that ask for it under one response name. */
export interface PlainField {
  readonly responseName: string;
  readonly name: string;
  readonly nodes: readonly [FieldNode, ...FieldNode[]];
}

/**
 * The fields that a selection asks of one object type, in the order of the answer, doubles merged as the execution does.
 * @throws {NotPlain} where a directive decides
 */
export function plainFields(
  type: GraphQLObjectType,
  sets: readonly (SelectionSetNode | undefined)[],
  fragments: Fragments,
): PlainField[] {
  const nodes = new Map<string, [FieldNode, ...FieldNode[]]>();
  const opened = new Set<string>();
  const collect = ({ selections }: SelectionSetNode): void => selections.forEach(take);

  function take(selection: SelectionNode): void {
    if ((selection.directives?.length ?? 0) > 0) throw new NotPlain("a directive");
    if (selection.kind === Kind.FIELD) {
      const responseName = (selection.alias ?? selection.name).value;
      const before = nodes.get(responseName);
      if (before === undefined) nodes.set(responseName, [selection]);
      else before.push(selection);
      return;
    }
    const fragment = selection.kind === Kind.INLINE_FRAGMENT ? selection : fragments[selection.name.value];
    if (selection.kind === Kind.FRAGMENT_SPREAD) {
      if (opened.has(selection.name.value)) return;
      opened.add(selection.name.value);
    }
    const condition = fragment?.typeCondition?.name.value ?? type.name;
    if (fragment === undefined || condition !== type.name) throw new NotPlain(`a fragment on ${condition}`);
    collect(fragment.selectionSet);
  }

  for (const set of sets) if (set !== undefined) collect(set);
  return [...nodes].map(([responseName, same]) => ({ responseName, name: same[0].name.value, nodes: same }));
}

/**
 * Compiles a selection on a type whose fields need no resolver: each is a property of the value.
 * @param instead what writes a field of this type instead, where it says so
 * @throws {NotPlain}
 */
export function compileWriter(
  type: GraphQLObjectType,
  sets: readonly (SelectionSetNode | undefined)[],
  fragments: Fragments,
  instead: (name: string) => Write | null = () => null,
): Write {
  const parts = plainFields(type, sets, fragments).map(({ responseName, name, nodes }, index) => {
    const head = `${index === 0 ? "{" : ","}${JSON.stringify(responseName)}:`;
    if (name === "__typename") return { text: `${head}${JSON.stringify(type.name)}`, name, write: null };
    const field = type.getFields()[name];
    if (field === undefined || field.args.length > 0) throw new NotPlain(`the field ${name}`);
    const below = nodes.map(({ selectionSet }) => selectionSet);
    return { text: head, name, write: instead(name) ?? compileValue(field.type, below, fragments) };
  });
  return (value) => {
    const object = value as Readonly<Record<string, unknown>>;
    let text = "";
    for (const part of parts) text += part.write === null ? part.text : part.text + part.write(object[part.name]);
    return `${text}}`;
  };
}

function compileValue(
  type: GraphQLOutputType,
  sets: readonly (SelectionSetNode | undefined)[],
  fragments: Fragments,
): Write {
  const write = compileNullable(getNullableType(type), sets, fragments);
  if (isNonNullType(type)) {
    return (value) => {
      if (value === null || value === undefined) throw new NotPlain("a null where none may be");
      return write(value);
    };
  }
  return (value) => (value === null || value === undefined ? "null" : write(value));
}

function compileNullable(
  type: GraphQLOutputType,
  sets: readonly (SelectionSetNode | undefined)[],
  fragments: Fragments,
): Write {
  if (isListType(type)) {
    const write = compileValue(type.ofType, sets, fragments);
    return (value) => `[${(value as readonly unknown[]).map(write).join(",")}]`;
  }
  // Every leaf of ours is, inside, the very string or number that goes out.
  if (isLeafType(type)) return JSON.stringify;
  if (isObjectType(type)) return compileWriter(type, sets, fragments);
  throw new NotPlain(`the type ${getNamedType(type).name}`);
}
