"""What a table comes to before anything is done: its acts, what is wrong in it, and figures."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from smartmail.domain.directory_import import Act, Ending, Finding, Outcome
from smartmail.domain.errors import MailError
from smartmail.formats.csv_table import Table, TableRow
from smartmail.service.people.directory_import.changes import Change

EMPTY = "-"
"""A cell with this alone empties what is there; an empty cell leaves it."""
MAX_VALUE = 100
_SEVERAL = re.compile(r"[;,\n]")


@dataclass(frozen=True, slots=True)
class Record:
    """A row by fields. `names`: what the file calls them."""

    line: int
    values: dict[str, str]
    names: dict[str, str]

    def get(self, name: str) -> str | None:
        """Return a cell, "" where it empties, None where it is empty or there is no such column."""
        text = self.values.get(name, "")
        return "" if text == EMPTY else text or None

    def wrong(self, name: str, code: str, value: str = "") -> Finding:
        """Return a finding about a cell."""
        return Finding(self.line, self.names.get(name, name), code, value[:MAX_VALUE])


@dataclass(frozen=True, slots=True)
class Options:
    """How a table is meant. `whole`: who is not in it shall go (people); `domain`: for logins without one; `months`: how
    long old logins stay addresses; `new_departments`: those that people name and that are not there are made.
    """

    whole: bool = False
    domain: str = ""
    months: int = 6
    new_departments: bool = False


@dataclass(slots=True)
class Draft:
    """What is to be done. `active`: how many there are now, `closing` how many would go; `changes` of people, whose acts
    name titles and departments by number; `new_departments`: their paths.
    """

    acts: list[Act] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    unchanged: int = 0
    active: int = 0
    spared: int = 0
    changes: list[Change] = field(default_factory=list)
    new_departments: list[str] = field(default_factory=list)

    @property
    def counts(self) -> dict[str, int]:
        """Return how many acts of each sort there are."""
        return dict(Counter(one.what for one in self.acts))


def records_of(table: Table, places: dict[str, int]) -> list[Record]:
    """Return the rows of a table by fields."""
    names = {name: table.header[place] for name, place in places.items()}
    return [Record(row.line, _values(row, places), names) for row in table.rows]


def _values(row: TableRow, places: dict[str, int]) -> dict[str, str]:
    return {name: row.cells[place] for name, place in places.items()}


def several(text: str) -> list[str]:
    """Return the words of a cell that holds several."""
    return [word.strip() for word in _SEVERAL.split(text) if word.strip()]


def failed(error: MailError) -> Outcome:
    """Return the outcome of an act that a service refused."""
    return _refused("failed", error)


def left_by(error: MailError) -> Outcome:
    """Return the outcome of an act that a service refused to take back."""
    return _refused("left", error)


def _refused(ending: Ending, error: MailError) -> Outcome:
    detail = (error.public or error.code)[:MAX_VALUE]
    return Outcome(ending=ending, detail=detail, reasons=error.all_reasons, facts=dict(error.facts))


def left(detail: str) -> Outcome:
    """Return the outcome of an act that is not taken back."""
    return Outcome(ending="left", detail=detail)


DONE = Outcome(ending="done")
SAME = Outcome(ending="same")
UNDONE = Outcome(ending="undone")


def twice(records: Sequence[Record], keys: Sequence[str | None], column: str) -> tuple[list[Record], list[Finding]]:
    """Return the records of keys that stand there once, and findings about the others."""
    seen: dict[str, int] = {}
    kept: list[Record] = []
    wrong: list[Finding] = []
    for record, key in zip(records, keys, strict=True):
        if key and key in seen:
            wrong.append(record.wrong(column, "twice", f"{record.values.get(column, key)} ({seen[key]})"))
            continue
        if key:
            seen[key] = record.line
        kept.append(record)
    return kept, wrong
