"""What a person does with parcels: ask for one, send one, look, fetch, undo, throw away.

NAME       parcel desk
STATES     domain.parcels.ParcelState. A file that comes is dropped after `UNFINISHED_MS` when nobody goes on with it.
LIMITS     `MOST_OPEN` parcels of an account that are not done; `MAX_OCTETS` of a file that comes.
SECURITY   One's own account only; foreign parcels answer like absent ones. `export.allowed` and `import.allowed` are asked
           at each act, also of what was made before they were turned off; `export.step-up` asks for a fresh proof. A program
           with a password of its own gets nothing: this is for the person. Each act is on record, downloads with counts.
"""

from dataclasses import dataclass
from typing import Final, Literal

from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import Forbidden, Invalid, NotFound, PolicyRejected, StateMismatch, TooLarge
from smartmail.domain.ids import MailboxId, MessageId
from smartmail.domain.parcels import ID_OCTETS, Direction, Parcel
from smartmail.domain.principal import Actor
from smartmail.formats.seal import SealError
from smartmail.policy import knobs
from smartmail.policy.deciding import PolicyView
from smartmail.ports.clock import Clock
from smartmail.service.identity.factors.step_up import PROGRAMS, StepUp
from smartmail.service.kernel.audit.texts import RecordTexts
from smartmail.service.kernel.clock import DAY
from smartmail.service.kernel.keyring import Keyring
from smartmail.service.kernel.policy import PolicyService
from smartmail.service.kernel.sealed_blobs import SealedBlobs
from smartmail.service.mailbox.mailstore.mailboxes import MailboxService
from smartmail.service.mailbox.mailstore.messages import MessageService
from smartmail.service.mailbox.parcels.parts import PartReader, PartWriter
from smartmail.service.mailbox.parcels.store import Store
from smartmail.service.mailbox.parcels.texts import OpenParcel, ParcelText, open_parcel, seal_parcel

MOST_OPEN: Final = 5
MAX_OCTETS: Final = 50 << 30
MAX_NAME: Final = 255
UNFINISHED_MS: Final = 2 * DAY
Form = Literal["eml", "mbox"]
BLOCK: Final = 500
"""Messages that are taken out again in one transaction."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What shall go out: mailboxes (empty: all), received from `since` to before `until` (0: no end), milliseconds."""

    name: str
    mailboxes: tuple[MailboxId, ...] = ()
    since: int = 0
    until: int = 0
    form: Form = "eml"


class ParcelDesk:
    """The person's part."""

    def __init__(
        self, store: Store, keyring: Keyring, blobs: SealedBlobs, policy: PolicyService, step_up: StepUp,
        mailboxes: MailboxService, messages: MessageService, texts: RecordTexts, clock: Clock,
    ) -> None:  # fmt: skip
        self._store = store
        self._keyring = keyring
        self._blobs = blobs
        self._policy = policy
        self._step_up = step_up
        self._mailboxes = mailboxes
        self._messages = messages
        self._texts = texts
        self._clock = clock

    async def told(self, actor: Actor) -> dict[str, object]:
        """Return what a page must know to offer nothing that would be refused."""
        policy = await self._policy.of_id(actor.account_id)
        person = actor.by not in PROGRAMS
        return {
            "mayExport": policy[knobs.EXPORT] and person, "mayImport": policy[knobs.IMPORT] and person,
            "days": policy[knobs.PARCEL_DAYS], "maxOctets": MAX_OCTETS,
        }  # fmt: skip

    async def list_all(self, actor: Actor) -> list[OpenParcel]:
        """Return the actor's own, the newest first; those whose text does not open are left out."""
        keys, found = await self._keyring.account_by_id(actor.account_id), []
        for row in await self._store.parcels(actor.account_id):
            try:
                found.append(open_parcel(keys, row))
            except SealError:
                continue
        return found

    async def own(self, actor: Actor, parcel_id: bytes) -> OpenParcel:
        """Return one of the actor's. Raises NotFound."""
        row = await self._store.parcel(parcel_id)
        if row is None or row.account_id != actor.account_id:
            raise NotFound
        return open_parcel(await self._keyring.account_by_id(actor.account_id), row)

    async def ask(self, actor: Actor, wish: Wish) -> OpenParcel:
        """Let a parcel be made. Raises PolicyRejected, ProofNeeded, Forbidden, NotFound (mailbox), Invalid, RateLimited."""
        policy = await self._may(actor, "out")
        held = {one.row.id for one in await self._mailboxes.list_all(actor, actor.account_id)}
        if not held.issuperset(wish.mailboxes):
            raise NotFound
        if wish.until and wish.since >= wish.until:
            raise Invalid("the period ends before it begins")
        text = ParcelText(_clean(wish.name), tuple(wish.mailboxes), wish.since, wish.until, form=wish.form)
        return await self._add(actor, "out", 0, text, policy[knobs.PARCEL_DAYS] * DAY)

    async def begin(self, actor: Actor, name: str, size: int, mailbox_id: MailboxId | None) -> OpenParcel:
        """Begin a file that comes. Raises PolicyRejected, Forbidden, NotFound (mailbox), Invalid, TooLarge, RateLimited."""
        await self._may(actor, "in")
        if size < 1:
            raise Invalid("a file has octets")
        if size > MAX_OCTETS:
            raise TooLarge(f"at most {MAX_OCTETS} octets")
        held = {one.row.id for one in await self._mailboxes.list_all(actor, actor.account_id)}
        if mailbox_id is not None and mailbox_id not in held:
            raise NotFound
        return await self._add(actor, "in", size, ParcelText(_clean(name), mailbox_id=mailbox_id or 0), UNFINISHED_MS)

    async def grow(self, actor: Actor, parcel_id: bytes, offset: int) -> PartWriter:
        """Go on with a file at an offset. Raises NotFound, PolicyRejected, StateMismatch (it has another length)."""
        row = (await self.own(actor, parcel_id)).row
        await self._may(actor, "in")
        if row.direction != "in":
            raise NotFound
        if row.state != "coming" or row.received != offset:
            raise StateMismatch
        return PartWriter(self._store, self._blobs, await self._keyring.account_by_id(row.account_id), row)

    async def fetch(self, actor: Actor, parcel_id: bytes) -> tuple[OpenParcel, PartReader]:
        """Return a parcel that is ready, to be read. Raises NotFound, PolicyRejected, ProofNeeded, Forbidden."""
        one = await self.own(actor, parcel_id)
        await self._may(actor, "out")
        if one.row.direction != "out" or one.row.state != "ready" or one.row.expires_at <= self._clock.now():
            raise NotFound
        return one, PartReader(
            self._store, self._blobs, await self._keyring.account_by_id(actor.account_id), one.row
        )  # fmt: skip

    async def note_fetched(self, actor: Actor, one: OpenParcel, start: int) -> None:
        """Put on record that octets go out from an offset on, before they do. Raises Unavailable: then they do not."""
        facts = {"messages": one.text.taken, "octets": one.row.size, "from": start}
        await self._store.audit(await self._record(actor, "parcel.fetch", one.row, facts), actor.account_id)

    async def undo(self, actor: Actor, parcel_id: bytes) -> int:
        """Take out again what a parcel brought, wherever it lies now; return how many messages that were.

        Raises NotFound, StateMismatch (it brought nothing, or is not done).
        """
        one = await self.own(actor, parcel_id)
        if one.row.direction != "in" or one.row.state not in {"ready", "failed"}:
            raise StateMismatch("there is nothing to undo")
        count, after = 0, MessageId(0)
        while block := await self._store.parcel_messages(parcel_id, after, BLOCK):
            after = block[-1]
            count += len(await self._messages.destroy(actor, actor.account_id, block))
        record = await self._record(actor, "parcel.undo", one.row, {"messages": count})
        await self._store.turn_parcel(parcel_id, ("ready", "failed"), "undone", record)
        return count

    async def drop(self, actor: Actor, parcel_id: bytes) -> None:
        """Throw a parcel away, or end it before its time; what it brought stays. Raises NotFound."""
        one = await self.own(actor, parcel_id)
        record = await self._record(actor, "parcel.drop", one.row, {})
        await self._store.drop_parcel(parcel_id, self._clock.now(), record)

    async def _may(self, actor: Actor, direction: Direction) -> PolicyView:
        policy = await self._policy.of_id(actor.account_id)
        if actor.by in PROGRAMS:
            raise Forbidden("sign in as a person for this")
        if not (policy[knobs.EXPORT] if direction == "out" else policy[knobs.IMPORT]):
            raise PolicyRejected(
                "mailboxes may not be taken out" if direction == "out" else "no mail may be brought in"
            )
        if direction == "out" and policy[knobs.EXPORT_STEP_UP]:
            await self._step_up.require(actor)
        return policy

    async def _add(self, actor: Actor, direction: Direction, size: int, text: ParcelText, lives: int) -> OpenParcel:
        keys, now = await self._keyring.account_by_id(actor.account_id), self._clock.now()
        parcel_id = self._clock.random(ID_OCTETS)
        row = Parcel(
            parcel_id, actor.account_id, actor.organization_id, direction, "coming" if direction == "in" else "waiting",
            size, 0, 0, 0, size, seal_parcel(keys, parcel_id, text), now, now + lives,
        )  # fmt: skip
        facts = {"mailboxes": len(text.mailboxes), "since": text.since, "until": text.until, "octets": size}
        await self._store.add_parcel(row, MOST_OPEN, await self._record(actor, f"parcel.{direction}", row, facts))
        return OpenParcel(row, text)

    async def _record(self, actor: Actor, action: str, row: Parcel, facts: dict[str, int]) -> AuditRecord:
        now, thing = self._clock.now(), f"parcel:{row.id.hex()}"
        sealed = await self._texts.seal(actor.organization_id, action, thing, now, facts) if facts else None
        return AuditRecord(now, actor.named, action, thing, actor.origin.address, sealed, actor.origin.door)


def _clean(name: str) -> str:
    """Return the last part of a name, without what cannot be in one. Raises Invalid."""
    kept = "".join(char for char in name.replace("\\", "/").rpartition("/")[2] if char.isprintable()).strip()
    if not kept:
        raise Invalid("a file has a name")
    return kept[-MAX_NAME:]
