import { expect, test } from 'vitest';
import { faceOf, FACES, firstName, pointsOf } from '../src/writing/faces.ts';
import { carried, declared, relook, soberLook } from '../src/writing/looks.ts';
import { aboveQuote, headMarkup, ownWords, richOf, withTail, withTextTail } from '../src/writing/quoting.ts';

const HEAD = '2026. 12. 1., 서지안 <a@b.kr> 작성:';

test('a signature stands above the quotation, once with an empty line', () => {
  const html = `<p>네</p>${headMarkup(HEAD)}<blockquote type="cite"><p>언제?</p></blockquote>`;
  const signed = withTail(html, '<div class="signature">민지</div>');
  expect(signed.indexOf('민지')).toBeLessThan(signed.indexOf('작성:'));
  expect(signed).toContain('<p style="margin:0"><br></p><p class="quote-head">');
  // A draft that is stored again and again does not grow.
  const once = withTail(html, '');
  expect(withTail(once, '')).toBe(once);
  expect(aboveQuote(html)).toBe('<p>네</p>');
  expect(withTail('<p>네</p>', '<p>서명</p>')).toBe('<p>네</p><p>서명</p>');
});

test('in plain text too', () => {
  const text = `네\n\n${HEAD}\n> 언제?`;
  expect(withTextTail(text, HEAD, '\n\n-- \n민지')).toBe(`네\n\n-- \n민지\n\n${HEAD}\n> 언제?`);
  expect(withTextTail('네', '', '\n\n-- \n민지')).toBe('네\n\n-- \n민지');
});

test('what others wrote is not taken for the words of the writer', () => {
  expect(ownWords(`네\n\n${HEAD}\n> 첨부했습니다\n4주로\n>> 더 오래된`, HEAD, false)).toMatch(/^네\n+4주로$/);
  expect(ownWords('전달합니다\n\n-- 원본 --\n첨부했습니다', '-- 원본 --', true)).toBe('전달합니다');
  expect(ownWords('그대로', '', false)).toBe('그대로');
});

test('a plain answer becomes a rich one with its quotations', () => {
  expect(richOf(`네\n\n${HEAD}\n> 하나\n>> 둘\n셋`, HEAD)).toBe(
    `<p>네</p><p></p>${headMarkup(HEAD)}<blockquote type="cite"><p>하나</p><blockquote type="cite"><p>둘</p></blockquote></blockquote><p>셋</p>`,
  );
  expect(richOf('<b>', '')).toBe('<p>&lt;b&gt;</p>');
});

test('looks keep to their line: nothing lies over others', () => {
  expect(soberLook(declared('color:red;position:fixed;margin-top:-500px;float:left;padding:2px'))).toBe(
    'color:red;padding:2px',
  );
  expect(relook('color:red', 'text-align', 'right')).toBe('color:red;text-align:right');
  expect(relook('text-align:right', 'text-align', null)).toBeNull();
  expect(carried('<p style="color:red">a style="x"</p>')).toBe('<p data-style="color:red">a style="x"</p>');
});

test('faces and sizes are known whatever program names them', () => {
  expect(faceOf('"Malgun Gothic", sans-serif')?.name).toBe('malgun');
  expect(faceOf('맑은 고딕')?.name).toBe('malgun');
  expect(faceOf('함초롬바탕')).toBeUndefined();
  expect(new Set(FACES.map(({ family }) => firstName(family))).size).toBe(FACES.length);
  expect([pointsOf('10pt'), pointsOf('14px'), pointsOf('1em'), pointsOf('large')]).toEqual([10, 10.5, 10, null]);
});
