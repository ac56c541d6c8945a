/**
 * The condition of a leak rule as a form has it: parts, each a fact with its values. A tree that is deeper than a list of
 * parts is none for a form. Pure; what there is: `policy/leak_conditions.py`.
 */
import { flag, text, type Values } from '../../app/forms.ts';

export type Leaf = { fact: string } & Record<string, unknown>;
export type Tree = Record<string, unknown>;
export type How = 'all' | 'any';

export interface Part {
  fact: string;
  /** It must not hold. */
  not: boolean;
  values: Values;
}
export interface Flat {
  how: How;
  parts: Part[];
}

export const CLASSES = ['outside', 'free', 'group', 'inside'] as const;
export const EXITS = [
  'web', 'smtp', 'jmap', 'api', 'redirect', 'vacation', 'list', 'planned', 'link', 'secure', 'relay', 'shared_draft',
] as const; // prettier-ignore
export const KINDS = [
  'pdf', 'ole', 'zip', 'rtf', '7z', 'rar', 'alz', 'egg', 'png', 'jpeg', 'gif', 'program', 'shortcut', 'image', 'help',
] as const; // prettier-ignore
export const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export const COUNTED: readonly string[] = ['recipients', 'outside', 'attachments'];
export const SIZES: readonly string[] = ['octets', 'file_octets'];
export const FLAGS: readonly string[] = [
  'encrypted', 'uninspectable', 'extension_mismatch', 'first_to_domain', 'company_first_to_domain', 'holiday', 'machine',
  'automatic',
]; // prettier-ignore
/** In the order in which they are offered. */
export const FACTS: readonly string[] = [
  'finding', 'words', 'pattern', 'score', 'recipient', 'recipient_domain', 'outside', 'recipients', 'file_kind', 'extension',
  'attachments', 'file_octets', 'octets', 'encrypted', 'uninspectable', 'extension_mismatch', 'label', 'first_to_domain',
  'company_first_to_domain', 'time', 'holiday', 'exit', 'machine', 'automatic',
]; // prettier-ignore
const KILO = 1024;
const WEIGHTED = /^(.*\S)\s*=\s*(\d{1,4})$/;

/** What a field says, one on each line; unlike `lines` it leaves commas: expressions have them. */
export const rows = (values: Values, name: string): string[] => {
  const value = values[name];
  if (Array.isArray(value)) return value;
  return text(values, name)
    .split('\n')
    .map((one) => one.trim())
    .filter(Boolean);
};

/** The parts of a tree; null where it is deeper. */
export function flat(tree: Tree): Flat | null {
  const how: How = 'any' in tree ? 'any' : 'all';
  const trees = 'fact' in tree || 'not' in tree ? [tree] : (tree[how] as Tree[] | undefined);
  if (!Array.isArray(trees)) return null;
  const parts = trees.map(partOf);
  return parts.every((one) => one !== null) ? { how, parts } : null;
}

function partOf(tree: Tree): Part | null {
  const leaf = ('not' in tree ? tree.not : tree) as Leaf;
  if (!('fact' in leaf) || !FACTS.includes(leaf.fact)) return null;
  return { fact: leaf.fact, not: 'not' in tree, values: valuesOf(leaf) };
}

export function treeOf({ how, parts }: Flat): Tree {
  const trees = parts.map((one) => {
    const leaf = leafOf(one.fact, one.values);
    return one.not ? { not: leaf } : leaf;
  });
  return trees.length === 1 ? (trees[0] as Tree) : { [how]: trees };
}

/** What a part begins with. */
export const newPart = (fact: string): Part => ({ fact, not: false, values: valuesOf({ fact }) });

/** A leaf as the fields of its fact have it. */
export function valuesOf(leaf: Leaf): Values {
  const listed = (leaf.in ?? []) as string[];
  const least = String(leaf.least ?? 1);
  const weights = (leaf.weights ?? {}) as Record<string, number>;
  const confidence = String(leaf.confidence ?? 'medium');
  if (leaf.fact === 'finding') return { in: listed, least, confidence, distinct: leaf.distinct === true };
  if (leaf.fact === 'score') return { ...weightValues(weights), least, confidence };
  if (leaf.fact === 'words') return { in: listed.map((one) => withWeight(one, weights[one])).join('\n'), least };
  if (leaf.fact === 'pattern') return { in: listed.join('\n'), least };
  if (leaf.fact === 'time') return timeValues(leaf);
  if (COUNTED.includes(leaf.fact)) return { least };
  if (SIZES.includes(leaf.fact)) return { least: String(Math.ceil(Number(leaf.least ?? KILO * KILO) / KILO)) };
  if (FLAGS.includes(leaf.fact)) return { is: String(leaf.is ?? true) };
  return ['recipient_domain', 'extension', 'label'].includes(leaf.fact) ? { in: listed.join('\n') } : { in: listed };
}

const timeValues = (leaf: Leaf): Values => ({
  from: String(leaf.from ?? '18:00'),
  to: String(leaf.to ?? '09:00'),
  days: (leaf.days ?? []) as string[],
  zone: String(leaf.zone ?? ''),
});
const weightValues = (weights: Record<string, number>): Values =>
  Object.fromEntries(Object.entries(weights).map(([name, weight]) => [`weight.${name}`, String(weight)]));
const withWeight = (word: string, weight: number | undefined): string =>
  weight === undefined ? word : `${word}=${String(weight)}`;

/** What the fields of a fact say, as a leaf. */
export function leafOf(fact: string, values: Values): Leaf {
  const least = Number(text(values, 'least') || 1);
  const confidence = text(values, 'confidence') || 'medium';
  if (fact === 'finding') {
    const distinct = flag(values, 'distinct') ? { distinct: true } : {};
    return { fact, in: rows(values, 'in'), least, confidence, ...distinct };
  }
  if (fact === 'score') return { fact, weights: weightsOf(values), least, confidence };
  if (fact === 'words') return wordsLeaf(values, least);
  if (fact === 'pattern') return { fact, in: rows(values, 'in'), least };
  if (fact === 'time') return timeLeaf(values);
  if (COUNTED.includes(fact)) return { fact, least };
  if (SIZES.includes(fact)) return { fact, least: least * KILO };
  if (FLAGS.includes(fact)) return { fact, is: text(values, 'is') === 'true' };
  return { fact, in: rows(values, 'in') };
}

function weightsOf(values: Values): Record<string, number> {
  const given = Object.keys(values).filter((name) => name.startsWith('weight.') && text(values, name) !== '');
  return Object.fromEntries(given.map((name) => [name.slice('weight.'.length), Number(values[name])]));
}

function wordsLeaf(values: Values, least: number): Leaf {
  const given = rows(values, 'in').map((line) => {
    const [, word, weight] = WEIGHTED.exec(line) ?? [];
    return [word ?? line, weight === undefined ? null : Number(weight)] as const;
  });
  const weights = Object.fromEntries(given.filter(([, weight]) => weight !== null));
  const weighed = Object.keys(weights).length > 0 ? { weights } : {};
  return { fact: 'words', in: given.map(([word]) => word), least, ...weighed };
}

function timeLeaf(values: Values): Leaf {
  const zone = text(values, 'zone');
  const days = rows(values, 'days');
  const found: Leaf = { fact: 'time', from: text(values, 'from'), to: text(values, 'to') };
  return { ...found, ...(days.length > 0 ? { days } : {}), ...(zone ? { zone } : {}) };
}
