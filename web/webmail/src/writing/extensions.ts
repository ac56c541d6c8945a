/**
 * What a letter may be made of. Looks come in under `data-style` (see body/clean.ts), because parsing a style attribute is
 * a violation of our CSP; they go out through CSSOM, which is none.
 */
import { type AnyExtension, Extension, Mark, mergeAttributes } from '@tiptap/core';
import Image from '@tiptap/extension-image';
import { Table, TableCell, TableHeader, TableRow } from '@tiptap/extension-table';
import StarterKit from '@tiptap/starter-kit';

const CARRIER = 'data-style';
/** Other programs draw a table without lines unless each cell says so. */
const CELL = 'border:1px solid #b8bcc4;padding:4px 8px';
const BLOCKS = ['paragraph', 'heading', 'listItem', 'table', 'tableRow', 'tableCell', 'tableHeader'];
const CHARACTER = ['color', 'background-color', 'font-size', 'font-family'] as const;

export type Look = Record<(typeof CHARACTER)[number], string | null>;

function declared(element: HTMLElement, name: string): string | null {
  const carried = (element.getAttribute(CARRIER) ?? '').split(';').map((each) => each.split(':'));
  return carried.findLast(([key]) => key?.trim() === name)?.[1]?.trim() ?? null;
}

/** Colour, marker, size and face of characters. */
const Looks = Mark.create({
  name: 'look',
  addAttributes: () =>
    Object.fromEntries(
      CHARACTER.map((name) => [
        name,
        {
          default: null,
          parseHTML: (element: HTMLElement) => declared(element, name) ?? fontAttribute(element, name),
          renderHTML: (attributes: Record<string, unknown>) =>
            attributes[name] ? { style: `${name}:${String(attributes[name])}` } : {},
        },
      ]),
    ),
  parseHTML: () => [
    { tag: `span[${CARRIER}]`, consuming: false },
    { tag: 'font', consuming: false },
  ],
  renderHTML: ({ HTMLAttributes }) => ['span', mergeAttributes(HTMLAttributes), 0],
});

function fontAttribute(element: HTMLElement, name: string): string | null {
  if (element.tagName !== 'FONT') return null;
  return name === 'color'
    ? element.getAttribute('color')
    : name === 'font-family'
      ? element.getAttribute('face')
      : null;
}

/** What a paragraph or a cell looks like, as it came: alignment, lines, fills. */
const BlockLooks = Extension.create({
  name: 'blockLooks',
  addGlobalAttributes: () => [
    {
      types: BLOCKS,
      attributes: {
        look: {
          default: null,
          parseHTML: (element: HTMLElement) => element.getAttribute(CARRIER) ?? alignment(element),
          renderHTML: ({ look }: Record<string, unknown>) => (look ? { style: String(look) } : {}),
        },
      },
    },
  ],
});

function alignment(element: HTMLElement): string | null {
  const given = [
    ['text-align', element.getAttribute('align')],
    ['background-color', element.getAttribute('bgcolor')],
  ].filter(([, value]) => value !== null);
  return given.length > 0 ? given.map(([name, value]) => `${name}:${value}`).join(';') : null;
}

const Picture = Image.extend({
  addAttributes() {
    return { ...this.parent?.(), 'data-cid': { default: null } };
  },
}).configure({
  allowBase64: true,
  resize: {
    enabled: true,
    directions: ['top-left', 'top-right', 'bottom-left', 'bottom-right'],
    minWidth: 24,
    minHeight: 24,
    alwaysPreserveAspectRatio: true,
  },
});

export function letterExtensions(): AnyExtension[] {
  const cell = { HTMLAttributes: { style: CELL } };
  return [
    StarterKit.configure({ codeBlock: false, code: false, link: { openOnClick: false } }),
    Looks,
    BlockLooks,
    Picture,
    Table.configure({ resizable: false, HTMLAttributes: { style: 'border-collapse:collapse' } }),
    TableRow,
    TableCell.configure(cell),
    TableHeader.configure(cell),
  ];
}
