/** What stands in 예약메일함: mail that leaves later, once or again and again. */
import { connection } from '../app/connection.svelte.ts';
import { NewestAnswer } from '../app/newest-answer.ts';
import { type Listed, loadRecurring } from './recurring.ts';
import { loadPlanned, type Planned } from './scheduled.ts';

export class PlannedList {
  /** Null before it is known. */
  once = $state.raw<Planned[] | null>(null);
  recurring = $state.raw<Listed[]>([]);
  readonly #newest = new NewestAnswer();

  /** Several changes may be told at once, and their answers need not come in that order. */
  async load(): Promise<void> {
    try {
      await this.#newest.of(
        () => Promise.all([loadPlanned(), loadRecurring()]),
        (answers) => ([this.once, this.recurring] = answers),
      );
    } catch (error) {
      connection.failed(error);
    }
  }
}
