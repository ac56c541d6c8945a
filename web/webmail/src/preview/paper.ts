/** Colours of documents, which are written for white paper. */

const COLOUR = /^[0-9a-f]{6}$/;

export const colour = (value: string | undefined): string | undefined =>
  value !== undefined && COLOUR.test(value) ? `#${value}` : undefined;

const light = (share: number): number => (share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4);

/** What is read on a ground whose own ink is not told. */
export function inkOn(fill: string | undefined): string | undefined {
  if (fill === undefined || !COLOUR.test(fill)) return undefined;
  const [red = 0, green = 0, blue = 0] = [0, 2, 4].map((at) => light(parseInt(fill.slice(at, at + 2), 16) / 255));
  // Of black and white one always has the contrast of 4.5 (WCAG 2.2 §1.4.3).
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue < 0.179 ? '#ffffff' : '#000000';
}
