/** The fields of one part of a condition, by its fact. */
import type { SecurityLabel } from '../../api/types.ts';
import type { Field } from '../../app/forms.ts';
import { type AdminKey, known } from '../../app/language.svelte.ts';
import { CLASSES, COUNTED, DAYS, EXITS, FLAGS, KINDS, SIZES } from './condition.ts';
import { dayWords, detectorWords, OPTION_WORDS, yesNo } from './words.ts';

/** What can be named: detectors by their names, security labels by their ids. */
export interface Named {
  detectors: readonly string[];
  labels: readonly SecurityLabel[];
}

const COUNT: Field = { name: 'least', label: 'leak.least', kind: 'number', needed: true, least: 1, most: 1_000_000_000, hint: 'leak.leastHint' }; // prettier-ignore
const least = (hint: AdminKey): Field => ({ ...COUNT, hint });
const sure: Field = { name: 'confidence', label: 'leak.sure', kind: 'choice', options: ['medium', 'high', 'low'], word: (one) => known(`leakSure.${one}`), hint: 'leak.sureHint' }; // prettier-ignore
const CHOSEN: Readonly<Partial<Record<string, readonly string[]>>> = {
  recipient: CLASSES,
  exit: EXITS,
  file_kind: KINDS,
};

export function partFields(fact: string, { detectors, labels }: Named): Field[] {
  const options = CHOSEN[fact];
  if (options) {
    const what = `leakFact.${fact}` as AdminKey;
    return [{ name: 'in', label: what, kind: 'choices', needed: true, options, word: OPTION_WORDS[fact] ?? String }];
  }
  if (COUNTED.includes(fact)) return [least('leak.countHint')];
  if (SIZES.includes(fact)) return [least('leak.sizeHint')];
  if (FLAGS.includes(fact)) {
    return [{ name: 'is', label: 'leak.is', kind: 'choice', options: ['true', 'false'], word: (one) => yesNo(one === 'true'), hint: 'leak.isHint' }]; // prettier-ignore
  }
  return (OF_FACT[fact] ?? listFields)({ detectors, labels });
}

const findingFields = ({ detectors }: Named): Field[] => [
  { name: 'in', label: 'leak.what', kind: 'choices', needed: true, options: detectors, word: detectorWords, hint: 'leak.whatHint' },
  least('leak.leastHint'),
  sure,
  { name: 'distinct', label: 'leak.distinct', kind: 'flag', hint: 'leak.distinctHint' },
]; // prettier-ignore

const scoreFields = ({ detectors }: Named): Field[] => [
  ...detectors.map((one) => ({ name: `weight.${one}`, label: `leakDetector.${one}` as AdminKey, kind: 'number', least: 1, most: 1000 }) as Field),
  least('leak.scoreHint'),
  sure,
]; // prettier-ignore

const wordFields = (): Field[] => [
  { name: 'in', label: 'leak.words', kind: 'lines', needed: true, hint: 'leak.wordsHint' },
  least('leak.scoreHint'),
];

const patternFields = (): Field[] => [
  { name: 'in', label: 'leak.patterns', kind: 'lines', needed: true, hint: 'leak.patternsHint' },
  least('leak.leastHint'),
];

const timeFields = (): Field[] => [
  { name: 'from', label: 'leak.timeFrom', needed: true, hint: 'leak.timeHint' },
  { name: 'to', label: 'leak.timeTo', needed: true, hint: 'leak.timeHint' },
  { name: 'days', label: 'leak.days', kind: 'choices', options: DAYS, word: dayWords, hint: 'leak.daysHint' },
];

/** Labels of the company to choose; documents may bear others, which are typed in a rule of words. */
const labelFields = ({ labels }: Named): Field[] =>
  labels.length > 0
    ? [{ name: 'in', label: 'leakFact.label', kind: 'choices', needed: true, options: labels.map((one) => one.id), word: (id) => labels.find((one) => one.id === id)?.name ?? id, hint: 'leak.labelHint' }]
    : listFields(); // prettier-ignore

const listFields = (): Field[] => [
  { name: 'in', label: 'leak.list', kind: 'lines', needed: true, hint: 'form.linesHint' },
];

const OF_FACT: Readonly<Record<string, (named: Named) => Field[]>> = {
  finding: findingFields,
  score: scoreFields,
  words: wordFields,
  pattern: patternFields,
  time: timeFields,
  label: labelFields,
};
