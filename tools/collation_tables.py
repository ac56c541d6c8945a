"""Writes src/smartmail/formats/collation_tables.py: the orders of Han characters that CLDR has for four languages, as the
ICU that is built into node knows them.

usage: python tools/collation_tables.py NODE > src/smartmail/formats/collation_tables.py
"""

import json
import subprocess
import sys

HEAD = '''"""Orders of Han characters: Korean readings, JIS, pinyin, strokes.

Made by tools/collation_tables.py from the Unicode Common Locale Data Repository (CLDR {cldr}, out of ICU {icu}); copyright
Unicode, Inc., Unicode License v3; changed: selected and packed. Do not edit.
"""

'''
WIDTH = 110
# What has no place of its own in an order stands behind it by code point: the tail is not written down.
SCRIPT = """
const han = [];
for (const [first, last] of [[0x4e00, 0x9fff], [0x3400, 0x4dbf]])
  for (let code = first; code <= last; code += 1) han.push(String.fromCodePoint(code));
const root = new Intl.Collator('en');
const ordered = (language) => {
  const { compare } = new Intl.Collator(language);
  const sorted = han.toSorted(compare);
  let end = sorted.length;
  while (end > 1 && root.compare(sorted[end - 2], sorted[end - 1]) < 0) end -= 1;
  return sorted.slice(0, end);
};
const base = new Intl.Collator('ko', { sensitivity: 'base' });
const readings = [];
const korean = ordered('ko');
let at = 0;
for (let code = 0xac00; code <= 0xd7a3; code += 1) {
  const syllable = String.fromCodePoint(code);
  while (at < korean.length && base.compare(korean[at], syllable) < 0) at += 1;
  const start = at;
  while (at < korean.length && base.compare(korean[at], syllable) === 0) at += 1;
  if (at > start) readings.push(syllable + korean.slice(start, at).join(''));
}
const lists = Object.fromEntries(['ja', 'zh-Hans', 'zh-Hant'].map((one) => [one, ordered(one).join('')]));
process.stdout.write(JSON.stringify({ icu: process.versions.icu, cldr: process.versions.cldr, readings, ...lists }));
"""


def packed(name: str, lines: list[str], told: str) -> str:
    body = "\n".join(f'    "{one}"' for one in lines)
    return f'{name} = (\n{body}\n)\n"""{told}"""\n'


def words(found: list[str]) -> list[str]:
    lines, line = [], ""
    for word in found:
        if len(line) + len(word) + 1 > WIDTH:
            lines.append(line)
            line = ""
        line += word + " "
    return [*lines, line]


def cut(text: str) -> list[str]:
    return [text[at : at + WIDTH] for at in range(0, len(text), WIDTH)]


def main() -> None:
    done = subprocess.run(
        [sys.argv[1], "--input-type=module", "-"], input=SCRIPT, capture_output=True, check=True, text=True
    )
    data = json.loads(done.stdout)
    out = HEAD.format(**data)
    out += packed(
        "KOREAN", words(data["readings"]), "Words: a syllable, then the characters that are read so, in their order."
    )
    out += "\n" + packed("JAPANESE", cut(data["ja"]), "The characters of JIS X 0208 in its order.")
    out += "\n" + packed("PINYIN", cut(data["zh-Hans"]), "Characters by their usual reading in Mandarin.")
    out += "\n" + packed("STROKE", cut(data["zh-Hant"]), "Characters by the number of their strokes.")
    sys.stdout.write(out)


if __name__ == "__main__":
    main()
