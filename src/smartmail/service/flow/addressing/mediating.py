"""Mediating: a distribution list takes a message, judges it, and re-sends it as its own (RFC 5598 §5.3).

NAME       mediator
PURPOSE    May it be posted; what it looks like; to whom it goes.
STATES     of a message (domain.addressing.Passage): come → (held → approved) → made → handed on up to a member → done.
STRATEGIES Each step is one commit of the queue: `STEP` members, and a recipient that goes on behind them. So no transaction
           is long, and a crash repeats a step that was not committed. Members are worked off in the order of their
           addresses; who joins meanwhile may or may not get it, nobody gets it twice. Nested lists are opened: their
           members get the outer list's message, once.
LIMITS     MAX_MEMBERS. The list of those reached is remembered per message in a process, so that steps do not look again.
FAILURE    What members' hosts refuse goes to the list's bounce address, that is to its owners.
SECURITY   Who may post is judged at RCPT by the envelope (`admit`), and here by who logged in or, from outside, by From and
           envelope; a From that its domain disowns (DMARC fail) proves nobody. What is refused here is refused to a sender
           who was found at RCPT to be allowed, so that no report goes to somebody forged.
STANDARDS  RFC 2369, 2919, 8058; RFC 3461 §5.2.7.4 (the list ends the wishes of the sender).
"""

from collections import OrderedDict
from collections.abc import Sequence

import msgspec

from smartmail.domain import inspection as inspections
from smartmail.domain.addressing import ApprovalText, ListText, Passage, StandIn
from smartmail.domain.errors import NotFound, PolicyRejected
from smartmail.domain.ids import AccountId
from smartmail.domain.principal import Actor
from smartmail.domain.queue import NewQueueEntry, QueueRecipient
from smartmail.formats import summary as summaries
from smartmail.formats.address import normalize, split_address
from smartmail.formats.headers import Header
from smartmail.formats.mime.scanner import Scanner
from smartmail.ports.dns import DnsFailure, Resolver
from smartmail.service.flow.addressing import leaving, posting
from smartmail.service.flow.addressing.book import AddressBook
from smartmail.service.flow.addressing.copying import CHUNK_OCTETS, HEADER_OCTETS, QueueCopier
from smartmail.service.flow.addressing.expansion import Place, TooMany, expand
from smartmail.service.flow.addressing.finding import HERE, AddressFinder
from smartmail.service.flow.addressing.walls import Walls
from smartmail.service.flow.approvals import ApprovalService, held_id
from smartmail.service.flow.queue_work import Outcome, Work
from smartmail.service.kernel.clock import MAX_LIFETIME, SECOND
from smartmail.service.kernel.envelope import Envelope, Recipient, Result
from smartmail.service.kernel.sealed_blobs import SealedBlob
from smartmail.service.protection.leaks import AutomaticLeaks

STEP = 500
MAX_MEMBERS = 100_000
REMEMBERED = 8
MEMBERS_MS = 5 * SECOND
"""Who may post follows a move between departments as fast as mail does."""
_DONE = Result(250, "2.1.5", "Handed on to the list")
_HELD = Result(250, "2.1.5", "Waits for a moderator of the list")
_LEAK = Result(550, "5.7.1", "A leak rule keeps this message from members outside")
_GONE = Result(550, "5.1.1", "No such recipient here")
_TOO_MANY = Result(550, "5.4.6", "This list has too many members")


class Mediator:
    """Re-sends messages of lists."""

    def __init__(
        self,
        book: AddressBook,
        finder: AddressFinder,
        copier: QueueCopier,
        approvals: ApprovalService,
        resolver: Resolver | None,
        web: str,
        walls: Walls,
        leaks: AutomaticLeaks,
    ) -> None:
        self._book = book
        self._finder = finder
        self._copier = copier
        self._approvals = approvals
        self._resolver = resolver
        self._web = web
        self._reached: OrderedDict[bytes, list[Place]] = OrderedDict()
        self._members: OrderedDict[str, tuple[int, frozenset[object]]] = OrderedDict()
        self._walls = walls
        self._leaks = leaks

    # -- who may ----------------------------------------------------------------------------------------------------

    async def admit(self, place: Place, sender: str, actor: Actor | None) -> None:
        """RCPT: refuse who may not post, at once. Raises PolicyRejected, NotFound."""
        row = await self._row(place.address)
        if not sender:
            raise PolicyRejected("this list takes no reports: write to its owner address")
        settings = await self._book.list_text(row)
        if settings.moderation != "never":
            return
        author = await self._author(
            row, settings, {normalize(sender)}, actor.account_id if actor else None, proven=True
        )
        if not posting.may_post(settings, author) and not author.moderator:
            raise PolicyRejected("you may not post to this list")

    async def _author(
        self, row: StandIn, settings: ListText, addresses: set[str], account_id: AccountId | None, *, proven: bool
    ) -> posting.Author:
        if account_id is not None:
            addresses = set(await self._book.store.addresses(account_id))
        moderators = {normalize(one) for one in (*settings.moderators, *settings.owners)}
        member = settings.post == "members" and await self._is_member(row, addresses, account_id)
        # From outside an address of ours proves nothing: our people log in.
        inside_claim = account_id is None and any([await self._is_ours(one) for one in addresses])
        return posting.Author(
            inside=account_id is not None,
            member=member and not inside_claim,
            moderator=bool(addresses & moderators) and not inside_claim,
            proven=proven and not inside_claim,
        )

    async def _is_ours(self, address: str) -> bool:
        return await self._book.store.domain(split_address(address)[1]) is not None

    async def _is_member(self, row: StandIn, addresses: set[str], account_id: AccountId | None) -> bool:
        now = self._book.clock.now()
        until, members = self._members.get(row.address, (0, frozenset()))
        if now >= until:
            try:
                places = await self._expanded(row)
            except TooMany:
                places = []
            members = frozenset(one.account_id or one.address for one in places)
            self._members[row.address] = (now + MEMBERS_MS, members)
            while len(self._members) > REMEMBERED:
                self._members.popitem(last=False)
        return bool(addresses & members) or (account_id is not None and account_id in members)

    def forget(self, address: str) -> None:
        """Members have changed."""
        self._members.pop(address, None)

    # -- a message --------------------------------------------------------------------------------------------------

    async def mediate(self, work: Work, row: QueueRecipient, recipient: Recipient, place: Place) -> Outcome:
        """Return the end of this step, with the entries that go on from it."""
        try:
            stand_in = await self._row(place.address)
        except NotFound:
            return Outcome(row.number, "permanent", _GONE)
        settings = await self._book.list_text(stand_in)
        passage = _passage(work.envelope)
        if passage is not None and passage.list == stand_in.address and passage.made:
            return await self._step(work, row, stand_in, settings, await self._copier.source(work), passage)
        header, body_start = await self._copier.header(work)
        if len(header.block) >= HEADER_OCTETS:  # its end was not found: there is no saying where the list's fields go
            return Outcome(row.number, "permanent", Result(550, *posting.REFUSALS[posting.TOO_LARGE]))
        if passage is None or passage.list != stand_in.address or not passage.approved:
            verdict, why = await self._judged(work, stand_in, settings, header)
            if verdict == "refuse":
                enhanced, text = posting.REFUSALS[why]
                return Outcome(row.number, "permanent", Result(550, enhanced, text))
            if verdict == "hold":
                return await self._hold(work, row, stand_in, settings, header, why)
        if await self._is_leak(work, stand_in):
            return Outcome(row.number, "permanent", _LEAK)
        rewritten = await self._must_rewrite(stand_in, settings, header)
        dress = posting.Dress(stand_in.address, settings, rewritten)
        path = posting.own_address(stand_in.address, "bounces")
        content, strip = await self._copier.made(
            work, stand_in.organization_id, path, posting.dressed(header, dress), body_start
        )
        begun = msgspec.structs.replace(work.envelope, strip=strip)
        return await self._step(
            Work(work.lease, begun, work.recipients),
            row,
            stand_in,
            settings,
            content.blob,
            await self._begun(stand_in.address, work),
        )

    async def _row(self, address: str) -> StandIn:
        row = (await self._book.stand_ins([address])).get(address)
        if row is None or row.kind != "list":
            raise NotFound("no such recipient here")
        return row

    async def _judged(
        self, work: Work, row: StandIn, settings: ListText, header: Header
    ) -> tuple[posting.Verdict, str]:
        claimed = posting.addresses_of(header, "from") | {normalize(work.envelope.reverse_path)}
        author = await self._author(
            row, settings, claimed - {""}, work.lease.entry.account_id, proven=not _disowned(work.envelope)
        )
        attached = not settings.attachments and await self._attached(work)
        size = work.lease.entry.blob.size - work.envelope.strip
        facts = posting.Facts(size, attached, posting.automatic(header), posting.been_here(header, row.address))
        return posting.judge(settings, author, facts)

    async def _is_leak(self, work: Work, stand_in: StandIn) -> bool:
        """Say whether a leak rule keeps the letter of one of ours from members outside."""
        author = work.lease.entry.account_id
        if author is None or not await self._walls.may_leave(author):
            return False
        try:
            places = await self._expanded(stand_in)
        except TooMany:  # `_step` refuses it
            return False
        outside = [one.address for one in places if one.kind == "outside"]
        if not outside:
            return False
        source, envelope = await self._copier.source(work), work.envelope
        return await self._leaks.stops_blob(author, "list", envelope.reverse_path, outside, source, envelope.strip)

    async def _attached(self, work: Work) -> bool:
        source, scanner = await self._copier.source(work), Scanner()
        for start in range(work.envelope.strip, source.row.size, CHUNK_OCTETS):
            scanner.feed(await self._copier.read(source, start, CHUNK_OCTETS))
        return summaries.build(scanner.finish()).has_attachment

    async def _hold(
        self, work: Work, row: QueueRecipient, stand_in: StandIn, settings: ListText, header: Header, why: str
    ) -> Outcome:
        """Keep the message for a moderator; the recipient ends here."""
        entry = work.lease.entry
        source = await self._copier.source(work)
        passage = msgspec.msgpack.encode(Passage(stand_in.address, approved=True))
        envelope = msgspec.structs.replace(work.envelope, passage=passage)
        held = await self._copier.entry(
            source, envelope, [Recipient(stand_in.address, ("NEVER",), via=HERE)],
            expires_at=self._book.clock.now() + MAX_LIFETIME, account_id=entry.account_id,
            entry_id=held_id(entry.id, row.number), hold="approval",
        )  # fmt: skip
        text = ApprovalText(
            work.envelope.reverse_path, header.text("subject") or "", why, 1, source.row.size - work.envelope.strip
        )
        question = await self._approvals.question(
            stand_in.organization_id, "list", stand_in.address, entry.account_id, held.id, text
        )
        await self._approvals.ask(question, held, text, settings.moderators or settings.owners)
        return Outcome(row.number, "delivered", _HELD, quiet=True)

    async def _begun(self, address: str, work: Work) -> Passage:
        """Return how far a list's message is at first, and which members are left out because of its author (BR-6)."""
        author = work.lease.entry.account_id
        leaves = await self._walls.may_leave(author)
        return Passage(address, made=True, inside=not leaves, stranger=author is None)

    # -- to whom ----------------------------------------------------------------------------------------------------

    async def _expanded(self, row: StandIn) -> list[Place]:
        """Return those whom the list reaches, by address. Raises TooMany."""

        async def look(addresses: Sequence[str]) -> list[Place]:
            return await self._finder.find_many(addresses, through_lists=True)

        places = await expand([row.address], look, MAX_MEMBERS)
        return sorted((one for one in places if one.kind in {"account", "outside", "other"}), key=_order)

    async def _reached_by(self, row: StandIn, blob_id: bytes) -> list[Place]:
        known = self._reached.get(blob_id)
        if known is None:
            known = self._reached[blob_id] = await self._expanded(row)
            while len(self._reached) > REMEMBERED:
                self._reached.popitem(last=False)
        return known

    async def _step(
        self,
        work: Work,
        row: QueueRecipient,
        stand_in: StandIn,
        settings: ListText,
        source: SealedBlob,
        passage: Passage,
    ) -> Outcome:
        """Hand the list's message on to the next members."""
        try:
            places = await self._reached_by(stand_in, source.row.id)
        except TooMany:
            return Outcome(row.number, "permanent", _TOO_MANY)
        if passage.inside:
            places = [one for one in places if one.kind == "account"]
        if passage.stranger:
            places = await self._walls.open_to_strangers(places)
        waiting = [one for one in places if _order(one) > passage.after]
        page, more = waiting[:STEP], len(waiting) > STEP
        domain = split_address(stand_in.address)[1]
        envelope = Envelope(
            posting.own_address(stand_in.address, "bounces"), strip=work.envelope.strip, header_from=domain,
            smtputf8=work.envelope.smtputf8, inspection=work.envelope.inspection, sign_domain=domain,
            require_tls=work.envelope.require_tls,
        )  # fmt: skip
        entries = await self._entries(work, stand_in, settings, source, envelope, page)
        if more:
            onward = msgspec.msgpack.encode(msgspec.structs.replace(passage, after=_order(page[-1])))
            entries.append(
                await self._entry(
                    work,
                    source,
                    msgspec.structs.replace(envelope, passage=onward),
                    [Recipient(stand_in.address, ("NEVER",), via=HERE)],
                )
            )
        else:
            self._reached.pop(source.row.id, None)
        return Outcome(row.number, "delivered", _DONE, entries=tuple(entries))

    async def _entries(
        self,
        work: Work,
        stand_in: StandIn,
        settings: ListText,
        source: SealedBlob,
        envelope: Envelope,
        page: list[Place],
    ) -> list[NewQueueEntry]:
        inside = [Recipient(one.address, final=True, via=HERE) for one in page if one.kind == "account"]
        outside = [one for one in page if one.kind != "account"]
        entries = [await self._entry(work, source, envelope, inside)] if inside else []
        if outside and not (settings.unsubscribe and self._web):
            entries.append(
                await self._entry(work, source, envelope, [Recipient(one.address, via=one.via) for one in outside])
            )
            return entries
        for one in outside:
            # A way off the list names its member, so each gets an entry; the octets are stored once.
            token = await self._leaving_token(stand_in, one.address)
            lines = leaving.fields(self._web, token, posting.own_address(stand_in.address, "request"))
            own = msgspec.structs.replace(envelope, lines=lines)
            entries.append(await self._entry(work, source, own, [Recipient(one.address, via=one.via)]))
        return entries

    async def _leaving_token(self, row: StandIn, address: str) -> str:
        return leaving.token(row.address, address, self._book.keyring.installation_mac)

    async def _entry(
        self, work: Work, source: SealedBlob, envelope: Envelope, recipients: list[Recipient]
    ) -> NewQueueEntry:
        utf8 = envelope.smtputf8 or not all(one.address.isascii() for one in recipients)
        return await self._copier.entry(
            source, msgspec.structs.replace(envelope, smtputf8=utf8), recipients,
            expires_at=self._book.clock.now() + MAX_LIFETIME, account_id=None, queue_class="bulk",
        )  # fmt: skip

    # -- the author's domain ----------------------------------------------------------------------------------------

    async def _must_rewrite(self, row: StandIn, settings: ListText, header: Header) -> bool:
        """Whether hosts that obey DMARC would refuse the message with the author's own From (RFC 7960 §3.2)."""
        if settings.rewriting != "dmarc":
            return settings.rewriting == "always"
        touched = bool(settings.prefix) or settings.reply_to == "list" or header.first("dkim-signature") is None
        authors = posting.addresses_of(header, "from")
        domain = split_address(next(iter(authors), ""))[1]
        own = split_address(row.address)[1]
        if not touched or not domain or domain == own or domain.endswith(f".{own}"):
            return False
        return await self._is_strict(domain)

    async def _is_strict(self, domain: str) -> bool:
        if self._resolver is None:
            return False
        labels = domain.split(".")
        try:
            for start in range(max(1, len(labels) - 1)):
                for record in await self._resolver.txt("_dmarc." + ".".join(labels[start:])):
                    tags = leaving.tags(record)
                    if tags.get("v", "").upper() == "DMARC1":
                        policy = tags.get("sp", tags.get("p", "none")) if start else tags.get("p", "none")
                        return policy.lower() in {"reject", "quarantine"}
        except DnsFailure:
            return True  # who cannot be asked might be strict
        return False


def _order(place: Place) -> str:
    return f"{place.address} {place.kind}"


def _passage(envelope: Envelope) -> Passage | None:
    return msgspec.msgpack.decode(envelope.passage, type=Passage) if envelope.passage else None


def _disowned(envelope: Envelope) -> bool:
    if not envelope.inspection:
        return False
    found = inspections.decode(envelope.inspection)
    return any(one.method == "dmarc" and one.result == "fail" for one in found.authentication)
