/** How the company shows itself here: asked for at the start, at sign-in by the domain that is typed, and after it. */
import { askAppearance } from '@smartmail/jmap/appearance.ts';
import { addressOf, OURS, wear } from '@smartmail/ui/appearance.ts';
import icon from '../icon.svg?no-inline';

class Look {
  #told = $state.raw(OURS);
  #domain = '';

  get name(): string {
    return this.#told.name;
  }

  /** The picture beside the name: the company's, or ours. */
  get logo(): string {
    return this.#told.logo ? addressOf('png', this.#told.logo, this.#domain) : icon;
  }

  /** Whether the company has a picture of its own. */
  get own(): boolean {
    return this.#told.logo !== '';
  }

  async refresh(domain = ''): Promise<void> {
    if (__DEMO__) return;
    const told = await askAppearance(domain);
    if (!told) return;
    this.#told = told;
    this.#domain = domain;
    wear(told.colours, domain);
  }
}

export const look = new Look();
