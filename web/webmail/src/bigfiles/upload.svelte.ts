/** One big file on its way to the server: it survives cuts by itself, a pause, and a reload when it is picked again. */
import type { Upload } from 'tus-js-client';
import { connection } from '../app/connection.svelte.ts';
import { Pace } from './pace.ts';
import { fingerprint, KeptUrls } from './urls.ts';

const ENDPOINT = '/files/tus/';
/** What is sent in one request: proxies that hold requests back stay small. */
const CHUNK = 64 * 1024 * 1024;
/** Milliseconds before each try after a cut; then it waits for a press of the button. */
const TRIES = [0, 1000, 2000, 4000, 8000, 16_000, 30_000, 60_000];

let lastKey = 0;

/** A file of a letter that goes on: the server has it, or the beginning of it. */
export interface KnownFile {
  id: string;
  name: string;
  size: number;
  received: number;
}

export class ComingFile {
  readonly key = (lastKey += 1);
  readonly name: string;
  readonly size: number;
  /** The octets; null for one whose page is gone, until it is picked again. */
  readonly file: File | null;
  /** `lost`: it goes on when the same file is picked again. */
  state = $state<'running' | 'paused' | 'failed' | 'lost' | 'done'>('running');
  sent = $state(0);
  speed = $state<number | null>(null);
  secondsLeft = $state<number | null>(null);
  /** The server's name for it, once it has one; it may lack octets still. */
  id = $state<string | null>(null);
  #upload: Upload | null = null;
  readonly #pace = new Pace();

  constructor(
    of: File | KnownFile,
    readonly onnamed: () => void = () => undefined,
  ) {
    this.size = of.size;
    if (of instanceof File) {
      this.file = of;
      // A Mac gives names in pieces of syllables.
      this.name = of.name.normalize('NFC');
      void this.#begin(of);
      return;
    }
    [this.file, this.name, this.id, this.sent] = [null, of.name, of.id, of.received];
    this.state = of.received < of.size ? 'lost' : 'done';
  }

  get share(): number {
    return this.size === 0 ? 1 : this.sent / this.size;
  }

  /** Of the whole file, once it is there. */
  get fileId(): string | null {
    return this.state === 'done' ? this.id : null;
  }

  pause(): void {
    if (this.state !== 'running') return;
    this.state = 'paused';
    this.speed = this.secondsLeft = null;
    void this.#upload?.abort();
  }

  resume(): void {
    if (this.state === 'done' || this.state === 'running' || !this.file) return;
    this.state = 'running';
    this.#pace.begin();
    if (this.#upload) this.#upload.start();
    else void this.#begin(this.file);
  }

  /** Gives it up, here and on the server. */
  async drop(): Promise<void> {
    const { id } = this;
    const whole = this.state === 'done' || this.state === 'lost';
    this.state = 'paused';
    if (!whole) await this.#upload?.abort(true).catch(() => undefined);
    else if (id !== null) await connection.account?.records('LinkedFile', { changes: false }).destroy(id).done;
  }

  async #begin(file: File): Promise<void> {
    try {
      // Nobody who sends no big file loads this.
      const { Upload } = await import('tus-js-client');
      const owner = connection.account?.id ?? '';
      const upload = new Upload(file, {
        endpoint: ENDPOINT,
        chunkSize: CHUNK,
        retryDelays: TRIES,
        headers: { 'x-smartmail': '1', 'x-smartmail-account': owner },
        metadata: { filename: this.name, filetype: file.type },
        fingerprint,
        urlStorage: new KeptUrls(),
        removeFingerprintOnSuccess: true,
        onUploadUrlAvailable: () => this.#named(),
        onProgress: (sent) => this.#progress(sent),
        onSuccess: () => this.#done(),
        onError: () => this.#failed(),
      });
      this.#upload = upload;
      const [before] = await upload.findPreviousUploads();
      if (before) upload.resumeFromPreviousUpload(before);
      if (this.state === 'running') upload.start();
    } catch {
      this.#failed();
    }
  }

  #named(): void {
    this.id = this.#upload?.url?.split('/').at(-1) ?? null;
    this.onnamed();
  }

  #progress(sent: number): void {
    this.sent = sent;
    this.#pace.note(sent, performance.now());
    this.speed = this.#pace.speed;
    this.secondsLeft = this.#pace.left(this.size);
  }

  #done(): void {
    this.sent = this.size;
    this.id = this.#upload?.url?.split('/').at(-1) ?? null;
    this.state = this.id === null ? 'failed' : 'done';
  }

  #failed(): void {
    if (this.state !== 'paused') this.state = 'failed';
    this.speed = this.secondsLeft = null;
  }
}
