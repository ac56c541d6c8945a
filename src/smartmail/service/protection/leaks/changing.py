"""Changing: what has to be done with a letter so that it may leave: texts in which findings are masked, files that go out of it or
behind a link.

STRATEGIES  A rule that asks for a change found something, or is about the letter as a whole. Each thing that was found must be gone
            afterwards: masked in the subject and the texts (`mask`), taken out with its file (`strip`), or in a file behind a link
            (`link`; not its name, which the link tells). What leaves as secure mail may hold anything. What is found in a place
            that no action of its rule reaches, cannot be changed: the letter is held as it is.
            A rule that found nothing (a label, a kind of file) takes every file; it masks nothing. A file that one rule takes out and
            another puts behind a link is taken out.
LIMITS      Texts as long as are searched (formats.search.message.MAX_PART); nothing within attached messages.
FAILURE     None, as where a text cannot be read, is signed or sealed, or what was found is still found: it could not be done.
SECURITY    A masked text is searched again with the detectors of the rule before it counts as masked.
Must not know the queue, nor how a changed letter is written (service.flow.outgoing.changed_letters).
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from smartmail.domain.leaks import CONFIDENCES, Change, Confidence, Hit, LeakVerdict
from smartmail.formats.footer import Edit, is_proven, readable, text_edit
from smartmail.formats.leaks.masking import Search, mask_html, mask_text
from smartmail.formats.mime.parts import Part
from smartmail.formats.search.message import MAX_PART, part_text
from smartmail.policy.leak_conditions import Needs, compile_leak_condition
from smartmail.ports.clock import Clock
from smartmail.service.protection.leaks.book import LeakBook
from smartmail.service.protection.leaks.judging import day_of
from smartmail.service.protection.leaks.letter import OutgoingLetter
from smartmail.service.protection.leaks.reading import WHOLE
from smartmail.service.protection.leaks.searching import places_in

_TEXTS: Final = frozenset({"text/plain", "text/html"})


@dataclass(frozen=True, slots=True)
class Changes:
    """What becomes of a letter: its subject (None: as it is), its texts by their index in the table of parts, each with its own
    header, the files that are taken out, each with the name that may be told of it, and those that are put behind links.
    """

    subject: str | None = None
    texts: Mapping[int, tuple[bytes, Edit]] = field(default_factory=dict)
    files: Mapping[int, str] = field(default_factory=dict)
    links: tuple[int, ...] = ()

    def __bool__(self) -> bool:
        return self.hides or bool(self.links)

    @property
    def hides(self) -> bool:
        """Say whether readers do not get all that was written: something is masked or taken out."""
        return self.subject is not None or bool(self.texts or self.files)


UNCHANGED: Final = Changes()


class LeakChanger:
    """Finds out what has to be changed."""

    def __init__(self, book: LeakBook, clock: Clock) -> None:
        self._book = book
        self._clock = clock

    async def changes(self, letter: OutgoingLetter, verdict: LeakVerdict) -> Changes | None:
        """Return what has to be changed for a letter to leave; None where it cannot be. Raises Unavailable."""
        wanted = [one for one in verdict.changes if one.kinds & {"mask", "strip", "link"}]
        if not wanted:
            return UNCHANGED
        parts = letter.summary.parts
        if is_proven(parts) or not all(_is_reached(one, parts) for one in wanted):
            return None
        files = {index for one in wanted if "strip" in one.kinds for index in _files(one, parts)}
        links = {index for one in wanted if "link" in one.kinds for index in _files(one, parts)} - files
        hidden = {one.place for change in wanted for one in change.hits if one.place.startswith("name:")}
        needs, least = await self._masked(verdict.epoch, wanted)
        if needs is None:
            return None
        search = partial(places_in, needs=needs, least=least, today=day_of(self._clock.now()), kept=_kept(wanted))
        subject = mask_text(letter.summary.subject, search)
        texts = await _masked_texts(letter, search, files | links) if least else {}
        if subject is None or texts is None:
            return None
        changed = None if subject == letter.summary.subject else subject
        told = {index: "" if f"name:{parts[index].name}" in hidden else parts[index].name for index in sorted(files)}
        return Changes(changed, texts, told, tuple(sorted(links)))

    async def _masked(self, epoch: int, wanted: Sequence[Change]) -> tuple[Needs | None, dict[str, Confidence]]:
        """Return what is to be searched for in texts, and from which confidence on; None where the rules are others by now."""
        rules = await self._book.rules()
        if rules.epoch != epoch:
            return None, {}
        ids = {one.rule_id for one in wanted if "mask" in one.kinds}
        needs = Needs()
        for rule in rules.rules:
            if rule.id in ids:
                needs |= compile_leak_condition(rule.condition).wanted
        return needs, _least([hit for one in wanted if "mask" in one.kinds for hit in one.hits])


def _kept(wanted: Sequence[Change]) -> set[tuple[str, str]]:
    """Return detector and value of what stays in texts: what does not count for a rule, and no other one found."""
    masking = [one for one in wanted if "mask" in one.kinds]
    counted = {(hit.detector, hit.value) for one in masking for hit in one.hits}
    return {pair for one in masking for pair in one.excepted} - counted


def _least(hits: Sequence[Hit]) -> dict[str, Confidence]:
    """Return from which confidence on each name is masked: a form alone only where nothing surer was found."""
    ranks: dict[str, set[int]] = {}
    for one in hits:
        ranks.setdefault(one.detector, set()).add(CONFIDENCES.index(one.confidence))
    return {name: CONFIDENCES[min(found - {0} or {0})] for name, found in ranks.items()}


def _is_reached(change: Change, parts: Sequence[Part]) -> bool:
    """Say whether the actions of a rule reach everything that it found."""
    kinds = change.kinds
    if "secure" in kinds:
        return True
    if not change.hits:
        return "mask" not in kinds or bool(kinds & {"strip", "link"})
    texts = any(one.place in {"subject", "body"} for one in change.hits)
    others = {one.place.partition(":")[2] for one in change.hits if ":" in one.place}
    names = any(one.place.startswith("name:") for one in change.hits)
    if (
        (texts and "mask" not in kinds)
        or (others and not kinds & {"strip", "link"})
        or (names and "strip" not in kinds)
    ):
        return False
    files = set(_files(change, parts))
    return others <= {part.name for part in parts} and all(
        part.name not in others or _is_within(index, parts, files) for index, part in enumerate(parts)
    )


def _files(change: Change, parts: Sequence[Part]) -> list[int]:
    """Return the files of the letter itself in which a rule found something, all where it found nothing."""
    named = {one.place.partition(":")[2] for one in change.hits if ":" in one.place}
    return [
        index
        for index, part in enumerate(parts)
        if part.is_file and not part.nested and not part.is_multipart and (not change.hits or part.name in named)
    ]


async def _masked_texts(
    letter: OutgoingLetter, search: Search, without: set[int]
) -> dict[int, tuple[bytes, Edit]] | None:
    """Return the texts that change; None where one of them cannot. What is found within an attached message stays there."""
    found: dict[int, tuple[bytes, Edit]] = {}
    for index, part in enumerate(letter.summary.parts):
        if part.name or not part.octets or _is_within(index, letter.summary.parts, without):
            continue
        if part.inner_body:
            block = await letter.read(part.body_start, min(part.inner_body - part.body_start, WHOLE))
            if search(part_text(part, {part.section: block})):
                return None
        if not part.type.startswith("text/"):
            continue
        if part.octets > MAX_PART:
            return None
        body = await letter.read(part.body_start, part.octets)
        text = readable(part, body)
        if text is None:
            return None
        mask = mask_html if part.type == "text/html" else mask_text
        masked = await asyncio.to_thread(mask, text, search)
        if masked is None or (masked != text and (part.nested or part.type not in _TEXTS)):
            return None
        if masked != text:
            own = await letter.read(part.header_start, part.body_start - part.header_start)
            found[index] = own, text_edit(part, own, masked)
    return found


def _is_within(index: int, parts: Sequence[Part], without: set[int]) -> bool:
    """Say whether a part goes out with a file."""
    while index >= 0:
        if index in without:
            return True
        index = parts[index].parent
    return False
