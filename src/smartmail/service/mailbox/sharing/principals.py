"""Principals: whom rights can be given to inside one organisation, and what they are called (RFC 9670 §2).

People and shared accounts, groups, domains, departments, and everybody where policy allows it. IMAP and the command line
name them by a text: a login address, `group:<name>`, `domain:<name>`, `department:<name>`, `anyone` (RFC 4314 §2).

STATES  A list of an organisation is kept for `FRESH_MS`; its state is a digest of it, so that all processes agree. The
        last `MAX_LISTS` lists of an organisation are remembered: what changed since one of them can be told.
SECURITY Other organisations' people do not exist here.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

from smartmail.domain.absence import Absence
from smartmail.domain.account import Account
from smartmail.domain.errors import NotFound
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.principal import Actor
from smartmail.domain.rights import Grantee, named
from smartmail.formats.address import domain_to_ascii, normalize, split_address
from smartmail.policy import knobs
from smartmail.ports.clock import Clock
from smartmail.ports.store_absences import AbsenceStore
from smartmail.ports.store_accounts import AccountStore
from smartmail.ports.store_directory import DirectoryStore, DomainStore
from smartmail.ports.store_organization import OrganizationStore
from smartmail.ports.store_photographs import PhotographStore
from smartmail.ports.store_policy import GroupStore, PolicyStore
from smartmail.service.kernel.clock import SECOND
from smartmail.service.kernel.policy import PolicyService


class _Store(
    AbsenceStore,
    AccountStore,
    DirectoryStore,
    DomainStore,
    GroupStore,
    OrganizationStore,
    PhotographStore,
    PolicyStore,
    Protocol,
): ...


FRESH_MS = 2 * SECOND
MAX_LISTS = 8
MAX_KEPT = 64
"""Organisations whose lists are kept, some 300 octets for each principal."""
ANYONE = "anyone"
"""RFC 4314 §2: the identifier of everybody; here the people of the organisation."""

PrincipalKind = Literal["person", "shared", "resource", "group", "domain", "department", "anyone"]


@dataclass(frozen=True, slots=True)
class Principal:
    """Somebody or something that rights can be given to. `name` is what IMAP and the command line call it.

    `absent`: how a person is away, "" for who is here; `absent_until` 0: nobody knows. `photo`: the version of a
    photograph, 0 for none.
    """

    grantee: Grantee
    kind: PrincipalKind
    name: str
    shown: str
    email: str = ""
    department: str = ""
    title: str = ""
    absent: str = ""
    absent_until: int = 0
    photo: int = 0


@dataclass(frozen=True, slots=True)
class Listing:
    """All principals of an organisation at one moment."""

    state: str
    all: Mapping[Grantee, Principal]


@dataclass(frozen=True, slots=True)
class ListingChanges:
    """What is different between two listings."""

    until: str
    created: list[Grantee]
    updated: list[Grantee]
    destroyed: list[Grantee]


@dataclass(slots=True)
class _Kept:
    at: int
    now: Listing
    before: "OrderedDict[str, Listing]" = field(default_factory=OrderedDict)
    epochs: tuple[int, int] = (-1, -1)


_Key = tuple[OrganizationId, bool]
"""Whose list, and whether it holds everybody as one principal."""


class PrincipalService:
    """Lists principals and turns their names into grantees and back."""

    def __init__(self, store: _Store, clock: Clock, policy: PolicyService) -> None:
        self._store = store
        self._clock = clock
        self._policy = policy
        self._kept: OrderedDict[_Key, _Kept] = OrderedDict()

    async def listing(self, actor: Actor) -> Listing:
        """Return the principals of the actor's organisation, at most `FRESH_MS` old."""
        key, now = await self._key(actor), self._clock.now()
        kept = self._kept.get(key)
        if kept is not None and 0 <= now - kept.at < FRESH_MS:
            return kept.now
        epochs = await self._store.directory_epoch(key[0]), await self._store.policy_epoch()
        if kept is not None and kept.epochs == epochs:
            # Groups raise the one, everything else the other: nothing has changed.
            kept.at = now
            return kept.now
        found = _listing(await self._all(*key))
        if kept is None:
            kept = self._kept[key] = _Kept(now, found)
        kept.at, kept.now, kept.epochs = now, found, epochs
        kept.before[found.state] = found
        kept.before.move_to_end(found.state)
        while len(kept.before) > MAX_LISTS:
            kept.before.popitem(last=False)
        self._kept.move_to_end(key)
        while len(self._kept) > MAX_KEPT:
            self._kept.popitem(last=False)
        return found

    async def changes(self, actor: Actor, since: str) -> ListingChanges | None:
        """Return what changed after a state; None when that is not remembered here."""
        now = await self.listing(actor)
        before = self._kept[await self._key(actor)].before.get(since)
        if before is None:
            return None
        return ListingChanges(
            now.state,
            [one for one in now.all if one not in before.all],
            [one for one, principal in now.all.items() if before.all.get(one, principal) != principal],
            [one for one in before.all if one not in now.all],
        )

    async def _key(self, actor: Actor) -> _Key:
        return actor.organization_id, await self._policy.value_of_id(actor.account_id, knobs.SHARING_ANYONE)

    async def _all(self, organization: OrganizationId, anyone: bool) -> list[Principal]:
        accounts = [one for one in await self._store.accounts(organization) if one.may("shown")]
        away = {row.account_id: row for row in await self._store.absences(organization)}
        photos = await self._store.photographs(organization)
        groups = await self._store.groups(organization)
        domains = [one.name for one in await self._store.domains() if one.organization_id == organization]
        found = [
            *(_of_account(one, away.get(one.id), photos.get(one.id, 0)) for one in accounts),
            *(Principal(Grantee("group", one.id), "group", f"group:{one.name}", one.name) for one in groups),
            *(Principal(named("domain", organization, one), "domain", f"domain:{one}", one) for one in domains),
        ]
        for department in await self._store.departments(organization):
            grantee = named("department", organization, department.code)
            found.append(Principal(grantee, "department", f"department:{department.code}", department.name))
        if anyone:
            name = (await self._store.organization(organization)).name
            found.append(Principal(Grantee("anyone", organization), "anyone", ANYONE, name))
        return found

    async def named(self, actor: Actor, name: str) -> Grantee:
        """Return whom a text names. Raises NotFound."""
        organization = actor.organization_id
        kind, colon, rest = name.partition(":")
        if name == ANYONE:
            return Grantee("anyone", organization)
        if colon and kind == "group":
            return await self._group(organization, rest)
        if colon and kind == "domain":
            row = await self._store.domain(domain_to_ascii(rest.strip()))
            if row is None or row.organization_id != organization:
                raise NotFound
            return named("domain", organization, row.name)
        if colon and kind == "department":
            return await self._department(organization, rest)
        if colon and kind == "post":
            return await self._post(organization, rest)
        for account_id in (await self._store.resolve([normalize(name)])).values():
            if (await self._store.account(account_id)).organization_id == organization:
                return Grantee("account", account_id)
        raise NotFound

    async def _group(self, organization: OrganizationId, name: str) -> Grantee:
        for group in await self._store.groups(organization):
            if group.name == name:
                return Grantee("group", group.id)
        raise NotFound

    async def _department(self, organization: OrganizationId, name: str) -> Grantee:
        known = await self._store.departments(organization)
        found = [one for one in known if one.code == name] or [one for one in known if one.name == name]
        if len(found) != 1:
            # Several of one name: only their codes tell them apart.
            raise NotFound
        return named("department", organization, found[0].code)

    async def _post(self, organization: OrganizationId, login: str) -> Grantee:
        found = (await self._store.resolve([normalize(login)])).values()
        for post in await self._store.posts(organization):
            if post.account_id in found:
                return Grantee("post", post.account_id)
        raise NotFound

    async def name_of(self, organization: OrganizationId, grantee: Grantee) -> str:
        """Return the text that names a grantee of an organisation. Raises NotFound for one that has gone."""
        match grantee.kind:
            case "anyone":
                return ANYONE
            case "account":
                return (await self._store.account(AccountId(grantee.id))).login
            case "group":
                for group in await self._store.groups(organization):
                    if group.id == grantee.id:
                        return f"group:{group.name}"
            case "domain":
                for row in await self._store.domains():
                    if named("domain", organization, row.name) == grantee:
                        return f"domain:{row.name}"
            case "department":
                for one in await self._store.departments(organization):
                    if named("department", organization, one.code) == grantee:
                        return f"department:{one.code}"
            case "post":
                for post in await self._store.posts(organization):
                    if post.account_id == grantee.id:
                        return f"post:{(await self._store.account(post.account_id)).login}"
        raise NotFound

    async def exists(self, organization: OrganizationId, grantee: Grantee) -> bool:
        """Say whether a grantee is a living one of the organisation."""
        if grantee.kind == "anyone":
            return grantee.id == organization
        try:
            if grantee.kind == "account":
                other = await self._store.account(AccountId(grantee.id))
                return other.organization_id == organization and other.may("shown")
            await self.name_of(organization, grantee)
        except NotFound:
            return False
        return True

    async def reached(self, organization: OrganizationId, grantee: Grantee) -> list[AccountId]:
        """Return the accounts that a grantee stands for; not those of `anyone`: all of them."""
        if grantee.kind == "account":
            return [AccountId(grantee.id)]
        if grantee.kind == "group":
            return await self._store.group_members(grantee.id)
        if grantee.kind == "anyone":
            return []
        if grantee.kind == "post":
            return await self._store.post_holders(AccountId(grantee.id))
        if grantee.kind == "department":
            for department in await self._store.departments(organization):
                if named("department", organization, department.code) == grantee:
                    return [one.id for one in await self._store.department_people(department.id, below=True)]
            return []
        return [one.id for one in await self._store.accounts(organization) if _is_in_domain(one, grantee)]


def _is_in_domain(account: Account, grantee: Grantee) -> bool:
    return named("domain", account.organization_id, split_address(account.login)[1]) == grantee


def _of_account(account: Account, away: Absence | None, photo: int) -> Principal:
    grantee = Grantee("account", account.id)
    return Principal(
        grantee, account.kind, account.login, account.name, account.login, account.department, account.title,
        away.kind if away else "", away.until if away else 0, photo,
    )  # fmt: skip


def _listing(principals: list[Principal]) -> Listing:
    digest = hashlib.sha256(repr(principals).encode()).hexdigest()[:16]
    return Listing(digest, {one.grantee: one for one in principals})
