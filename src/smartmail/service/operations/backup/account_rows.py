"""The rows of one account in a backup, without reading the others': parts say which accounts they hold."""

from dataclasses import dataclass, field
from typing import Any, Final

from smartmail.domain.backup import Manifest, TableHead
from smartmail.domain.ids import BlobId
from smartmail.service.operations.backup.sealed_place import SealedPlace

TABLES: Final = ("mailbox", "message", "summary", "placement", "keyword", "inspection")

Record = dict[str, Any]
"""A row by column names."""


@dataclass(frozen=True, slots=True)
class AccountRows:
    """What a backup has of an account, by id."""

    mailboxes: dict[int, Record] = field(default_factory=dict)
    messages: dict[int, Record] = field(default_factory=dict)
    summaries: dict[int, Record] = field(default_factory=dict)
    inspections: dict[int, Record] = field(default_factory=dict)
    keywords: dict[int, Record] = field(default_factory=dict)
    places: dict[int, list[int]] = field(default_factory=dict)
    """Message → mailboxes that held it, those where it was marked deleted left out."""
    newer_keys: dict[BlobId, bytes] = field(default_factory=dict)
    """Blob → its newer key, of those that were sealed anew (domain.message.BlobRow)."""


async def account_rows(place: SealedPlace, manifest: Manifest, account_id: int) -> AccountRows:
    """Return an account's rows. Raises PlaceError, SealError."""
    found = AccountRows()
    for part in manifest.parts:
        head = manifest.head(part.table)
        if part.table not in TABLES or head is None or not _may_hold(part.first, part.last, account_id):
            continue
        at = head.place("account_id")
        for row in await place.rows(part.id):
            if row[at] == account_id:
                _take(found, head, row)
    if manifest.rows("reseal"):
        await _take_newer_keys(found, place, manifest)
    return found


async def _take_newer_keys(found: AccountRows, place: SealedPlace, manifest: Manifest) -> None:
    """Look through all blobs: only where some were sealed anew."""
    head = manifest.head("blob")
    if head is None:
        return
    at, wanted = head.place("newer_key"), {one["blob_id"] for one in found.messages.values()}
    for part in manifest.parts:
        if part.table == "blob":
            rows: list[list[Any]] = await place.rows(part.id)
            found.newer_keys.update((BlobId(row[0]), row[at]) for row in rows if row[at] and row[0] in wanted)


def _may_hold(first: int | None, last: int | None, account_id: int) -> bool:
    return first is None or last is None or first <= account_id <= last


def _take(found: AccountRows, head: TableHead, row: list[Any]) -> None:
    record = {column.name: value for column, value in zip(head.columns, row, strict=True)}
    if head.name == "placement":
        if not record["deleted"]:
            found.places.setdefault(record["message_id"], []).append(record["mailbox_id"])
        return
    into, key = {
        "mailbox": (found.mailboxes, "id"), "message": (found.messages, "id"), "keyword": (found.keywords, "number"),
        "summary": (found.summaries, "message_id"), "inspection": (found.inspections, "message_id"),
    }[head.name]  # fmt: skip
    into[record[key]] = record
