"""The store's part for push: subscriptions of devices, and all states of an account in one look."""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from smartmail.domain.ids import AccountId, ModSeq
from smartmail.domain.push import AccountStates, PushRow


class PushStore(Protocol):
    """Push subscriptions belong to an account's own person; they are no data of the account and have no modseq."""

    async def states(self, account_id: AccountId) -> AccountStates:
        """Return the states of all types. Raises NotFound."""
        ...

    async def push_subscriptions(self, account_id: AccountId) -> list[PushRow]:
        """Return all of an account, also those that have expired, oldest first."""
        ...

    async def add_push_subscription(
        self, account_id: AccountId, seal: Callable[[int], bytes], *, now: int, expires_at: int, most: int,
        bulletins: bool = False,
    ) -> PushRow:  # fmt: skip
        """Keep a new one, unverified, as told of all that has happened; `seal` makes its content once the id is known.

        Expired ones of the account go first. Raises OverQuota when the account then has `most`, NotFound.
        """
        ...

    async def update_push_subscription(
        self,
        account_id: AccountId,
        subscription_id: int,
        *,
        sealed: bytes | None = None,
        expires_at: int | None = None,
        verified: bool | None = None,
        bulletins: bool | None = None,
    ) -> None:
        """Change what is not None; what waits is tried at once. Raises NotFound."""
        ...

    async def drop_push_subscription(self, account_id: AccountId, subscription_id: int) -> None:
        """Remove one. Raises NotFound."""
        ...

    async def due_pushes(self, now: int, limit: int) -> Sequence[PushRow]:
        """Return subscriptions to which something is to be sent now: unverified ones that were not greeted, verified
        ones of which an account, their person's or a shared one, has changed since they were told, or that have yet to
        hear of a bulletin.
        """
        ...

    async def note_push(self, row: PushRow, *, told: ModSeq, greeted: bool, next_at: int, failures: int) -> None:
        """Record what came of an attempt; nothing when the subscription has gone."""
        ...

    async def pushed_shared(self, account_id: AccountId, subscription_id: int) -> dict[AccountId, ModSeq]:
        """Return what a device has heard of accounts of others: the modseq of each."""
        ...

    async def note_pushed_shared(
        self, account_id: AccountId, subscription_id: int, told: Mapping[AccountId, ModSeq]
    ) -> None:
        """Keep exactly this; nothing when the subscription has gone."""
        ...

    async def spread_bulletin(self, bulletin_id: int, readers: Sequence[AccountId]) -> None:
        """Note a new bulletin for those devices of its readers that want to hear of bulletins; nothing where it was done."""
        ...

    async def unpushed_bulletins(self, account_id: AccountId, subscription_id: int) -> list[int]:
        """Return the bulletins that a device has yet to hear of, if they are for its person."""
        ...

    async def note_pushed_bulletins(self, account_id: AccountId, subscription_id: int, told: Sequence[int]) -> None:
        """Take those away of which a device has heard, or of which it needs not hear."""
        ...

    async def drop_expired_pushes(self, now: int) -> int:
        """Remove what has expired; return how many."""
        ...
