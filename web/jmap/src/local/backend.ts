/**
 * The device between the apps and the server: what passes is remembered, and answered from here while the server cannot
 * be reached. Whether mail may lie here at all is the company's policy, told with the session.
 */
import type { Backend, FilePreview, UploadOptions, Watcher } from '../backend.ts';
import type { Layout, LookedAt } from '../layout.ts';
import { isEnd, RequestFailure } from '../errors.ts';
import type { JmapRequest, JmapResponse } from '../methods.ts';
import type { Waiting } from '../proof.ts';
import { CAPABILITY, type Id, type MailServer, type RenderedBody, type Session, type Upload } from '../types.ts';
import type { LocalMail } from './mail.ts';

export class LocalBackend implements Backend {
  constructor(
    private readonly inner: Backend,
    readonly local: LocalMail,
    /** The person lets mail lie here. */
    private readonly wanted: () => boolean = () => true,
  ) {}

  async session(): Promise<Session> {
    try {
      const session = await this.inner.session();
      await this.local.follow(session, this.wanted() && mayKeep(session));
      return session;
    } catch (error) {
      if (isEnd(error)) await this.local.wipe();
      const kept = isOffline(error) ? this.local.start : null;
      if (kept) return kept.session;
      throw error;
    }
  }

  signIn(address: string, password: string): Promise<Waiting | null> {
    return this.inner.signIn(address, password);
  }

  /** What lies here goes, whether or not the server hears of it. */
  async signOut(): Promise<void> {
    await this.local.wipe();
    await this.inner.signOut();
  }

  setUp(token: string, password: string): Promise<string> {
    return this.inner.setUp(token, password);
  }

  mailServers(): Promise<MailServer[]> {
    return this.inner.mailServers();
  }

  appleProfile(): Promise<Blob> {
    return this.inner.appleProfile();
  }

  async request(session: Session, request: JmapRequest): Promise<JmapResponse> {
    try {
      const response = await this.inner.request(session, request);
      this.local.remember(request, response);
      return response;
    } catch (error) {
      if (isEnd(error)) await this.local.wipe();
      const answer = isOffline(error) ? await this.local.answer(request) : null;
      if (answer) return answer;
      throw error;
    }
  }

  upload(session: Session, accountId: Id, file: Blob, options: UploadOptions): Promise<Upload> {
    return this.inner.upload(session, accountId, file, options);
  }

  downloadUrl(session: Session, accountId: Id, blobId: Id, name: string, type: string): string {
    return this.inner.downloadUrl(session, accountId, blobId, name, type);
  }

  preview(accountId: Id, file: LookedAt): Promise<FilePreview> {
    return this.inner.preview(accountId, file);
  }

  previewLayout(accountId: Id, file: LookedAt): Promise<Layout | null> {
    return this.inner.previewLayout(accountId, file);
  }

  filesUrl(accountId: Id, emailId: Id, name: string): string {
    return this.inner.filesUrl(accountId, emailId, name);
  }

  previewOctets(accountId: Id, file: LookedAt): Promise<Blob> {
    return this.inner.previewOctets(accountId, file);
  }

  innerUrl(accountId: Id, file: LookedAt): string {
    return this.inner.innerUrl(accountId, file);
  }

  async render(accountId: Id, emailId: Id, withImages: boolean): Promise<RenderedBody> {
    try {
      const rendered = await this.inner.render(accountId, emailId, withImages);
      // With remote pictures it would ask for them again.
      if (!withImages && this.local.holds(accountId)) void this.local.keepBody(emailId, { rendered });
      return rendered;
    } catch (error) {
      const body = isOffline(error) && this.local.holds(accountId) ? await this.local.body(emailId) : null;
      if (!body) throw error;
      if (body.rendered) return body.rendered;
      const { textToHtml } = await import('./waiting.ts');
      return { html: textToHtml(body.text), lang: null, remoteCount: 0 };
    }
  }

  watch(session: Session, types: readonly string[], watcher: Watcher): () => void {
    return this.inner.watch(session, types, watcher);
  }
}

/** A server that says nothing of it is none of ours: nothing is kept. */
function mayKeep(session: Session): boolean {
  const id = session.primaryAccounts[CAPABILITY.mail] ?? '';
  const own = session.accounts[id]?.accountCapabilities[CAPABILITY.own] as Record<string, unknown> | undefined;
  return own?.mayKeepOffline === true;
}

function isOffline(error: unknown): boolean {
  return error instanceof RequestFailure && error.kind === 'offline';
}
