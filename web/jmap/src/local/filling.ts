/** Fetches what of the last days is not on the device yet, a little at a time, while nobody waits for it. */
import type { Account } from '../account.ts';
import type { EmailWithBody, GetResult, QueryResult } from '../methods.ts';
import { DETAIL_PROPERTIES, type Id, PART_PROPERTIES, ROW_PROPERTIES } from '../types.ts';
import type { LocalMail } from './mail.ts';

const PAGE = 500;
const MOST = 5000;
const BODIES_AT_ONCE = 25;
const MOST_TEXT_OCTETS = 65_536;
/** As people see them, of the newest only: each is a request of its own. */
const RENDERED = 40;
const PROPERTIES = [...new Set([...ROW_PROPERTIES, ...DETAIL_PROPERTIES, 'textBody', 'bodyValues'])];

/** `pause`: resolves when the next piece may be fetched; false ends it. */
export async function fill(account: Account, local: LocalMail, pause: () => Promise<boolean>): Promise<void> {
  if (!local.open) return;
  await local.prune();
  const ids = await recent(account, local, pause);
  const { bodies } = await local.known();
  const missing = ids.filter((id) => !bodies.has(id) || local.wanted.has(id));
  await fetchWhole(account, local, missing, pause);
  for (const id of ids.slice(0, RENDERED)) {
    if ((await local.body(id))?.rendered) continue;
    if (!(await pause()) || !local.open) return;
    await account.render(id, false).catch(() => undefined);
  }
}

/** What has just changed or come: soon, so that a cable pulled a minute later takes nothing away. */
export async function fillChanged(account: Account, local: LocalMail, pause: () => Promise<boolean>): Promise<void> {
  if (local.open) await fetchWhole(account, local, [...local.wanted], pause);
}

async function fetchWhole(
  account: Account,
  local: LocalMail,
  ids: readonly Id[],
  pause: () => Promise<boolean>,
): Promise<void> {
  for (let at = 0; at < ids.length; at += BODIES_AT_ONCE) {
    if (!(await pause()) || !local.open) return;
    const some = ids.slice(at, at + BODIES_AT_ONCE);
    // What passes is remembered by the backend.
    await account.pipeline.send<GetResult<EmailWithBody>>('Email/get', {
      ids: some,
      properties: PROPERTIES,
      bodyProperties: PART_PROPERTIES,
      fetchTextBodyValues: true,
      maxBodyValueBytes: MOST_TEXT_OCTETS,
    }).result;
    for (const id of some) local.wanted.delete(id);
  }
}

async function recent(account: Account, local: LocalMail, pause: () => Promise<boolean>): Promise<Id[]> {
  const ids: Id[] = [];
  for (;;) {
    const answer = await account.pipeline.send<QueryResult>('Email/query', {
      filter: { after: local.since },
      sort: [{ property: 'receivedAt', isAscending: false }],
      position: ids.length,
      limit: PAGE,
      calculateTotal: false,
    }).result;
    ids.push(...answer.ids);
    if (answer.ids.length < PAGE || ids.length >= MOST || !(await pause())) return ids;
  }
}
