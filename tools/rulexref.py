"""Checks that every rule that the tree names by a code stands in docs/rules.md, and that every rule there is named.

A reference is a code such as `BR-12` or a range of one family (`KA-20 to KA-25`, `BR-1 … BR-6`). A page that is named and
is not in the tree, and a numbered section that a page does not have, dangle too: who reads the code can look neither up.
"""

import os
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = "docs/rules.md"
FOLDERS = ("src", "web", "tests", "tools", "docs")
READ = {".py", ".sql", ".txt", ".md", ".ts", ".js", ".mjs", ".svelte", ".css", ".toml"}
PRUNED = {"node_modules", "dist", "__pycache__", "corpus"}
FAMILY = r"AR|BR|K[A-GX]|MG|T-[A-G]"
CODE = re.compile(
    rf"(?<![A-Za-z0-9-])({FAMILY})-?(\d{{1,2}})(?![0-9A-Za-z])(?:(?: to | ?… ?)\1-?(\d{{1,2}})(?![0-9A-Za-z]))?"
)
RULE = re.compile(r"^- \*\*([A-Z]+)-(\d+)\*\* \S", re.MULTILINE)
DOCUMENT = re.compile(r"(?<![\w./-])((?:[\w-]+/)*[\w-]{2,}\.md)\b(?:,? (\d+(?:\.\d+)*)(?![\w.]))?")

Code = tuple[str, int]


def files(root: Path) -> Iterator[Path]:
    """Yield the files in which a reference may stand. The tools' own tests write wrong ones on purpose."""
    yield from (one for one in root.glob("*.*") if one.suffix in READ)
    for folder in FOLDERS:
        for place, folders, names in os.walk(root / folder):
            folders[:] = sorted(set(folders) - PRUNED)
            yield from (
                Path(place, name)
                for name in sorted(names)
                if Path(name).suffix in READ and not name.startswith("test_house_")
            )


def codes(text: str) -> Iterator[Code]:
    """Yield each code that a text names, those inside of ranges too."""
    for match in CODE.finditer(text):
        first = int(match[2])
        yield from ((match[1], number) for number in range(first, int(match[3] or first) + 1))


def documents(text: str, known: dict[str, set[str]]) -> Iterator[str]:
    """Yield each page that is named and not there. `known`: name of a page → numbers of its headings."""
    for match in DOCUMENT.finditer(text):
        name = match[1].rpartition("/")[2]
        if name not in known:
            yield match[1]
        elif match[2] and "." in match[2] and match[2] not in known[name]:
            yield match[0]


def pages(texts: dict[str, str]) -> dict[str, set[str]]:
    """Return the numbers of the headings of every page of the tree, by its name without folders."""
    found: dict[str, set[str]] = defaultdict(set)
    for name, text in texts.items():
        if name.endswith(".md"):
            found[name.rpartition("/")[2]] |= set(re.findall(r"^#+ (\d+(?:\.\d+)*)", text, re.MULTILINE))
    return found


def written(code: Code) -> str:
    """Return a code as the tree writes it."""
    family, number = code
    return f"{family}{number}" if "-" in family else f"{family}-{number}"


def disorder(rules: list[Code]) -> Iterator[str]:
    """Yield what is wrong with the page by itself."""
    yield from (f"{PAGE}: {written(code)} stands there twice" for code in dict.fromkeys(rules) if rules.count(code) > 1)
    if rules != sorted(rules):
        yield f"{PAGE} is not in the order of codes"


def lost(text: str, rules: set[Code], known: dict[str, set[str]]) -> Iterator[str]:
    """Yield what each line of a text names and nobody can look up."""
    for line, row in enumerate(text.splitlines(), 1):
        yield from (f"{line}: {written(code)} is not in {PAGE}" for code in codes(row) if code not in rules)
        yield from (f"{line}: {one} is not in the tree" for one in documents(row, known))


def judge(root: Path) -> tuple[int, list[str]]:
    """Return how many rules there are, and what dangles."""
    texts = {one.relative_to(root).as_posix(): one.read_text(encoding="utf-8", errors="replace") for one in files(root)}
    known = pages(texts)
    rules = [(family, int(number)) for family, number in RULE.findall(texts.pop(PAGE))]
    problems = list(disorder(rules))
    for name, text in texts.items():
        problems += [f"{name}:{one}" for one in lost(text, set(rules), known)]
    named = {code for text in texts.values() for code in codes(text)}
    return len(rules), problems + [f"{PAGE}: nothing names {written(code)}" for code in rules if code not in named]


def main() -> int:
    count, problems = judge(ROOT)
    print("\n".join(dict.fromkeys(problems)) if problems else f"{count} rules, none dangles")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
