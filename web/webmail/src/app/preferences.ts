/** What a person chooses, by name; each area of the webmail adds its own lines here. Kept on the server, sealed. */
import type { HourCycle } from '@smartmail/i18n/dates.ts';
import type { Language } from '@smartmail/i18n/languages.ts';
import type { SwitchWishes } from '@smartmail/jmap/switches.ts';
import type { Id } from '@smartmail/jmap/types.ts';
import type { RowCountry } from './origins.svelte.ts';

export type Theme = 'system' | 'light' | 'dark' | 'contrast';
export type Density = 'compact' | 'normal' | 'roomy';
export type Pane = 'right' | 'below' | 'none';
/** When the verbs stand over the list. */
export type ListTools = 'selected' | 'always';
export type Writing = 'rich' | 'plain';
/** What pushing a row of the list aside does, on a phone. */
export type Swipe = 'read' | 'star' | 'archive' | 'move' | 'spam' | 'delete' | 'snooze' | 'none';
/** Letters in the dark: their colours turned round, or white paper as they were made. */
export type Paper = 'adapted' | 'original';

/** What of the rail folds; `more` is behind ⋯ at its foot. */
export type RailGroup = 'own' | 'team' | 'others' | 'tags' | 'more';

export interface QuietHours {
  /** Minutes after midnight; the night may lie between them. */
  from: number;
  until: number;
}

/** Somebody whom the person writes to. */
export interface Frequent {
  name: string | null;
  email: string;
  count: number;
  /** Of the last letter, in ms. */
  at: number;
}

/** Which letters are shown once more before they go, from the loosest; the words of policy `sending.confirm`. */
export const LOOKS_AGAIN = ['none', 'outside', 'always'] as const;
export type LooksAgain = (typeof LOOKS_AGAIN)[number];

export interface Signature {
  id: string;
  name: string;
  html: string;
  text: string;
  /** Put under by itself: new letters, answers; only of one identity; only for recipients inside or outside. */
  forNew: boolean;
  forAnswers: boolean;
  identityId: string | null;
  where: 'any' | 'inside' | 'outside';
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
  /** Faces in rows of one line too; rows of three lines always have them. */
  rowFaces: boolean;
  /** The verbs stand over the list without a selection too. */
  listTools: ListTools;
  writing: Writing;
  paper: Paper;
  /** One row for each conversation. */
  conversation: boolean;
  swipeRight: Swipe;
  swipeLeft: Swipe;
  /** Which groups of the rail are open, where the person turned one. */
  railOpen: Partial<Record<RailGroup, boolean>>;
  /** What is shown to somebody new was closed. */
  firstDay: 'over';
  /** Which rows of a list wear the country that they came from. */
  rowCountry: RowCountry;
  /** Mailboxes whose new mail is told by notifications; without a choice the inbox. */
  pushMailboxes: Id[];
  /** No notification of the device in these hours. */
  quietHours: QuietHours | null;
  /** Nor on these days of the week; Sunday is 0. */
  quietDays: number[];
  savedSearches: SavedSearch[];
  /** Addresses and `@domains` whose remote pictures are shown at once. */
  picturesFrom: string[];
  /** Addresses of people whose mail has a smart folder of its own. */
  vipPeople: string[];
  /** How a search line may be read beside what is typed. */
  searchSwitches: SwitchWishes;
  /** Whom the person writes to, and whom they took off that list. */
  frequentPeople: Frequent[];
  forgottenPeople: string[];
  /** The face that letters are written in, by its name in `writing/faces.ts`, and its size in points. */
  letterFace: string;
  letterSize: number;
  /** Seconds in which sending can be undone. */
  undoSeconds: number;
  /** Which letters the person wants to look at once more before they go. */
  confirmSending: LooksAgain;
  signatures: Signature[];
  templates: Template[];
  /** Names of colours, by mailbox. */
  mailboxColours: Record<string, string>;
  /** An IANA name; empty for the device's own. */
  timeZone: string;
  /** 오후 3:12 or 15:12; without a choice as the language has it. */
  hours: HourCycle;
}

/** What the page needs before anybody is signed in: kept on the device too, and free of content. */
export const LOOKS = [
  'language',
  'theme',
  'density',
  'pane',
  'rowFaces',
  'listTools',
  'conversation',
  'paper',
  'railOpen',
  'hours',
] as const;
