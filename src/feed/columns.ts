/** A copy of a column of numbers with room for more. */
export function grown<Column extends Float64Array | Uint32Array>(column: Column, room: number): Column {
  const copy = new (column.constructor as new (length: number) => Column)(room);
  copy.set(column);
  return copy;
}
