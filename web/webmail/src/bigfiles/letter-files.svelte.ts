/**
 * The big files of one letter: what their links ask for, the links themselves, and what becomes of both when the letter
 * is sent, taken back or thrown away.
 */
import { MethodFailure } from '@smartmail/jmap/errors.ts';
import type { GetResult } from '@smartmail/jmap/methods.ts';
import type { Id } from '@smartmail/jmap/types.ts';
import { connection } from '../app/connection.svelte.ts';
import { t } from '../app/language.svelte.ts';
import { notices } from '../app/notices.svelte.ts';
import { type LinkBlock, linkBlock } from './block.ts';
import { ComingFile } from './upload.svelte.ts';
import { keptWords, readKept } from './draft-header.ts';
import { MOST_EACH } from './policy.ts';
import { bigFiles, type FileLink, type LinkedFile } from './uploads.svelte.ts';
import { LinkTerms } from './terms.svelte.ts';

interface Made {
  link: FileLink;
  /** What it was made for; another wish needs another link. */
  wish: string;
  /** A letter with it has left. */
  gone: boolean;
}

/** What is asked of a letter that is being written. */
interface Letter {
  readonly key: number;
  readonly recipients: readonly unknown[];
  readonly options: { readonly individually: boolean };
  readonly subject: string;
  readonly text: string;
  readonly html: string | null;
  /** It has changed. */
  touch(): void;
}

export class LinkedLetter {
  readonly terms = new LinkTerms();
  #made = $state.raw<Made[]>([]);
  readonly #draft: Letter;

  constructor(draft: Letter) {
    this.#draft = draft;
  }

  get files(): readonly ComingFile[] {
    return bigFiles.of(this.#draft.key);
  }

  /** Why the letter cannot go yet, in words. */
  get obstacle(): string | null {
    if (this.files.length === 0) return null;
    if (this.files.some((one) => one.fileId === null)) return t('compose.uploadsPending');
    if (this.settled) return null;
    const { options, recipients } = this.#draft;
    if (this.each && recipients.length > MOST_EACH) return t('big.eachMost', { most: MOST_EACH });
    return this.terms.obstacle(this.files, options.individually || this.each || recipients.length === 1);
  }

  /** Each recipient gets a letter with links of their own. */
  get each(): boolean {
    return this.terms.each && this.files.length > 0 && !this.settled;
  }

  /** All of them have their links among the words already, as in a planned letter that was taken back. */
  get settled(): boolean {
    return this.files.every(({ fileId }) => fileId !== null && this.#isThere(fileId));
  }

  /** What the stored draft says of them. */
  get kept(): string {
    return keptWords({ ids: this.files.flatMap(({ id }) => (id === null ? [] : [id])), ...this.terms.kept });
  }

  add(file: File): void {
    const { key } = this.#draft;
    bigFiles.add(key, file, () => {
      // Its letter may go on in another window by now.
      if (this.files.some((one) => one.file === file)) this.#draft.touch();
    });
    this.#draft.touch();
  }

  async remove(one: ComingFile): Promise<void> {
    bigFiles.forget(this.#draft.key, one.key);
    this.#draft.touch();
    await this.#drop(one, await this.#links().catch(() => []));
  }

  /** Goes on with what a stored draft says. */
  async restore(kept: string): Promise<void> {
    const { ids, ...terms } = readKept(kept);
    this.terms.restore({ ids, ...terms });
    const here = new Map(ids.map((id) => [id, bigFiles.adopt(id)]));
    const asked = await connection.account?.pipeline.send<GetResult<LinkedFile>>('LinkedFile/get', { ids }).result;
    const known = new Map(asked?.list.map((one) => [one.id, one]));
    const files = ids.flatMap((id) => here.get(id) ?? known.get(id) ?? []);
    for (const one of files) bigFiles.put(this.#draft.key, one instanceof ComingFile ? one : new ComingFile(one));
    if (files.length < ids.length)
      notices.show(t('big.gone', { count: ids.length - files.length }), { tone: 'bad', stays: true });
    for (const link of await this.#links())
      if (ids.includes(link.fileId) && this.#stands(link))
        this.#made = [...this.#made, { link, wish: this.#wish(''), gone: false }];
  }

  /** The links for a letter to these people, and the block that goes below its words; throws when they are refused. */
  async finish(recipients: readonly string[]): Promise<LinkBlock | null> {
    const recipient = recipients.length === 1 ? (recipients[0] ?? '') : '';
    const lines = [];
    for (const one of this.files) {
      const { fileId } = one;
      if (fileId === null) throw new Error('a file is not whole');
      if (this.#isThere(fileId)) continue;
      lines.push({ name: one.name, size: one.size, link: await this.#link(fileId, recipient) });
    }
    return lines.length > 0 ? linkBlock(lines, this.terms) : null;
  }

  /** A letter with the links that were made last has left, or has come back. */
  left(gone: boolean): void {
    this.#made = this.#made.map((one) => ({ ...one, gone }));
  }

  /** The letter is thrown away: what nobody was sent ends. */
  async discard(): Promise<void> {
    const { files } = this;
    const links = await this.#links();
    for (const one of files) {
      bigFiles.forget(this.#draft.key, one.key);
      await this.#drop(one, links);
    }
  }

  /** A file ends with all its links, unless somebody was sent one; then only those of this letter end. */
  async #drop(one: ComingFile, links: readonly FileLink[]): Promise<void> {
    const own = this.#made.filter(({ link, gone }) => !gone && link.fileId === one.id).map(({ link }) => link.id);
    const others = links.filter(({ id, fileId, end }) => fileId === one.id && end === null && !own.includes(id));
    if (others.length === 0) return one.drop();
    await Promise.all(own.map((id) => this.#revoke(id)));
  }

  async #link(fileId: Id, recipient: string): Promise<FileLink> {
    const { account } = connection;
    if (!account) throw new Error(t('error.offline'));
    const words = this.#wish(recipient);
    const before = this.#made.find(({ link, gone }) => !gone && link.fileId === fileId);
    if (before?.wish === words) return before.link;
    const wish = {
      fileId,
      recipient,
      subject: this.#draft.subject.slice(0, 1000),
      ...this.terms.wish,
    };
    interface Answer {
      created: Record<string, Partial<FileLink> & { id: Id }> | null;
      notCreated: Record<string, { type: string; description?: string }> | null;
    }
    const made = await account.pipeline.send<Answer>('FileLink/set', { create: { link: wish } }).result;
    const created = made.created?.link;
    if (!created) {
      const refused = made.notCreated?.link;
      throw new MethodFailure(refused?.type ?? 'serverFail', refused?.description);
    }
    const link = { ...wish, ...created } as FileLink;
    this.#made = [...this.#made, { link, wish: words, gone: false }];
    // One that nobody was sent is worth nothing once there is a better one.
    if (before) {
      this.#made = this.#made.filter((one) => one !== before);
      await this.#revoke(before.link.id);
    }
    return link;
  }

  #wish(recipient: string): string {
    return JSON.stringify([recipient, ...this.terms.key]);
  }

  #isThere(fileId: Id): boolean {
    return this.#made.some(({ link }) => link.fileId === fileId && this.#stands(link));
  }

  #stands(link: FileLink): boolean {
    return this.#draft.text.includes(link.url) || (this.#draft.html?.includes(link.url) ?? false);
  }

  async #links(): Promise<FileLink[]> {
    const asked = connection.account?.pipeline.send<GetResult<FileLink>>('FileLink/get', { ids: null });
    return (await asked?.result)?.list ?? [];
  }

  async #revoke(id: Id): Promise<void> {
    const records = connection.account?.records<FileLink>('FileLink', { changes: false });
    await records?.update(id, { end: 'revoked' }).done;
  }
}
