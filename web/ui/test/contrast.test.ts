/** Contrast of the tokens, computed: text 4.5:1, controls 3:1, in both themes. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

type Rgb = [number, number, number];
const css = readFileSync(new URL('../src/tokens.css', import.meta.url), 'utf8');
const light = tokensOf(/:root \{([^}]*)\}/);
const themes = { light, dark: { ...light, ...tokensOf(/\[data-theme='dark'\] \{([^}]*)\}/) } };

function tokensOf(block: RegExp): Record<string, string> {
  const text = block.exec(css)?.[1] ?? '';
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

const TEXT: [string, string[]][] = [
  ['text', ['bg', 'surface', 'surface-2', 'accent-soft', 'ok-soft', 'warn-soft', 'bad-soft', 'info-soft']],
  ['text-2', ['bg', 'surface', 'surface-2', 'accent-soft']],
  ['accent', ['surface', 'surface-2', 'accent-soft']],
  ['on-accent', ['accent', 'accent-strong', 'bad']],
  ['bad', ['surface', 'bad-soft']],
  ['warn', ['warn-soft']],
  ['on-inverse', ['inverse']],
  ['inverse-accent', ['inverse']],
];
const CONTROLS: [string, string[]][] = [
  ['line-strong', ['surface']],
  ['accent', ['surface', 'surface-2']],
  ['ok', ['ok-soft']],
  ['info', ['info-soft']],
];

for (const [theme, tokens] of Object.entries(themes)) {
  const cases = (list: [string, string[]][]): [string, string][] =>
    list.flatMap(([ink, papers]) => papers.map((paper): [string, string] => [ink, paper]));
  test.each(cases(TEXT))(`${theme}: %s on %s reads`, (ink, paper) => {
    expect(contrast(tokens[ink] ?? '', tokens[paper] ?? '')).toBeGreaterThanOrEqual(4.5);
  });
  test.each(cases(CONTROLS))(`${theme}: %s on %s is seen`, (ink, paper) => {
    expect(contrast(tokens[ink] ?? '', tokens[paper] ?? '')).toBeGreaterThanOrEqual(3);
  });
}
