/** What the converter of the guides makes of their Markdown, and what it refuses. */
import { describe, expect, it } from 'vitest';
import { anchorOf, convert } from '../../tools/guide/markdown.ts';

const targets = {
  link: (target: string) => (target.startsWith('none') ? null : `/to/${target}`),
  picture: (target: string) => (target === 'later.png' ? null : { src: `/p/${target}`, width: 4, height: 3 }),
};
const inside = (source: string): string => convert(`# T\n\n${source}`, targets).html.replace('<h1>T</h1>\n', '');

describe('what chapters hold', () => {
  it.each([
    ['한 줄\n이어지는 줄', '<p>한 줄 이어지는 줄</p>'],
    ['**굵게**를 *기울여* 씁니다', '<p><strong>굵게</strong>를 <em>기울여</em> 씁니다</p>'],
    ['`a **b** <c>` & <d>', '<p><code>a **b** &lt;c&gt;</code> &amp; &lt;d&gt;</p>'],
    ['- 하나\n  이어서\n- 둘', '<ul><li>하나 이어서</li><li>둘</li></ul>'],
    ['앞\n- 하나', '<p>앞</p>\n<ul><li>하나</li></ul>'],
    ['1. 하나\n2. 둘', '<ol><li>하나</li><li>둘</li></ol>'],
    ['```toml\n[a]  # <b>\n\n# c\n```\n뒤', '<pre tabindex="0"><code>[a]  # &lt;b&gt;\n\n# c</code></pre>\n<p>뒤</p>'],
    ['    ./smartmail run', '<pre tabindex="0"><code>./smartmail run</code></pre>'],
    ['[읽기](a.md#b) [밖](none)', '<p><a href="/to/a.md#b">읽기</a> 밖</p>'],
    [
      '![그림 "하나"](a.png)',
      '<p class="picture"><a href="/p/a.png"><img src="/p/a.png" alt="그림 &quot;하나&quot;" width="4" height="3" loading="lazy"></a></p>',
    ],
    ['![그림](later.png)', '<p class="picture"></p>'],
  ])('%j', (source, html) => expect(inside(source)).toBe(html));

  it('tables, with bars inside code', () => {
    const html = inside('| a | b |\n|---|:--:|\n| `x|y` | **z** |');
    expect(html).toContain('<th scope="col">a</th><th scope="col">b</th>');
    expect(html).toContain('<td><code>x|y</code></td><td><strong>z</strong></td>');
  });

  it('sections, which have anchors and other names', () => {
    const chapter = convert('# 제목\n## 2차 인증\n### `a` (b)\n', targets, ['second-factor', 'x']);
    expect(chapter.title).toBe('제목');
    expect(chapter.anchors).toEqual(['2차-인증', 'second-factor', 'a-b', 'x']);
    expect(chapter.html).toContain('<h2 id="2차-인증"><span id="second-factor"></span>2차 인증</h2>');
  });
});

it('anchors are those of code hosts', () => {
  expect(anchorOf('S/MIME signatures')).toBe('smime-signatures');
  expect(anchorOf('Reports, and `logs` (all)')).toBe('reports-and-logs-all');
});

describe('what is refused, so that nothing is shown otherwise than meant', () => {
  it.each([
    ['> 인용'],
    ['* 하나'],
    ['- 하나\n  - 안에'],
    ['<b>굵게</b>'],
    ['#### 깊은 제목'],
    ['```\n끝이 없음'],
    ['**끝이 없음'],
    ['[`코드`](a.md)'],
    ['[두\\]](a.md)'],
    ['`끝이 없음'],
    ['| a | b |\n| c | d |'],
    ['| a | b |\n|---|---|\n| c |'],
    ['## 같은\n## 같은'],
  ])('%j', (source) => expect(() => inside(source)).toThrow());

  it('a chapter without a title, or with two', () => {
    expect(() => convert('글', targets)).toThrow();
    expect(() => convert('# 하나\n# 둘', targets)).toThrow();
  });
});
