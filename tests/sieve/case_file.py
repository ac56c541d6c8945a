"""The file format of Sieve cases: text that reads like the RFC's own examples.

A file holds cases; what stands before the first of them holds for all. Its parts:

    # a comment (outside of blocks)
    == name of the case
    @word value          a fact of the case; see FACTS
    --- message          octets of the message, lines end with CRLF; without it a standard one
    --- script           the script; `--- script NAME` is one that another may include
    --- result           what must come out, one line each; see `telling`
    --- edition N        the octets of edition N of the message
    --- problem N text   (in result) `refused LINE:COLUMN key` when it does not compile, `problem LINE:COLUMN key` at run time

A block ends where the next line begins with `---`, `==` or (for results) at an empty line. Inside messages and scripts
a line that has to begin so is written with a backslash before it. ⟦ff⟧ is the octet of that number, ⟦ff*9⟧ nine of them.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

_OCTETS: Final = re.compile(r"⟦([0-9a-f]{2})(?:\*([0-9]+))?⟧")
STANDARD = (
    "From: Kim Minjun <kim@b.example>\r\nTo: park@a.example\r\nSubject: Meeting on Monday\r\n"
    "Message-ID: <1@b.example>\r\nDate: Wed, 25 Nov 2026 09:00:00 +0900\r\n\r\nHello.\r\n"
)


@dataclass
class Case:
    """One case of a file."""

    file: str
    line: int
    name: str
    facts: list[tuple[str, str]] = field(default_factory=list)
    message: str = STANDARD
    script: str = ""
    included: dict[str, str] = field(default_factory=dict)
    result: list[str] = field(default_factory=list)
    editions: dict[int, str] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """Name of the test."""
        return f"{self.file}:{self.name}".replace(" ", "_").replace("§", "")


def read_cases(path: Path) -> list[Case]:
    """Return the cases of a file."""
    found: list[Case] = []
    common = Case(path.stem, 0, "")
    case, block = common, ""
    lines: list[str] = []

    def close() -> None:
        nonlocal block
        _keep(case, block, lines)
        lines.clear()
        block = ""

    for number, line in enumerate(path.read_text("utf-8").split("\n"), 1):
        if line.startswith("== "):
            close()
            case = Case(
                path.stem, number, line[3:].strip(), list(common.facts), common.message, "", dict(common.included)
            )
            found.append(case)
        elif line.startswith("--- "):
            close()
            block = line[4:].strip()
        elif block:
            lines.append(line[1:] if line.startswith(("\\---", "\\==")) else line)
        elif line.startswith("@"):
            word, _, value = line[1:].partition(" ")
            case.facts.append((word, value.strip()))
        else:
            assert not line.strip() or line.startswith("#"), f"{path.name}:{number}: {line}"
    close()
    return found


def _octets(match: re.Match[str]) -> str:
    return bytes.fromhex(match[1]).decode("utf-8", "surrogateescape") * int(match[2] or 1)


def _keep(case: Case, block: str, lines: list[str]) -> None:
    if not block:
        return
    kind, _, name = block.partition(" ")
    while lines and not lines[-1]:
        lines.pop()
    text = _OCTETS.sub(_octets, "".join(f"{line}\r\n" for line in lines))
    if kind == "script" and name:
        case.included[name] = text
    elif kind == "script":
        case.script = text
    elif kind == "message":
        case.message = text
    elif kind == "result":
        case.result = [line for line in lines if line.strip() and not line.startswith("#")]
    else:
        assert kind == "edition", f"{case.file}: --- {block}"
        case.editions[int(name)] = text
