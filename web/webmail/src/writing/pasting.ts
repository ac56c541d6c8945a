/** What is pasted or dropped into a letter: tables and looks of Excel, Word and HWP stay, pictures go along with it. */
import type { Editor } from '@tiptap/core';
import { Slice } from '@tiptap/pm/model';
import type { EditorView } from '@tiptap/pm/view';
import type { Draft } from './draft.svelte.ts';
import { isPicture } from './file-destination.ts';
import { pastable } from './quotable.ts';

/** Wider pictures begin at this width; the person may draw them larger. */
const WIDEST = 600;
const TEXT_OR_TABLE = /<table|<\/p>|<\/li>/i;

export function pastedHtml(html: string): string {
  // Pictures of other places would tell them who reads; those of a file on somebody's disk cannot be had.
  return pastable(html, (address) => (address.startsWith('data:image/') ? { src: address, cid: null } : null));
}

/** Into an empty line what is pasted comes whole: its first paragraph keeps its own edge and indent. */
export function wholeInto(view: EditorView, slice: Slice): Slice {
  const { $from, empty } = view.state.selection;
  const first = slice.content.firstChild;
  const shaped = (first?.isTextblock && first.attrs.look !== null) || slice.content.childCount > 1;
  if (!empty || $from.parent.content.size > 0 || slice.openStart === 0 || !shaped) return slice;
  return new Slice(slice.content, 0, 0);
}

/** True when the clipboard was pictures and they are on their way in. */
export function takePictures(editor: Editor, draft: Draft, data: DataTransfer | null, at?: number): boolean {
  const pictures = [...(data?.files ?? [])].filter(isPicture);
  // Excel and Word bring a picture of what was copied as well: the table itself is worth more.
  if (pictures.length === 0 || TEXT_OR_TABLE.test(data?.getData('text/html') ?? '')) return false;
  for (const file of pictures) void placePicture(editor, draft, file, at);
  return true;
}

export async function placePicture(editor: Editor, draft: Draft, file: File, at?: number): Promise<void> {
  const { src, cid } = draft.embed(file);
  const size = await sizeOf(src);
  const node = { type: 'image', attrs: { src, alt: file.name, 'data-cid': cid, ...size } };
  const place = at ?? editor.state.selection.to;
  editor.chain().focus().insertContentAt(Math.min(place, editor.state.doc.content.size), node).run();
}

/** Pictures that came as data with pasted markup go up like others. */
export function liftData(editor: Editor, draft: Draft): void {
  editor.state.doc.descendants((node, at) => {
    const src = node.attrs.src as string | undefined;
    if (node.type.name !== 'image' || node.attrs['data-cid'] || !src?.startsWith('data:image/')) return;
    const file = fileOf(src);
    if (!file) return;
    const { cid } = draft.embed(file);
    editor.view.dispatch(editor.state.tr.setNodeAttribute(at, 'data-cid', cid));
  });
}

function fileOf(data: string): File | null {
  const [, type = '', body = ''] = /^data:(image\/[a-z+.-]+);base64,(.*)$/s.exec(data) ?? [];
  if (body === '') return null;
  const octets = Uint8Array.from(atob(body), (char) => char.charCodeAt(0));
  return new File([octets], `image.${type.slice(6).replace(/\+.*/, '')}`, { type });
}

async function sizeOf(src: string): Promise<{ width?: number; height?: number }> {
  const image = new Image();
  image.src = src;
  try {
    await image.decode();
  } catch {
    return {};
  }
  const share = Math.min(1, WIDEST / image.naturalWidth);
  return { width: Math.round(image.naturalWidth * share), height: Math.round(image.naturalHeight * share) };
}
