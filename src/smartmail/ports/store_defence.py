"""The store's part for defence: bans, exceptions, who logged in from where, greylist, correspondents, stopped senders.

Addresses of machines are plain, as in the record of logins; whom people write to is kept as keyed hashes alone.
"""

from collections.abc import Sequence
from typing import Protocol

from smartmail.domain.audit import AuditRecord
from smartmail.domain.defence import Allow, Ban, GreyRow, SendingDay, SendingPlace, SendingStop
from smartmail.domain.ids import AccountId


class DefenceStore(Protocol):
    """Everything that defence must still know after a start, and on every node."""

    async def add_ban(self, ban: Ban, audit: AuditRecord) -> Ban:
        """Keep a ban; return it with its id."""
        ...

    async def end_ban(self, ban_id: int, now: int, by: str, audit: AuditRecord) -> bool:
        """Release a ban that stands; False when there is none."""
        ...

    async def bans(self, now: int, limit: int) -> list[Ban]:
        """Return the bans that stand, the one that ends last first."""
        ...

    async def ban_mark(self) -> tuple[int, int]:
        """Return what changes with every ban and every release: the newest ban's id, how many were released."""
        ...

    async def ban_history(self, limit: int) -> list[Ban]:
        """Return bans of any state, newest first."""
        ...

    async def count_bans(self, subject: str, since: int) -> int:
        """Return how many bans a subject got since a time, those taken back left out."""
        ...

    async def put_allow(self, allow: Allow, audit: AuditRecord) -> None:
        """Keep an exception, in place of an older one of the same subject and kind."""
        ...

    async def drop_allow(self, subject: str, kind: str, audit: AuditRecord) -> bool:
        """Remove an exception; False when there is none."""
        ...

    async def allows(self, now: int) -> list[Allow]:
        """Return the exceptions that hold."""
        ...

    async def note_places(self, rows: Sequence[tuple[AccountId, str, str, int]]) -> None:
        """Note that accounts logged in: account, address, network, time."""
        ...

    async def known_network(self, account_id: AccountId, network: str, since: int) -> bool:
        """Say whether an account logged in from a network since a time."""
        ...

    async def good_accounts(self, address: str, since: int) -> int:
        """Return how many accounts that may still send logged in from an address since a time."""
        ...

    async def good_network(self, network: str, since: int) -> bool:
        """The same for a network: whether there is any."""
        ...

    async def grey_first(self, row: GreyRow, now: int) -> int:
        """Keep a first attempt unless one stands; return when the standing one was made."""
        ...

    async def know_senders(self, keys: Sequence[bytes], expires_at: int) -> None:
        """Remember keyed hashes of senders (or of networks with a sender's domain) until a time."""
        ...

    async def known_senders(self, keys: Sequence[bytes], now: int) -> set[bytes]:
        """Return those that are remembered."""
        ...

    async def note_written(self, account_id: AccountId, keys: Sequence[bytes], now: int) -> None:
        """Note that an account wrote to addresses (keyed hashes)."""
        ...

    async def written(self, account_id: AccountId, keys: Sequence[bytes]) -> set[bytes]:
        """Return those that an account has written to before."""
        ...

    async def anyone_wrote(self, keys: Sequence[bytes]) -> bool:
        """Say whether anybody here has written to one of these addresses."""
        ...

    async def sending_days(self, account_id: AccountId, since: int, before: int) -> SendingDay:
        """Return the most of each kind that a day from `since` until before `before` had; zeros for none."""
        ...

    async def note_sending_day(self, day: SendingDay) -> None:
        """Keep what a day had, where it is more than what is kept of it."""
        ...

    async def sending_hours(self, account_id: AccountId) -> tuple[int, ...]:
        """Return on how many days an account sent in each of the 24 hours of UTC."""
        ...

    async def note_sending_hour(self, account_id: AccountId, hour: int, day: int) -> None:
        """Count a day for an hour, once."""
        ...

    async def sending_place(self, account_id: AccountId, network: str, before: int) -> SendingPlace:
        """Say whether an account, or anybody else here, logged in from a network before a time."""
        ...

    async def stop_sending(self, stop: SendingStop, audit: AuditRecord) -> int | None:
        """Stop an account, and hold what waits of it in the queue: return how many recipients; None: stopped already.

        What a stolen one sent today and yesterday is no habit of its owner.
        """
        ...

    async def hold_sending(self, account_id: AccountId) -> int:
        """Hold what waits of an account in the queue; return how many recipients."""
        ...

    async def resume_sending(self, account_id: AccountId, now: int, audit: AuditRecord) -> int | None:
        """Let an account send again, and what was held go; return how many recipients, None when it was not stopped."""
        ...

    async def sending_stops(self) -> list[SendingStop]:
        """Return all accounts that are stopped."""
        ...

    async def forget_defence(self, now: int, limit: int) -> int:
        """Remove what has ended long ago; return how many rows went."""
        ...
