/**
 * A letter that is kept among the drafts of an account several people write for, so that any of them may go on with it.
 * All stored drafts of one letter carry one Message-ID: that is how a draft of a colleague is known to be of the same one.
 * The letter in the window holds files of the person's own account; the draft gets copies (RFC 8620 §6.3).
 */
import type { Account } from '@smartmail/jmap/account.ts';
import { domainOf } from '@smartmail/jmap/addresses.ts';
import { type AttachedBlob, emailObject } from '@smartmail/jmap/compose.ts';
import { MethodFailure } from '@smartmail/jmap/errors.ts';
import type { GetResult, SetResult } from '@smartmail/jmap/methods.ts';
import type { Email, EmailAddress, Id, Identity, Mailbox } from '@smartmail/jmap/types.ts';
import { composing } from './composing.svelte.ts';
import { connection } from '../app/connection.svelte.ts';
import type { TeamMark } from '../app/draft-start.ts';
import type { Draft } from './draft.svelte.ts';
import { t } from '../app/language.svelte.ts';
import { notices } from '../app/notices.svelte.ts';
import { mailboxByRole, mailboxesOf } from '../app/records.svelte.ts';

/** More drafts of one letter than these are not looked at. */
const MOST_RIVALS = 10;
/** What a server says where a right has gone, and with it the mailbox. */
const LOST = ['forbidden', 'accountNotFound', 'accountReadOnly', 'notFound', 'invalidProperties'];

/** A colleague's draft of the same letter; null: they have sent it or put it away. */
interface Rival {
  id: Id | null;
}

type Found = GetResult<Pick<Email, 'id' | 'mailboxIds'>>;

export class TeamDraft {
  /** Of the stored draft, in the account of the team. */
  id = $state.raw<Id | null>(null);
  rival = $state.raw<Rival | null>(null);
  readonly accountId: Id;
  #messageId: string;
  /** Whose letter it is when the person may not send as the team. */
  #from: EmailAddress | null;
  /** Files of the own account, and those that stand for them over there. */
  #copies = new Map<Id, Id>();
  /** Begun: what was asked for before the last one says nothing of it. */
  #stores = 0;

  constructor(
    readonly draft: Draft,
    start: Partial<TeamMark> & { accountId: Id },
  ) {
    this.accountId = start.accountId;
    this.id = start.id ?? null;
    this.#messageId = start.messageId ?? this.#newId();
    this.#from = start.from ?? null;
  }

  get address(): string {
    return connection.shared.find((one) => one.id === this.accountId)?.address ?? '';
  }

  get name(): string {
    return connection.shared.find((one) => one.id === this.accountId)?.name ?? '';
  }

  get mark(): TeamMark {
    return { accountId: this.accountId, id: this.id, messageId: this.#messageId, from: this.#from };
  }

  get maySend(): boolean {
    return connection.identities.some((one) => writesFor(one, this));
  }

  /** Why it cannot be sent yet, in words. */
  get obstacle(): string | null {
    if (!this.maySend) return t('teamDraft.mayNotSend', { address: this.address });
    return this.rival?.id ? t('teamDraft.chooseFirst') : null;
  }

  /** False where the right to it has gone: the letter is one of the person's own from now on. */
  async store(): Promise<boolean> {
    const name = this.name;
    this.#stores += 1;
    try {
      const { theirs, drafts } = this.#place();
      const { id } = await theirs.saveDraft(await this.#email(theirs, drafts.id), this.id);
      this.id = id;
    } catch (error) {
      if (!(error instanceof MethodFailure) || !LOST.includes(error.type)) throw error;
      this.draft.team = null;
      notices.show(t('teamDraft.lost', { name }), { tone: 'bad' });
      return false;
    }
    await this.#dropOwn();
    await this.look();
    return true;
  }

  /** Whether the stored draft is still the one that this window knows. */
  async look(): Promise<void> {
    const id = this.id;
    const stores = this.#stores;
    if (id === null) return;
    const { theirs, drafts } = this.#place();
    const filter = { inMailbox: drafts.id, header: ['Message-ID', this.#messageId] };
    const sort = [{ property: 'receivedAt', isAscending: false }];
    // A list may be a moment behind what was just stored: where a draft lies is what counts.
    const properties = ['id', 'mailboxIds'];
    const [others, own] = theirs.pipeline.group(() => {
      const query = theirs.pipeline.send<{ ids: Id[] }>('Email/query', { filter, sort, limit: MOST_RIVALS });
      const get = (which: object) => theirs.pipeline.send<Found>('Email/get', { ...which, properties });
      return [get({ '#ids': query.ref('/ids') }), get({ ids: [id] })] as const;
    });
    const found = [(await others.result).list, (await own.result).list].flat();
    if (id !== this.id || stores !== this.#stores) return;
    const here = found.filter(({ mailboxIds }) => mailboxIds[drafts.id]).map((one) => one.id);
    const other = here.find((one) => one !== id);
    if (other !== undefined) this.rival = { id: other };
    else this.rival = here.includes(id) ? null : { id: null };
  }

  /**
   * Before it is sent: the letter is among the own drafts, then the team's draft goes. Who takes it away sends it; whoever
   * comes second is told, so that nobody gets the same answer twice.
   */
  async claim(): Promise<boolean> {
    await this.look();
    if (this.rival) return false;
    await this.#storeOwn();
    if (this.id === null) return true;
    const { theirs } = this.#place();
    const result = await theirs.pipeline.call('Email/set', { destroy: [this.id] }).result;
    if (result.notDestroyed?.[this.id]) {
      await this.look();
      this.rival ??= { id: null };
      return false;
    }
    this.id = null;
    return true;
  }

  /** What is in the window stays; the other one goes to the trash of the team. */
  async keepMine(): Promise<void> {
    const other = this.rival?.id ?? null;
    if (other === null || !(await this.#aside(other))) return this.keepBoth();
    this.rival = null;
    notices.show(t('teamDraft.inTrash', { name: this.name }));
    await this.draft.save();
  }

  /** Each goes its own way from now on. */
  async keepBoth(): Promise<void> {
    if (this.rival?.id === null) this.id = null;
    this.#messageId = this.#newId();
    this.rival = null;
    await this.draft.save();
  }

  /** What is in the window goes to the trash, and the colleague's draft comes into its place. */
  async keepTheirs(): Promise<void> {
    const { rival, draft, accountId } = this;
    if (!rival) return;
    await this.#putAway();
    composing.leave(draft);
    if (rival.id !== null) await (await import('./team-opening.ts')).continueTeamDraft(accountId, rival.id);
  }

  async #putAway(): Promise<void> {
    await this.draft.save();
    await this.draft.close();
    if (this.id !== null && (await this.#aside(this.id)))
      return void notices.show(t('teamDraft.inTrash', { name: this.name }));
    await this.#storeOwn();
    if (this.id !== null) await this.#place().theirs.outbox.destroy([this.id]);
    notices.show(t('teamDraft.inOwn'));
  }

  /** Back among the own drafts. */
  async end(): Promise<void> {
    const { draft, id } = this;
    draft.team = null;
    await draft.save();
    if (draft.draftId !== null && id !== null) await connection.other(this.accountId)?.outbox.destroy([id]);
  }

  /** The letter is given up; colleagues find it in the trash. */
  async discard(): Promise<void> {
    if (this.id !== null && !(await this.#aside(this.id))) await this.#place().theirs.outbox.destroy([this.id]);
  }

  /** False where there is no trash that the person may put things into. */
  async #aside(id: Id): Promise<boolean> {
    const { theirs } = this.#place();
    const trash = mailboxesOf(theirs).find(({ role }) => role === 'trash');
    if (!trash || trash.myRights?.mayAddItems !== true) return false;
    const update = { [id]: { mailboxIds: { [trash.id]: true } } };
    const result = await theirs.pipeline.send<SetResult>('Email/set', { update }).result;
    return !result.notUpdated?.[id];
  }

  async #storeOwn(): Promise<void> {
    const { account } = connection;
    const own = mailboxByRole('drafts');
    if (!account || !own) throw new MethodFailure('notFound');
    const { draft } = this;
    draft.draftId = (await account.saveDraft(emailObject(draft.letter(), own.id), draft.draftId)).id;
  }

  async #dropOwn(): Promise<void> {
    const { draftId } = this.draft;
    this.draft.draftId = null;
    if (draftId !== null) await connection.account?.outbox.destroy([draftId]);
  }

  async #email(theirs: Account, draftsId: Id): Promise<object> {
    const letter = this.draft.letter();
    const attachments = await this.#given(theirs, letter.attachments);
    const from = this.maySend ? letter.from : (this.#from ?? letter.from);
    return emailObject({ ...letter, from, attachments, messageId: this.#messageId }, draftsId);
  }

  async #given(theirs: Account, files: AttachedBlob[]): Promise<AttachedBlob[]> {
    const blobIds = [...new Set(files.map(({ blobId }) => blobId))].filter((id) => !this.#copies.has(id));
    if (blobIds.length > 0) {
      const asked = { fromAccountId: connection.account?.id, blobIds };
      const answer = await theirs.pipeline.send<{ copied: Record<Id, Id> | null }>('Blob/copy', asked).result;
      for (const [own, other] of Object.entries(answer.copied ?? {})) this.#copies.set(own, other);
    }
    return files.map((file) => {
      const blobId = this.#copies.get(file.blobId);
      // A draft without one of its files would lose it for whoever goes on with it.
      if (blobId === undefined) throw new Error('a file could not be given to the team');
      return { ...file, blobId };
    });
  }

  #place(): { theirs: Account; drafts: Mailbox } {
    const theirs = connection.other(this.accountId);
    const drafts = theirs && draftsOf(theirs);
    if (!theirs || !drafts) throw new MethodFailure('accountNotFound');
    return { theirs, drafts };
  }

  #newId(): string {
    return `${crypto.randomUUID()}@${domainOf({ name: null, email: this.address }) || 'localhost'}`;
  }
}

/** The drafts of an account of others, where the person may put some there and take them away. */
export function draftsOf(account: Account): Mailbox | null {
  const found = mailboxesOf(account).find(({ role }) => role === 'drafts');
  return found?.myRights?.mayAddItems === true && found.myRights.mayRemoveItems === true ? found : null;
}

/** Written as this, a letter is one of that account: by its own address or by another of its addresses. */
export const writesFor = ({ email, accountId }: Identity, account: { accountId: Id; address: string }): boolean =>
  accountId === undefined ? same(email, account.address) : accountId === account.accountId;

export const same = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();
