"""Handing on: a recipient of the queue that is no single account becomes the recipients that it stands for.

NAME       handing
PURPOSE    Aliases, catch-alls, forwards, copies for another system, ways back of forwards; lists go to `mediating`.
STRATEGIES New entries and the end of the old recipient are one commit (QueueService.report): a crash does it again, and
           nothing twice. Inside, outside and other system are entries of their own: each has its own envelope.
LIMITS     `expansion.MAX_TARGETS` places, `expansion.MAX_DEPTH` steps.
FAILURE    Places that cannot be reached fail alone, later, as recipients of their own.
SECURITY   Mail that leaves for outside carries a loop mark and, from senders outside, a reverse-path of ours (formats.srs).
           A mark of ours on arrival ends what would go round. What a filter called junk is not forwarded to outside where
           somebody inside has it.
STANDARDS  RFC 5321 §3.9.1, §6.3; RFC 3461 §5.2.7 (NOTIFY and ORCPT go along).
"""

from collections.abc import Sequence

import msgspec

from smartmail.domain import inspection as inspections
from smartmail.domain.queue import NewQueueEntry, QueueRecipient
from smartmail.formats.address import normalize, split_address
from smartmail.formats.headers import Header
from smartmail.formats.seal import Purpose
from smartmail.service.flow.addressing.copying import QueueCopier
from smartmail.service.flow.addressing.expansion import Place, TooMany, expand
from smartmail.service.flow.addressing.finding import HERE, AddressFinder
from smartmail.service.flow.addressing.mediating import Mediator
from smartmail.service.flow.addressing.walls import Walls
from smartmail.service.flow.queue_work import Outcome, Work
from smartmail.service.kernel.envelope import Envelope, Recipient, Result
from smartmail.service.protection.leaks import AutomaticLeaks

MARK = "X-Loop"
_LOOP = Result(550, "5.4.6", "This message would go round in circles")
_NO_WAY_BACK = Result(550, "5.7.1", "This address takes reports about undelivered mail only")
_TOO_MANY = Result(550, "5.4.6", "This address stands for too many others")
_INSIDE_ONLY = Result(550, "5.7.1", "This address takes mail from inside its organisation only")
_LEAK = Result(550, "5.7.1", "A leak rule keeps this message from going outside")
_DONE = Result(250, "2.1.5", "Handed on")
_HERE = Result(250, "2.1.5", "Delivered here before")


class Handing:
    """Hands on what the queue's worker finds to be more than an account."""

    def __init__(
        self, copier: QueueCopier, finder: AddressFinder, mediator: Mediator, walls: Walls, leaks: AutomaticLeaks
    ) -> None:
        self._copier = copier
        self._finder = finder
        self._mediator = mediator
        self._walls = walls
        self._leaks = leaks

    async def hand_on(self, work: Work, row: QueueRecipient, recipient: Recipient, place: Place) -> Outcome:
        """Return the end of a recipient with the entries that go on from it."""
        if place.kind == "list":
            return await self._mediator.mediate(work, row, recipient, place)
        if place.kind == "back":
            return await self._back(work, row, place)
        header, _body = await self._copier.header(work)
        marks = {value.decode("ascii", "replace").lower() for value in header.all(MARK)}

        async def look(addresses: Sequence[str]) -> list[Place]:
            return await self._finder.find_many(addresses, stay=recipient.stay)

        try:
            places = await expand([normalize(recipient.address)], look)
        except TooMany:
            return Outcome(row.number, "permanent", _TOO_MANY)
        # The house's own notices have no sender: they are from inside.
        if work.lease.entry.account_id is None and work.envelope.reverse_path:
            places = await self._walls.open_to_strangers(places)
            if not places:
                return Outcome(row.number, "permanent", _INSIDE_ONLY)
        return await self._sort(work, row, recipient, places, marks)

    async def _sort(
        self, work: Work, row: QueueRecipient, recipient: Recipient, places: Sequence[Place], marks: set[str]
    ) -> Outcome:
        """Make an entry for those inside, one for those outside, one for each other system."""
        inside = [one for one in places if one.kind in {"account", "list", "nobody"}]
        outside = [one for one in places if one.kind in {"outside", "back"}]
        others = [one for one in places if one.kind == "other"]
        forward_mark = self.mark("forward", recipient.address)
        if forward_mark in marks or (inside and _is_junk(work.envelope)):
            outside = []
        # What the other system got a copy of, and sends back, is here already; what it was given and does not know either
        # is nobody's (two systems on one domain: nothing goes round, nothing is there twice).
        if any(self.mark("copy", one.address) in marks for one in others) and any(o.kind == "account" for o in inside):
            return Outcome(row.number, "delivered", _HERE, quiet=True)
        others = [
            one for one in others if not ({self.mark("pass", one.address), self.mark("copy", one.address)} & marks)
        ]
        if not (inside or outside or others):
            return Outcome(row.number, "permanent", _LOOP)
        if outside and await self._is_leak(work, recipient, [one.address for one in outside]):
            outside = []
            if not (inside or others):
                return Outcome(row.number, "permanent", _LEAK)
        entries: list[NewQueueEntry] = []
        if inside:
            entries.append(await self._entry(work, work.envelope, [_inner(recipient, one) for one in inside]))
        if outside:
            domain = split_address(normalize(recipient.address))[1]
            path = await self._finder.reverse_path(work.envelope.reverse_path, domain)
            envelope = msgspec.structs.replace(work.envelope, reverse_path=path, lines=_line(forward_mark))
            entries.append(await self._entry(work, envelope, [_outer(recipient, one.address) for one in outside]))
        here = {one.address for one in inside if one.kind == "account"}
        for one in others:
            is_copy = one.address in here
            lines = _line(self.mark("copy" if is_copy else "pass", one.address)) if one.via else b""
            envelope = msgspec.structs.replace(work.envelope, lines=lines)
            outer = msgspec.structs.replace(_outer(recipient, one.address), via=one.via)
            # The message is delivered here: the author gets no report about a copy that they did not ask for.
            outer = msgspec.structs.replace(outer, notify=("NEVER",)) if is_copy else outer
            entries.append(await self._entry(work, envelope, [outer]))
        return Outcome(row.number, "delivered", _DONE, entries=tuple(entries), quiet=True)

    async def _is_leak(self, work: Work, recipient: Recipient, outside: Sequence[str]) -> bool:
        """Say whether a leak rule keeps a letter from going outside: one of ours as its author's, any other as of the account
        that forwards it.
        """
        owner = work.lease.entry.account_id or await self._finder.owner(recipient.address)
        if owner is None:
            return False
        source, envelope = await self._copier.source(work), work.envelope
        return await self._leaks.stops_blob(owner, "redirect", envelope.reverse_path, outside, source, envelope.strip)

    async def _back(self, work: Work, row: QueueRecipient, place: Place) -> Outcome:
        if work.envelope.reverse_path:
            return Outcome(row.number, "permanent", _NO_WAY_BACK)
        entry = await self._entry(work, work.envelope, [Recipient(place.next[0], ("NEVER",))])
        return Outcome(row.number, "delivered", _DONE, entries=(entry,), quiet=True)

    def mark(self, kind: str, address: str) -> str:
        """Return the loop mark of an address, for X-Loop: nobody else can make it."""
        digest = self._copier.keyring.installation_mac(Purpose.LOOP_MARK, kind.encode(), normalize(address).encode())
        return f"{kind}-{digest[:10].hex()}"

    async def _entry(self, work: Work, envelope: Envelope, recipients: Sequence[Recipient]) -> NewQueueEntry:
        entry = work.lease.entry
        source = await self._copier.source(work)
        return await self._copier.entry(
            source, envelope, recipients, expires_at=entry.expires_at, account_id=entry.account_id
        )


def marks_of(header: Header) -> set[str]:
    """Return the loop marks of a message."""
    return {value.decode("ascii", "replace").lower() for value in header.all(MARK)}


def _inner(recipient: Recipient, place: Place) -> Recipient:
    """Return a place inside as a recipient: an account is final, a list is yet to be mediated."""
    return replace_recipient(recipient, place.address, final=place.kind != "list", via=HERE)


def _outer(recipient: Recipient, address: str) -> Recipient:
    return replace_recipient(recipient, address, final=False)


def replace_recipient(recipient: Recipient, address: str, *, final: bool, via: str = "") -> Recipient:
    """Return another address that stands in for a recipient; it keeps its wishes (RFC 3461 §5.2.7)."""
    orcpt = recipient.orcpt or f"rfc822;{recipient.address}"
    return Recipient(
        address, recipient.notify, orcpt if orcpt.isascii() else "", final=final, stay=recipient.stay, via=via
    )


def _is_junk(envelope: Envelope) -> bool:
    return bool(envelope.inspection) and inspections.decode(envelope.inspection).act == "junk"


def _line(mark: str) -> bytes:
    return f"{MARK}: {mark}\r\n".encode()
