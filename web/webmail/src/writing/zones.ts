/** By which clocks colleagues live, as they chose for their screens. */
import type { GetResult } from '@smartmail/jmap/methods.ts';
import type { EmailAddress, Id } from '@smartmail/jmap/types.ts';
import { connection } from '../app/connection.svelte.ts';
import { book } from '../people/book.svelte.ts';

/** More are not asked about: a letter to many has no morning of its recipients. */
const MOST = 20;

/** The zones of those recipients of whom the directory knows one, each once. */
export async function zonesOf(recipients: readonly EmailAddress[]): Promise<string[]> {
  const { account } = connection;
  if (!account || !book.offered || recipients.length > MOST) return [];
  await book.lookUp(recipients);
  const ids = recipients.flatMap(({ email }) => book.known.get(email.toLowerCase())?.id ?? []);
  if (ids.length === 0) return [];
  const ask = { ids, properties: ['timeZone'] };
  const { list } = await account.pipeline.send<GetResult<{ id: Id; timeZone: string | null }>>('Principal/get', ask)
    .result;
  return [...new Set(list.flatMap(({ timeZone }) => timeZone ?? []))].filter(isZone);
}

/** Whether this browser knows it. */
function isZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
