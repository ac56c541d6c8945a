"""The access group of the store: rules with their history, travel passes, countries of accounts, what owners were told.

Rules that every driver keeps, proved by tests/contract/test_store_access.py:

- Access rules ride on the epoch of the policy: they begin and end with a revision, and those of any past epoch can be
  read again. A return to a past epoch (`PolicyStore.revise_policy` with `returning`) returns these too; the rules of
  passes stay as they were decided.
- A pass is decided once. Granting it begins its rule in the same transaction, withdrawing it ends that.
"""

from collections.abc import Sequence
from typing import Protocol

from smartmail.domain.access import AccessRule, CountryUse, PassState, TravelPass, Visit
from smartmail.domain.audit import AuditRecord
from smartmail.domain.ids import AccountId, OrganizationId


class AccessStore(Protocol):
    """Access rules, passes, countries."""

    async def access_rules(self, epoch: int | None = None) -> tuple[int, list[AccessRule]]:
        """Return an epoch (None: the newest) and all its access rules, from one snapshot, by id."""
        ...

    async def revise_access(
        self, expected: int, begin: Sequence[AccessRule], end: Sequence[int], audit: AuditRecord
    ) -> int:
        """Begin and end rules; return the new epoch. Raises StateMismatch when `expected` is not the newest epoch,
        NotFound when a rule to be ended has ended already.
        """
        ...

    async def ask_pass(self, asked: TravelPass, audit: AuditRecord) -> TravelPass:
        """Keep a pass that was asked for; return it with its id."""
        ...

    async def travel_pass(self, pass_id: int) -> TravelPass:
        """Return a pass. Raises NotFound."""
        ...

    async def passes_of(self, account_id: AccountId, limit: int) -> list[TravelPass]:
        """Return the newest passes of an account, newest first."""
        ...

    async def passes_in(self, organization_id: OrganizationId, limit: int) -> list[TravelPass]:
        """Return the newest passes of an organisation, newest first."""
        ...

    async def decide_pass(
        self, pass_id: int, was: PassState, state: PassState, rule: AccessRule | None, audit: AuditRecord
    ) -> TravelPass:
        """Put a pass from one state into another; begin `rule` with it, or end the one that it has.

        Raises NotFound, StateMismatch when it is not, or no longer, in state `was`.
        """
        ...

    async def passes_ending(self, now: int, before: int, limit: int) -> list[TravelPass]:
        """Return granted passes that end after now and before a time and whose owner was not told."""
        ...

    async def warn_pass(self, pass_id: int, at: int) -> bool:
        """Note that the owner is told; False when somebody else has done so."""
        ...

    async def note_country(self, account_id: AccountId, country: str, at: int) -> Visit:
        """Note that an account logged in from a country; return where it was before."""
        ...

    async def countries_of(self, account_id: AccountId) -> list[CountryUse]:
        """Return the countries that an account has logged in from, the newest first."""
        ...

    async def claim_notice(self, account_id: AccountId, kind: str, what: str, at: int, since: int) -> bool:
        """Note that the owner is told something; False when that was done after `since` already."""
        ...
