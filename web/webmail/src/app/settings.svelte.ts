/**
 * What a person chose: on the screen at once, kept on the server, heard by their other pages. What concerns only the
 * looks is kept on the device too, so that the first frame is right.
 */
import { chooseLanguage, type Language, OFFERED } from '@smartmail/i18n/languages.ts';
import type { Account } from '@smartmail/jmap/account.ts';
import type { Records } from '@smartmail/jmap/records.ts';
import type { Id } from '@smartmail/jmap/types.ts';
import { MediaQuery } from 'svelte/reactivity';
import {
  type Density,
  LOOKS,
  type Pane,
  type Paper,
  type Preferences,
  type Theme,
  type Writing,
} from './preferences.ts';

export type { Density, Pane, Paper, Theme, Writing };

type Chosen = Partial<Preferences>;

interface Kept {
  id: Id;
  values: Chosen;
}

/** How the list looks for whoever chose nothing, as the server tells it. */
export interface HouseList {
  density: Density;
  /** null: as the screen is wide. */
  pane: Pane | null;
  faces: boolean;
}

/** What rules of the company say, kept on the device: the next first frame has it. */
interface House {
  language?: Language | undefined;
  list?: HouseList | undefined;
}

const KEY = 'smartmail.settings';
const HOUSE_KEY = 'smartmail.house';
const ONE = 'singleton';
const darkDevice = new MediaQuery('(prefers-color-scheme: dark)');
const contrastDevice = new MediaQuery('(prefers-contrast: more)');
const wideScreen = new MediaQuery('(min-width: 1440px)');

class Settings {
  #chosen = $state.raw<Chosen>(read(KEY));
  #house = $state.raw<House>(read<House>(HOUSE_KEY));
  /** The account's own choices are here; null before, and where the server keeps none. */
  #records = $state.raw<Records<Kept> | null>(null);
  /** Chosen before somebody was signed in: it is theirs from then on. */
  #waiting: Chosen = {};

  /** The person's own choice, then that of their company for them, then the browser's. */
  get language(): Language {
    const wished = [this.#chosen.language, this.#house.language].find(
      (language) => language && OFFERED.includes(language),
    );
    return wished ?? chooseLanguage(navigator.languages);
  }

  /** A choice of the person wins over all of it. */
  takeHouse(language: Language | null | undefined, list: HouseList | null | undefined): void {
    this.#house = { language: language ?? undefined, list: list ?? undefined };
    keep(HOUSE_KEY, this.#house);
    this.apply();
  }

  get theme(): Theme {
    return this.#chosen.theme ?? 'system';
  }

  get dark(): boolean {
    return this.theme === 'dark' || (/^(system|contrast)$/.test(this.theme) && darkDevice.current);
  }

  /** Chosen, or asked for by the device; dark as the device is. */
  get highContrast(): boolean {
    return this.theme === 'contrast' || (this.theme === 'system' && contrastDevice.current);
  }

  get density(): Density {
    return this.#chosen.density ?? this.#house.list?.density ?? 'normal';
  }

  /** Without a choice: no reading pane below 1440 px. */
  get pane(): Pane {
    return this.#chosen.pane ?? this.#house.list?.pane ?? (wideScreen.current ? 'right' : 'none');
  }

  get rowFaces(): boolean {
    return this.#chosen.rowFaces ?? this.#house.list?.faces ?? true;
  }

  get writing(): Writing {
    return this.#chosen.writing ?? 'rich';
  }

  get paper(): Paper {
    return this.#chosen.paper ?? 'adapted';
  }

  get conversation(): boolean {
    return this.#chosen.conversation ?? false;
  }

  /** Before, what is not chosen on this device may have been chosen elsewhere all the same. */
  get heard(): boolean {
    return this.#records !== null;
  }

  /** Any other choice: `settings.of('quietHours')`; undefined when nothing was chosen. */
  of<Name extends keyof Preferences>(name: Name): Preferences[Name] | undefined {
    return this.#chosen[name];
  }

  choose(change: Chosen): void {
    this.#take({ ...this.#chosen, ...change });
    if (this.#records) void this.#send(change);
    else this.#waiting = { ...this.#waiting, ...change };
  }

  /** On this device only: what is clicked on the sign-in page, perhaps of a shared machine, is no choice of an account. */
  chooseHere(change: Chosen): void {
    this.#take({ ...this.#chosen, ...change });
  }

  /** From now on the account's own choices count; asked for together with the first rows. */
  async follow(account: Account): Promise<void> {
    const records = account.records<Kept>('UserPreferences', { changes: false });
    try {
      await records.load();
    } catch {
      // A server that keeps none, or none in reach: the choices of this device count.
      return;
    }
    this.#records = records;
    records.listen(() => this.#take({ ...this.#chosen, ...records.get(ONE)?.values }));
    const waiting = this.#waiting;
    this.#waiting = {};
    this.#take({ ...this.#chosen, ...records.get(ONE)?.values, ...waiting });
    if (Object.keys(waiting).length > 0) void this.#send(waiting);
    this.#hearOthers(records);
  }

  /** Puts theme and language on the page itself. */
  apply(): void {
    const { dataset } = document.documentElement;
    dataset.theme = this.dark ? 'dark' : 'light';
    dataset.contrast = this.highContrast ? 'more' : 'normal';
    dataset.density = this.density;
    document.documentElement.lang = this.language;
  }

  #take(chosen: Chosen): void {
    this.#chosen = chosen;
    keep(KEY, Object.fromEntries(LOOKS.map((name) => [name, chosen[name]])));
    this.apply();
  }

  /** A choice that cannot be kept stands on this page all the same. */
  async #send(change: Chosen): Promise<void> {
    const patch = Object.fromEntries(Object.entries(change).map(([name, value]) => [`values/${name}`, value ?? null]));
    try {
      await this.#records?.update(ONE, patch).done;
      channel()?.postMessage('preferences');
    } catch {
      this.#take({ ...this.#chosen, ...change });
    }
  }

  #hearOthers(records: Records<Kept>): void {
    const pages = channel();
    if (pages) pages.onmessage = () => void records.refresh().catch(() => undefined);
  }
}

let pages: BroadcastChannel | null | undefined;

/** Between the open pages of one browser; the server tells preferences to nobody. */
function channel(): BroadcastChannel | null {
  if (pages === undefined) pages = 'BroadcastChannel' in globalThis ? new BroadcastChannel('smartmail') : null;
  return pages;
}

/** Private windows may have no storage: what is kept then lasts as long as the page. */
function keep(key: string, values: object): void {
  try {
    const text = JSON.stringify(values);
    // Writing makes the page wait for the disk, before its first rows too.
    if (localStorage.getItem(key) !== text) localStorage.setItem(key, text);
  } catch {
    // Nothing to be done.
  }
}

function read<Read = Chosen>(key: string): Read {
  try {
    return JSON.parse(localStorage.getItem(key) ?? '{}') as Read;
  } catch {
    return {} as Read;
  }
}

export const settings = new Settings();
