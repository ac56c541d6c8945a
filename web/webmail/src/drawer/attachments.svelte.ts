/** A window of all attachments of the mailbox, as the drawer shows it. */
import type { Id } from '@smartmail/jmap/types.ts';
import { SvelteSet } from 'svelte/reactivity';
import { connection } from '../app/connection.svelte.ts';

export interface Kept {
  emailId: Id;
  partId: string;
  blobId: Id | null;
  name: string;
  type: string;
  size: number;
  receivedAt: string;
  from: string;
  subject: string;
}

export interface Wish {
  text: string;
  mediaType: string;
  minSize: number;
  /** Received so many days ago at the least; 0 for all. */
  olderThan: number;
  /** The address of who sent them; empty for everybody. */
  sender: string;
  inMailbox: Id | null;
  sort: 'receivedAt' | 'size' | 'name';
}

export interface Page {
  position: number;
  total: number;
  totalSize: number;
  list: Kept[];
  /** The largest, where `calculateSums` asked for them. */
  bySender?: Sum[] | null;
  byMailbox?: Sum[] | null;
}

export interface Sum {
  key: string;
  size: number;
}

const PAGE = 100;
const DAY_MS = 86_400_000;
/** Of one answer of the server. */
const LARGEST_PAGE = 500;
export const keyOf = (one: Kept): string => `${one.emailId}/${one.partId}`;

export async function ask(
  wish: Partial<Wish> & { position?: number; limit?: number; calculateSums?: boolean },
): Promise<Page> {
  const { account } = connection;
  if (!account) throw new Error('signed out');
  const { sort = 'receivedAt', olderThan = 0, ...others } = wish;
  const before = new Date(Date.now() - olderThan * DAY_MS).toISOString();
  const rest = olderThan > 0 ? { ...others, before } : others;
  return account.pipeline.send<Page>('Attachment/query', { limit: PAGE, ...rest, sort, isAscending: sort === 'name' })
    .result;
}

class Drawer {
  list = $state.raw<Kept[]>([]);
  total = $state(0);
  totalSize = $state(0);
  ready = $state(false);
  failed = $state(false);
  readonly checked = new SvelteSet<string>();
  #asked = 0;

  async load(wish: Wish): Promise<void> {
    const mine = (this.#asked += 1);
    this.failed = false;
    try {
      const page = await ask(wish);
      if (mine !== this.#asked) return;
      this.list = page.list;
      this.total = page.total;
      this.totalSize = page.totalSize;
      this.checked.clear();
    } catch (error) {
      connection.failed(error);
      if (mine === this.#asked) this.failed = true;
    } finally {
      if (mine === this.#asked) this.ready = true;
    }
  }

  async more(wish: Wish): Promise<void> {
    const mine = this.#asked;
    const page = await ask({ ...wish, position: this.list.length });
    if (mine === this.#asked) this.list = [...this.list, ...page.list];
  }

  /** The chosen parts, by their message. */
  chosen(): Record<Id, string[]> {
    return byMessage(this.list.filter((one) => this.checked.has(keyOf(one))));
  }

  /** All that the wish finds, whether it has been looked at or not. */
  async every(wish: Wish): Promise<Kept[]> {
    const found: Kept[] = [];
    for (;;) {
      const page = await ask({ ...wish, position: found.length, limit: LARGEST_PAGE });
      found.push(...page.list);
      if (page.list.length === 0 || found.length >= page.total) return found;
    }
  }
}

export function byMessage(kept: readonly Kept[]): Record<Id, string[]> {
  const parts: Record<Id, string[]> = {};
  for (const one of kept) (parts[one.emailId] ??= []).push(one.partId);
  return parts;
}

export const drawer = new Drawer();
