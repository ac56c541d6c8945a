/** The attachment that is looked at, and those beside it. */
import type { BodyPart, Email } from '@smartmail/jmap/types.ts';

class Previewing {
  email = $state.raw<Email | null>(null);
  files = $state.raw<BodyPart[]>([]);
  at = $state(0);

  get file(): BodyPart | null {
    return this.files[this.at] ?? null;
  }

  open(email: Email, files: BodyPart[], at: number): void {
    this.email = email;
    this.files = files;
    this.at = at;
  }

  step(by: 1 | -1): void {
    this.at = Math.min(Math.max(0, this.at + by), this.files.length - 1);
  }

  close(): void {
    this.files = [];
    this.email = null;
  }
}

export const previewing = new Previewing();
