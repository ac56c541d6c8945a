/** Big files that are on their way, by the letter or page that they belong to. */
import type { Id } from '@smartmail/jmap/types.ts';
import { SvelteMap } from 'svelte/reactivity';
import { ComingFile } from './upload.svelte.ts';

export interface FileLink {
  id: Id;
  fileId: Id;
  url: string;
  recipient: string;
  subject: string;
  proof: '' | 'password' | 'code';
  /** It shows its file and never gives it. */
  viewOnly: boolean;
  /** From where alone it may be followed; empty: from anywhere. */
  countries: string[];
  networks: string[];
  createdAt: string;
  expiresAt: string;
  mostDownloads: number;
  downloadCount: number;
  end: null | 'revoked' | 'refused' | 'expired' | 'used';
  downloads: FileDownload[];
}

export interface FileDownload {
  at: string;
  lastAt: string;
  address: string;
  country: string;
  agent: string;
  octets: number;
  isComplete: boolean;
}

export interface LinkedFile {
  id: Id;
  name: string;
  type: string;
  size: number;
  received: number;
  state: 'coming' | 'checking' | 'ready' | 'refused';
  found: string;
  sha256: string;
  createdAt: string;
  expiresAt: string;
}

class BigFiles {
  readonly #files = new SvelteMap<string, ComingFile[]>();

  of(draft: string | number): readonly ComingFile[] {
    return this.#files.get(String(draft)) ?? [];
  }

  /** One that was lost goes on where it stood, when the same file comes. `onnamed`: the server has a name for it. */
  add(draft: string | number, file: File, onnamed?: () => void): void {
    const lost = this.of(draft).find(
      (one) => one.state === 'lost' && one.size === file.size && one.name === file.name.normalize('NFC'),
    );
    const coming = new ComingFile(file, onnamed);
    this.put(draft, coming, lost);
  }

  put(draft: string | number, file: ComingFile, instead?: ComingFile): void {
    const others = this.of(draft);
    this.#files.set(String(draft), instead ? others.map((one) => (one === instead ? file : one)) : [...others, file]);
  }

  /** Takes it out of the list; on the server it stays. */
  forget(draft: string | number, key: number): ComingFile | undefined {
    const gone = this.of(draft).find((one) => one.key === key);
    this.#files.set(
      String(draft),
      this.of(draft).filter((one) => one !== gone),
    );
    return gone;
  }

  /** Takes a file that is known by its id out of whichever letter holds it: that letter goes on elsewhere. */
  adopt(id: Id): ComingFile | undefined {
    for (const [draft, files] of this.#files) {
      const found = files.find((one) => one.id === id);
      if (found) return this.forget(draft, found.key);
    }
    return undefined;
  }

  async remove(draft: string | number, key: number): Promise<void> {
    await this.forget(draft, key)?.drop();
  }
}

export const bigFiles = new BigFiles();
