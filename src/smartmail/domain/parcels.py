"""Parcels: a person's mail in one file, on its way out of a mailbox or into one (BR-20).

Ids are 16 random octets, times milliseconds. What tells content is sealed.
"""

from dataclasses import dataclass, field
from typing import Final, Literal

from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.message import BlobRow

Direction = Literal["out", "in"]
ParcelState = Literal["coming", "waiting", "working", "ready", "failed", "undone"]
"""Octets still come (in); waits for a worker; is worked on; may be fetched (out) or is all in the mailbox (in); nothing
came of it, or not all; what it brought was taken out again (in).
"""
OPEN: Final[tuple[ParcelState, ...]] = ("coming", "waiting", "working")
"""States from which something still comes."""

ID_OCTETS: Final = 16


@dataclass(frozen=True, slots=True)
class Parcel:
    """A parcel as the store keeps it. Out: `size` grows with its parts; in: `size` is told before and `received` grows.

    `done` of `total` messages were handled (out: messages; in: octets of the file). `sealed` is a
    service.mailbox.parcels.texts.ParcelText. `worker` holds it until `leased_until`.
    """

    id: bytes
    account_id: AccountId
    organization_id: OrganizationId
    direction: Direction
    state: ParcelState
    size: int
    received: int
    parts: int
    done: int
    total: int
    sealed: bytes = field(repr=False)
    created_at: int
    expires_at: int
    worker: str = ""
    leased_until: int = 0


@dataclass(frozen=True, slots=True)
class ParcelPart:
    """Octets [start, start + blob.size) of a parcel, in a blob whose key is wrapped under the account's."""

    number: int
    start: int
    blob: BlobRow
    wrapped_key: bytes = field(repr=False)
