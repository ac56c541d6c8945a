"""The held letter as approvers read it: text, names of files, and its source for a file. Each look is in the record of acts.
Of a letter that leaves before they decide, that is kept until they have.

Who may: whose decision it waits for or has been (in their right or as deputy), its sender, an administrator who decides.
LIMITS     MOST_TEXT characters of text; a letter that left or was removed is gone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import msgspec

from smartmail.domain.addressing import ApprovalRow
from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import NotFound
from smartmail.domain.ids import QueueEntryId
from smartmail.domain.principal import Actor
from smartmail.domain.queue import QueueEntryRow, QueueFilter
from smartmail.formats.html_text import to_text
from smartmail.formats.mime.parts import HTML_BODY, TEXT_BODY
from smartmail.formats.mime.scanner import scan
from smartmail.formats.seal import Kind
from smartmail.formats.summary import Summary, build, part_text
from smartmail.ports.clock import Clock
from smartmail.ports.store_audit import AuditLog
from smartmail.ports.store_blobs import BlobRowStore
from smartmail.ports.store_queue import QueueControlStore
from smartmail.service.flow.approvals.finding import Finder, FindingStore
from smartmail.service.flow.approvals.texts import Approval, Opener
from smartmail.service.kernel import envelope as sealed
from smartmail.service.kernel.keyring import Keyring
from smartmail.service.kernel.sealed_blobs import SealedBlob, SealedBlobs

MOST_TEXT: Final = 50_000
MOST_RETURNED: Final = 32 << 20
"""Bytes of a letter that is given back to its sender whole."""


class ReadingStore(FindingStore, QueueControlStore, AuditLog, BlobRowStore, Protocol):
    """The groups of the store that are used here."""


class HeldFile(msgspec.Struct, frozen=True, array_like=True):
    """A file of a held letter. `size` in bytes."""

    name: str
    type: str
    size: int


class HeldLetter(msgspec.Struct, frozen=True, array_like=True):
    """A held letter, opened. `whole`: the text is not cut."""

    subject: str
    text: str
    whole: bool
    recipients: tuple[str, ...]
    files: tuple[HeldFile, ...]


@dataclass(frozen=True, slots=True)
class HeldEnvelope:
    """To whom a held letter waits to go, by their number in the queue, and its summary."""

    recipients: Mapping[int, str]
    summary: Summary


class HeldLetters:
    """Opens them."""

    def __init__(
        self, store: ReadingStore, keyring: Keyring, blobs: SealedBlobs, opener: Opener, finder: Finder, clock: Clock
    ) -> None:
        self._store = store
        self._keyring = keyring
        self._blobs = blobs
        self._opener = opener
        self._finder = finder
        self._clock = clock

    async def read(self, actor: Actor, approval_id: int) -> HeldLetter:
        """Return a letter. Raises NotFound: none, not theirs to see, or it is not held any more."""
        one = await self._opener.open(approval_id)
        if not await self._sees(actor, one):
            raise NotFound("there is no such question")
        letter = await self.kept(one.row) if one.line.afterwards else await self._held(one.row.entry_id)
        if letter is None:
            raise NotFound("the letter is not kept any more")
        origin = actor.origin
        await self._store.audit(
            AuditRecord(
                self._clock.now(),
                actor.named,
                "approval.read",
                f"approval:{approval_id}",
                origin.address,
                door=origin.door,
            )
        )
        return letter

    async def seal(self, row: ApprovalRow, letter: HeldLetter) -> bytes:
        """Return a letter to be kept with a question (`Asking.kept`)."""
        keys = await self._keyring.organization(row.organization_id)
        return keys.seal(Kind.APPROVAL_LETTER, msgspec.msgpack.encode(letter), row.entry_id)

    async def kept(self, row: ApprovalRow) -> HeldLetter | None:
        """Return what is kept of a letter that left before it was decided on; None: nothing, or no longer."""
        found = await self._store.approving.letter(row.id)
        if not found:
            return None
        keys = await self._keyring.organization(row.organization_id)
        return msgspec.msgpack.decode(keys.open(Kind.APPROVAL_LETTER, found, row.entry_id), type=HeldLetter)

    async def leaving(self, blob: SealedBlob, strip: int, recipients: Sequence[str]) -> HeldLetter:
        """Return a letter that is about to leave, behind `strip` bytes of ours, as approvers will read it."""
        octets = await self._blobs.read(blob.row, blob.organization_id, blob.data_key, strip)
        return opened(octets, build(scan(octets)), tuple(recipients))

    async def _held(self, entry_id: QueueEntryId) -> HeldLetter:
        entry, recipients = await self._entry(entry_id)
        octets = await self._octets(entry)
        return opened(octets, build(scan(octets)), tuple(recipients.values()))

    async def _sees(self, actor: Actor, one: Approval) -> bool:
        if not actor.account_id or actor.organization_id != one.row.organization_id:
            return False
        rights, sender = set(await self._finder.rights(actor.account_id)), one.row.account_id
        # Who acts for the sender does not see what the sender alone is asked.
        asked = {each.account_id for each in one.approvers if one.line.steps[each.step].who.kind != "sender"}
        return sender == actor.account_id or bool(rights & asked)

    async def held(self, entry_id: QueueEntryId) -> HeldEnvelope:
        """Return to whom a letter waits to go, and what it is. For who acts on it; nothing is recorded. Raises NotFound."""
        entry, recipients = await self._entry(entry_id)
        return HeldEnvelope(recipients, build(scan(await self._octets(entry))))

    async def octets(self, entry_id: QueueEntryId) -> bytes:
        """Return the bytes of a letter; b"" where it is not held any more, or too large to be given back."""
        try:
            entry, _ = await self._entry(entry_id)
        except NotFound:
            return b""
        return b"" if entry.size > MOST_RETURNED else await self._octets(entry)

    async def _entry(self, entry_id: QueueEntryId) -> tuple[QueueEntryRow, dict[int, str]]:
        wanted, now = QueueFilter(entries=(entry_id,)), self._clock.now()
        found = await self._store.find_queue(wanted, now=now, after=QueueEntryId(0), limit=1)
        if not found:
            raise NotFound("the letter is not held any more")
        entry, rows = found[0]
        keys = await self._keyring.queue(entry.organization_id)
        return entry, {row.number: sealed.open_recipient(keys, row).address for row in rows}

    async def _octets(self, entry: QueueEntryRow) -> bytes:
        keys = await self._keyring.queue(entry.organization_id)
        data_key = keys.unwrap(entry.blob.id, entry.wrapped_key)
        row = await self._store.blob(entry.blob.id)
        strip = sealed.open_envelope(keys, entry).strip
        return await self._blobs.read(row, entry.organization_id, data_key, strip)


def opened(octets: bytes, summary: Summary, recipients: tuple[str, ...]) -> HeldLetter:
    """Return a letter from its bytes."""
    texts = [one for one in summary.parts if one.shown & TEXT_BODY and one.type == "text/plain"]
    pages = [one for one in summary.parts if one.shown & HTML_BODY and one.type == "text/html"]
    text = "\n".join(part_text(octets[one.body_start : one.body_end], one) for one in texts)
    if not text.strip():
        text = "\n".join(to_text(part_text(octets[one.body_start : one.body_end], one)) for one in pages)
    files = tuple(HeldFile(one.name, one.type, one.decoded_size) for one in summary.parts if one.is_file)
    return HeldLetter(summary.subject, text[:MOST_TEXT], len(text) <= MOST_TEXT, recipients, files)
