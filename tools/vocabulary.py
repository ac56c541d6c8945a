"""Counts the words that docs/vocabulary.md does not want, place by place, against recorded numbers that may only fall.

A rise fails and names the lines and what to write instead; `--record` writes falls (and words new in the list) down.
The list is judged too: no word has two meanings, and none is forbidden in one row and defined in another.
Words of screens, mails and guides in each language are held by `screen_words.py` and its table, here as well.
"""

import argparse
import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import screen_words

ROOT = Path(__file__).resolve().parents[1]
PAGE, RECORD = "docs/vocabulary.md", "tools/vocabulary.json"
COMMAND = ".venv/bin/python tools/vocabulary.py --record"
SHOWN = 5
# Places whose words stand in one or more whole files; `text` leaves out what a text quotes.
CONTRACTS = {
    "api": ("docs/reference/admin-api.json",),
    "events": ("docs/reference/events.md",),
    "event-names": ("docs/reference/events.md",),
    "cli": ("docs/reference/commands.md",),
    "settings": ("docs/reference/settings.md",),
    "jmap": ("docs/reference/jmap.md",),
    "knobs": ("docs/reference/policy.md",),
    "jobs": tuple(
        sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "src/smartmail/app/wiring").rglob("*.py"))
    ),
    "catalogue server": ("src/smartmail/app/catalogues/en.json",),
    "catalogue webmail": ("web/i18n/catalogues/en.json",),
    "catalogue admin": ("web/i18n/admin/en.json",),
}
GUIDES = {"guide user": "docs/guide-user/en/*.md", "guide admin": "docs/guide-admin/en/*.md", "readme": "README.md"}

_TOKEN = re.compile(r"[A-Z]?[a-z]+")
_KEY = re.compile(r'^\s*"[^"]*":\s*', re.MULTILINE)
_FIRST = re.compile(r"^\| `([^`]+)`.*|^.*", re.MULTILINE)
_JOB = re.compile(r'\b(?:Job|when_due|job)\("([^"]+)"')
_REFERENCE = re.compile(r'^.*(?:"\$ref"|"title"): .*$|^   "Page_.*$', re.MULTILINE)
_SCHEMA = re.compile(r'^   "(\w+)": \{$', re.MULTILINE)
_CLASS = re.compile(r"^ *class (\w+)", re.MULTILINE)
_LEXEME = re.compile(
    r'#[^\n]*|"""(?:[^"\\]|\\.|"(?!""))*"""|"(?:[^"\\\n]|\\.)*"'
    r"|'''(?:[^'\\]|\\.|'(?!''))*'''|'(?:[^'\\\n]|\\.)*'",
    re.DOTALL,
)
# Where a name is made: a definition, an annotated parameter or field, an assignment; a keyword argument has no spaces.
_DEFINED = re.compile(r"\b(?:def|class|for|as) (\w+)|\b(\w+)(?:: | :?= )")
_QUOTED = re.compile(r"`[^`\n]*`|“[^”\n]*”|\"[^\"\n]*\"")
_CODE = re.compile(r"`[^`\n]*`")
_INNOCENT = re.compile(r"\b(?:stands for|stood for|instead of before|all the way back)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Word:
    """A word of the last table: how it is written there, where it counts, what to write instead."""

    pattern: str
    where: str
    instead: str

    def counts_in(self, place: str) -> bool:
        """Tell whether this word is counted in `place`."""
        if self.where == "names":
            return place.endswith(" names")
        if self.where == "schemas":
            return place == "api" or place.endswith(" names")
        if self.where == "events" or place == "event-names":
            return self.where == "events" and place == "event-names"
        return not any(place.startswith(f"src/{one} ") for one in self.where.removeprefix("all but ").split(", "))


@dataclass
class Place:
    """A class of places: texts by file, with the line breaks of the file; or names that are defined in them."""

    name: str
    texts: dict[str, str] = field(default_factory=dict)


# The page


def rows(page: str) -> Iterator[tuple[str, list[str]]]:
    """Yield (heading, cells) of each row of a table, without the heads."""
    heading = ""
    for line in page.splitlines():
        if line.startswith("## "):
            heading = line[3:]
        elif line.startswith("| "):
            cells = [cell.strip() for cell in line.strip("|").split("|")]
            if cells[0] != "word":
                yield heading, cells


def listed(page: str) -> list[tuple[str, str]]:
    """Return (word, what it is not called) of the vocabulary."""
    return [(cells[0], cells[3]) for _, cells in rows(page) if len(cells) == 4]


def counted(page: str) -> list[Word]:
    """Return the words that are counted."""
    found = []
    for _, cells in rows(page):
        if len(cells) == 3:
            found += [Word(pattern, cells[1], cells[2]) for pattern in cells[0].split(", ")]
    return found


def faults(page: str) -> list[str]:
    """Return what is wrong with the list itself."""
    words = Counter(word.lower() for word, _ in listed(page))
    found = [f"{PAGE}: {word!r} has {times} meanings" for word, times in words.items() if times > 1]
    for word, refused in listed(page):
        for one in re.sub(r" ?\([^)]*\)", "", refused).lower().split(", "):
            # A word may be refused where it was narrowed in brackets: "mailbox (of RFC 5321)".
            if one in words and f"{one} (" not in refused.lower():
                found.append(f"{PAGE}: {word!r} must not be called {one!r}, which is a word of the list")
    patterns = Counter(word.pattern for word in counted(page))
    return found + [f"{PAGE}: {pattern!r} is counted twice" for pattern, times in patterns.items() if times > 1]


# The places


def places(root: Path) -> Iterator[Place]:
    """Yield each place with its texts."""
    for name, files in CONTRACTS.items():
        yield Place(name, {file: _contract(name, _read(root / file)) for file in files if (root / file).exists()})
    for name, pattern in GUIDES.items():
        paths = sorted(root.glob(pattern))
        yield Place(name, {path.relative_to(root).as_posix(): _unquoted(_read(path), _CODE) for path in paths})
    for package in sorted(path for path in (root / "src" / "smartmail").glob("*") if path.is_dir()):
        names, texts = Place(f"src/{package.name} names"), Place(f"src/{package.name} text")
        for path in sorted(package.rglob("*.py")):
            file = path.relative_to(root).as_posix()
            names.texts[file], texts.texts[file] = divided(_read(path))
        if names.texts:
            yield names
            yield texts


def _contract(name: str, text: str) -> str:
    if name == "api":
        return _REFERENCE.sub("", text)
    if name in {"knobs", "event-names"}:
        return _FIRST.sub(lambda match: match[1] or "", text)
    if name == "jobs":
        return "\n".join(" ".join(_JOB.findall(line)) for line in text.split("\n"))
    return _KEY.sub("", text) if name.startswith("catalogue") else text


def divided(source: str) -> tuple[str, str]:
    """Return a module's code and its prose (docstrings, comments), each with the line breaks of the module.

    Other strings are neither: they hold SQL, wire words and keys of catalogues.
    """
    code: list[str] = []
    prose: list[str] = []
    done = 0
    for match in _LEXEME.finditer(source):
        start, end = match.span()
        between, lexeme = source[done:start], match[0]
        breaks = "\n" * lexeme.count("\n")
        code += (between, breaks or " ")
        prose += ("\n" * between.count("\n"), lexeme if _is_prose(source, start, lexeme) else breaks)
        done = end
    code.append(source[done:])
    return "".join(code), _unquoted("".join(prose).replace('"""', ""), _QUOTED)


def _is_prose(source: str, start: int, lexeme: str) -> bool:
    if lexeme[0] == "#":
        return True
    return lexeme.startswith('"""') and not source[source.rfind("\n", 0, start) + 1 : start].strip()


def _unquoted(text: str, quotes: re.Pattern[str]) -> str:
    kept = ["" if "RFC" in line or "§" in line else line for line in text.split("\n")]
    return quotes.sub(" ", "\n".join(kept))


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


# Counting


@dataclass(frozen=True)
class Tally:
    """What a place holds, ready to be asked for one word after the other."""

    tokens: Counter[str]
    suffixes: Counter[str]
    flat: str

    @classmethod
    def of(cls, place: Place) -> "Tally":
        """Return the tally of a place: its texts, or each name that is defined in it once."""
        units = [_INNOCENT.sub(" ", text) for text in place.texts.values()]
        if place.name.endswith(" names"):
            units = sorted({one or other for text in place.texts.values() for one, other in _DEFINED.findall(text)})
        return cls(
            Counter(token.lower() for unit in units for token in _TOKEN.findall(unit)),
            Counter(f"*{parts[-1]}" for name in _schemas(place) if (parts := _TOKEN.findall(name))),
            "\n".join(units).lower().replace("_", " ").replace("-", " "),
        )

    def number(self, pattern: str) -> int:
        """Return how often a word, a phrase or an end of names is there."""
        if pattern.startswith("*"):
            return self.suffixes[pattern]
        return len(re.findall(rf"\b{pattern}\b", self.flat)) if " " in pattern else self.tokens[pattern]


def count(root: Path, words: list[Word]) -> dict[str, dict[str, int]]:
    """Return word → place → number, without zeros."""
    found: dict[str, dict[str, int]] = {word.pattern: {} for word in words}
    for place in places(root):
        tally = Tally.of(place)
        for word in words:
            if word.counts_in(place.name) and (number := tally.number(word.pattern)):
                found[word.pattern][place.name] = number
    return found


def _schemas(place: Place) -> set[str]:
    kind = _SCHEMA if place.name == "api" else _CLASS if place.name.endswith(" names") else None
    return {name for text in place.texts.values() for name in kind.findall(text)} if kind else set()


# Judging


def rises(found: dict[str, dict[str, int]], recorded: dict[str, dict[str, int]]) -> list[tuple[str, str, int, int]]:
    """Return (word, place, number, most) of what has risen; words that are not recorded have not.

    Schemas of the API never have a counted end of a name, whatever is recorded: programs of others hold on to them.
    """
    return [
        (pattern, place, number, most)
        for pattern, numbers in found.items()
        for place, number in numbers.items()
        if pattern in recorded or _never(pattern, place)
        if number > (most := 0 if _never(pattern, place) else recorded[pattern].get(place, 0))
    ]


def _never(pattern: str, place: str) -> bool:
    return place == "api" and pattern.startswith("*")


def lines(place: Place, pattern: str) -> Iterator[tuple[str, int]]:
    """Yield (file, line number) of each line of `place` that has the word."""
    for file, text in place.texts.items():
        for number, line in enumerate(text.split("\n"), 1):
            if Tally.of(Place(place.name, {file: line})).number(pattern):
                yield file, number


def new_lines(root: Path) -> set[tuple[str, int]]:
    """Return (file, line number) of what the work since the branch left `main` added; empty where git cannot say."""
    base = _git(root, "merge-base", "HEAD", "main").strip() or "HEAD"
    found, file = set(), ""
    for line in _git(root, "diff", "--unified=0", "--no-color", base).splitlines():
        if line.startswith("+++ "):
            file = line[6:]
        elif hunk := re.match(r"@@ \S+ \+(\d+)(?:,(\d+))? @@", line):
            first, most = int(hunk[1]), int(hunk[2] or 1)
            found |= {(file, number) for number in range(first, first + most)}
    return found


def _git(root: Path, *arguments: str) -> str:
    command = ["git", "-C", str(root), *arguments]
    return subprocess.run(command, capture_output=True, text=True, errors="replace", check=False).stdout


def complaints(root: Path, words: list[Word], risen: list[tuple[str, str, int, int]]) -> list[str]:
    """Return what to tell about each rise: numbers, lines (the new ones, where git knows), the word to use."""
    instead, new = {word.pattern: word.instead for word in words}, new_lines(root)
    by_name, told = {place.name: place for place in places(root)}, []
    for pattern, name, number, before in risen:
        told.append(f"{name}: {pattern!r} {number} times, at most {before}; write instead: {instead[pattern]}")
        everywhere = list(lines(by_name[name], pattern))
        shown = [where for where in everywhere if where in new] or everywhere
        told += [f"  {file}:{line}" for file, line in shown[:SHOWN]]
        if len(shown) > SHOWN:
            told.append(f"  and {len(shown) - SHOWN} more lines")
    return told


def main(arguments: list[str] | None = None, root: Path = ROOT) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--record", action="store_true", help="write numbers that fell, and words new in the list, down"
    )
    record = parser.parse_args(sys.argv[1:] if arguments is None else arguments).record
    page, path = _read(root / PAGE), root / RECORD
    words, recorded = counted(page), json.loads(_read(path)) if path.exists() else {}
    found = count(root, words)
    problems = faults(page) + complaints(root, words, rises(found, recorded))
    if (root / screen_words.TABLE).exists():
        problems += screen_words.faults(root)
    if not problems and record:
        path.write_text(json.dumps(found, indent=1, sort_keys=True) + "\n", encoding="utf-8")
        recorded = found
    if not problems and set(found) - set(recorded):
        problems.append(f"not recorded yet: {', '.join(sorted(set(found) - set(recorded)))}: run {COMMAND}")
    fallen = sum(_sum(recorded.get(pattern, {})) - _sum(found[pattern]) for pattern in found if pattern in recorded)
    total = sum(_sum(numbers) for numbers in found.values())
    print("\n".join(problems) if problems else f"{len(words)} counted words occur {total} times")
    if not problems and (fallen or recorded != found):
        print(f"note: {fallen} fewer than recorded; write it down: {COMMAND}")
    return 1 if problems else 0


def _sum(numbers: dict[str, int]) -> int:
    return sum(numbers.values())


if __name__ == "__main__":
    sys.exit(main())
