"""What is sealed of a parcel: what was asked for and what came of it."""

from dataclasses import dataclass

import msgspec

from smartmail.domain.parcels import Parcel
from smartmail.formats.seal import Kind
from smartmail.service.kernel.keyring import Sealer

SHOWN = 100
"""Messages that failed are named up to so many; beyond it only the count grows."""


class Trouble(msgspec.Struct, frozen=True, array_like=True):
    """Where something was that did not come along, and why."""

    place: str
    reason: str


class ParcelText(msgspec.Struct, frozen=True, array_like=True):
    """`name`: of the file. Out: of these `mailboxes` (empty: all), received from `since` to before `until` (0: no end).
    In: into `mailbox_id` (0: into those that the file names).

    `taken` messages went out or came in, `present` were there already, `ignored` files were no mail, `failed` did not
    come along: the first of them are `troubles`. `reason`: code of what ended it before its time. Out: `form` is
    "eml", a file for each message, or "mbox", one for each mailbox.
    """

    name: str
    mailboxes: tuple[int, ...] = ()
    since: int = 0
    until: int = 0
    mailbox_id: int = 0
    taken: int = 0
    present: int = 0
    ignored: int = 0
    failed: int = 0
    troubles: tuple[Trouble, ...] = ()
    reason: str = ""
    form: str = "eml"


@dataclass(frozen=True, slots=True)
class OpenParcel:
    """A parcel with what is sealed of it."""

    row: Parcel
    text: ParcelText


def seal_parcel(keys: Sealer, parcel_id: bytes, text: ParcelText) -> bytes:
    """Seal what a parcel is, under its account's key."""
    return keys.seal(Kind.PARCEL, msgspec.msgpack.encode(text), parcel_id)


def open_parcel(keys: Sealer, row: Parcel) -> OpenParcel:
    """Open a parcel. Raises SealError."""
    return OpenParcel(row, msgspec.msgpack.decode(keys.open(Kind.PARCEL, row.sealed, row.id), type=ParcelText))
