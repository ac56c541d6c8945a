/** Colours of stars: three keywords that count in twos (RFC 9979), so that other programs set and show the same. */
import type { EmailRow } from '@smartmail/jmap/types.ts';

const BITS = ['$mailflagbit0', '$mailflagbit1', '$mailflagbit2'] as const;

/** By their number. The first is the star that every program sets; in ours it has the colour of the theme. */
export const STAR_COLOURS = ['plain', 'orange', 'yellow', 'green', 'blue', 'purple', 'grey'] as const;
export type StarColour = (typeof STAR_COLOURS)[number];

const HUES: Partial<Record<StarColour, number>> = { orange: 50, yellow: 100, green: 150, blue: 258, purple: 310 };

/** How it is painted, in both themes; undefined for the plain one, which the theme paints. */
export function paintOf(colour: StarColour | null): string | undefined {
  if (colour === null || colour === 'plain') return undefined;
  const hue = HUES[colour];
  return hue === undefined ? 'var(--line-strong)' : `oklch(var(--tint-dot-l) var(--tint-dot-c) ${hue})`;
}

/** The colour of a message's star; null without a star. */
export function starOf({ keywords }: Pick<EmailRow, 'keywords'>): StarColour | null {
  if (!keywords.$flagged) return null;
  const number = BITS.reduce((sum, bit, place) => sum + (keywords[bit] ? 2 ** place : 0), 0);
  // All three mean nothing yet: still a star.
  return STAR_COLOURS[number] ?? 'plain';
}

/** What makes a star of this colour out of any other; null takes the star away with its colour. */
export function starKeywords(colour: StarColour | null): Record<string, boolean> {
  const number = colour === null ? 0 : STAR_COLOURS.indexOf(colour);
  const bits = BITS.map((bit, place) => [bit, Math.floor(number / 2 ** place) % 2 === 1] as const);
  return { $flagged: colour !== null, ...Object.fromEntries(bits) };
}
