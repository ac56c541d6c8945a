/** What a person chose on this device: language, appearance, spacing, reading pane. */
import { chooseLanguage, type Language, OFFERED } from '@smartmail/i18n/languages.ts';
import { MediaQuery } from 'svelte/reactivity';

export type Theme = 'system' | 'light' | 'dark';
export type Density = 'compact' | 'normal' | 'roomy';
export type Pane = 'right' | 'none';
export type Writing = 'rich' | 'plain';

interface Chosen {
  language?: Language;
  theme?: Theme;
  density?: Density;
  pane?: Pane;
  writing?: Writing;
}

const KEY = 'smartmail.settings';
const darkDevice = new MediaQuery('(prefers-color-scheme: dark)');
const wideScreen = new MediaQuery('(min-width: 1600px)');

class Settings {
  #chosen = $state.raw<Chosen>(read());

  get language(): Language {
    const { language } = this.#chosen;
    return language && OFFERED.includes(language) ? language : chooseLanguage(navigator.languages);
  }

  get theme(): Theme {
    return this.#chosen.theme ?? 'system';
  }

  get dark(): boolean {
    return this.theme === 'dark' || (this.theme === 'system' && darkDevice.current);
  }

  get density(): Density {
    return this.#chosen.density ?? 'normal';
  }

  /** Without a choice: no reading pane below 1600 px. */
  get pane(): Pane {
    return this.#chosen.pane ?? (wideScreen.current ? 'right' : 'none');
  }

  get writing(): Writing {
    return this.#chosen.writing ?? 'rich';
  }

  choose(change: Chosen): void {
    this.#chosen = { ...this.#chosen, ...change };
    try {
      localStorage.setItem(KEY, JSON.stringify(this.#chosen));
    } catch {
      // Private windows may have no storage: the choice then lasts as long as the page.
    }
    this.apply();
  }

  /** Puts theme and language on the page itself. */
  apply(): void {
    document.documentElement.dataset.theme = this.dark ? 'dark' : 'light';
    document.documentElement.lang = this.language;
  }
}

function read(): Chosen {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? '{}') as Chosen;
  } catch {
    return {};
  }
}

export const settings = new Settings();
