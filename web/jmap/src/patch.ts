/** JMAP patches (RFC 8620 §5.3) on a record that is kept here: `keywords/$seen` → value, null takes away. Pure. */
import type { PatchObject } from './methods.ts';

export function patched<T>(record: T, patch: PatchObject): T {
  return Object.entries(patch).reduce((sum, [path, value]) => at(sum, path.split('/').map(plain), value) as T, record);
}

/** The paths of a patch, with the values that undo it. */
export function inversePatch(before: object, patch: PatchObject): PatchObject {
  return Object.fromEntries(Object.keys(patch).map((path) => [path, read(before, path.split('/').map(plain)) ?? null]));
}

/** Copies along the path only: what is not named stays the same object. */
function at(target: unknown, [part = '', ...rest]: string[], value: unknown, inside = false): unknown {
  const held = (target ?? {}) as Record<string, unknown>;
  if (rest.length > 0) return { ...held, [part]: at(held[part], rest, value, true) };
  // Null takes a member of a map away; a property of the object itself has it as its value.
  if (value === null && inside) return Object.fromEntries(Object.entries(held).filter(([name]) => name !== part));
  return { ...held, [part]: value };
}

function read(target: unknown, [part = '', ...rest]: string[]): unknown {
  const found = (target as Record<string, unknown> | null | undefined)?.[part];
  return rest.length > 0 ? read(found, rest) : found;
}

/** RFC 6901 §3. */
function plain(part: string): string {
  return part.replaceAll('~1', '/').replaceAll('~0', '~');
}
