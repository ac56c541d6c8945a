"""What lies in quarantine, opened: who sent what to whom, and why it is held.

An item's id names its entry and the number of its recipient, in hexadecimal: `18f0…-2`.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from smartmail.base import log
from smartmail.domain import inspection as inspections
from smartmail.domain.errors import NotFound
from smartmail.domain.ids import AccountId, QueueEntryId
from smartmail.domain.inspection import Inspection
from smartmail.domain.quarantine import HeldRow
from smartmail.formats.mime.scanner import scan
from smartmail.formats.seal import SealError
from smartmail.formats.summary import Summary, build
from smartmail.ports.store_blobs import BlobRowStore
from smartmail.ports.store_quarantine import QuarantineStore
from smartmail.service.kernel import envelope as sealed
from smartmail.service.kernel.keyring import Keyring
from smartmail.service.kernel.sealed_blobs import SealedBlob, SealedBlobs


class _Store(BlobRowStore, QuarantineStore, Protocol): ...


HEAD_OCTETS = 1 << 16
_ID = re.compile(r"([1-9a-f][0-9a-f]{0,15})-(0|[1-9][0-9]{0,5})")
_DANGEROUS = {"malware", "phishing"}

NOT_HELD = "it does not lie in quarantine"


@dataclass(frozen=True, slots=True)
class HeldItem:
    """One recipient's mail in quarantine. `summary`: of its beginning; `inspection` is why it is held."""

    row: HeldRow
    sender: str
    recipient: str
    inspection: Inspection
    summary: Summary

    @property
    def id(self) -> str:
        """Return the id that people and programs name it by."""
        return show_id(self.row.entry.id, self.row.recipient.number)

    @property
    def author(self) -> str:
        """Return the address in From, or the reverse-path where there is none."""
        return next((one.address for one in self.summary.from_ if one.address), self.sender)

    @property
    def is_malware(self) -> bool:
        """Say whether an engine found malware in it."""
        return self.inspection.nature == "malware" or bool(self.inspection.virus)

    @property
    def is_dangerous(self) -> bool:
        """Say whether only an administrator may let it out."""
        return self.is_malware or self.inspection.nature in _DANGEROUS


def show_id(entry_id: QueueEntryId, number: int) -> str:
    """Return the id of an item."""
    return f"{entry_id:x}-{number}"


def read_id(text: str) -> tuple[QueueEntryId, int] | None:
    """Return entry and number that an id names, None for what is none."""
    match = _ID.fullmatch(text)
    return None if match is None else (QueueEntryId(int(match[1], 16)), int(match[2]))


class ItemReader:
    """Opens what the store holds."""

    def __init__(self, store: _Store, keyring: Keyring, blobs: SealedBlobs) -> None:
        self._store = store
        self._keyring = keyring
        self._blobs = blobs

    async def rows(self, ids: Iterable[str], account_id: AccountId | None) -> dict[str, HeldRow]:
        """Return id → row of those ids that lie in quarantine, an account's or with None anybody's."""
        asked = {text: named for text in ids if (named := read_id(text)) is not None}
        if not asked:
            return {}
        entries = sorted({entry_id for entry_id, _number in asked.values()})
        rows = await self._store.quarantined(account_id=account_id, entries=entries, limit=len(entries))
        known = {(row.entry.id, row.recipient.number): row for row in rows}
        return {text: known[named] for text, named in asked.items() if named in known}

    async def row(self, item_id: str, account_id: AccountId | None) -> HeldRow:
        """Return one row. Raises NotFound."""
        found = await self.rows([item_id], account_id)
        if item_id not in found:
            raise NotFound(NOT_HELD)
        return found[item_id]

    async def open_all(self, rows: Sequence[HeldRow]) -> list[HeldItem]:
        """Return rows opened; what does not open is logged and left out. Raises Unavailable."""
        items, summaries = [], dict[int, Summary]()
        for row in rows:
            try:
                if row.entry.id not in summaries:
                    summaries[row.entry.id] = build(scan(await self.octets(row, 0, HEAD_OCTETS)))
                items.append(await self._opened(row, summaries[row.entry.id]))
            except (SealError, NotFound, ValueError) as error:
                log.event("message.unreadable", queue=f"{row.entry.id:x}", error=type(error).__name__)
        return items

    async def open(self, row: HeldRow) -> HeldItem:
        """Return one row opened. Raises NotFound, Unavailable, SealError."""
        return await self._opened(row, build(scan(await self.octets(row, 0, HEAD_OCTETS))))

    async def _opened(self, row: HeldRow, summary: Summary) -> HeldItem:
        keys = await self._keyring.queue(row.entry.organization_id)
        envelope = sealed.open_envelope(keys, row.entry)
        recipient = sealed.open_recipient(keys, row.recipient)
        found = inspections.decode(envelope.inspection) if envelope.inspection else Inspection()
        return HeldItem(row, envelope.reverse_path, recipient.address, found, summary)

    async def source(self, row: HeldRow) -> tuple[SealedBlob, int]:
        """Return the blob and how many octets at its start are lines of ours that stay here. Raises NotFound, SealError."""
        keys = await self._keyring.queue(row.entry.organization_id)
        data_key = keys.unwrap(row.entry.blob.id, row.entry.wrapped_key)
        blob = await self._store.blob(row.entry.blob.id)
        strip = sealed.open_envelope(keys, row.entry).strip
        return SealedBlob(blob, row.entry.organization_id, data_key), strip

    async def size(self, row: HeldRow) -> int:
        """Return the size of the message, without our Return-Path. Raises NotFound, SealError."""
        source, strip = await self.source(row)
        return source.row.size - strip

    async def octets(self, row: HeldRow, start: int, length: int) -> bytes:
        """Return octets of the message, without our Return-Path. Raises NotFound, Unavailable, SealError."""
        source, strip = await self.source(row)
        return await self._blobs.read(source.row, source.organization_id, source.data_key, strip + start, length)
