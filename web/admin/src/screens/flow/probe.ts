/** What a look along a way asks for, and how well it came out. Pure. */
import { text, type Values } from '../../app/forms.ts';
import type { Tone } from '../../app/resource.ts';

/** A host counts only where one is named. */
export function probeBody(values: Values): object {
  const named = text(values, 'way') === 'named' && text(values, 'host') !== '';
  return {
    to: text(values, 'to'),
    send: text(values, 'what') === 'send',
    ...(named ? { host: text(values, 'host'), port: Number(text(values, 'port') || 25) } : {}),
  };
}

const TONES: Record<string, Tone> = { accepted: 'ok', answered: 'ok', local: 'ok', later: 'warn' };
export const outcomeTone = (outcome: string): Tone => TONES[outcome] ?? 'bad';
