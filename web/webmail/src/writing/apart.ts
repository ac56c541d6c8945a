/** Letters to each of several recipients: alone in it (개별발송), or all named as ever but each with links of their own. Pure. */
import { domainOf } from '@smartmail/jmap/addresses.ts';
import type { Letter } from '@smartmail/jmap/compose.ts';
import type { EmailAddress } from '@smartmail/jmap/types.ts';
import type { Draft } from './draft.svelte.ts';
import { type Fields, personal } from './merging.ts';

export function goesApart(draft: Draft): boolean {
  return draft.recipients.length > 1 && (draft.options.individually || (draft.linked?.each ?? false));
}

/**
 * What one of them gets. Letters that name all of them follow on the first, so that they and all answers are one
 * conversation; each has a Message-ID of its own, by which a second try is known.
 */
export function apart(
  draft: Draft,
  one: EmailAddress,
  fields: Fields,
  first: string | null,
): Letter & { messageId: string } {
  const letter = draft.letter();
  const messageId = `${crypto.randomUUID()}@${domainOf(letter.from)}`;
  if (draft.options.individually) return { ...personal(letter, one, fields), messageId };
  const references = first === null ? letter.references : [...letter.references, first];
  return { ...letter, references, messageId };
}

/** Nobody is written to twice. */
export function onceEach(recipients: readonly EmailAddress[]): EmailAddress[] {
  const addresses = recipients.map(({ email }) => email.toLowerCase());
  return recipients.filter((_one, at) => addresses.indexOf(addresses[at] ?? '') === at);
}
