/** What a file is shown as, where a file inside one is asked for, and ink on coloured paper. */
import { describe, expect, it } from 'vitest';
import { NetworkClient } from '@smartmail/jmap/network.ts';
import { kindOf } from '../src/preview/kinds.ts';
import { colour, inkOn } from '../src/preview/paper.ts';

describe('kinds of files', () => {
  it.each([
    ['견적.DOCX', 'application/octet-stream', 'document'],
    ['회의록.hwp', 'application/octet-stream', 'document'],
    ['회신.msg', 'application/octet-stream', 'document'],
    ['winmail.dat', 'application/ms-tnef', 'document'],
    ['묶음.zip', 'application/zip', 'document'],
    ['공문.odt', 'application/octet-stream', 'document'],
    ['서식.ots', 'application/octet-stream', 'document'],
    [null, 'application/vnd.oasis.opendocument.text', 'document'],
    ['편지.rtf', 'text/rtf', 'document'],
    ['옛표.xls', 'application/vnd.ms-excel', 'document'],
    ['옛글.doc', 'application/msword', 'document'],
    ['옛발표.ppt', 'application/vnd.ms-powerpoint', 'document'],
    ['표.csv', 'text/csv', 'text'],
    ['사진.jpg', 'application/octet-stream', 'picture'],
    ['a.pdf', 'application/octet-stream', 'pdf'],
    ['a.exe', 'application/octet-stream', 'none'],
    [null, 'message/rfc822', 'document'],
  ])('%s of %s is %s', (name, type, kind) => {
    expect(kindOf({ name, type })).toBe(kind);
  });
});

describe('colours of documents', () => {
  it('are six digits or none', () => {
    expect(colour('c00000')).toBe('#c00000');
    for (const wrong of ['', 'red', 'url(x)', 'C00000', 'c000000', undefined]) expect(colour(wrong)).toBeUndefined();
  });
  it('leave words readable on a ground that names no ink', () => {
    expect(inkOn('1f4e79')).toBe('#ffffff');
    expect(inkOn('ddebf7')).toBe('#000000');
    expect(inkOn('4f81bd')).toBe('#000000');
    expect(inkOn(undefined)).toBeUndefined();
  });
});

describe('a file inside a file', () => {
  it('is asked for by the file around it and its numbers', () => {
    const file = { blobId: 'b1', name: '묶음 1.zip', type: 'application/zip', inside: '0.2' };
    expect(new NetworkClient().innerUrl('a1', file)).toBe(
      `/jmap/preview/a1/b1/${encodeURIComponent('묶음 1.zip')}?accept=application%2Fzip&inside=0.2&save=1`,
    );
  });
});
