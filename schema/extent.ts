import { type FragmentDefinitionNode, Kind, type SelectionNode, type SelectionSetNode } from "graphql";

/** Measures a selection; 0 for none. */
export type Measure = (selectionSet: SelectionSetNode | undefined) => number;

/**
 * Makes a measure over selections, fragments opened. Each fragment is measured once, so that fragments of fragments cost
 * no more than their text, however often they are spread: what would take forever to open only gives a large number.
 * @param ofField what one field counts, given what its own selection counts
 */
export function createMeasure(
  fragmentOf: (name: string) => FragmentDefinitionNode | null | undefined,
  ofField: (name: string, below: () => number) => number,
  join: (counts: readonly number[]) => number,
): Measure {
  const known = new Map<string, number>();

  function ofFragment(name: string): number {
    const before = known.get(name);
    if (before !== undefined) return before;
    known.set(name, 0); // fragments in a circle are refused by a rule of their own; here they only must end
    const count = measure(fragmentOf(name)?.selectionSet);
    known.set(name, count);
    return count;
  }

  function ofSelection(selection: SelectionNode): number {
    switch (selection.kind) {
      case Kind.FIELD:
        return ofField(selection.name.value, () => measure(selection.selectionSet));
      case Kind.INLINE_FRAGMENT:
        return measure(selection.selectionSet);
      case Kind.FRAGMENT_SPREAD:
        return ofFragment(selection.name.value);
    }
  }

  const measure: Measure = (selectionSet) => join((selectionSet?.selections ?? []).map(ofSelection));
  return measure;
}

// Introspection asks no ERP, is off in production, and its own query is deeper and larger than any other.
const isIntrospection = (name: string) => name.startsWith("__");

const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0);

type FragmentOf = Parameters<typeof createMeasure>[0];

/** How many levels of fields. */
export function measureDepth(fragmentOf: FragmentOf): Measure {
  const ofField = (name: string, below: () => number) => (isIntrospection(name) ? 1 : 1 + below());
  return createMeasure(fragmentOf, ofField, (counts) => Math.max(0, ...counts));
}

/** How many fields at the top. */
export function measureBreadth(fragmentOf: FragmentOf): Measure {
  return createMeasure(fragmentOf, () => 1, sum);
}

/** How many fields in all, each spread of a fragment counted as if its fields stood there. */
export function measureFields(fragmentOf: FragmentOf): Measure {
  const ofField = (name: string, below: () => number) => (isIntrospection(name) ? 1 : 1 + below());
  return createMeasure(fragmentOf, ofField, sum);
}

/** How many fields that may each ask the ERP something for every SKU, each spread of a fragment counted as above. */
export function measureAnswers(fragmentOf: FragmentOf): Measure {
  const isAnswer = (name: string) => name === "price" || name === "publicPrice" || name === "stock";
  return createMeasure(fragmentOf, (name, below) => (isAnswer(name) ? 1 : below()), sum);
}
