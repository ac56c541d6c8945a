/** Contrast of the tokens, computed: text 4.5:1, controls 3:1, in both themes and 24 hues. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

type Rgb = [number, number, number];
const css = readFileSync(new URL('../src/tokens.css', import.meta.url), 'utf8');
const HUES = Array.from({ length: 24 }, (_, place) => place * 15);

type Themes = Record<string, Record<string, string>>;

function themesOf(hue: number): Themes {
  const light = tokensOf(/:root \{([^}]*)\}/, hue);
  return { light, dark: { ...light, ...tokensOf(/\n\[data-theme='dark'\] \{([^}]*)\}/, hue) } };
}

/** High contrast, laid over both. */
function highOf(hue: number): Themes {
  const { light, dark } = themesOf(hue);
  const more = tokensOf(/\n:root:root:root\[data-contrast='more'\] \{([^}]*)\}/, hue);
  const moreDark = tokensOf(/\[data-theme='dark'\]\[data-contrast='more'\] \{([^}]*)\}/, hue);
  return { 'high light': { ...light, ...more }, 'high dark': { ...dark, ...more, ...moreDark } };
}

function tokensOf(block: RegExp, hue: number): Record<string, string> {
  const text = (block.exec(css)?.[1] ?? '').replaceAll('var(--brand-hue)', String(hue));
  return Object.fromEntries(
    [...text.matchAll(/--([\w-]+):\s*(oklch\([^)]*\))/g)].map((match) => [match[1], match[2] ?? '']),
  );
}

/** OKLCH → linear sRGB, clipped to the gamut of a screen. */
function linear(color: string): Rgb {
  const [L = 0, C = 0, h = 0] = (color.match(/[\d.]+/g) ?? []).map(Number);
  const a = C * Math.cos((h * Math.PI) / 180);
  const b = C * Math.sin((h * Math.PI) / 180);
  const l = (L + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (L - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (L - 0.0894841775 * a - 1.291485548 * b) ** 3;
  const rgb: Rgb = [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ];
  return rgb.map((value) => Math.min(1, Math.max(0, value))) as Rgb;
}

function contrast(one: string, other: string): number {
  const light = (color: string): number => {
    const [r, g, b] = linear(color);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const [low, high] = [light(one), light(other)].sort((x, y) => x - y) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

const GROUNDS = ['ground', 'sheet', 'sheet-2', 'float', 'row-hover', 'accent-soft'];
const TEXT: [string, string[]][] = [
  ['ink', [...GROUNDS, 'ground-hover', 'ground-on', 'ok-soft', 'warn-soft', 'bad-soft', 'info-soft', 'mark']],
  ['ink-2', [...GROUNDS, 'ground-hover', 'ground-on', 'ok-soft', 'warn-soft', 'bad-soft', 'info-soft']],
  ['ink-3', GROUNDS],
  ['accent', GROUNDS],
  ['on-accent', ['accent', 'accent-strong', 'bad']],
  ['ok', ['sheet', 'ok-soft']],
  ['warn', ['sheet', 'warn-soft']],
  ['bad', ['sheet', 'sheet-2', 'float', 'bad-soft']],
  ['info', ['sheet', 'info-soft']],
  ['seal', ['sheet']],
  ['on-inverse', ['inverse']],
  ['on-inverse-2', ['inverse']],
  ['inverse-accent', ['inverse']],
];
const CONTROLS: [string, string[]][] = [
  ['line-strong', ['sheet', 'float']],
  ['accent', ['ground-hover', 'ground-on']],
];

/** The lowest contrast of all pairs that is below what is asked. */
function low(list: [string, string[]][], least: number, of = themesOf): string[] {
  return HUES.flatMap((hue) =>
    Object.entries(of(hue)).flatMap(([theme, tokens]) =>
      list.flatMap(([ink, papers]) =>
        papers
          .map((paper): [string, number] => [paper, contrast(tokens[ink] ?? '', tokens[paper] ?? '')])
          .filter(([, found]) => !(found >= least))
          .map(([paper, found]) => `${theme}, hue ${hue}: ${ink} on ${paper} ${found.toFixed(2)}`),
      ),
    ),
  );
}

test('text reads in both themes and in the hue of every company', () => {
  expect(low(TEXT, 4.5)).toEqual([]);
});

test('controls are seen', () => {
  expect(low(CONTROLS, 3)).toEqual([]);
});

test('high contrast reads at 7:1, and its edges are drawn', () => {
  expect(
    low(
      TEXT.filter(([ink]) => !ink.includes('inverse')),
      7,
      highOf,
    ),
  ).toEqual([]);
  expect(low([...CONTROLS, ['line', ['sheet', 'sheet-2', 'float', 'ground']]], 3, highOf)).toEqual([]);
});

test('a pair that does not read is named', () => {
  expect(low([['line', ['sheet']]], 4.5)).toHaveLength(2 * HUES.length);
});
