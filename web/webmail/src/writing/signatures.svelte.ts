/** The signature of a letter that is being written: the person's own, or the company's. */
import { isAddress } from '@smartmail/jmap/addresses.ts';
import { connection } from '../app/connection.svelte.ts';
import type { Draft } from './draft.svelte.ts';
import { settings } from '../app/settings.svelte.ts';
import { book } from '../people/book.svelte.ts';
import { fieldsOf } from './merging.ts';
import type { Signature } from '../app/preferences.ts';
import { fitting, signed } from './signing.ts';

/** The company's, as the session tells it: the writer's facts are in it. */
export interface HouseSignature {
  text: string;
  html: string;
  /** Policy leaves no other. */
  required: boolean;
}

/** Its id among those to choose from. */
export const HOUSE = 'house';

export function houseSignature(): HouseSignature | null {
  return connection.account?.capability<HouseSignature | null>('signature') ?? null;
}

/** The id of the signature that stands under the letter; null for none. */
export function chosenSignature(draft: Draft): string | null {
  const house = houseSignature();
  if (draft.options.memo) return null;
  if (house?.required && draft.signatureId !== null) return HOUSE;
  if (draft.signatureId !== 'auto') return draft.signatureId;
  return own(draft)?.id ?? (house ? HOUSE : null);
}

/** As it stands under the letter, the writer's own facts filled in. */
export function signatureOf(draft: Draft): { html: string; text: string } | null {
  const id = chosenSignature(draft);
  if (id === HOUSE) return houseSignature();
  const signature = (settings.of('signatures') ?? []).find((one) => one.id === id);
  const identity = draft.identity;
  if (!signature || !identity) return null;
  const known = book.known.get(connection.account?.session.username.toLowerCase() ?? '');
  return signed(signature, fieldsOf(identity, known));
}

/** The person's own that fits the occasion. */
function own(draft: Draft): Signature | null {
  const home = draft.identity?.email.split('@')[1] ?? '';
  const outside = draft.recipients.some((one) => isAddress(one.email) && !book.isInside(one, home));
  const occasion = { answer: draft.isAnswer, outside, identityId: draft.identity?.id ?? null };
  return fitting(settings.of('signatures') ?? [], occasion);
}
