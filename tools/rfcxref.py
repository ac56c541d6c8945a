"""Writes docs/rfc/references.md: RFC section → code that keeps it → tests that name it.

A reference is `RFC 5321 §4.1.1.4`. It dangles when its RFC is not in docs/rfc/index.md, or its section is not
written in numbers (or `A.1` for appendices). With --check nothing is written and a stale page fails too.
"""

import re
import sys
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "rfc" / "references.md"
INDEX = ROOT / "docs" / "rfc" / "index.md"
REFERENCE = re.compile(r"RFC ?(\d{3,5})(?:,? (?:§§?|section )([^\s,;:()\]\"'`]+))?")
SECTION = re.compile(r"(\d+|[A-Z])(\.\d+)*")


def references(text: str):
    """Yield (line, rfc, section or "") of each reference."""
    for number, line in enumerate(text.splitlines(), 1):
        for match in REFERENCE.finditer(line):
            yield number, int(match[1]), (match[2] or "").rstrip(".–-")


def collect(root: Path):
    places = defaultdict(lambda: (set(), set()))
    dangling = []
    for kind, folder in enumerate(("src", "tests")):
        for path in sorted((root / folder).rglob("*")):
            if path.suffix not in {".py", ".sql", ".txt", ".md"} or not path.is_file():
                continue
            name = str(path.relative_to(root))
            for line, rfc, section in references(path.read_text(encoding="utf-8", errors="replace")):
                section = section.split("–")[0]
                if section and not SECTION.fullmatch(section):
                    dangling.append(f"{name}:{line}: RFC {rfc} §{section} is no section number")
                places[rfc, section if SECTION.fullmatch(section) else ""][kind].add(name)
    return places, dangling


def known(index: Path) -> set[int]:
    return {int(number) for number in re.findall(r"RFC ?(\d{3,5})", index.read_text(encoding="utf-8"))}


def order(key):
    rfc, section = key
    parts = [(0, int(part), "") if part.isdigit() else (1, 0, part) for part in section.split(".") if part]
    return rfc, parts


def render(places) -> str:
    lines = ["# RFC sections and where they are kept", "", "Made by `tools/rfcxref.py`; do not edit.", ""]
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
    if INDEX.exists():
        indexed = known(INDEX)
        problems += [
            f"RFC {rfc} is not in docs/rfc/index.md ({', '.join(sorted(code | tests)[:3])})"
            for (rfc, _), (code, tests) in sorted(places.items())
            if rfc not in indexed
        ]
    page = render(places)
    if "--check" in sys.argv[1:]:
        if PAGE.exists() and PAGE.read_text(encoding="utf-8") != page:
            problems.append("docs/rfc/references.md is stale: run tools/rfcxref.py")
    else:
        PAGE.parent.mkdir(parents=True, exist_ok=True)
        PAGE.write_text(page, encoding="utf-8")
    print("\n".join(dict.fromkeys(problems)) if problems else f"{len(places)} sections, none dangles")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
