/**
 * Markup as what the editor holds. TipTap's own way hands strings to the browser's parser, which the page's policy
 * forbids: it gets trees.
 */
import { DOMParser, type Fragment, type Node as Piece, type Schema } from '@tiptap/pm/model';
import { inert } from '../body/inert.ts';

/** A whole letter. */
export function letterOf(markup: string, schema: Schema): Piece {
  return DOMParser.fromSchema(schema).parse(dense(inert(markup).body));
}

/** A part of one, white space as it is. */
export function partOf(markup: string, schema: Schema): Fragment {
  return DOMParser.fromSchema(schema).parseSlice(dense(inert(markup).body), { preserveWhitespace: 'full' }).content;
}

/** Without the breaks and indents that stand between elements for those who read the source. */
function dense<T extends Node>(tree: T): T {
  for (const child of [...tree.childNodes])
    if (child instanceof Text && /^(?:\n\s\s|\n)$/.test(child.data)) child.remove();
    else dense(child);
  return tree;
}
