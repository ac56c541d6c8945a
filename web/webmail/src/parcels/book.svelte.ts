/** The parcels of the person, kept fresh while something is on its way; and the file that is being sent from here. */
import { beginParcel, type Parcel, parcels, parcelUrl, type ParcelPolicy } from '@smartmail/jmap/parcels.ts';
import type { Upload } from 'tus-js-client';
import { connection } from '../app/connection.svelte.ts';

const LOOK_MS = 1500;
/** What is sent in one request: proxies that hold requests back stay small. */
const CHUNK = 64 * 1024 * 1024;
const TRIES = [0, 1000, 2000, 4000, 8000, 16_000, 30_000, 60_000];

export function isOpen(parcel: Parcel): boolean {
  return parcel.state === 'waiting' || parcel.state === 'working';
}

export class ParcelBook {
  list = $state.raw<Parcel[] | null>(null);
  policy = $state.raw<ParcelPolicy | null>(null);
  /** The parcel whose file goes out from this page, how far it is, and whether its line broke for good. */
  sending = $state<string | null>(null);
  sent = $state(0);
  broken = $state(false);
  #upload: Upload | null = null;

  async load(): Promise<void> {
    const told = await parcels();
    this.list = told.parcels;
    this.policy = told.policy;
  }

  /** Call in an effect: looks again soon while the server works. */
  watch(): (() => void) | undefined {
    if (!this.list?.some(isOpen)) return undefined;
    const timer = setTimeout(() => void this.load().catch((error: unknown) => connection.failed(error)), LOOK_MS);
    return () => clearTimeout(timer);
  }

  /** Sends a file; one that was begun before, and of which the same file is picked again, goes on where it was. */
  async send(file: File, mailboxId: string | null): Promise<void> {
    const before = this.list?.find((one) => one.state === 'coming' && one.name === file.name && one.size === file.size);
    const parcel = before ?? (await beginParcel(file.name, file.size, mailboxId));
    await this.load();
    const { Upload } = await import('tus-js-client');
    this.sending = parcel.id;
    this.sent = parcel.received;
    this.broken = false;
    this.#upload = new Upload(file, {
      uploadUrl: parcelUrl(parcel.id),
      chunkSize: CHUNK,
      retryDelays: TRIES,
      headers: { 'x-smartmail': '1' },
      storeFingerprintForResuming: false,
      onProgress: (sent) => (this.sent = sent),
      onSuccess: () => this.#ended(false),
      onError: () => this.#ended(true),
    });
    this.#upload.start();
  }

  /** Gives up what this page sends. */
  async stop(): Promise<void> {
    const upload = this.#upload;
    this.#upload = null;
    this.sending = null;
    await upload?.abort();
  }

  #ended(broken: boolean): void {
    this.broken = broken;
    this.sending = null;
    this.#upload = null;
    void this.load().catch((error: unknown) => connection.failed(error));
  }
}
