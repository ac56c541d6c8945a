/** What a page of a list is: its columns, the facts of a row, what can be done with it. */
import type { Component } from 'svelte';
import type { Query } from '../api/client.ts';
import type { Field, Values } from './forms.ts';
import type { AdminKey } from './language.svelte.ts';

export type Tone = 'ok' | 'warn' | 'bad' | 'quiet';

export interface ColumnOf<Row> {
  name: AdminKey;
  show: (row: Row) => string;
  /** Numbers stand right; a `time` stays in one line; a `wide` column is the one that a phone shows beside the first. */
  kind?: 'number' | 'time' | 'wide';
  /** A state: shown with a dot. */
  tone?: (row: Row) => Tone;
}

/** What came of an act, where there is more to say than that it was done. */
export interface Done {
  text?: string;
  /** Told this once: shown with a button that copies it. */
  secret?: string;
  /** Where to go now. */
  go?: string;
}
export type Outcome = Promise<Done | void>;

export interface Act<Row> {
  label: AdminKey;
  permission?: string;
  look?: 'filled' | 'outline' | 'bad';
  fits?: (row: Row) => boolean;
  /** What it will do: asked before it is done. */
  warning?: AdminKey;
  fields?: (row: Row) => readonly Field[];
  /** What it would meet, shown before it is done. */
  rehearse?: (row: Row, values: Values) => Promise<string>;
  run: (row: Row, values: Values, etag: string) => Outcome;
}

export interface Making {
  label: AdminKey;
  permission: string;
  /** Where the permission alone does not say it. */
  fits?: () => boolean;
  text?: AdminKey;
  fields: () => readonly Field[];
  /** What it would meet, shown before it is done. */
  rehearse?: (values: Values) => Promise<string>;
  run: (values: Values) => Outcome;
  /** A form of its own, where a list of fields cannot say what is asked for. */
  form?: () => Promise<{ default: Component<{ ondone: (done: Done) => Promise<void>; oncancel: () => void }> }>;
}

export interface Resource<Row> {
  id: string;
  text: AdminKey;
  empty?: AdminKey;
  path: string;
  base?: () => Query;
  key: (row: Row) => string;
  title: (row: Row) => string;
  columns: readonly ColumnOf<Row>[];
  facts?: (row: Row) => readonly (readonly [string, string])[];
  /** Where one row is read alone, for its ETag. */
  one?: (row: Row) => string;
  acts?: readonly Act<Row>[];
  making?: Making;
  filters?: () => readonly Field[];
  query?: (values: Values) => Query | Promise<Query>;
  /** Acts on all that the filters leave over. */
  whole?: readonly Act<Values>[];
  /** Brings the rows into the order in which they are read; such lists are short and come whole. */
  arrange?: (rows: Row[]) => Row[];
  /** More about a row, below its facts. `onchanged`: the row is another now. */
  more?: () => Promise<{ default: Component<{ row: Row; onchanged?: () => void }> }>;
}

/** Lets pages of different rows stand in one list. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type AnyResource = Resource<any>;
