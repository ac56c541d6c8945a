"""NAME
    opening: originals of somebody that two persons open

STATES
    proposed (service.kernel.proposals) → open, from the confirmation until its time, or until one of both ends it before → over.

STRATEGIES
    The consent of another administrator is asked always, whatever the company's policy says of other acts, and never
    replaced by time: with nobody else who may consent there is no opening. What is read is an access record like any look of
    others into a mailbox (service.kernel.audit.witness), so its owner sees it where looks are shown to them.

SECURITY
    Permission `message.open` over the account, asked at every look; only the two persons, only until the end. The reason is
    sealed under the organisation's key.

FAILURE
    Closed: where the look cannot be recorded, nothing is shown.

Must not know how it is shown.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import msgspec

from smartmail.base import log
from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import Forbidden, Invalid, NotFound, StateMismatch
from smartmail.domain.ids import AccountId, BlobId, MessageId
from smartmail.domain.keys import Opening
from smartmail.domain.message import MessageRow
from smartmail.domain.policy import Scope
from smartmail.domain.principal import Actor
from smartmail.formats.seal import Kind, SealError
from smartmail.formats.search import message as texts
from smartmail.formats.summary import HeaderAddress, Summary
from smartmail.ports.clock import Clock
from smartmail.service.kernel.audit import Witness
from smartmail.service.kernel.audit.texts import given_reason
from smartmail.service.kernel.authority import Authority
from smartmail.service.kernel.clock import MINUTE
from smartmail.service.kernel.intake import open_summary
from smartmail.service.kernel.keyring import Keyring, Sealer
from smartmail.service.kernel.proposals import ProposalService
from smartmail.service.kernel.proposals.acts import Act
from smartmail.service.kernel.proposals.service import Proposal
from smartmail.service.kernel.sealed_blobs import SealedBlobs
from smartmail.service.operations.keys.store import Store

ACT: Final = "message.open"
LEAST_MINUTES: Final = 5
MOST_MINUTES: Final = 7 * 24 * 60
MAX_LISTED: Final = 1_000
MAX_TEXT: Final = 1_000_000
"""Characters of a message's text that are shown; the original has all."""


class OpenArguments(msgspec.Struct, frozen=True):
    """Whose originals, for how long from the consent on, and why."""

    account_id: int
    minutes: int
    reason: str


@dataclass(frozen=True, slots=True)
class OpeningView:
    """An opening with its reason ("" when the company's key is gone) and the login of whose mail it is."""

    row: Opening
    login: str
    reason: str
    is_open: bool


@dataclass(frozen=True, slots=True)
class OriginalLine:
    """A message in a list. `readable` is False where its summary does not open."""

    id: MessageId
    received_at: int
    sender: str
    subject: str
    size: int
    has_attachment: bool
    readable: bool = True


@dataclass(frozen=True, slots=True)
class OriginalText:
    """A message to be read."""

    line: OriginalLine
    to: str
    cc: str
    text: str
    files: tuple[tuple[str, str, int], ...]
    """Name, type, octets as stored of each file."""


class OpeningService:
    """Proposes, lists, ends, shows."""

    def __init__(
        self, store: Store, authority: Authority, proposals: ProposalService, keyring: Keyring, blobs: SealedBlobs,
        witness: Witness, clock: Clock,
    ) -> None:  # fmt: skip
        self._store = store
        self._authority = authority
        self._proposals = proposals
        self._keyring = keyring
        self._blobs = blobs
        self._witness = witness
        self._clock = clock
        proposals.add(
            Act(ACT, "originals", "message.open", OpenArguments, _scope_of, self._run, repeatable=True, check=self._check)
        )  # fmt: skip

    # --- two persons ---

    async def propose(self, actor: Actor, account_id: AccountId, minutes: int, reason: str) -> Proposal:
        """Ask another administrator to consent that both read somebody's originals for so many minutes.

        Raises Forbidden, NotFound, Invalid (no reason, no such time, nobody who could consent).
        """
        arguments = OpenArguments(account_id, minutes, given_reason(reason))
        home = await self._authority.require(actor, "message.open", _scope_of(arguments))
        if home is None:
            raise NotFound
        others = await self._authority.holders(home, "message.open", _scope_of(arguments))
        if not await self._proposals.independence.independent(actor.account_id, others):
            raise Invalid(
                "nobody else may consent: two persons are needed, and time does not replace the second",
                reason="opening.two",
            )
        return await self._proposals.propose(actor, ACT, arguments, reason)

    async def _check(self, _actor: Actor, arguments: OpenArguments) -> None:
        if not LEAST_MINUTES <= arguments.minutes <= MOST_MINUTES:
            raise Invalid(
                f"an opening lasts from {LEAST_MINUTES} to {MOST_MINUTES} minutes",
                reason="number.range",
                least=LEAST_MINUTES,
                most=MOST_MINUTES,
            )
        if not (await self._store.account(AccountId(arguments.account_id))).wrapped_key:
            raise Invalid("its key was destroyed", reason="key.destroyed")

    async def _run(self, author: Actor, arguments: OpenArguments, key: int) -> str:
        await self._check(author, arguments)
        account, now = await self._store.account(AccountId(arguments.account_id)), self._clock.now()
        sealer = await self._keyring.organization(account.organization_id)
        one = Opening(
            0, account.organization_id, account.id, author.named, "", now, now + arguments.minutes * MINUTE,
            sealer.seal_text(Kind.OPENING, arguments.reason, account.id, now),
        )  # fmt: skip
        record = AuditRecord(now, author.named, "message.opened", f"account:{account.id}", author.origin.address, None,
            author.origin.door)  # fmt: skip
        try:
            number = await self._store.add_opening(one, key, record)
        except StateMismatch as error:
            raise Forbidden("another administrator has to consent", reason="consent.other") from error
        log.event("opening.begun", opening=number, account=account.id)
        return f"opening:{number}"

    async def views(self, actor: Actor) -> list[OpeningView]:
        """Return openings over accounts that the actor may open, the newest first. Raises Forbidden."""
        home = await self._authority.organization(actor, "message.open")
        rows = await self._store.openings(home, MAX_LISTED)
        return [
            await self._view(row)
            for row in rows
            if await self._authority.may(actor, "message.open", Scope("account", str(int(row.account_id))))
        ]

    async def view(self, actor: Actor, number: int) -> OpeningView:
        """Return one. Raises Forbidden, NotFound."""
        return await self._view(await self._row(actor, number))

    async def end(self, actor: Actor, number: int) -> None:
        """End one before its time. Raises Forbidden, NotFound, StateMismatch (it is over)."""
        row, now = await self._row(actor, number), self._clock.now()
        record = AuditRecord(now, actor.named, "message.open-end", f"account:{row.account_id}", actor.origin.address, None,
            actor.origin.door)  # fmt: skip
        if not row.is_open(now) or not await self._store.end_opening(number, actor.named, now, record):
            raise StateMismatch("it is over", reason="consent.over")

    async def _row(self, actor: Actor, number: int) -> Opening:
        found = await self._store.opening(number)
        home, account_id = (found.organization_id, found.account_id) if found else (None, None)
        await self._authority.require_owner(actor, "message.open", home, account_id=account_id)
        assert found is not None
        return found

    async def _view(self, row: Opening) -> OpeningView:
        reason, login = "", ""
        try:
            login = (await self._store.account(row.account_id)).login
            sealer = await self._keyring.organization(row.organization_id)
            reason = sealer.open_text(Kind.OPENING, row.sealed_reason, row.account_id, row.begun_at)
        except (SealError, NotFound):
            pass
        return OpeningView(row, login, reason, row.is_open(self._clock.now()))

    # --- reading ---

    async def messages(
        self, actor: Actor, number: int, *, after: tuple[int, int] | None = None, words: str = "", limit: int = 50
    ) -> list[OriginalLine]:
        """Return messages, the newest first, after one (when it was received, its id); `words` in subject or sender.

        Raises Forbidden (not one of the two, its time is over), NotFound, Unavailable (the look cannot be recorded).
        """
        row = await self._open(actor, number)
        keys = await self._keys(row)
        # With the id: many messages of an import were received at one moment.
        rows = [
            one for one in await self._store.all_messages(row.account_id)
            if after is None or (one.received_at, int(one.id)) < after
        ]  # fmt: skip
        found: list[OriginalLine] = []
        for start in range(0, len(rows), 500):
            part = rows[start : start + 500]
            lines = await self._lines(row.account_id, keys, part)
            found += [one for one in lines if words.casefold() in f"{one.subject} {one.sender}".casefold()]
            if len(found) >= limit:
                break
        await self._witness.saw(actor, row.account_id, "list", [one.id for one in found[:limit]])
        return found[:limit]

    async def message(self, actor: Actor, number: int, message_id: MessageId) -> OriginalText:
        """Return one message to be read. Raises as `messages`."""
        row = await self._open(actor, number)
        keys, one = await self._keys(row), await self._message(row, message_id)
        await self._witness.saw(actor, row.account_id, "read", [message_id])
        line = (await self._lines(row.account_id, keys, [one]))[0]
        summary = await self._summary(row.account_id, keys, one)
        if summary is None:
            raise NotFound
        octets = await self._octets(row, keys, one)
        bodies = {
            part.section: octets[part.body_start : part.body_start + part.octets] for part in texts.texts(summary)
        }
        read = [part for part in texts.texts(summary) if not part.name]
        read = [part for part in read if part.type == "text/plain"] or read
        shown = "\n\n".join(texts.part_text(part, bodies) for part in read)
        files = tuple(
            (part.name, part.type, part.octets) for part in summary.parts if part.name and not part.is_multipart
        )
        return OriginalText(line, _shown(summary.to), _shown(summary.cc), shown[:MAX_TEXT], files)

    async def original(self, actor: Actor, number: int, message_id: MessageId) -> bytes:
        """Return a message octet by octet. Raises as `messages`."""
        row = await self._open(actor, number)
        keys, one = await self._keys(row), await self._message(row, message_id)
        await self._witness.saw(actor, row.account_id, "export", [message_id])
        return await self._octets(row, keys, one)

    async def _open(self, actor: Actor, number: int) -> Opening:
        row = await self._row(actor, number)
        if actor.named not in {row.proposed_by, row.confirmed_by}:
            raise Forbidden("only the two who opened it read", reason="opening.readers")
        if not row.is_open(self._clock.now()):
            raise Forbidden("its time is over", reason="opening.over")
        return row

    async def _keys(self, row: Opening) -> Sealer:
        try:
            return await self._keyring.account_by_id(row.account_id)
        except SealError as error:
            raise NotFound from error

    async def _message(self, row: Opening, message_id: MessageId) -> MessageRow:
        found = await self._store.messages(row.account_id, [message_id])
        if not found:
            raise NotFound
        return found[0]

    async def _octets(self, row: Opening, keys: Sealer, one: MessageRow) -> bytes:
        try:
            blob = await self._store.blob(one.blob_id)
            return await self._blobs.read(blob, row.organization_id, keys.unwrap(one.blob_id, one.wrapped_key))
        except SealError as error:
            raise NotFound from error

    async def _summary(self, account_id: AccountId, keys: Sealer, one: MessageRow) -> Summary | None:
        found = await self._store.summaries(account_id, [one.id])
        return _opened(keys, found[0][1], found[0][2]) if found else None

    async def _lines(self, account_id: AccountId, keys: Sealer, rows: Sequence[MessageRow]) -> list[OriginalLine]:
        sealed = {one[0]: one for one in await self._store.summaries(account_id, [row.id for row in rows])}
        lines = []
        for row in rows:
            held = sealed.get(row.id)
            summary = _opened(keys, held[1], held[2]) if held else None
            if summary is None:
                lines.append(
                    OriginalLine(row.id, row.received_at, "", "", row.size, row.has_attachment, readable=False)
                )
            else:
                sender = _shown(summary.from_)
                lines.append(
                    OriginalLine(row.id, row.received_at, sender, summary.subject, row.size, row.has_attachment)
                )
        return lines


def _shown(boxes: Sequence[HeaderAddress]) -> str:
    return ", ".join(line.strip() for line in texts.shown(boxes).splitlines())


def _opened(keys: Sealer, blob_id: BlobId, sealed: bytes) -> Summary | None:
    try:
        return open_summary(keys, blob_id, sealed)
    except (SealError, ValueError):
        return None


def _scope_of(arguments: OpenArguments) -> Scope:
    return Scope("account", str(arguments.account_id))
