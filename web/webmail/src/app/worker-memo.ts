/** What the page leaves for the worker, so that it can speak the person's language and keep to policy without a page. */
export interface Memo {
  apiUrl: string;
  accountId: string;
  inbox: string;
  /** Mailboxes whose new mail is told; without them the inbox alone. */
  mailboxes?: string[];
  archive: string | null;
  trash: string | null;
  /** Who wrote and about what may be shown. */
  mayContent: boolean;
  /** Minutes after midnight. */
  quiet: { from: number; until: number } | null;
  /** Days of the week that are quiet from morning to night; Sunday is 0. */
  quietDays?: number[];
  /** Of the company's board, as far as the person was told. */
  bulletins?: string[];
  /** State of Email that the person has been told of. */
  state: string | null;
  words: {
    arrived: string;
    arrivedText: string;
    arrivedElsewhere: string;
    archive: string;
    trash: string;
    reply: string;
    noSubject: string;
    bulletin?: string;
    bulletinText?: string;
  };
}

const CACHE = 'memo';
const KEY = '/memo';

/** In the cache storage: the one place that both can read without a library. */
export async function readMemo(): Promise<Memo | null> {
  const found = await (await caches.open(CACHE)).match(KEY);
  return found ? ((await found.json()) as Memo) : null;
}

export async function writeMemo(memo: Memo): Promise<void> {
  await (await caches.open(CACHE)).put(KEY, new Response(JSON.stringify(memo)));
}

export async function forgetMemo(): Promise<void> {
  if ('caches' in globalThis) await caches.delete(CACHE);
}
