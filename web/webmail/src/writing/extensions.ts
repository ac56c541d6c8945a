/**
 * What a letter may be made of. Looks come in under `data-style` (see body/clean.ts), because parsing a style attribute is
 * a violation of our CSP; they go out through CSSOM, which is none.
 */
import { type AnyExtension, Extension, Mark, mergeAttributes } from '@tiptap/core';
import Image from '@tiptap/extension-image';
import { Table, TableCell, TableHeader, TableRow } from '@tiptap/extension-table';
import StarterKit from '@tiptap/starter-kit';
import { CARRIER, CELL, look, soberLook } from './looks.ts';
import { Quoted, QuoteHead, quoteKeys } from './quotation.ts';

const CELLS = ['tableCell', 'tableHeader'];
const BLOCKS = ['paragraph', 'heading', 'listItem', 'bulletList', 'orderedList', 'blockquote', 'tableRow'];
const CHARACTER = ['color', 'background-color', 'font-size', 'font-family'] as const;

/** Colour, marker, size and face of characters. */
const Looks = Mark.create({
  name: 'look',
  addAttributes: () =>
    Object.fromEntries(
      CHARACTER.map((name) => [
        name,
        {
          default: null,
          parseHTML: (element: HTMLElement) => look(element)[name] ?? fontAttribute(element, name),
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
    { types: BLOCKS, attributes: { look: blockLook(null) } },
    // Of cells that came from elsewhere, those without lines stay without.
    { types: CELLS, attributes: { look: blockLook(CELL) } },
    // The library's view of a table takes its looks by this name.
    { types: ['table'], attributes: { style: blockLook(null, 'style') } },
  ],
});

function blockLook(usual: string | null, name = 'look'): object {
  return {
    default: usual,
    parseHTML: (element: HTMLElement) =>
      soberLook({ ...attributes(element), ...look(element) }) || (usual === null ? null : ''),
    renderHTML: ({ [name]: own }: Record<string, unknown>) => (own ? { style: String(own) } : {}),
  };
}

/** Looks that are attributes of their own in older markup. */
function attributes(element: HTMLElement): Record<string, string> {
  const found: Record<string, string> = {};
  const take = (name: string, attribute: string, unit = ''): void => {
    const value = element.getAttribute(attribute);
    if (value) found[name] = unit && /^\d+$/.test(value) ? value + unit : value;
  };
  if (element.tagName !== 'TABLE') take('text-align', 'align');
  take('background-color', 'bgcolor');
  if (/^T[ADH]/.test(element.tagName)) take('width', 'width', 'px');
  return found;
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

/** `slot`: what stands above the quotation. */
export function letterExtensions(slot: HTMLElement): AnyExtension[] {
  return [
    StarterKit.configure({ blockquote: false, codeBlock: false, code: false, link: { openOnClick: false } }),
    Quoted,
    QuoteHead,
    quoteKeys(slot),
    Looks,
    BlockLooks,
    Picture,
    Table.configure({ resizable: true, HTMLAttributes: { style: 'border-collapse:collapse' } }),
    TableRow,
    TableCell,
    TableHeader,
  ];
}
