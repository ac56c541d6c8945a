"""The store's part for parcels: mail in one file, out of a mailbox or into one."""

from collections.abc import Sequence
from typing import Protocol

from smartmail.domain.audit import AuditRecord
from smartmail.domain.ids import AccountId, BlobId, MessageId
from smartmail.domain.parcels import Parcel, ParcelPart, ParcelState


class ParcelStore(Protocol):
    """Keeps them. A part counts as a reference to its blob."""

    async def add_parcel(self, row: Parcel, most: int, audit: AuditRecord) -> None:
        """Keep a new parcel. Raises RateLimited where the account has `most` that are coming, waiting or worked on."""
        ...

    async def parcel(self, parcel_id: bytes) -> Parcel | None:
        """Return a parcel."""
        ...

    async def parcels(self, account_id: AccountId) -> list[Parcel]:
        """Return the parcels of an account, the newest first."""
        ...

    async def add_parcel_part(self, parcel_id: bytes, received: int, part: ParcelPart, worker: str = "") -> Parcel:
        """Let a parcel grow by a part; one that comes in is `waiting` with its last octet.

        Raises StateMismatch where it has another length than `received` by now, or is not `worker`'s; NotFound where it
        is gone or does not grow any more.
        """
        ...

    async def parcel_parts(self, parcel_id: bytes, start: int = 0, end: int | None = None) -> list[ParcelPart]:
        """Return the parts that hold octets of [start, end), in order."""
        ...

    async def lease_parcel(self, now: int, until: int, worker: str) -> Parcel | None:
        """Give the oldest parcel that waits, or whose worker has died, to a worker; None where there is none."""
        ...

    async def note_parcel(self, parcel_id: bytes, worker: str, done: int, total: int, until: int) -> bool:
        """Tell how far it is and keep the lease; False where it is another's by now, or gone."""
        ...

    async def empty_parcel(self, parcel_id: bytes, worker: str, now: int) -> bool:
        """Drop all parts of one that its worker begins anew, or needs no more; False where it is another's."""
        ...

    async def end_parcel(
        self, parcel_id: bytes, worker: str, state: ParcelState, sealed: bytes, expires_at: int, audit: AuditRecord
    ) -> bool:
        """Write what became of it; False where it is another's by now, or gone."""
        ...

    async def turn_parcel(
        self, parcel_id: bytes, states: Sequence[ParcelState], state: ParcelState, audit: AuditRecord
    ) -> bool:
        """Turn a parcel from one of some states to another; False where it was in none of them."""
        ...

    async def drop_parcel(self, parcel_id: bytes, now: int, audit: AuditRecord | None = None) -> bool:
        """Forget a parcel and count its blobs down; False where it is gone."""
        ...

    async def parcels_over(self, now: int, limit: int) -> list[Parcel]:
        """Return parcels whose time is over, the oldest first."""
        ...

    async def parcel_messages(self, parcel_id: bytes, after: MessageId, limit: int) -> list[MessageId]:
        """Return messages after one that a parcel brought, in order."""
        ...

    async def parcel_blobs(self, after: tuple[bytes, int], limit: int) -> list[tuple[bytes, int, BlobId]]:
        """Return parcel, number and blob of all parts after one, in order: for who counts references."""
        ...
