"""The tests that fail once and pass alone: tests/flaky.toml lists each with its cause, at most five.

A test that is not listed and passes only alone has failed: somebody must find the cause and mend it, or list it here
with the cause and what will mend it. A listed one may fail among others and pass alone; it is named in each such run.
At a landing nobody is there to list what failed for the first time: MOST_FRESH of them, and no more than the list has
room for, are named and let through. In a run of a person's own they fail.
"""

import datetime as dt
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

MOST = 5
MOST_FRESH = 2
# More failures than this are no chance: they are not tried again.
MOST_TRIED_AGAIN = 12
_FIELDS = ("test", "first_seen", "cause", "mend")


@dataclass(frozen=True)
class Entry:
    """One listed test: its id, the day it was first seen to fail, why it does, and what will mend it."""

    test: str
    first_seen: dt.date
    cause: str
    mend: str


@dataclass(frozen=True)
class Verdict:
    """What became of the failed tests that passed alone: `forgiven` are listed, `fresh` are not and are let through at a
    landing, `unlisted` are not.
    """

    forgiven: tuple[str, ...] = ()
    unlisted: tuple[str, ...] = ()
    fresh: tuple[str, ...] = ()


def read(path: Path) -> list[Entry]:
    """Return the list; ValueError says which entry is incomplete, or that there are too many."""
    with path.open("rb") as file:
        rows = tomllib.load(file).get("flaky", [])
    if len(rows) > MOST:
        raise ValueError(f"{path.name} lists {len(rows)} tests; at most {MOST}: mend one first")
    return [_entry(path, row) for row in rows]


def _entry(path: Path, row: dict[str, object]) -> Entry:
    missing = [name for name in _FIELDS if not row.get(name)]
    if missing or not isinstance(row["first_seen"], dt.date):
        raise ValueError(f"{path.name}: {row.get('test', 'an entry')} has no {' and no '.join(missing) or 'date'}")
    return Entry(str(row["test"]), row["first_seen"], str(row["cause"]), str(row["mend"]))


def judge(passed_alone: Iterable[str], listed: Iterable[Entry], *, landing: bool = False) -> Verdict:
    """Tell what the tests that failed among others and passed alone are worth."""
    known, alone = {entry.test for entry in listed}, sorted(passed_alone)
    forgiven, others = tuple(t for t in alone if t in known), tuple(t for t in alone if t not in known)
    if landing and len(others) <= min(MOST_FRESH, MOST - len(known)):
        return Verdict(forgiven, (), others)
    return Verdict(forgiven, others)


def lines(verdict: Verdict, listed: Iterable[Entry], today: dt.date) -> list[str]:
    """Return what the run says of them, one line each, the count first; nothing where there is none."""
    if not verdict.forgiven and not verdict.unlisted and not verdict.fresh:
        return []
    entries = {entry.test: entry for entry in listed}
    told = [
        f"failed among other tests, passed alone: {len(verdict.forgiven)} listed, {len(verdict.unlisted) + len(verdict.fresh)} not listed"
    ]
    for test in verdict.forgiven:
        entry = entries[test]
        told.append(
            f"  listed for {(today - entry.first_seen).days} days: {test}: {entry.cause}; to mend: {entry.mend}"
        )
    told += [f"  first seen: {test}: mend it, or list it with its cause, in the next work" for test in verdict.fresh]
    told += [f"  FAILED: {test}: find the cause and mend it, or list it with its cause" for test in verdict.unlisted]
    return told
