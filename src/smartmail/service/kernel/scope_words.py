"""Scopes in words: what an administrator types for a company, domain, department, group or account, and back.

Must not know what a scope is named for.
"""

from typing import NoReturn, Protocol, cast

from smartmail.domain.account import Group, Organization
from smartmail.domain.errors import Invalid, NotFound
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.policy import LEVELS, Level, Scope
from smartmail.formats.address import normalize
from smartmail.ports.store_accounts import AccountStore
from smartmail.ports.store_directory import DirectoryStore, DomainStore
from smartmail.ports.store_organization import OrganizationStore
from smartmail.ports.store_policy import GroupStore, HoldStore, PolicyStore


class _Store(
    AccountStore, DirectoryStore, DomainStore, GroupStore, HoldStore, OrganizationStore, PolicyStore, Protocol
): ...


class ScopeWords:
    """Finds what a name means. State comes from whoever inherits it."""

    _store: _Store

    async def scope(self, text: str) -> Scope:
        """Return the scope that a person named: system, or LEVEL:NAME (organization:Acme, account:kim@acme.test).

        Raises Invalid, NotFound.
        """
        level, _, name = text.strip().partition(":")
        if level == "system" and not name:
            return Scope("system")
        if level not in LEVELS or level == "system" or not name:
            raise Invalid(f"a scope is system or LEVEL:NAME, LEVEL one of {', '.join(LEVELS[1:])}", reason="scope.form")
        known = cast("Level", level)
        return Scope(known, await self._subject_of(known, name))

    async def scope_text(self, scope: Scope) -> str:
        """Return a scope in the words that `scope` takes."""
        if scope.level == "system":
            return "system"
        return f"{scope.level}:{await self._name_of(scope)}"

    async def _subject_of(self, level: Level, name: str) -> str:
        if level == "organization":
            return str((await self._organization(name)).id)
        if level == "domain":
            row = await self._store.domain(name.lower().rstrip("."))
            return row.name if row is not None else missing(level, name)
        if level == "account":
            found = (await self._store.resolve([normalize(name)])).get(normalize(name))
            return str(found) if found is not None else missing(level, name)
        if level == "group":
            return str((await self.group(name)).id)
        organization, slash, department = name.partition("/")
        if not slash:
            return await self._department_of((await self._only_organization()).id, name)
        return await self._department_of((await self._organization(organization)).id, department)

    async def _department_of(self, organization_id: OrganizationId, word: str) -> str:
        """Return the subject of a department by its code, or by a name that only one has; its code may be yet to come."""
        known = await self._store.departments(organization_id)
        named = [one.code for one in known if one.name == word]
        if any(one.code == word for one in known) or len(named) != 1:
            return f"{organization_id}:{word}"
        return f"{organization_id}:{named[0]}"

    async def _name_of(self, scope: Scope) -> str:
        try:
            if scope.level == "organization":
                return (await self._store.organization(OrganizationId(int(scope.subject)))).name
            if scope.level == "account":
                return (await self._store.account(AccountId(int(scope.subject)))).login
        except NotFound:
            return scope.subject
        if scope.level == "group":
            return next((one.name for one in await self._store.groups() if str(one.id) == scope.subject), scope.subject)
        return scope.subject

    async def _organization(self, name: str) -> Organization:
        known = await self._store.organizations()
        found = next((one for one in known if one.name == name or str(one.id) == name), None)
        return found if found is not None else missing("organization", name)

    async def organization(self, name: str | None) -> Organization:
        """Return the organisation of a name, without one the only one that there is. Raises NotFound, Invalid."""
        return await self._only_organization() if name is None else await self._organization(name)

    async def _only_organization(self) -> Organization:
        known = await self._store.organizations()
        if len(known) != 1:
            raise Invalid("there are several organisations: name the one that is meant", reason="company.which")
        return known[0]

    async def group(self, name: str) -> Group:
        """Return the group with a name or id. Raises NotFound, Invalid when two organisations have it."""
        found = [one for one in await self._store.groups() if one.name == name or str(one.id) == name]
        if len(found) > 1:
            raise Invalid("two groups have that name; name one by its number", reason="group.several")
        return found[0] if found else missing("group", name)


def missing(level: str, name: str) -> NoReturn:
    """Raise NotFound with the name that was typed."""
    raise NotFound(f"there is no {level} {name!r}")
