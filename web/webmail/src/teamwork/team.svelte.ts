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
  /** Somebody else reads in the person's own mail: it is worked on together, too. */
  ownShared = $state(false);
  #names = new SvelteMap<Id, string>();
  #asked = new Set<Id>();
  #open: Id[] = [];

  /** Whether the mail on the screen is worked on by several people. */
  get here(): boolean {
    return place.accountId !== null || this.ownShared;
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
      this.ownShared = whole.list.length > 0 || [...shares.values()].some((given) => Object.keys(given).length > 0);
    } catch (error) {
      connection.failed(error);
    }
  }

  assignmentOf(threadId: Id): Assignment | undefined {
    return this.here ? recordIn<Assignment>(connection.mail, 'Assignment', threadId) : undefined;
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
