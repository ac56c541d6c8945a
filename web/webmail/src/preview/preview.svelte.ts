/** The attachment that is looked at, those beside it, and the files that it was found in. */
import type { InnerFile } from '@smartmail/jmap/layout.ts';
import type { BodyPart, Email } from '@smartmail/jmap/types.ts';
import { typeOf } from './kinds.ts';

/** A file of a message, or one inside such a file: by numbers, with dots between. */
export interface Looked extends Pick<BodyPart, 'blobId' | 'name' | 'type' | 'size'> {
  inside?: string;
  outer?: { name: string; type: string };
}

class Previewing {
  email = $state.raw<Email | null>(null);
  files = $state.raw<Looked[]>([]);
  at = $state(0);
  #around = $state.raw<{ files: Looked[]; at: number }[]>([]);

  get file(): Looked | null {
    return this.files[this.at] ?? null;
  }

  /** The file that this one lies in. */
  get around(): Looked | null {
    const last = this.#around.at(-1);
    return last?.files[last.at] ?? null;
  }

  open(email: Email, files: BodyPart[], at: number): void {
    this.email = email;
    this.files = files;
    this.at = at;
    this.#around = [];
  }

  /** Looks at a file inside the present one. */
  enter(inner: InnerFile[], at: number): void {
    const { file } = this;
    if (!file) return;
    const outer = file.outer ?? { name: file.name ?? 'file', type: typeOf(file) };
    const { blobId, inside } = file;
    this.#around = [...this.#around, { files: this.files, at: this.at }];
    this.files = inner.map((one, index) => ({
      blobId,
      name: one.name,
      type: '',
      size: one.size ?? -1,
      inside: inside === undefined ? `${index}` : `${inside}.${index}`,
      outer,
    }));
    this.at = at;
  }

  /** Goes back to the file around. */
  leave(): void {
    const last = this.#around.at(-1);
    if (!last) return;
    this.#around = this.#around.slice(0, -1);
    this.files = last.files;
    this.at = last.at;
  }

  step(by: 1 | -1): void {
    this.at = Math.min(Math.max(0, this.at + by), this.files.length - 1);
  }

  close(): void {
    this.files = [];
    this.#around = [];
    this.email = null;
  }
}

export const previewing = new Previewing();
