/** A letter as the server is asked about it. Pure. */
import type { EmailAddress, Id } from '@smartmail/jmap/types.ts';
import type { Draft } from './draft.svelte.ts';

const MOST_TEXT = 20_000;
const plain = (people: EmailAddress[]): { email: string; name: string | null }[] =>
  people.map(({ email, name }) => ({ email, name }));

export function checkedLetter(draft: Draft): Record<string, unknown> {
  const answers: Id | null = draft.answers && !draft.isForward ? draft.answers.id : null;
  const files = [...draft.attachments.filter(({ cid }) => cid === null), ...(draft.linked?.files ?? [])];
  return {
    to: plain(draft.to),
    cc: plain(draft.cc),
    bcc: plain(draft.bcc),
    subject: draft.subject.slice(0, 2_000),
    text: draft.own.slice(0, MOST_TEXT),
    files: files.map(({ name }) => name).slice(0, 500),
    answersId: answers,
  };
}
