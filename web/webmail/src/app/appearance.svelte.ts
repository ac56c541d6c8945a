/** How the company shows itself here: asked for at the start, at sign-in by the domain that is typed, and after it. */
import { askAppearance } from '@smartmail/jmap/appearance.ts';
import { addressOf, type Appearance, type News, OURS, wear } from '@smartmail/ui/appearance.ts';
import icon from './icon.svg?inline';

/** What was worn here the last time, so that the first frame has the company's colours. */
const KEY = 'smartmail.look';

class Look {
  #told = $state.raw(OURS);
  #news = $state.raw<News[]>([]);
  #domain = '';

  constructor() {
    const { told = OURS, domain = '' } = remembered();
    this.#put(told, domain);
  }

  get name(): string {
    return this.#told.name;
  }

  /** The picture beside the name: the company's, or ours. */
  get logo(): string {
    return this.#told.logo ? addressOf('png', this.#told.logo, this.#domain) : icon;
  }

  /** What the company says to everybody before the sign-in. */
  get news(): readonly News[] {
    return this.#news;
  }

  /** Whether the company has a picture of its own. */
  get own(): boolean {
    return this.#told.logo !== '';
  }

  async refresh(domain = ''): Promise<void> {
    if (__DEMO__) return;
    const answer = await askAppearance(domain);
    if (!answer) return;
    const { news, ...told } = answer;
    this.#news = news;
    this.#put(told, domain);
    try {
      if (told.colours + told.logo + told.name === '') localStorage.removeItem(KEY);
      else localStorage.setItem(KEY, JSON.stringify({ told, domain }));
    } catch {
      // A private window without storage: asked for each time.
    }
  }

  #put(told: Appearance, domain: string): void {
    this.#told = told;
    this.#domain = domain;
    wear(told.colours, domain);
  }
}

function remembered(): { told?: Appearance; domain?: string } {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? '{}') as { told?: Appearance; domain?: string };
  } catch {
    return {};
  }
}

export const look = new Look();
