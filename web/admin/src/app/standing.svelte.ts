/** The figures that stand in the rail and on the overview: asked for once for both, and again when something happens. */
import { get } from '../api/client.ts';
import { watch } from '../api/events.ts';
import type { Overview } from '../api/types.ts';
import { failureText } from './failure.ts';
import { session } from './session.svelte.ts';

class Standing {
  told = $state.raw<Overview | null>(null);
  problem = $state('');
  #running = false;

  async refresh(): Promise<void> {
    // A slow server is not asked again before it has answered.
    if (this.#running) return;
    this.#running = true;
    try {
      this.told = await get<Overview>('/overview');
      this.problem = '';
    } catch (error) {
      this.problem = failureText(error);
    } finally {
      this.#running = false;
    }
  }

  /** Keeps the figures fresh until what it returns is called. */
  follow(): () => void {
    void this.refresh();
    return watch(() => void this.refresh(), session.may('audit.read'));
  }
}

export const standing = new Standing();
