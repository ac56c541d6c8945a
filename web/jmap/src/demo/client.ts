/** The demo client: the whole app against generated Korean mail, without a server. */
import type { Backend, FilePreview, UploadOptions, Watcher } from '../backend.ts';
import { RequestFailure } from '../errors.ts';
import type { Layout, LookedAt } from '../layout.ts';
import type { JmapRequest, JmapResponse } from '../methods.ts';
import { CAPABILITY, type Id, type MailServer, type RenderedBody, type Session, type Upload } from '../types.ts';
import { htmlOf, languageOf } from './corpus.ts';
import { octetsOf, previewOf } from './files.ts';
import { layoutOf } from './layouts.ts';
import { OWNER } from './people.ts';
import { SELF } from './directory.ts';
import { TEAM } from './places.ts';
import { ACCOUNT, DemoServer } from './server.ts';

export interface DemoOptions {
  /** Messages in the inbox. */
  size: number;
  /** Round trip that is played, in ms. */
  delay: number;
  signedIn: boolean;
  /** Every request fails as if the line were cut. */
  broken: boolean;
  /** A message arrives so many ms after the start, and again; 0 for never. */
  arrivals: number;
  /** Policy lets mail lie on the device. */
  keeps?: boolean;
  /** Mail waits for decisions (승인메일). */
  approvals?: string | null;
  /** What else policy tells the page. */
  told?: Record<string, unknown>;
}

export class DemoClient implements Backend {
  readonly server: DemoServer;
  /** What a team of the company shares with the person. */
  readonly team: DemoServer;
  /** Tests cut and join the line here. */
  online = true;
  #signedIn: boolean;
  #watchers = new Set<Watcher>();
  #uploads = 0;
  #pictures = new Map<Id, string>();

  constructor(readonly options: DemoOptions) {
    this.server = new DemoServer(options.size, () => Date.now());
    this.team = new DemoServer(0, () => Date.now(), TEAM);
    this.#signedIn = options.signedIn;
    if (typeof options.approvals === 'string') this.server.approvals.seed(options.approvals === 'after');
    for (const [id, server] of [
      [ACCOUNT, this.server],
      [TEAM, this.team],
    ] as const)
      server.onChange((state, type) => {
        const states: Record<string, string> =
          type === undefined ? { Email: state, Mailbox: state } : { [type]: state };
        for (const watcher of this.#watchers) watcher.changed({ changed: { [id]: states } });
      });
    setInterval(() => this.server.wake(), 1000);
    if (options.arrivals > 0) setInterval(() => this.server.arrive(), options.arrivals);
  }

  setOnline(online: boolean): void {
    this.online = online;
    for (const watcher of this.#watchers) watcher.connected(online);
  }

  async session(): Promise<Session> {
    await this.#roundTrip();
    if (!this.#signedIn) throw new RequestFailure('signed-out', 401);
    const capabilities = {
      [CAPABILITY.core]: {},
      [CAPABILITY.mail]: {},
      [CAPABILITY.submission]: {},
      [CAPABILITY.quota]: {},
      [CAPABILITY.principals]: {},
      [CAPABILITY.contacts]: {},
      [CAPABILITY.own]: {},
    };
    return {
      username: OWNER.email,
      apiUrl: '',
      downloadUrl: '',
      uploadUrl: '',
      eventSourceUrl: '',
      state: 's',
      accounts: {
        [ACCOUNT]: {
          name: OWNER.email,
          isPersonal: true,
          isReadOnly: false,
          accountCapabilities: {
            ...capabilities,
            [CAPABILITY.own]: {
              mayKeepOffline: this.options.keeps ?? false,
              mayPushContent: true,
              maxUndoSeconds: 60,
              misdeliveryGuard: 'warn',
              homeCountries: ['KR'],
              ...this.options.told,
            },
            [CAPABILITY.principals]: { currentUserPrincipalId: SELF },
          },
        },
        [TEAM]: {
          name: 'support@hanbit-tech.example',
          isPersonal: false,
          isReadOnly: false,
          accountCapabilities: {
            [CAPABILITY.mail]: {},
            [CAPABILITY.own]: { accountName: '고객지원', accountKind: 'shared' },
          },
        },
      },
      primaryAccounts: { [CAPABILITY.mail]: ACCOUNT },
      capabilities,
    };
  }

  async signIn(_address: string, password: string): Promise<null> {
    await this.#roundTrip();
    if (password !== 'demo') throw new RequestFailure('signed-out', 401);
    this.#signedIn = true;
    return null;
  }

  async signOut(): Promise<void> {
    await this.#roundTrip();
    this.#signedIn = false;
  }

  async setUp(token: string): Promise<string> {
    await this.#roundTrip();
    if (token === 'spent') throw new RequestFailure('refused', 410);
    return OWNER.email;
  }

  async mailServers(): Promise<MailServer[]> {
    await this.#roundTrip();
    const host = 'mail.hanbit.example';
    return [
      { kind: 'imap', host, port: 993, security: 'tls' },
      { kind: 'imap', host, port: 143, security: 'starttls' },
      { kind: 'pop3', host, port: 995, security: 'tls' },
      { kind: 'smtp', host, port: 465, security: 'tls' },
      { kind: 'smtp', host, port: 587, security: 'starttls' },
      { kind: 'sieve', host, port: 4190, security: 'starttls' },
      { kind: 'jmap', host: 'webmail.hanbit.example', port: 443, security: 'tls' },
    ];
  }

  async appleProfile(): Promise<Blob> {
    await this.#roundTrip();
    return new Blob(['demo'], { type: 'application/x-apple-aspen-config' });
  }

  async request(_session: Session, request: JmapRequest): Promise<JmapResponse> {
    await this.#roundTrip();
    // Through text, as over a wire: nothing that the server keeps is shared with the page.
    return JSON.parse(
      JSON.stringify(
        this.#of(request.methodCalls[0]?.[1].accountId).handle(JSON.parse(JSON.stringify(request)) as JmapRequest),
      ),
    ) as JmapResponse;
  }

  async upload(_session: Session, accountId: Id, file: Blob, options: UploadOptions): Promise<Upload> {
    for (const share of [0.25, 0.5, 0.75, 1]) {
      await this.#roundTrip();
      if (options.signal?.aborted) throw new DOMException('', 'AbortError');
      options.progress?.(share);
    }
    this.#uploads += 1;
    if (file.type.startsWith('image/')) this.#pictures.set(`u-${this.#uploads}`, URL.createObjectURL(file));
    return { accountId, blobId: `u-${this.#uploads}`, type: file.type, size: file.size };
  }

  downloadUrl(_session: Session, _accountId: Id, blobId: Id, name: string): string {
    const picture = this.#pictures.get(blobId);
    if (picture !== undefined) return picture;
    return `data:text/plain;charset=utf-8,${encodeURIComponent(name)}`;
  }

  async preview(_accountId: Id, file: LookedAt): Promise<FilePreview> {
    await this.#roundTrip();
    return previewOf(file.name);
  }

  async previewLayout(_accountId: Id, file: LookedAt): Promise<Layout | null> {
    await this.#roundTrip();
    return layoutOf(file);
  }

  async previewOctets(_accountId: Id, file: LookedAt): Promise<Blob> {
    await this.#roundTrip();
    return octetsOf(file.type);
  }

  filesUrl(_accountId: Id, _emailId: Id, name: string): string {
    return `data:application/zip;base64,UEsFBgAAAAAAAAAAAAAAAAAAAAAAAA==#${encodeURIComponent(name)}`;
  }

  innerUrl(_accountId: Id, file: LookedAt): string {
    return `data:text/plain;charset=utf-8,${encodeURIComponent(file.name)}`;
  }

  #of(accountId: unknown): DemoServer {
    return accountId === TEAM ? this.team : this.server;
  }

  async render(accountId: Id, emailId: Id, withImages: boolean): Promise<RenderedBody> {
    await this.#roundTrip();
    const message = this.#of(accountId).messages.get(emailId);
    if (!message) throw new RequestFailure('refused', 404);
    return { ...htmlOf(message, withImages), lang: languageOf(message) };
  }

  watch(_session: Session, _types: readonly string[], watcher: Watcher): () => void {
    this.#watchers.add(watcher);
    queueMicrotask(() => watcher.connected(this.online));
    return () => this.#watchers.delete(watcher);
  }

  async #roundTrip(): Promise<void> {
    if (this.options.delay > 0) await new Promise((resolve) => setTimeout(resolve, this.options.delay));
    if (this.options.broken || !this.online) throw new RequestFailure('offline');
  }
}
