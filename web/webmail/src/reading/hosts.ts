/**
 * Names of hosts as a reader sees them: Unicode of A-labels, what was registered, scripts that no language mixes, letters
 * that pass for others. The same judgement as the server's (`formats/lookalike.py`), for the moment of the click.
 */

// Endings of two labels under which names are given out (Public Suffix List, the countries that our mail comes from).
// What is missing here makes a comparison stricter by one label.
const SECOND: Record<string, string> = {
  kr: 'co or go ac re pe ne hs ms es sc kg seoul busan daegu incheon gwangju daejeon ulsan gyeonggi jeju',
  jp: 'co or go ac ne gr ad ed lg',
  cn: 'com net org gov edu ac',
  tw: 'com net org gov edu idv',
  hk: 'com net org gov edu idv',
  uk: 'co org gov ac ltd plc me net',
  au: 'com net org gov edu id',
  in: 'co net org gov ac',
  sg: 'com net org gov edu',
  my: 'com net org gov edu',
  vn: 'com net org gov edu',
  th: 'co or go ac in',
  id: 'co or go ac web',
  br: 'com net org gov edu',
};

/** The domain that somebody registered: `innotab.co.kr` of `mail.innotab.co.kr`. */
export function registered(host: string): string {
  const labels = host.replace(/\.$/, '').split('.');
  const [before = '', last = ''] = labels.slice(-2);
  const size = labels.length > 2 && (SECOND[last] ?? '').split(' ').includes(before) ? 3 : 2;
  return labels.slice(-size).join('.');
}

/** RFC 3492 §6.2, for labels that a browser has accepted; null for what is none. */
function decode(label: string): string | null {
  const cut = label.lastIndexOf('-');
  const out = [...label.slice(0, Math.max(cut, 0))];
  let [code, bias, at, first] = [128, 72, 0, true];
  for (let from = cut + 1; from < label.length; at += 1) {
    const before = at;
    for (let weight = 1, step = 36; ; step += 36) {
      const char = label.charCodeAt(from);
      from += 1;
      const digit = char >= 97 && char <= 122 ? char - 97 : char >= 48 && char <= 57 ? char - 22 : -1;
      if (digit < 0) return null;
      at += digit * weight;
      const least = Math.min(26, Math.max(1, step - bias));
      if (digit < least) break;
      weight *= 36 - least;
      // No code point is as far as this: the numbers of a forged label end here.
      if (weight > 0x7fffffff) return null;
    }
    const length = out.length + 1;
    bias = adapt(at - before, length, first);
    first = false;
    code += Math.floor(at / length);
    if (code > 0x10ffff) return null;
    at %= length;
    out.splice(at, 0, String.fromCodePoint(code));
  }
  return out.join('');
}

function adapt(delta: number, length: number, first: boolean): number {
  let left = Math.floor(delta / (first ? 700 : 2));
  left += Math.floor(left / length);
  let steps = 0;
  for (; left > 455; steps += 36) left = Math.floor(left / 35);
  return steps + Math.floor((36 * left) / (left + 38));
}

/** A host in A-labels as people read it: `한글.한국` of `xn--bj0bj06e.xn--3e0b707e`. */
export const inUnicode = (host: string): string =>
  host
    .split('.')
    .map((label) => (label.startsWith('xn--') ? (decode(label.slice(4)) ?? label) : label))
    .join('.');

const SCRIPTS = [
  'Latin',
  'Cyrillic',
  'Greek',
  'Armenian',
  'Hangul',
  'Han',
  'Hiragana',
  'Katakana',
  'Bopomofo',
] as const;
const TESTS = SCRIPTS.map((name) => [name, new RegExp(`\\p{Script=${name}}`, 'u')] as const);
const COMMON = /\p{Script=Common}|\p{Script=Inherited}/u;
/** What languages write together: Japanese, Korean, Chinese, each with Latin (UTS #39 §5.2, highly restrictive). */
const TOGETHER = [
  ['Latin', 'Han', 'Hiragana', 'Katakana'],
  ['Latin', 'Hangul', 'Han'],
  ['Latin', 'Han', 'Bopomofo'],
];

function scriptsOf(label: string): Set<string> {
  const found = new Set<string>();
  for (const char of label)
    if (!COMMON.test(char)) found.add(TESTS.find(([, test]) => test.test(char))?.[0] ?? 'other');
  return found;
}

/** Whether a label of a host, in Unicode, mixes scripts as no language does. */
export function mixesScripts(host: string): boolean {
  return host.split('.').some((label) => {
    const scripts = [...scriptsOf(label)];
    return scripts.length > 1 && !TOGETHER.some((allowed) => scripts.every((each) => allowed.includes(each)));
  });
}

// Letters of other scripts that nobody tells from the Latin ones.
const LOOKS: Record<string, string> = Object.fromEntries(
  [
    ['a', 'аαɑ'],
    ['b', 'Ььƅ'],
    ['c', 'сϲ'],
    ['d', 'ԁɗ'],
    ['e', 'еҽ'],
    ['g', 'ɡց'],
    ['h', 'һհ'],
    ['i', 'іıι'],
    ['j', 'јϳ'],
    ['k', 'кκ'],
    ['l', 'ӏ'],
    ['m', 'м'],
    ['n', 'ոп'],
    ['o', 'оοօ'],
    ['p', 'рρ'],
    ['q', 'ԛ'],
    ['r', 'г'],
    ['s', 'ѕ'],
    ['t', 'т'],
    ['u', 'υս'],
    ['v', 'ѵν'],
    ['w', 'ѡԝ'],
    ['x', 'хχ'],
    ['y', 'уү'],
    ['z', 'ᴢ'],
  ].flatMap(([letter = '', looks = '']) => [...looks].map((look) => [look, letter])),
);

/**
 * The Latin name that a host of another script passes for; null when it passes for none. Under an ending of its own
 * script (`.рф`) a name is what it is.
 */
export function passesFor(host: string): string | null {
  const labels = host.split('.');
  const last = labels.at(-1) ?? '';
  if (/\p{Script=Cyrillic}|\p{Script=Greek}|\p{Script=Armenian}/u.test(last)) return null;
  let found = false;
  const latin = labels.map((label) => {
    const read = [...label].map((char) => LOOKS[char] ?? char).join('');
    const passes = read !== label && /^[\p{ASCII}]+$/u.test(read);
    found ||= passes;
    return passes ? read : label;
  });
  return found ? latin.join('.') : null;
}
