/**
 * Seals what lies in the browser (AES-256-GCM). The key cannot be read by any script, lives as long as the sign-in, and
 * with it goes everything that was sealed: at sign-out, when the server has ended the session, and when the server was
 * not reached for `LEASE_MS`. Who can copy the files of a browser in which somebody is signed in can read as that person
 * can: this keeps mail from whoever finds the device later, not from who holds it open.
 */
import type { Shelf, ShelfName } from './shelf.ts';

/** Without a word of the server for so long, the mail here is nobody's any more. */
export const LEASE_MS = 7 * 24 * 3_600_000;
const KEY = 'key';

interface KeptKey {
  key: CryptoKey;
  user: string;
  until: number;
}

interface Sealed {
  iv: Uint8Array<ArrayBuffer>;
  octets: ArrayBuffer;
}

export class Safe {
  private constructor(
    private readonly shelf: Shelf,
    private readonly kept: KeptKey,
  ) {}

  /** The safe of the session that stands; null when there is none, or its time is over: then everything goes. */
  static async open(shelf: Shelf, now: number): Promise<Safe | null> {
    const kept = (await shelf.get('keys', KEY)) as KeptKey | undefined;
    if (kept && kept.until > now) return new Safe(shelf, kept);
    if (kept) await shelf.clear();
    return null;
  }

  static async make(shelf: Shelf, user: string, now: number): Promise<Safe> {
    await shelf.clear();
    const key = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
    const safe = new Safe(shelf, { key, user, until: now + LEASE_MS });
    await shelf.put('keys', [[KEY, safe.kept]]);
    return safe;
  }

  get user(): string {
    return this.kept.user;
  }

  /** The server still knows the session. */
  async renew(now: number): Promise<void> {
    this.kept.until = now + LEASE_MS;
    await this.shelf.put('keys', [[KEY, this.kept]]);
  }

  async put(name: ShelfName, values: readonly (readonly [key: string, value: unknown])[]): Promise<void> {
    const sealed = await inSlices(values, async ([key, value]): Promise<[string, Sealed]> => [
      key,
      await this.#seal(name, key, value),
    ]);
    await this.shelf.put(name, sealed);
  }

  /** Null for what is not there, and for what was sealed by another key or for another place. */
  async get<T>(name: ShelfName, key: string): Promise<T | null> {
    return this.#opened<T>(name, key, await this.shelf.get(name, key));
  }

  async all<T>(name: ShelfName): Promise<Map<string, T>> {
    const found = await this.shelf.all(name);
    const opened = await inSlices(found, async ([key, sealed]): Promise<[string, T | null]> => [
      key,
      await this.#opened<T>(name, key, sealed),
    ]);
    return new Map(opened.filter((entry): entry is [string, T] => entry[1] !== null));
  }

  async #seal(name: ShelfName, key: string, value: unknown): Promise<Sealed> {
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const plain = new TextEncoder().encode(JSON.stringify(value));
    return { iv, octets: await crypto.subtle.encrypt(how(iv, name, key), this.kept.key, plain) };
  }

  async #opened<T>(name: ShelfName, key: string, sealed: unknown): Promise<T | null> {
    if (!sealed) return null;
    const { iv, octets } = sealed as Sealed;
    try {
      const plain = await crypto.subtle.decrypt(how(iv, name, key), this.kept.key, octets);
      return JSON.parse(new TextDecoder().decode(plain)) as T;
    } catch {
      return null;
    }
  }
}

/** So many at once: a list that is flung while mail is laid aside misses no frame. */
const SLICE = 20;

async function inSlices<In, Out>(values: readonly In[], work: (value: In) => Promise<Out>): Promise<Out[]> {
  const done: Out[] = [];
  for (let at = 0; at < values.length; at += SLICE) {
    if (at > 0) await breathe();
    done.push(...(await Promise.all(values.slice(at, at + SLICE).map(work))));
  }
  return done;
}

/** Lets the page draw and answer; a timer would wait for seconds in a page that nobody looks at. */
function breathe(): Promise<void> {
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve) => {
    port1.onmessage = () => (port1.close(), resolve());
    port2.postMessage(null);
  });
}

/** Bound to its place: a row cannot be put where another was. */
function how(iv: Uint8Array<ArrayBuffer>, name: string, key: string): AesGcmParams {
  return { name: 'AES-GCM', iv, additionalData: new TextEncoder().encode(`${name}/${key}`) };
}
