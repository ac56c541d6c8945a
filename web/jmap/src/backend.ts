/**
 * The one seam between the apps and the world: implemented by the network client (`network.ts`)
 * and by the demo client (`demo/client.ts`), so that every screen runs without a server.
 */
import type { Layout, LookedAt } from './layout.ts';
import type { JmapRequest, JmapResponse } from './methods.ts';
import type { Waiting } from './proof.ts';
import type { Id, MailServer, RenderedBody, Session, StateChange, Upload } from './types.ts';

export interface Watcher {
  /** Types of the account have new states. */
  changed(change: StateChange): void;
  /** The stream is open (again) or broken; after a break anything may have changed. */
  connected(open: boolean): void;
}

export interface FilePreview {
  /** Cells of tables are parted by tabs; null when files of this kind say nothing. */
  text: string | null;
  complete: boolean;
  /** Why something is missing: encrypted, locked, damaged, limits, unsupported, crashed. */
  problem: string | null;
  /** Names of what is packed in it. */
  parts: string[];
}

export interface UploadOptions {
  /** Called with the part of the file that has been sent, 0…1. */
  progress?: (share: number) => void;
  signal?: AbortSignal;
}

export interface Backend {
  /** Raises RequestFailure('signed-out') when nobody is signed in. */
  session(): Promise<Session>;
  /** Returns what is still asked for after the password, null for nothing. */
  signIn(address: string, password: string): Promise<Waiting | null>;
  signOut(): Promise<void>;
  /** Spends a one-time link and sets the password of its account; returns the address of that account. */
  setUp(token: string, password: string): Promise<string>;
  /** The servers that mail programs are told of. */
  mailServers(): Promise<MailServer[]>;
  /** A configuration profile for Apple's devices with a password of its own, for the person signed in. */
  appleProfile(): Promise<Blob>;
  request(session: Session, request: JmapRequest): Promise<JmapResponse>;
  upload(session: Session, accountId: Id, file: Blob, options: UploadOptions): Promise<Upload>;
  downloadUrl(session: Session, accountId: Id, blobId: Id, name: string, type: string): string;
  /** What a file says, without saving it. */
  preview(accountId: Id, file: LookedAt): Promise<FilePreview>;
  /** What it looks like; null for what has no layout. */
  previewLayout(accountId: Id, file: LookedAt): Promise<Layout | null>;
  /** Where all attachments of a message are downloaded from, as one ZIP. */
  filesUrl(accountId: Id, emailId: Id, name: string): string;
  /** A picture or PDF to be drawn by the page. */
  previewOctets(accountId: Id, file: LookedAt): Promise<Blob>;
  /** Where a file inside a file is downloaded from. */
  innerUrl(accountId: Id, file: LookedAt): string;
  render(accountId: Id, emailId: Id, withImages: boolean): Promise<RenderedBody>;
  /** Tells of changes until the returned function is called. */
  watch(session: Session, types: readonly string[], watcher: Watcher): () => void;
}
