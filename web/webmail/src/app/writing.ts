/** How the first page has a letter written: by what is fetched ahead, or now. */
import type { ReplyKind } from '@smartmail/jmap/reply.ts';
import type { Id } from '@smartmail/jmap/types.ts';
import type * as Answering from './answering.ts';
import { lazyAction } from './lazy-action.ts';
import type { DraftStart } from './draft.svelte.ts';

const answering = (): Promise<typeof Answering | null> => lazyAction(import('./answering.ts'));

/** Opens a window. */
export async function write(start: Partial<DraftStart> = {}): Promise<void> {
  (await lazyAction(import('./composing.svelte.ts')))?.composing.open(start);
}

export async function answer(id: Id, kind: ReplyKind): Promise<void> {
  await (await answering())?.answer(id, kind);
}

export async function continueDraft(id: Id): Promise<void> {
  await (await answering())?.continueDraft(id);
}

export async function sendAgain(id: Id): Promise<void> {
  await (await answering())?.sendAgain(id);
}
