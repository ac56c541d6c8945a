/** What follows for a letter that leak prevention, a security label or policy did not let go: its sender hears why, or is asked for a reason. */
import type { MethodFailure } from '@smartmail/jmap/errors.ts';
import { askReason } from './reason.svelte.ts';

export interface Refusal {
  /** The words of the server, in the person's language. */
  why: string;
  /** Asks for the reason for which it goes all the same; "" when the person goes on writing. */
  ask?: () => Promise<string>;
}

/** Null: any other failure. */
export function answerTo({ type, description }: MethodFailure): Refusal | null {
  if (type === 'reasonNeeded') return { why: description, ask: () => askReason(description) };
  return type === 'forbiddenToSend' && description !== '' ? { why: description } : null;
}
