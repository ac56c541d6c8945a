/** Mail that several people work on: who takes care of a conversation, and what those people are called. */
import type * as Acts from '@smartmail/jmap/mailbox-acts.ts';
import { selfOf } from '@smartmail/jmap/others.ts';
import type { Id } from '@smartmail/jmap/types.ts';
import { SvelteMap } from 'svelte/reactivity';
import { connection } from '../app/connection.svelte.ts';
import { t } from '../app/language.svelte.ts';
import { place } from '../app/place.svelte.ts';
import { allMailboxes, recordIn } from '../app/records.svelte.ts';

export interface Assignment {
  /** That of the conversation. */
  id: Id;
  threadId: Id;
  emailId: Id;
  assigneeId: Id;
  assignedById: Id;
  assignedAt: string;
  state: 'open' | 'done';
}

const acts = (): Promise<typeof Acts> => import('@smartmail/jmap/mailbox-acts.ts');

class Team {
  /** Mailboxes of the person's own in which somebody else reads, too: what lies there is worked on together. */
  #shared = $state.raw<ReadonlySet<Id>>(new Set());
  /** Somebody else reads all of the person's mail. */
  #whole = $state(false);
  #names = new SvelteMap<Id, string>();
  #asked = new Set<Id>();
  #open: Id[] = [];

  /** Whether the list on the screen is worked on by several people. What was searched for may lie anywhere. */
  get here(): boolean {
    if (place.accountId !== null || this.#whole) return true;
    if (place.inMailbox && place.mailboxId !== null) return this.#shared.has(place.mailboxId);
    return this.#shared.size > 0;
  }

  /** Whether several people may work on this mail; own mail only where it lies in a mailbox that was shared. */
  worksOn(mailboxIds: Record<Id, true>, others = place.accountId !== null): boolean {
    return others || this.#whole || Object.keys(mailboxIds).some((id) => this.#shared.has(id));
  }

  /** Asked once, when nobody waits for it, and after something was shared. */
  async look(): Promise<void> {
    const { account } = connection;
    if (!account || selfOf(account.session) === null) return;
    try {
      const ids = allMailboxes().map(({ id }) => id);
      const [shares, whole] = await Promise.all([
        acts().then(({ sharesOf }) => sharesOf(account, ids)),
        account.pipeline.send<{ list: object[] }>('Delegation/get', { ids: null }).result,
      ]);
      this.#whole = whole.list.length > 0;
      this.#shared = new Set([...shares].filter(([, given]) => Object.keys(given).length > 0).map(([id]) => id));
    } catch (error) {
      connection.failed(error);
    }
  }

  assignmentOf(threadId: Id): Assignment | undefined {
    return place.accountId !== null || this.#whole || this.#shared.size > 0
      ? recordIn<Assignment>(connection.mail, 'Assignment', threadId)
      : undefined;
  }

  isSelf(id: Id): boolean {
    return connection.account !== null && id === selfOf(connection.account.session);
  }

  /** Empty until the directory has answered: all that are asked for in one moment go together. */
  nameOf(id: Id): string {
    if (this.isSelf(id)) return t('team.me');
    const known = this.#names.get(id);
    if (known === undefined && !this.#asked.has(id)) {
      this.#asked.add(id);
      if (this.#open.push(id) === 1) setTimeout(() => void this.#ask());
    }
    return known ?? '';
  }

  called(people: readonly { id: Id; name: string }[]): void {
    for (const { id, name } of people) this.#names.set(id, name);
  }

  async #ask(): Promise<void> {
    const ids = this.#open.splice(0);
    try {
      const { principalsById } = await acts();
      if (connection.account) this.called(await principalsById(connection.account, ids));
    } catch (error) {
      for (const id of ids) this.#asked.delete(id);
      connection.failed(error);
    }
  }
}

export const team = new Team();
