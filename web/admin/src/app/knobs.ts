/** How a thing that policy decides is edited: its field, and the value that was given. Pure. */
import type { Knob, PolicyRuleCreate } from '../api/types.ts';
import { type Field, gigabytes, lines, octetsOf, text, type Value, type Values } from './forms.ts';

export type { Knob };
type Word = (value: string) => string;

const isOctets = (knob: Knob): boolean => knob.name.endsWith('octets');

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
  if (isOctets(knob)) return { ...field, kind: 'gigabytes', least: 0, begin: gigabytes(now), hint: 'policy.gigabytes' };
  const most = knob.most ?? undefined;
  return { ...field, kind: 'number', begin: String(now), least: 0, ...(most === undefined ? {} : { most }) };
}

/** The value as the API has it. */
export function valueOf(knob: Knob, values: Values): PolicyRuleCreate['value'] {
  const given: Value | undefined = values.value;
  if (typeof knob.default === 'boolean') return given === 'true';
  if (typeof knob.default === 'number') return isOctets(knob) ? (octetsOf(values, 'value') ?? 0) : Number(given);
  return Array.isArray(knob.default) ? lines(values, 'value') : text(values, 'value');
}
