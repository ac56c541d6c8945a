"""The policy group of the store: rules with their history, groups, the record of logins, holds.

Rules that every driver keeps, proved by tests/contract/test_store_policy.py:

- A rule is never changed. A revision begins rules and ends others in one transaction that raises the epoch by one and
  leaves an audit record; the rules of any past epoch can be read again.
- Changes of a group raise the epoch too: they change what holds for its people.
- While a hold names a message, or its account as a whole, destroying it puts it into the vault whatever its fate
  (`VaultTx`), and `purge_vault` passes it by. Whoever destroys it does not learn of the hold.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol

from smartmail.domain.account import Group, Hold, LoginAttempt
from smartmail.domain.audit import AuditRecord
from smartmail.domain.ids import AccountId, MessageId, OrganizationId
from smartmail.domain.policy import PolicyRevision, PolicyRule
from smartmail.domain.quota import QuotaStanding


class PolicyStore(Protocol):
    """Policy, groups, logins, holds."""

    async def policy_epoch(self) -> int:
        """Return the newest epoch; 0 before the first change."""
        ...

    async def policy_rules(self, epoch: int | None = None) -> tuple[int, list[PolicyRule]]:
        """Return an epoch (None: the newest) and all its rules, from one snapshot, by id."""
        ...

    async def revise_policy(
        self,
        expected: int,
        begin: Sequence[PolicyRule],
        end: Sequence[int],
        audit: AuditRecord,
        *,
        returning: int | None = None,
    ) -> int:
        """Begin and end rules; return the new epoch. With `returning` the access rules of that past epoch hold again
        (ports.store_access). Raises StateMismatch when `expected` is not the newest epoch,
        NotFound when a rule to be ended has ended already.
        """
        ...

    async def policy_revisions(self, limit: int) -> list[PolicyRevision]:
        """Return the newest revisions with what they began and ended, newest first."""
        ...

    async def note_logins(
        self,
        attempts: Sequence[LoginAttempt],
        used: Mapping[int, LoginAttempt] = {},
        seen: Mapping[bytes, int] = {},
    ) -> None:
        """Append attempts; note how credentials (by id) were last used and when sessions (by token hash) were seen."""
        ...

    async def login_attempts(
        self, account_id: AccountId | None, *, before: int | None = None, limit: int = 100
    ) -> list[LoginAttempt]:
        """Return attempts on an account (None: on nobody's name) with an id below `before`, newest first."""
        ...

    async def policy_quotas(self) -> dict[AccountId, int | None]:
        """Return the limit that each account has by policy, None for none."""
        ...

    async def set_policy_quotas(self, quotas: Mapping[AccountId, int | None]) -> None:
        """Give accounts the limit that policy wants; it holds where they have none of their own (`Account.quota`)."""
        ...

    async def quota_standings(self, percent: int) -> list[QuotaStanding]:
        """Return accounts that are at least so full, or that something is noted of; 0: all. By id."""
        ...

    async def set_quota_standings(self, standings: Sequence[QuotaStanding]) -> None:
        """Note since when accounts are over, what was told and whether they take mail over their limit.

        An account that is lenient takes messages over its limit.
        """
        ...

    async def is_lenient(self, account_id: AccountId) -> bool:
        """Say whether an account takes mail over its limit."""
        ...


class GroupStore(Protocol):
    """Groups of accounts that rules are for."""

    async def groups(self, organization_id: OrganizationId | None = None) -> list[Group]:
        """Return groups by name."""
        ...

    async def group_members(self, group_id: int) -> list[AccountId]:
        """Return the accounts of a group, ascending."""
        ...

    async def groups_of(self, account_id: AccountId) -> list[Group]:
        """Return the groups that an account is in."""
        ...

    async def put_group(self, group: Group, audit: AuditRecord) -> Group:
        """Make (id 0) or change a group. Raises AlreadyExists (name), NotFound."""
        ...

    async def delete_group(self, group_id: int, audit: AuditRecord) -> None:
        """Remove a group, its members and the rules for it. Raises NotFound."""
        ...

    async def set_member(self, group_id: int, account_id: AccountId, audit: AuditRecord, *, member: bool) -> None:
        """Put an account into a group or take it out. Raises NotFound (group)."""
        ...


class HoldStore(Protocol):
    """Litigation holds."""

    async def holds(self, account_id: AccountId | None = None) -> list[Hold]:
        """Return holds by account, message and matter."""
        ...

    async def held(self, account_id: AccountId, message_ids: Sequence[MessageId]) -> set[MessageId]:
        """Return those of the messages that must not be purged or shredded; all of them when the account is held.

        Asking with id 0 tells whether the account itself is held.
        """
        ...

    async def put_hold(self, hold: Hold, audit: AuditRecord) -> None:
        """Place a hold; an equal one stays as it is. Raises NotFound (account)."""
        ...

    async def release_hold(self, account_id: AccountId, message_id: MessageId, matter: str, audit: AuditRecord) -> None:
        """Lift a hold. Raises NotFound."""
        ...
