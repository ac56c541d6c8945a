/**
 * How anything has a letter written: by what is fetched ahead, or now. The feature that writes stands above this floor:
 * the screens say where it is fetched from (`provideWriting`).
 */
import type { ReplyKind } from '@smartmail/jmap/reply.ts';
import type { Id } from '@smartmail/jmap/types.ts';
import type { DraftStart } from './draft-start.ts';
import { lazyAction } from './lazy-action.ts';

/** Each is fetched when it is first wanted. */
export interface Writing {
  composing(): Promise<{ composing: { open(start: Partial<DraftStart>): unknown } }>;
  answering(): Promise<{
    answer(id: Id, kind: ReplyKind): Promise<void>;
    continueDraft(id: Id): Promise<void>;
    sendAgain(id: Id): Promise<void>;
  }>;
  teamDrafts(): Promise<{ continueTeamDraft(accountId: Id, id: Id): Promise<void> }>;
}

let writing: Writing | null = null;

export function provideWriting(by: Writing): void {
  writing = by;
}

function provided(): Writing {
  if (!writing) throw new Error('no screen has called provideWriting');
  return writing;
}

/** Opens a window. */
export async function writeLetter(start: Partial<DraftStart> = {}): Promise<void> {
  (await lazyAction(provided().composing()))?.composing.open(start);
}

export async function answer(id: Id, kind: ReplyKind): Promise<void> {
  await (await lazyAction(provided().answering()))?.answer(id, kind);
}

export async function continueDraft(id: Id): Promise<void> {
  await (await lazyAction(provided().answering()))?.continueDraft(id);
}

export async function sendAgain(id: Id): Promise<void> {
  await (await lazyAction(provided().answering()))?.sendAgain(id);
}

/** Of an account that several people write for. */
export async function continueTeamDraft(accountId: Id, id: Id): Promise<void> {
  await (await lazyAction(provided().teamDrafts()))?.continueTeamDraft(accountId, id);
}
