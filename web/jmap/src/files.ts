/** The files of a message: what a person is offered to open, save and send on. */
import type { BodyPart, Email } from './types.ts';

/** All attachments but the pictures that the shown HTML has a place for. */
export function filesOf(email: Pick<Email, 'attachments'>): BodyPart[] {
  return (email.attachments ?? []).filter((part) => !isEmbedded(part));
}

/** What a device kept before the server told it is judged by what its sender said. */
function isEmbedded(part: BodyPart): boolean {
  return part.isEmbedded ?? (part.disposition === 'inline' && part.cid !== null);
}
