/** Which signature stands under a letter. Pure. */
import type { Signature } from '../app/preferences.ts';
import { merged, type Fields } from './merging.ts';

export interface Occasion {
  answer: boolean;
  outside: boolean;
  identityId: string | null;
}

/** The most particular one that fits comes first. */
export function fitting(signatures: readonly Signature[], occasion: Occasion): Signature | null {
  const fits = signatures.filter(
    (one) =>
      (occasion.answer ? one.forAnswers : one.forNew) &&
      (one.identityId === null || one.identityId === occasion.identityId) &&
      (one.where === 'any' || (one.where === 'outside') === occasion.outside),
  );
  const weight = (one: Signature): number => (one.identityId === null ? 0 : 2) + (one.where === 'any' ? 0 : 1);
  return fits.sort((one, other) => weight(other) - weight(one))[0] ?? null;
}

/** With what the directory knows of the writer in the marked places. */
export function signed(signature: Signature, fields: Fields): { html: string; text: string } {
  return { html: merged(signature.html, fields, true), text: merged(signature.text, fields) };
}
