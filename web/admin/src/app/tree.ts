/** A tree that comes as a flat list: in the order in which it is read, each with how deep it is. Pure. */
export interface Twig {
  id: string;
  parentId: string;
  position: number;
  name: string;
}

export function tree<T extends Twig>(rows: readonly T[]): (T & { depth: number })[] {
  const known = new Set(rows.map((row) => row.id));
  const below = new Map<string, T[]>();
  for (const row of rows) {
    const parent = known.has(row.parentId) ? row.parentId : '';
    below.set(parent, [...(below.get(parent) ?? []), row]);
  }
  const order = (one: T, other: T): number => one.position - other.position || one.name.localeCompare(other.name);
  const from = (parent: string, depth: number): (T & { depth: number })[] =>
    (below.get(parent) ?? []).sort(order).flatMap((row) => [{ ...row, depth }, ...from(row.id, depth + 1)]);
  return from('', 0);
}
