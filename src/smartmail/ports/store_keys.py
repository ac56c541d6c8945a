"""The store's part for keys at work, proved by tests/contract/test_store_keys.py.

- There is one open rotation of the master key at a time, and one open work that seals anew.
- A wrapped key is replaced only where it is still the one that was read.
"""

from collections.abc import Sequence
from typing import Protocol

from smartmail.domain.audit import AuditRecord
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.keys import KeyAck, KeyRotation, Opening, Reseal, ResealState, RotationState
from smartmail.domain.message import BlobRow
from smartmail.domain.records import Destruction


class KeyStore(Protocol):
    """Rotations, works that seal anew, openings."""

    async def begin_rotation(self, row: KeyRotation, audit: AuditRecord) -> KeyRotation:
        """Add a rotation as it is given, but its id. Raises AlreadyExists while one is open."""
        ...

    async def rotations(self, limit: int) -> list[KeyRotation]:
        """Return rotations, the newest first."""
        ...

    async def turn_rotation(
        self,
        number: int,
        before: Sequence[RotationState],
        state: RotationState,
        at: int,
        audit: AuditRecord | None = None,
    ) -> bool:
        """Change the state if it is one of those; say whether it was. At its end the sealed key is forgotten."""
        ...

    async def count_rotation(self, number: int, done: int, total: int) -> None:
        """Note how many keys are wrapped under the new one."""
        ...

    async def put_key_ack(self, ack: KeyAck) -> None:
        """Note how far a node is, over what was noted of it."""
        ...

    async def key_acks(self, rotation_id: int) -> list[KeyAck]:
        """Return what nodes have done of a rotation, by node."""
        ...

    async def nodes_since(self, at: int) -> list[str]:
        """Return the nodes that were seen since a time."""
        ...

    async def add_setting(self, scope: str, name: str, value: str) -> None:
        """Set a setting that is not there; one that is stays as it is."""
        ...

    async def replace_organization_key(self, organization_id: OrganizationId, old: bytes, new: bytes) -> bool:
        """Replace an organisation's wrapped key if it is still the old one; say whether it was."""
        ...

    async def destroy_keys(
        self, account_ids: Sequence[AccountId], organization_id: OrganizationId | None, entry: Destruction,
        audit: AuditRecord,
    ) -> int:  # fmt: skip
        """Close accounts for good: overwrite their wrapped keys, forget credentials, sessions and names; with an organisation
        also its own keys; and write the register's entry, in one transaction. Return the entry's number.

        Raises StateMismatch, and changes nothing, when a legal hold is on one of them.
        """
        ...

    async def begin_reseal(self, row: Reseal, audit: AuditRecord) -> Reseal:
        """Add a work as it is given, but its id. Raises AlreadyExists while one is open."""
        ...

    async def reseals(self, limit: int) -> list[Reseal]:
        """Return works, the newest first."""
        ...

    async def lease_reseal(self, number: int, worker: str, now: int, until: int) -> Reseal | None:
        """Take or renew a running work; None when another is at it or it does not run."""
        ...

    async def note_reseal(self, row: Reseal, worker: str, until: int) -> bool:
        """Write place, counts and, when it is done, state and end. False when it is another's, or shall not go on."""
        ...

    async def turn_reseal(
        self, number: int, before: Sequence[ResealState], state: ResealState, audit: AuditRecord
    ) -> bool:
        """Change the state of a work; say whether it was in such a state."""
        ...

    async def cap_reseal(self, number: int, cap: int, audit: AuditRecord) -> bool:
        """Change the cap of an open work; say whether there was one."""
        ...

    async def sealed_messages(
        self, table: str, account_id: AccountId, message_id: int, limit: int
    ) -> list[tuple[AccountId, int, bytes, BlobRow]]:
        """Return (account, message, its wrapped key, its blob) after a place, by account and message; of `table` message or
        vault.
        """
        ...

    async def reseal_blob(self, old: BlobRow, new: BlobRow, due_at: int) -> bool:
        """Swap place and newer key of a blob that is still what `old` says, and note the old place as leaving; say whether
        it was.
        """
        ...

    async def blob_octets(self) -> int:
        """Return the octets of all blobs that something refers to. Looks at all blobs."""
        ...

    async def add_opening(self, one: Opening, proposal_key: int, audit: AuditRecord) -> int:
        """Keep an opening, once for a proposal, confirmed by whoever confirmed that; return its number.

        Raises StateMismatch where nobody else has confirmed it.
        """
        ...

    async def openings(self, organization_id: OrganizationId | None, limit: int) -> list[Opening]:
        """Return openings of an organisation (None: of all), the newest first."""
        ...

    async def opening(self, number: int) -> Opening | None:
        """Return one by its number, however many came after it."""
        ...

    async def end_opening(self, number: int, by: str, at: int, audit: AuditRecord) -> bool:
        """End one before its time; say whether it was open."""
        ...
