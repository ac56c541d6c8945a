/** What a person chooses, by name; each area of the webmail adds its own lines here. Kept on the server, sealed. */
import type { Language } from '@smartmail/i18n/languages.ts';
import type { SwitchWishes } from '@smartmail/jmap/switches.ts';
import type { Frequent } from '../writing/ranking.ts';
import type { Signature } from '../writing/signing.ts';

export type Theme = 'system' | 'light' | 'dark';
export type Density = 'compact' | 'normal' | 'roomy';
export type Pane = 'right' | 'below' | 'none';
export type Writing = 'rich' | 'plain';
/** Letters in the dark: their colours turned round, or white paper as they were made. */
export type Paper = 'adapted' | 'original';

export interface QuietHours {
  /** Minutes after midnight; the night may lie between them. */
  from: number;
  until: number;
}

/** A letter to begin with. */
export interface Template {
  id: string;
  name: string;
  subject: string;
  html: string;
  text: string;
}

/** A search with a name: a folder that fills itself. */
export interface SavedSearch {
  name: string;
  line: string;
}

export interface Preferences {
  language: Language;
  theme: Theme;
  density: Density;
  pane: Pane;
  writing: Writing;
  paper: Paper;
  /** One row for each conversation. */
  conversation: boolean;
  /** No notification of the device in these hours. */
  quietHours: QuietHours | null;
  savedSearches: SavedSearch[];
  /** How a search line may be read beside what is typed. */
  searchSwitches: SwitchWishes;
  /** Whom the person writes to, and whom they took off that list. */
  frequentPeople: Frequent[];
  forgottenPeople: string[];
  /** Seconds in which sending can be undone. */
  undoSeconds: number;
  signatures: Signature[];
  templates: Template[];
  /** Names of colours, by mailbox. */
  mailboxColours: Record<string, string>;
  /** An IANA name; empty for the device's own. */
  timeZone: string;
}

/** What the page needs before anybody is signed in: kept on the device too, and free of content. */
export const LOOKS = ['language', 'theme', 'density', 'pane', 'conversation', 'paper'] as const;
