/** How it stands, for the rail and the overview: asked for once for both, and again when something happens. */
import { get } from '../api/client.ts';
import { watch } from '../api/events.ts';
import type { Overview, Standing as Told } from '../api/types.ts';
import { failureText } from './failure.ts';
import { ranked } from './need.ts';
import { session } from './session.svelte.ts';

class Standing {
  figures = $state.raw<Overview | null>(null);
  told = $state.raw<Told | null>(null);
  at = $state(0);
  problem = $state('');
  #running = false;
  readonly ranked = $derived(this.told ? ranked(this.told) : null);

  async refresh(): Promise<void> {
    // A slow server is not asked again before it has answered.
    if (this.#running) return;
    this.#running = true;
    try {
      [this.figures, this.told] = await Promise.all([get<Overview>('/overview'), get<Told>('/standing')]);
      this.at = Date.now();
      this.problem = '';
    } catch (error) {
      this.problem = failureText(error);
    } finally {
      this.#running = false;
    }
  }

  /** Keeps it fresh until what it returns is called. */
  follow(): () => void {
    void this.refresh();
    return watch(() => void this.refresh(), session.may('audit.read'));
  }
}

export const standing = new Standing();
