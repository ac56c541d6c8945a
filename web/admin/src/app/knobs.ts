/** How a thing that policy decides is edited: its field, and the value that was given. Pure. */
import type { Knob, PolicyRuleCreate } from '../api/types.ts';
import { type Field, gigabytes, lines, octetsOf, text, type Value, type Values } from './forms.ts';

export type { Knob };
type Word = (value: string) => string;

const isOctets = (knob: Knob): boolean => knob.unit === 'octets';
const MEGABYTE = 2 ** 20;
const SMALL = 2 ** 32;
/** What is bounded by a few gigabytes is a size of messages and files: told in megabytes. */
const inMegabytes = (knob: Knob): boolean => isOctets(knob) && knob.most !== null && knob.most <= SMALL;

/** The field of a knob, holding `now`. */
export function valueField(knob: Knob, now: unknown, word: Word): Field {
  const field: Field = { name: 'value', label: 'policy.value', needed: true };
  const choices = knob.choices;
  if (typeof knob.default === 'boolean') {
    return { ...field, kind: 'choice', options: ['true', 'false'], word, begin: String(now) };
  }
  if (typeof knob.default === 'number') return numberField(knob, field, Number(now));
  if (Array.isArray(knob.default)) {
    const begin = Array.isArray(now) ? now.map(String) : [];
    if (choices.length > 0) return { ...field, kind: 'choices', options: choices, word, begin, needed: false };
    return { ...field, kind: 'lines', begin: begin.join('\n'), hint: 'form.linesHint', needed: false };
  }
  const begin = String(now ?? '');
  return choices.length > 0 ? { ...field, kind: 'choice', options: choices, word, begin } : { ...field, begin };
}

function numberField(knob: Knob, field: Field, now: number): Field {
  const unit = isOctets(knob) ? (inMegabytes(knob) ? 'megabytes' : 'gigabytes') : (knob.unit ?? '');
  const told = { ...field, unit, zero: knob.zero ?? '' };
  if (inMegabytes(knob))
    return { ...told, kind: 'number', least: knob.zero ? 0 : 1, begin: String(Math.round(now / MEGABYTE)) };
  if (isOctets(knob)) return { ...told, kind: 'gigabytes', least: 0, begin: gigabytes(now) };
  const most = knob.most ?? undefined;
  return { ...told, kind: 'number', begin: String(now), least: 0, ...(most === undefined ? {} : { most }) };
}

/** The value as the API has it. */
export function valueOf(knob: Knob, values: Values): PolicyRuleCreate['value'] {
  const given: Value | undefined = values.value;
  if (typeof knob.default === 'boolean') return given === 'true';
  if (typeof knob.default === 'number') return numberOf(knob, values);
  return Array.isArray(knob.default) ? lines(values, 'value') : text(values, 'value');
}

function numberOf(knob: Knob, values: Values): number {
  if (inMegabytes(knob)) return Number(values.value) * MEGABYTE;
  return isOctets(knob) ? (octetsOf(values, 'value') ?? 0) : Number(values.value);
}
