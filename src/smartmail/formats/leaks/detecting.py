"""All detectors over one text: which there are, how their findings are put together.

`detect` is pure and linear in the text; it never raises. Of findings that overlap the surer one stays, of equals the longer one:
what is a card within a longer number is none.
"""

from bisect import bisect_left
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import date
from itertools import islice
from typing import Final

import msgspec

from smartmail.formats.leaks import evasion
from smartmail.formats.leaks.accounts import accounts
from smartmail.formats.leaks.cards import cards
from smartmail.formats.leaks.contacts import addresses, electronic, names, names_near, telephones
from smartmail.formats.leaks.finding import MAX_FINDINGS, RANK, Confidence, Examined, Finding, Via
from smartmail.formats.leaks.foreign import chinese, my_numbers
from smartmail.formats.leaks.keys import keys
from smartmail.formats.leaks.papers import insurances, licences, passports, plates
from smartmail.formats.leaks.reading import Reading
from smartmail.formats.leaks.residents import businesses, residents

Family = Callable[[Reading], Iterator[Finding]]
FAMILIES: Final[dict[Family, tuple[str, ...]]] = {
    residents: ("kr.rrn", "kr.frn", "kr.crn"),
    businesses: ("kr.brn",),
    cards: ("card",),
    passports: ("kr.passport",),
    licences: ("kr.licence",),
    telephones: ("kr.mobile", "kr.phone"),
    electronic: ("email", "ip"),
    accounts: ("kr.account",),
    insurances: ("kr.insurance",),
    plates: ("kr.plate",),
    my_numbers: ("jp.mynumber",),
    chinese: ("cn.id",),
    keys: ("key.private", "key.jwt", "key.cloud", "password"),
    names: ("kr.name",),
    addresses: ("kr.address",),
}
DETECTORS: Final = tuple(name for names in FAMILIES.values() for name in names)
"""Ids of all detectors."""
_SPELT: Final[tuple[Family, ...]] = (residents, businesses, cards, telephones, accounts)
_SUREST: Final[dict[Family, Confidence]] = {
    telephones: "low", electronic: "low", names: "low", addresses: "low", accounts: "medium", insurances: "medium",
    plates: "medium",
}  # fmt: skip
"""How sure families are at most that are never `high`."""
_NEAR: Final = frozenset(DETECTORS) - {"email", "ip", "kr.name", "key.private", "key.jwt", "key.cloud"}


def detect(text: str, detectors: Collection[str] | None = None, *, today: date) -> list[Finding]:
    """Return the findings in a text, by place; `detectors` None for all. Numbers of unborn persons are none: `today`."""
    return list(examine(text, detectors, today=today).findings)


def examine(text: str, detectors: Collection[str] | None = None, *, today: date) -> Examined:
    """Return the findings in a text, and whether that is all there is.

    What other detectors find counts only where it lies over what these find and is as sure: they are asked only then.
    """
    reading = Reading(text, today)
    wanted = frozenset(DETECTORS if detectors is None else detectors)
    if not wanted:
        return Examined((), reading.is_cut)
    asked = [family for family, names in FAMILIES.items() if wanted.intersection(names)]
    found = _found(reading, asked)
    own = [one for one in found.written if one.detector in wanted]
    hidden = any(one.detector in wanted for _, _, within in found.within for one in within)
    if not own and not hidden and "kr.name" not in wanted:
        return Examined((), reading.is_cut or found.is_cut)
    least = 0 if hidden or "kr.name" in wanted else min(RANK[one.confidence] for one in own)
    needed = [family for family in FAMILIES if RANK[_SUREST.get(family, "high")] >= least]
    return _together(reading, wanted, found if set(needed) <= set(asked) else _found(reading, needed))


def may_find(text: str, detectors: Collection[str], least: Confidence, *, today: date) -> bool:
    """Say whether there may be findings that are so sure or surer: False costs a third of what it costs to look for them all."""
    reading, wanted = Reading(text, today), frozenset(detectors)
    found = _found(reading, [family for family, names in FAMILIES.items() if wanted.intersection(names)])
    ways = [found.written, *(within for _, _, within in found.within)]
    return (
        reading.is_cut or found.is_cut or "kr.name" in wanted
        or any(one.detector in wanted and RANK[one.confidence] >= RANK[least] for some in ways for one in some)
    )  # fmt: skip


def _together(reading: Reading, wanted: frozenset[str], found: "_Found") -> Examined:
    kept = _apart(found.written)
    if "kr.name" in wanted:
        kept = _apart([*kept, *names_near(reading, [one for one in kept if one.detector in _NEAR])])
    for start, end, within in found.within:
        _put(kept, start, end, _apart(within))
    kept = [one for one in kept if one.detector in wanted]
    is_cut = reading.is_cut or found.is_cut or len(kept) > MAX_FINDINGS
    return Examined(tuple(_placed(reading, one) for one in kept[:MAX_FINDINGS]), is_cut)


class _Found(msgspec.Struct, frozen=True):
    """What families find: as it is written, backwards or in words, and within base64 by its place; whether there is more."""

    written: list[Finding]
    within: list[tuple[int, int, list[Finding]]]
    is_cut: bool


def _found(reading: Reading, families: Sequence[Family]) -> _Found:
    written, is_cut = _all(reading, families)
    spelt = [one for one in _SPELT if one in families]
    for start, run in evasion.spelt(reading):
        written += _moved(_some(Reading(run, reading.today), spelt), start, "words")
    within = []
    for start, end, said in evasion.decoded(reading):
        found, more = _all(Reading(said, reading.today), families)
        is_cut |= more
        within.append((start, end, found))
    return _Found(written, within, is_cut)


def _put(kept: list[Finding], start: int, end: int, within: list[Finding]) -> None:
    """Put what base64 says in the place of what its signs seem to be, unless they are surely something: a token is one."""
    first = bisect_left(kept, start, key=lambda one: one.end - 1)
    last = bisect_left(kept, end, lo=first, key=lambda one: one.start)
    if within and all(one.confidence == "low" for one in kept[first:last]):
        kept[first:last] = [msgspec.structs.replace(one, start=start, end=end, via="base64") for one in within]


def _all(reading: Reading, families: Sequence[Family]) -> tuple[list[Finding], bool]:
    found: list[Finding] = []
    is_cut = False
    for family in (*families, evasion.backwards):
        some = list(islice(family(reading), MAX_FINDINGS + 1))
        is_cut |= len(some) > MAX_FINDINGS
        found += some
    return found, is_cut


def _some(reading: Reading, families: Sequence[Family]) -> list[Finding]:
    return [one for family in families for one in islice(family(reading), MAX_FINDINGS)]


def _moved(found: list[Finding], by: int, via: Via) -> list[Finding]:
    return [msgspec.structs.replace(one, start=one.start + by, end=one.end + by, via=via) for one in found]


def _apart(found: list[Finding]) -> list[Finding]:
    """Return findings by place, of overlapping ones the surest."""
    kept: list[Finding] = []
    for one in sorted(found, key=lambda one: (one.start, one.end)):
        weight = _weight(one)
        while kept and one.start < kept[-1].end and weight > _weight(kept[-1]):
            kept.pop()
        if not kept or one.start >= kept[-1].end:
            kept.append(one)
    return kept


def _weight(one: Finding) -> tuple[int, int, bool]:
    return RANK[one.confidence], one.end - one.start, not one.via


def _placed(reading: Reading, one: Finding) -> Finding:
    start, end = reading.place(one.start, one.end)
    return one if (start, end) == (one.start, one.end) else msgspec.structs.replace(one, start=start, end=end)
