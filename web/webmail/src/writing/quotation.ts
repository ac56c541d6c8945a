/**
 * A quotation inside the editor: the line above it, and the quoted letter as text. Enter in it makes room for an answer
 * at that place, as people who answer point by point expect.
 */
import { Extension, mergeAttributes, Node } from '@tiptap/core';
import type { Editor } from '@tiptap/core';
import Blockquote from '@tiptap/extension-blockquote';
import type { Node as Piece, ResolvedPos } from '@tiptap/pm/model';
import { Plugin, TextSelection, type Transaction } from '@tiptap/pm/state';
import { Decoration, DecorationSet } from '@tiptap/pm/view';
import { HEAD_CLASS } from './quoting.ts';

export const isQuoted = (node: Piece | null | undefined): boolean =>
  node?.type.name === 'blockquote' && node.attrs.cite === true;

/** What somebody quotes by hand is none: only what other programs mark as the letter that is answered. */
export const Quoted = Blockquote.extend({
  addAttributes: () => ({
    cite: {
      default: false,
      parseHTML: (element: HTMLElement) => element.getAttribute('type') === 'cite',
      renderHTML: ({ cite }: Record<string, unknown>) => (cite ? { type: 'cite' } : {}),
    },
  }),
});

export const QuoteHead = Node.create({
  name: 'quoteHead',
  group: 'block',
  content: 'inline*',
  parseHTML: () => [{ tag: `p.${HEAD_CLASS}`, priority: 60 }],
  renderHTML: ({ HTMLAttributes }) => [
    'p',
    mergeAttributes(HTMLAttributes, { class: HEAD_CLASS, style: 'margin:0' }),
    0,
  ],
});

/** `slot` stands above the quotation: the signature, and what folds the quotation. */
export function quoteKeys(slot: HTMLElement): Extension {
  return Extension.create({
    name: 'quoteKeys',
    priority: 1100,
    addKeyboardShortcuts() {
      return {
        Enter: ({ editor }) => answerHere(editor),
        Backspace: ({ editor }) => joinAround(editor),
      };
    },
    addProseMirrorPlugins: () => [
      new Plugin({
        props: {
          decorations: ({ doc }) => {
            const at = startOf(doc);
            const aside = { side: -1, key: 'slot', ignoreSelection: true, stopEvent: () => true };
            return at === null ? null : DecorationSet.create(doc, [Decoration.widget(at, slot, aside)]);
          },
        },
      }),
    ],
  });
}

/** Where the head of the quotation or, without one, the quotation itself stands; null when there is none. */
export function startOf(doc: Piece): number | null {
  let found: number | null = null;
  doc.forEach((child, at) => {
    if (found === null && child.type.name === 'quoteHead') found = at;
  });
  return found;
}

function quoteAround($at: ResolvedPos): number | null {
  for (let depth = 1; depth < $at.depth; depth += 1) {
    if ($at.node(depth).type.spec.tableRole) return null;
    if (isQuoted($at.node(depth))) return depth;
  }
  return null;
}

/** Parts the quotation at the cursor, and puts the cursor into a line of the writer's own between the parts. */
function answerHere(editor: Editor): boolean {
  const { state, view } = editor;
  const { $from, empty } = state.selection;
  const depth = quoteAround($from);
  if (!empty || depth === null || !$from.parent.isTextblock) return false;
  const { tr } = state;
  // A break of the line beside the cursor becomes the gap itself.
  if ($from.nodeAfter?.type.name === 'hardBreak') tr.delete($from.pos, $from.pos + 1);
  else if ($from.nodeBefore?.type.name === 'hardBreak') tr.delete($from.pos - 1, $from.pos);
  const $at = tr.doc.resolve(tr.mapping.map($from.pos));
  const levels = $at.depth - depth + 1;
  const gap = $at.pos + levels;
  tr.split($at.pos, levels);
  const paragraph = state.schema.nodes['paragraph']?.create();
  if (!paragraph) return false;
  tr.insert(gap, paragraph);
  const marks = tr.mapping.maps.length;
  countOn(tr, $at, depth, gap + paragraph.nodeSize);
  prune(tr, gap + paragraph.nodeSize + levels, depth);
  prune(tr, tr.mapping.slice(marks).map(gap, -1) - levels, depth);
  const place = tr.mapping.slice(marks).map(gap + 1);
  view.dispatch(tr.setSelection(TextSelection.create(tr.doc, place)).scrollIntoView());
  return true;
}

/** Numbered lines go on counting below the answer. */
function countOn(tr: Transaction, $at: ResolvedPos, depth: number, part: number): void {
  for (let at = depth; at < $at.depth; at += 1) {
    const list = $at.node(at);
    if (list.type.name !== 'orderedList') continue;
    const start = (list.attrs.start as number) + $at.index(at) + ($at.parentOffset === 0 ? 0 : 1);
    tr.setNodeMarkup(part + (at - depth), undefined, { ...list.attrs, start });
  }
}

/** What the cut left empty goes. */
function prune(tr: Transaction, inside: number, depth: number): void {
  let $at = tr.doc.resolve(inside);
  while ($at.depth >= depth && $at.parent.content.size === 0) {
    const from = $at.before();
    tr.delete(from, $at.after());
    $at = tr.doc.resolve(from);
  }
}

/** An answer that is taken away again leaves the quotation in one piece. */
function joinAround(editor: Editor): boolean {
  const { state, view } = editor;
  const { $from, empty } = state.selection;
  if (!empty || $from.depth !== 1 || $from.parent.content.size > 0) return false;
  const at = $from.index(0);
  const { doc, tr } = state;
  if (at === 0 || !isQuoted(doc.child(at - 1)) || !isQuoted(doc.maybeChild(at + 1))) return false;
  const place = $from.before();
  tr.delete(place, $from.after()).join(place);
  view.dispatch(tr.setSelection(TextSelection.near(tr.doc.resolve(place), -1)).scrollIntoView());
  return true;
}
