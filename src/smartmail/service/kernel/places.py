"""Places: in which scopes a scope lies, so that a right over one of them is a right over it.

An account lies in its company, domain, department with all above it, and groups. Who asks about a place learns nothing:
service.kernel.authority turns it into yes or no. Must not know about rights.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from smartmail.domain.account import Account
from smartmail.domain.errors import NotFound
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.organization import Department, lineage
from smartmail.domain.policy import Scope
from smartmail.formats.address import split_address
from smartmail.ports.store_accounts import AccountStore
from smartmail.ports.store_directory import DirectoryStore, DomainStore
from smartmail.ports.store_organization import OrganizationStore
from smartmail.ports.store_policy import GroupStore


class _Store(AccountStore, DirectoryStore, DomainStore, GroupStore, OrganizationStore, Protocol): ...


SYSTEM = Scope("system")
MAX_NUMBER = (1 << 63) - 1


@dataclass(frozen=True, slots=True)
class Place:
    """Where something lies; None as organisation: the installation."""

    organization_id: OrganizationId | None
    scopes: frozenset[Scope]

    def lies_in(self, scope: Scope) -> bool:
        """Say whether a scope holds it."""
        return scope == SYSTEM or scope in self.scopes


class Places:
    """Finds places in the store."""

    def __init__(self, store: _Store) -> None:
        self._store = store

    async def of(self, scope: Scope) -> Place | None:
        """Return where a scope lies, None where there is no such thing. The same look-ups either way."""
        if scope.level == "system":
            return Place(None, frozenset({SYSTEM}))
        if scope.level == "domain":
            row = await self._store.domain(scope.subject)
            return None if row is None else _place(row.organization_id, scope)
        number, _, department = scope.subject.partition(":")
        if not (number.isascii() and number.isdecimal()) or int(number) > MAX_NUMBER:
            return None
        if scope.level == "account":
            return await self._of_account(AccountId(int(number)))
        if scope.level == "group":
            group = next((one for one in await self._store.groups() if one.id == int(number)), None)
            return None if group is None else _place(group.organization_id, scope)
        departments = await self._store.departments(OrganizationId(int(number))) if scope.level == "department" else []
        try:
            found = (await self._store.organization(OrganizationId(int(number)))).id
        except NotFound:
            return None
        return _place(found) if scope.level == "organization" else _of_department(found, department, departments)

    async def of_the_only_company(self) -> Place | None:
        """Return the installation's place where one company is all there is: what all share is that company's."""
        known = await self._store.organizations()
        return Place(None, _place(known[0].id).scopes | {SYSTEM}) if len(known) == 1 else None

    async def _of_account(self, account_id: AccountId) -> Place | None:
        # Asked first, so that who is not there costs the same.
        groups = await self._store.groups_of(account_id)
        departments = (await self._store.standing(account_id)).departments
        try:
            account = await self._store.account(account_id)
        except NotFound:
            return None
        home = account.organization_id
        return place_of(
            account,
            [*(Scope("group", str(one.id)) for one in groups), *(_department(home, one) for one in departments)],
        )

    async def members(self, scopes: Iterable[Scope]) -> dict[AccountId, set[Scope]]:
        """Return who is in which of the groups and departments, with all below these; other scopes are left out."""
        found: dict[AccountId, set[Scope]] = {}
        for scope in scopes:
            for account_id in await self._members(scope):
                found.setdefault(account_id, set()).add(scope)
        return found

    async def _members(self, scope: Scope) -> list[AccountId]:
        if scope.level == "group":
            return await self._store.group_members(int(scope.subject))
        if scope.level != "department":
            return []
        number, _, code = scope.subject.partition(":")
        known = await self._store.departments(OrganizationId(int(number)))
        named = [one.id for one in known if one.code == code]
        return [one.id for number in named for one in await self._store.department_people(number, below=True)]


def place_of(account: Account, others: Iterable[Scope] = ()) -> Place:
    """Return where an account lies that is at hand; `others`: the groups and departments it is in."""
    return _place(
        account.organization_id,
        Scope("account", str(int(account.id))),
        Scope("domain", split_address(account.login)[1]),
        *others,
    )


def _of_department(home: OrganizationId, code: str, departments: Sequence[Department]) -> Place | None:
    known = {one.id: one for one in departments}
    found = next((one for one in departments if one.code == code), None)
    if found is None:
        return None
    return _place(home, *(_department(home, one.code) for one in lineage(known, found.id)))


def _department(organization_id: OrganizationId, code: str) -> Scope:
    return Scope("department", f"{int(organization_id)}:{code}")


def _place(organization_id: OrganizationId, *scopes: Scope) -> Place:
    return Place(organization_id, frozenset({Scope("organization", str(int(organization_id))), *scopes}))
