"""Writes src/smartmail/formats/search/han_tables.py from Unicode's Unihan database (Readings and Variants).

usage: python tools/han_tables.py UNIHAN_READINGS UNIHAN_VARIANTS > src/smartmail/formats/search/han_tables.py
"""

import sys
from collections import defaultdict
from collections.abc import Iterable

HEAD = '''"""Korean readings of Han characters, and simplified and traditional forms of one character.

Made by tools/han_tables.py from the Unicode Character Database (Unihan: kHangul, kSimplifiedVariant,
kTraditionalVariant); copyright Unicode, Inc., Unicode License v3; changed: selected and packed. Do not edit.
"""

'''


def records(path: str, field: str) -> Iterable[tuple[str, list[str]]]:
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            parts = line.rstrip("\n").split("\t")
            if len(parts) == 3 and parts[1] == field:
                yield chr(int(parts[0].removeprefix("U+"), 16)), parts[2].split()


def in_korean_set(char: str) -> bool:
    """The 4,620 characters of KS X 1001: those that Korean mail has. More readings would make the index bigger."""
    try:
        char.encode("euc_kr")
    except UnicodeEncodeError:
        return False
    return "一" <= char <= "鿿"


def readings(path: str) -> list[str]:
    found: dict[str, list[str]] = defaultdict(list)
    for char, values in records(path, "kHangul"):
        if in_korean_set(char):
            for value in values:
                found[value.split(":")[0]].append(char)
    return [reading + "".join(sorted(chars)) for reading, chars in sorted(found.items())]


def variants(path: str) -> list[str]:
    """Return groups of characters that are forms of one another, the one that most others lead to first."""
    parent: dict[str, str] = {}

    def root(char: str) -> str:
        while parent.setdefault(char, char) != char:
            char = parent[char]
        return char

    for field in ("kSimplifiedVariant", "kTraditionalVariant"):
        for char, values in records(path, field):
            for value in values:
                other = chr(int(value.removeprefix("U+"), 16))
                if "一" <= char <= "鿿" and "一" <= other <= "鿿":
                    parent[root(char)] = root(other)
    groups: dict[str, list[str]] = defaultdict(list)
    for char in parent:
        groups[root(char)].append(char)
    return sorted("".join(sorted(group)) for group in groups.values() if len(group) > 1)


def packed(name: str, words: list[str]) -> str:
    lines, line = [], ""
    for word in words:
        if len(line) + len(word) + 1 > 108:
            lines.append(line)
            line = ""
        line += word + " "
    lines.append(line)
    body = "\n".join(f'    "{one}"' for one in lines)
    return f"{name} = (\n{body}\n)\n"


def main() -> None:
    out = HEAD + packed("READINGS", readings(sys.argv[1]))
    out += '"""Words: a reading, then the characters that have it."""\n\n'
    out += packed("VARIANTS", variants(sys.argv[2]))
    out += '"""Words: characters that are simplified or traditional forms of one another."""\n'
    sys.stdout.write(out)


if __name__ == "__main__":
    main()
