/** The open message: answers about one that was left meanwhile count for nothing. */
import { beforeEach, expect, test, vi } from 'vitest';
import { reading } from '../src/reading/reading.svelte.ts';

interface Asked {
  account: string;
  id: string;
  images: boolean;
  answer: (body: object) => Promise<void>;
  fail: (error: Error) => Promise<void>;
}
const turn = (): Promise<void> => new Promise((done) => setTimeout(done));
let asked: Asked[] = [];

const server = vi.hoisted(() => ({ mail: {}, showing: 'own', failed: () => undefined }));
vi.mock('../src/app/connection.svelte.ts', () => ({ connection: server }));
vi.mock('../src/app/listing.svelte.ts', () => ({ listing: { indexOf: () => -1, idAt: () => undefined } }));
vi.mock('../src/app/records.svelte.ts', () => ({ emailById: () => undefined }));
vi.mock('../src/app/settings.svelte.ts', () => ({ settings: { of: () => [] } }));
vi.mock('../src/actions/action.ts', () => ({ mayTo: () => false }));
vi.mock('../src/reading/pictures.ts', () => ({ showsPictures: () => false }));

function show(account: string, more: object = {}): void {
  server.showing = account;
  const render = (id: string, images: boolean): Promise<object> =>
    new Promise((resolve, reject) =>
      asked.push({
        account,
        id,
        images,
        answer: (body) => (resolve({ remoteCount: 0, ...body }), turn()),
        fail: (error) => (reject(error), turn()),
      }),
    );
  server.mail = { emails: new Map(), detail: () => Promise.resolve(), render, ...more };
}

beforeEach(() => {
  asked = [];
  show('own');
});

test('the body of a message of another account is not shown under the one that has the same id', async () => {
  void reading.open('e1');
  show('team');
  void reading.open('e1');
  await asked[1]?.answer({ html: 'of the team' });
  await asked[0]?.answer({ html: 'own' });
  expect(reading.body).toMatchObject({ html: 'of the team' });
});

test('pictures of a message that was left, and that they could not be fetched, are not told of the next', async () => {
  void reading.open('e2');
  await asked[0]?.answer({ html: 'two' });
  void reading.showImages();
  void reading.showImages();
  void reading.open('e3');
  await asked[3]?.answer({ html: 'three' });
  await asked[1]?.fail(new Error('cut'));
  await asked[2]?.answer({ html: 'two with pictures' });
  expect([reading.error, reading.images]).toEqual([null, false]);
  expect(reading.body).toMatchObject({ html: 'three' });
});

test('of the open message both are told', async () => {
  void reading.open('e4');
  await asked[0]?.answer({ html: 'four' });
  void reading.showImages();
  await asked[1]?.fail(new Error('cut'));
  expect(reading.error).toMatchObject({ message: 'cut' });
});

const ROW = { id: 'e5', threadId: 't5', keywords: { $seen: true } };
const invitation = { title: '회의' };

test('a letter comes with its conversation and its invitation: nothing is shown that would be moved later', async () => {
  let told: (answer: object) => void = () => undefined;
  const calendar = { ...ROW, attachments: [{ type: 'text/calendar' }] };
  show('own', {
    emails: new Map([['e5', ROW]]),
    detail: () => Promise.resolve(calendar),
    thread: () => Promise.resolve({ id: 't5', emailIds: ['e1', 'e5'] }),
    pipeline: { send: () => ({ result: new Promise((resolve) => (told = resolve)) }) },
  });
  void reading.open('e5');
  await asked[0]?.answer({ html: 'five' });
  expect([reading.body, reading.thread, reading.invitation]).toEqual([null, null, null]);
  told({ invitation });
  await turn();
  expect(reading.body).toMatchObject({ html: 'five' });
  expect([reading.thread, reading.invitation]).toEqual([['e1', 'e5'], invitation]);
  // It is there at once the next time, with what was answered meanwhile.
  reading.answered({ ...invitation, answer: 'accepted' } as never);
  void reading.open('e6');
  void reading.open('e5');
  expect(reading.invitation).toMatchObject({ answer: 'accepted' });
});

test('a conversation that cannot be fetched keeps no letter back', async () => {
  show('own', {
    emails: new Map([['e7', { ...ROW, attachments: [] }]]),
    thread: () => Promise.reject(new Error('cut')),
  });
  void reading.open('e7');
  await asked[0]?.answer({ html: 'seven' });
  expect(reading.body).toMatchObject({ html: 'seven' });
  expect([reading.thread, reading.error]).toEqual([[], null]);
});
