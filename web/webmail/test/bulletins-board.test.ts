import { beforeEach, describe, expect, it, vi } from 'vitest';
import { board } from '../src/bulletins/board.svelte.ts';
import type { Bulletin } from '../src/bulletins/words.ts';

// The real one begins with what the browser keeps.
const server = vi.hoisted(() => ({ account: {}, failed: () => undefined }));
vi.mock('../src/app/connection.svelte.ts', () => ({ connection: server }));

const bulletin: Bulletin = {
  id: 'b', title: '공지', body: '', placeLevel: 'organization', placeName: '한빛', shownFrom: '', shownUntil: '',
  isPinned: true, isPopup: true, mustRead: true, isPopped: false, isClosed: false, readAt: null,
}; // prettier-ignore

/** A server that answers when it is told to: the questions that wait, with how to answer each. */
interface Asked {
  method: string;
  answer: (list: Bulletin[]) => Promise<void>;
}
let asked: Asked[] = [];

beforeEach(() => {
  asked = [];
  board.list = null;
  const send = (method: string): { result: Promise<unknown> } => {
    let resolve: (told: unknown) => void = () => undefined;
    const result = new Promise<unknown>((done) => (resolve = done));
    const answer = async (list: Bulletin[]): Promise<void> => {
      resolve({ list });
      await new Promise((done) => setTimeout(done));
    };
    asked.push({ method, answer });
    return { result };
  };
  server.account = { pipeline: { send } };
});

describe('the board', () => {
  it('keeps the newest answer, whichever comes last', async () => {
    void board.load();
    void board.load();
    await asked[1]?.answer([bulletin]);
    await asked[0]?.answer([]);
    expect(board.list).toEqual([bulletin]);
  });

  it('is not set back by an answer from before a mark, and asks anew after it', async () => {
    board.list = [bulletin];
    void board.load();
    void board.say('b', 'isPopped');
    await asked[0]?.answer([bulletin]);
    expect(board.list.map((one) => one.isPopped)).toEqual([true]);
    await asked[1]?.answer([]);
    expect(asked.map(({ method }) => method)).toEqual(['Bulletin/get', 'Bulletin/set', 'Bulletin/get']);
    await asked[2]?.answer([{ ...bulletin, isPopped: true, isClosed: true }]);
    expect(board.list.map((one) => one.isClosed)).toEqual([true]);
  });
});
