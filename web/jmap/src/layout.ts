/** What a document looks like: the server's formats/layout/model.py, as it comes over the wire. */

export interface Run {
  text: string;
  bold?: boolean;
  italic?: boolean;
  underline?: boolean;
  strike?: boolean;
  /** Six hexadecimal digits. */
  color?: string;
  back?: string;
  /** Points. */
  size?: number;
  script?: 'super' | 'sub';
}

export interface Paragraph {
  is: 'p';
  runs?: Run[];
  align?: 'left' | 'center' | 'right' | 'justify';
  heading?: number;
  marker?: string;
  indent?: number;
}

export interface Picture {
  is: 'picture';
  /** Its place among the pictures, -1 for one that is not shown. */
  at: number;
  /** Points; 0 where nothing tells. */
  width?: number;
  height?: number;
}

export interface Cell {
  blocks?: Block[];
  columns?: number;
  rows?: number;
  fill?: string;
}

export interface Table {
  is: 'table';
  rows?: Cell[][];
  widths?: number[];
}

/** A chart: points as x and y by turns, words at their places, all in points of the drawing. */
export interface Drawing {
  is: 'drawing';
  width: number;
  height: number;
  name?: string;
  figures?: { points: number[]; color: string; filled?: boolean }[];
  labels?: { x: number; y: number; text: string; anchor?: 'middle' | 'end' }[];
}

export type Block = Paragraph | Picture | Table | Drawing;

/** Shares of a slide's width and height. */
export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
  blocks?: Block[];
  fill?: string;
  anchor?: 'middle' | 'bottom';
}

export interface LayoutPage {
  name?: string;
  blocks?: Block[];
  boxes?: Box[];
  /** Points; of slides. */
  width?: number;
  height?: number;
  back?: string;
}

export interface InnerFile {
  name: string;
  size?: number;
  readable?: boolean;
}

export interface Layout {
  kind: 'document' | 'sheets' | 'slides' | 'mail' | 'archive';
  pages?: LayoutPage[];
  /** Octets in base64. */
  pictures?: { type: string; octets: string }[];
  heads?: { field: 'subject' | 'from' | 'to' | 'cc' | 'date'; text: string }[];
  files?: InnerFile[];
  complete?: boolean;
  problem?: string;
}

/** A file that is looked at: one of a message, or by `inside` one in it, by numbers with dots between. */
export interface LookedAt {
  blobId: string;
  name: string;
  type: string;
  inside?: string;
}
