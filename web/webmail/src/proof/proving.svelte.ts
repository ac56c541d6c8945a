/** Acts that the server wants a fresh proof for: the person proves themselves in a dialog, and the act is tried again. */
import { prove, type Waiting } from '@smartmail/jmap/proof.ts';
import { connection } from '../app/connection.svelte.ts';
import { t } from '../app/language.svelte.ts';
import { proofKey, wantsProof } from './explain.ts';

export class Acting {
  busy = $state(false);
  problem = $state<string | null>(null);
  /** What the dialog asks for. */
  waiting = $state.raw<Waiting | null>(null);
  #again: (() => Promise<void>) | null = null;

  /** Says whether it came about. */
  async run(work: () => Promise<void>): Promise<boolean> {
    this.busy = true;
    this.problem = null;
    try {
      await work();
      return true;
    } catch (error) {
      await this.#explain(error, work);
      return false;
    } finally {
      this.busy = false;
    }
  }

  async proved(): Promise<void> {
    const again = this.#again;
    this.cancel();
    if (again) await this.run(again);
  }

  cancel(): void {
    this.waiting = null;
    this.#again = null;
  }

  async #explain(error: unknown, work: () => Promise<void>): Promise<void> {
    try {
      if (!wantsProof(error)) throw error;
      this.waiting = await prove();
      this.#again = work;
    } catch (other) {
      connection.failed(other);
      this.problem = t(proofKey(other));
    }
  }
}
