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
  sort: 'receivedAt' | 'size' | 'name';
}

export interface Page {
  position: number;
  total: number;
  totalSize: number;
  list: Kept[];
}

const PAGE = 100;
export const keyOf = (one: Kept): string => `${one.emailId}/${one.partId}`;

export async function ask(wish: Partial<Wish> & { position?: number; limit?: number }): Promise<Page> {
  const { account } = connection;
  if (!account) throw new Error('signed out');
  const { sort = 'receivedAt', ...rest } = wish;
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
    const parts: Record<Id, string[]> = {};
    for (const one of this.list) if (this.checked.has(keyOf(one))) (parts[one.emailId] ??= []).push(one.partId);
    return parts;
  }
}

export const drawer = new Drawer();
