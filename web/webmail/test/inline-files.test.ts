import { filesOf } from '@smartmail/jmap/files.ts';
import type { BodyPart } from '@smartmail/jmap/types.ts';
import { expect, test } from 'vitest';

const part = (name: string, told: Partial<BodyPart>): BodyPart => ({
  partId: '1',
  blobId: 'b',
  size: 1,
  name,
  type: 'image/png',
  disposition: 'inline',
  cid: 'x@b',
  ...told,
});
const names = (...attachments: BodyPart[]): (string | null)[] => filesOf({ attachments }).map(({ name }) => name);

test('inline parts with a Content-ID are files unless the shown HTML has a place for them', () => {
  expect(names(part('scan.pdf', { isEmbedded: false }), part('logo.png', { isEmbedded: true }))).toEqual(['scan.pdf']);
  expect(names(part('a.png', { isEmbedded: false, disposition: null }))).toEqual(['a.png']);
});

test('what a device kept before is judged by what its sender said', () => {
  expect(names(part('logo.png', {}), part('a.png', { cid: null }), part('b.png', { disposition: null }))).toEqual([
    'a.png',
    'b.png',
  ]);
});
