/** What stands for somebody without a photograph, the same wherever they are met: a letter, and a hue that stays theirs. */

/** The first letter or figure of a name; a dot where there is none. */
export const initialOf = (name: string): string => [...name.replace(/^[^\p{L}\p{N}]+/u, '')][0]?.toUpperCase() ?? '·';

/** A hue in degrees, worked out of what stays with somebody: their address. */
export const hueOf = (seed: string): number =>
  [...seed].reduce((sum, char) => (sum * 31 + (char.codePointAt(0) ?? 0)) % 360, 7);
