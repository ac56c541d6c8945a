/** The automatic reply as the server holds it: asked for, there, or not to be had. */
import { connection } from '../app/connection.svelte.ts';
import { recordsOf } from '../app/records.svelte.ts';

export type Outside = 'same' | 'other' | 'none';

export interface Vacation {
  id: 'singleton';
  isEnabled: boolean;
  fromDate: string | null;
  toDate: string | null;
  subject: string | null;
  textBody: string | null;
  htmlBody: string | null;
  outsideReply: Outside;
  outsideTextBody: string | null;
}

/** It has no changes of its own (RFC 8621 §8). */
export const OPTIONS = { changes: false };

export class VacationAnswer {
  /** The server did not answer, or not with the one object that there is. */
  failed = $state(false);

  get held(): Vacation | undefined {
    return recordsOf<Vacation>('VacationResponse', OPTIONS)[0];
  }

  async ask(): Promise<void> {
    const records = connection.account?.records<Vacation>('VacationResponse', OPTIONS);
    if (!records) return;
    this.failed = false;
    try {
      await records.load();
      this.failed = records.get('singleton') === undefined;
    } catch (error) {
      connection.failed(error);
      this.failed = true;
    }
  }
}
