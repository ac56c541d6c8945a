/** What is done to whole paragraphs: where they stand between the edges, and how far in. */
import type { Editor } from '@tiptap/core';
import type { Node } from '@tiptap/pm/model';
import { declared, relook } from './looks.ts';

const STEP_PX = 28;
const MOST_PX = 10 * STEP_PX;

export type Side = 'left' | 'center' | 'right';

/** Where the paragraph at the cursor stands. */
export function sideOf(editor: Editor): Side {
  const found = declared((editor.state.selection.$from.parent.attrs.look as string | null) ?? '')['text-align'];
  return found === 'center' || found === 'right' ? found : 'left';
}

export function align(editor: Editor, side: Side): void {
  reshape(editor, (look) => relook(look, 'text-align', side === 'left' ? null : side));
}

/** In a list one level, elsewhere a step from the edge. */
export function indent(editor: Editor, further: boolean): void {
  if (editor.isActive('listItem')) {
    const chain = editor.chain().focus();
    (further ? chain.sinkListItem('listItem') : chain.liftListItem('listItem')).run();
    return;
  }
  reshape(editor, (look) => {
    const now = parseFloat(declared(look ?? '')['margin-left'] ?? '0') || 0;
    const next = Math.min(MOST_PX, Math.max(0, now + (further ? STEP_PX : -STEP_PX)));
    return relook(look, 'margin-left', next === 0 ? null : `${next}px`);
  });
}

const COLUMN_PX = 140;

/** Three by three, wide enough to write in, with the cursor in the first cell. */
export function newTable(editor: Editor): void {
  editor.chain().focus().insertTable({ rows: 3, cols: 3, withHeaderRow: false }).run();
  const { state, view } = editor;
  const { $from } = state.selection;
  const depth = Array.from({ length: $from.depth }, (_one, at) => at + 1).find(
    (at) => $from.node(at).type.name === 'table',
  );
  if (depth === undefined) return;
  const { tr } = state;
  const start = $from.start(depth);
  $from.node(depth).descendants((node, at) => {
    if (node.type.name === 'tableCell')
      tr.setNodeMarkup(start + at, undefined, { ...node.attrs, colwidth: [COLUMN_PX] });
  });
  view.dispatch(tr);
}

function reshape(editor: Editor, change: (look: string | null) => string | null): void {
  const { state, view } = editor;
  const { tr } = state;
  const each = (node: Node, at: number): void => {
    if (!node.isTextblock || node.attrs.look === undefined) return;
    tr.setNodeMarkup(at, undefined, { ...node.attrs, look: change(node.attrs.look as string | null) });
  };
  for (const { $from, $to } of state.selection.ranges) state.doc.nodesBetween($from.pos, $to.pos, each);
  view.dispatch(tr);
  view.focus();
}
