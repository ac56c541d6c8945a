/** What leak rules look for, do and found, in words. */
import type { SecurityLabel } from '../../api/types.ts';
import { has, known, language, t } from '../../app/language.svelte.ts';
import type { Tone } from '../../app/resource.ts';
import { octets } from '../../app/show.ts';
import { COUNTED, DAYS, FLAGS, SIZES, type Leaf, type Tree } from './condition.ts';

type Labels = readonly Pick<SecurityLabel, 'id' | 'name'>[];

/** A detector, or the list of words or the expression of a rule (`words:…`, `pattern:…`). */
export function detectorWords(name: string): string {
  const kind = name.slice(0, Math.max(0, name.indexOf(':')));
  return kind ? known(`leakFact.${kind}`) : known(`leakDetector.${name}`);
}

/** `subject`, `body`, `name:FILE`, `file:FILE`. */
export function placeWords(place: string): string {
  const at = place.indexOf(':');
  return at < 0 ? known(`leakPlace.${place}`) : known(`leakPlace.${place.slice(0, at)}`, { file: place.slice(at + 1) });
}

export const factWords = (fact: string): string => known(`leakFact.${fact}`);

/** A day of the week as it is written short. */
export function dayWords(day: string): string {
  const monday = Date.UTC(2024, 0, 1);
  const date = new Date(monday + DAYS.indexOf(day as 'mon') * 86_400_000);
  return new Intl.DateTimeFormat(language(), { weekday: 'short', timeZone: 'UTC' }).format(date);
}

export function leafWords(leaf: Leaf, labels: Labels = []): string {
  const listed = ((leaf.in ?? []) as string[]).map((one) => valueWords(leaf.fact, one, labels)).join(', ');
  const count = Number(leaf.least ?? 1);
  const sure = leaf.confidence && leaf.confidence !== 'medium' ? ` (${sureWords(String(leaf.confidence))})` : '';
  if (leaf.fact === 'finding') {
    return t(leaf.distinct ? 'leakSays.distinct' : 'leakSays.finding', { what: listed, count }) + sure;
  }
  if (leaf.fact === 'score') return t('leakSays.score', { what: weightWords(leaf), count }) + sure;
  if (leaf.fact === 'words' || leaf.fact === 'pattern') {
    return t('leakSays.list', { fact: factWords(leaf.fact), what: listed, count });
  }
  if (COUNTED.includes(leaf.fact)) return t('leakSays.least', { fact: factWords(leaf.fact), least: String(count) });
  if (SIZES.includes(leaf.fact)) return t('leakSays.least', { fact: factWords(leaf.fact), least: octets(count) });
  if (FLAGS.includes(leaf.fact)) return t('leakSays.is', { fact: factWords(leaf.fact), what: yesNo(leaf.is === true) });
  const what = leaf.fact === 'time' ? timeWords(leaf) : listed;
  return what ? t('leakSays.is', { fact: factWords(leaf.fact), what }) : JSON.stringify(leaf);
}

export const yesNo = (is: boolean): string => t(is ? 'leak.yes' : 'leak.no');
export const sureWords = (confidence: string): string =>
  t('leakSays.sure', { confidence: known(`leakSure.${confidence}`) });

function valueWords(fact: string, value: string, labels: Labels): string {
  if (fact === 'finding') return detectorWords(value);
  if (fact === 'label') return labels.find((one) => one.id === value)?.name ?? value;
  return OPTION_WORDS[fact]?.(value) ?? value;
}

/** Of facts whose values are chosen from a few. */
export const OPTION_WORDS: Readonly<Partial<Record<string, (value: string) => string>>> = {
  recipient: (value) => known(`leakClass.${value}`),
  file_kind: (value) => known(`leakKind.${value}`),
  exit: (value) => known(`leakExit.${value}`),
};

const weightWords = (leaf: Leaf): string =>
  Object.entries((leaf.weights ?? {}) as Record<string, number>)
    .map(([name, weight]) => `${detectorWords(name)} ${String(weight)}`)
    .join(', ');

const timeWords = (leaf: Leaf): string =>
  `${String(leaf.from)}–${String(leaf.to)} ${((leaf.days ?? []) as string[]).map(dayWords).join(' ')}`.trim();

/** A condition, a line for each part; what is deeper stands in brackets. */
export function conditionLines(tree: Tree, labels: Labels = []): string[] {
  const how = 'any' in tree ? 'any' : 'all';
  const trees = tree[how];
  if (!Array.isArray(trees)) return [said(tree, labels)];
  const parts = (trees as Tree[]).map((one) => said(one, labels));
  return parts.length > 1 ? [t(`leakHow.${how}`), ...parts.map((one) => `· ${one}`)] : parts;
}

function said(tree: Tree, labels: Labels): string {
  if ('fact' in tree) return leafWords(tree as Leaf, labels);
  if ('not' in tree) return t('leakSays.not', { what: said(tree.not as Tree, labels) });
  const [how, joint] = 'any' in tree ? (['any', 'leakSays.or'] as const) : (['all', 'leakSays.and'] as const);
  return `(${((tree[how] ?? []) as Tree[]).map((one) => said(one, labels)).join(` ${t(joint)} `)})`;
}

/** A part as a verdict tells it: its leaf, written in JSON. */
export function toldWords(written: string, labels: Labels = []): string {
  try {
    return leafWords(JSON.parse(written) as Leaf, labels);
  } catch {
    return written;
  }
}

/** An action as the API writes it: `block`, `delay:5`, `approve:LINE`, `copy:ADDRESS`. */
export function actionWords(written: string): string {
  const at = written.indexOf(':');
  const kind = at < 0 ? written : written.slice(0, at);
  const value = at < 0 ? '' : written.slice(at + 1);
  const full = `leakDoes.${kind}`;
  return value && has(full) ? t(full, { value }) : known(`leakAct.${kind}`);
}

const TONES: Partial<Record<string, Tone>> = {
  block: 'bad',
  object: 'bad',
  approve: 'warn',
  delay: 'warn',
  warn: 'warn',
};
export const actionTone = (written: string): Tone => TONES[written.split(':')[0] ?? ''] ?? 'quiet';
