"""Writes docs/rfc/references.md: RFC section → code that keeps it → tests that name it.

A reference is `RFC 5321 §4.1.1.4`, with further sections and RFCs after commas (`RFC 8620 §3.6, §5.3`, `RFC 2045,
2046`, `RFC 5321 §2.3.5 and §4.1.1.1`). The name of a golden file is one too (`RFC2177-3-idle.txt`). A reference dangles
when its RFC is not in docs/rfc/index.md or its section is no section number; a line of the index dangles when it
claims Yes or Partial and no code names its RFC. With --check nothing is written and a stale page fails too.
"""

import re
import sys
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "rfc" / "references.md"
INDEX = ROOT / "docs" / "rfc" / "index.md"
STATES = {"Yes", "Partial", "Planned", "No"}
READ = {".py", ".sql", ".txt", ".md", ".json"}
START = re.compile(r"\bRFCs? (\d{3,5})\b")
# What may go on after a number: sections, then further sections or RFCs.
SECTIONS = re.compile(r",? (?:§§?|section )([^\s,;:()\]\"'`]+)")
MORE_SECTIONS = re.compile(r"(?:,| and|,? or) §([^\s,;:()\]\"'`]+)")
MORE_RFCS = re.compile(r"(?:,| and) (\d{4})\b(?![:/]|\.\d)")
SECTION = re.compile(r"(\d+|[A-Z])(\.\d+)*")
FILE_NAME = re.compile(r"rfc(\d{3,5})-((?:\d+|[a-z])(?:\.\d+)*)-", re.IGNORECASE)
ROW = re.compile(r"^\| RFC (\d{3,5}) \| ([^|]*) \| ([^|]*) \|", re.MULTILINE)


def references(text: str):
    """Yield (line, rfc, section or "") of each reference."""
    for number, line in enumerate(text.splitlines(), 1):
        for match in START.finditer(line):
            for rfc, section in one_reference(line, match):
                yield number, rfc, section


def one_reference(line: str, match: re.Match):
    rfc, at = int(match[1]), match.end()
    while True:
        sections = []
        step = SECTIONS.match(line, at)
        while step:
            sections.append(clean(step[1]))
            at = step.end()
            step = MORE_SECTIONS.match(line, at)
        yield from ((rfc, section) for section in sections or [""])
        step = MORE_RFCS.match(line, at)
        if not step:
            return
        rfc, at = int(step[1]), step.end()


def clean(section: str) -> str:
    """Cut a range ("3.6–3.7") to its beginning, and the end of a sentence off."""
    return re.split("[–-]", section)[0].rstrip(".")


def named_by_file(name: str):
    """Yield (rfc, section) that the name of a golden file says."""
    match = FILE_NAME.match(name)
    if match:
        yield int(match[1]), match[2].upper()


def collect(root: Path):
    """Return ((rfc, section) → (code files, test files), what dangles)."""
    places = defaultdict(lambda: (set(), set()))
    dangling = []
    for kind, folder in enumerate(("src", "tests")):
        for path in sorted((root / folder).rglob("*")):
            if path.suffix not in READ or not path.is_file() or skipped(path.relative_to(root)):
                continue
            name = path.relative_to(root).as_posix()
            for rfc, section in named_by_file(path.name):
                places[rfc, section][kind].add(name)
            for line, rfc, section in references(path.read_text(encoding="utf-8", errors="replace")):
                if section and not SECTION.fullmatch(section):
                    dangling.append(f"{name}:{line}: RFC {rfc} §{section} is no section number")
                    continue
                places[rfc, section][kind].add(name)
    return places, dangling


def skipped(path: Path) -> bool:
    """Messages of the corpus and seeds of fuzzers say anything; these tools' own tests say it wrong on purpose."""
    return path.parts[:2] == ("tests", "corpus") or path.name.startswith("test_house_")


def statuses(index: str) -> dict[int, str]:
    """Return RFC → state out of the index."""
    return {int(rfc): state.strip() for rfc, _, state in ROW.findall(index)}


def judge(index: str, places) -> list[str]:
    """Return what does not fit between the index and the tree."""
    rows = ROW.findall(index)
    states = statuses(index)
    problems = [f"docs/rfc/index.md: RFC {rfc} is {state!r}" for rfc, state in states.items() if state not in STATES]
    if len(rows) != len(states):
        problems.append("docs/rfc/index.md names an RFC twice")
    if [int(row[0]) for row in rows] != sorted(states):
        problems.append("docs/rfc/index.md is not in the order of numbers")
    code, tests = named(places, 0), named(places, 1)
    for rfc in sorted((code.keys() | tests.keys()) - states.keys()):
        problems.append(f"RFC {rfc} is not in docs/rfc/index.md ({', '.join((code.get(rfc) or tests[rfc])[:3])})")
    for rfc, state in states.items():
        if state in {"Yes", "Partial"} and rfc not in code:
            problems.append(f"docs/rfc/index.md: RFC {rfc} is {state}, but no code names it")
    return problems


def named(places, kind: int) -> dict[int, list[str]]:
    """Return RFC → sorted names of files that name it, in the code (0) or the tests (1)."""
    found = defaultdict(set)
    for (rfc, _), both in places.items():
        found[rfc] |= both[kind]
    return {rfc: sorted(names) for rfc, names in found.items() if names}


def order(key):
    rfc, section = key
    parts = [(0, int(part), "") if part.isdigit() else (1, 0, part) for part in section.split(".") if part]
    return rfc, parts


def render(places) -> str:
    """Return the page."""
    lines = ["# RFC sections and where they are kept", "", "Made by `tools/rfcxref.py`; do not edit."]
    lines += ["How complete each RFC is: [index](index.md).", ""]
    current = None
    for rfc, section in sorted(places, key=order):
        if rfc != current:
            lines += ["", f"## RFC {rfc}", "", "| section | code | tests |", "|---|---|---|"]
            current = rfc
        code, tests = places[rfc, section]
        cells = ("<br>".join(f"`{name}`" for name in sorted(names)) or "–" for names in (code, tests))
        lines.append(f"| {'§' + section if section else 'whole'} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def main() -> int:
    places, problems = collect(ROOT)
    problems += judge(INDEX.read_text(encoding="utf-8"), places)
    page = render(places)
    if "--check" in sys.argv[1:]:
        if not PAGE.exists() or PAGE.read_text(encoding="utf-8") != page:
            problems.append("docs/rfc/references.md is stale: run tools/rfcxref.py")
    else:
        PAGE.parent.mkdir(parents=True, exist_ok=True)
        PAGE.write_text(page, encoding="utf-8")
    print("\n".join(dict.fromkeys(problems)) if problems else f"{len(places)} sections, none dangles")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
