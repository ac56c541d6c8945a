"""/search: people, domains, groups, addresses and policy knobs by a word.

LIMITS    MOST of each kind. People come from the index of the directory, which answers in milliseconds for 50,000.
SECURITY  Of each kind only what the caller's own permission for it reaches; who has none gets an empty list, not a refusal.
          Whose role does not show employee numbers finds nobody by one: a hit would tell it, sign by sign.
"""

import ipaddress
import unicodedata
from collections.abc import Awaitable, Callable
from typing import Annotated, Final, Literal, TypeVar

from msgspec import Meta

from smartmail.base.i18n import LANGUAGES, translate
from smartmail.domain.account import Account
from smartmail.domain.authority import Permission
from smartmail.domain.errors import Forbidden, Invalid, MailError, NotFound
from smartmail.domain.ids import AccountId
from smartmail.domain.policy import Scope
from smartmail.edge.httpd.admin.operation import Call
from smartmail.edge.httpd.admin.resource import Resource
from smartmail.edge.httpd.admin.shapes import Id, Input, Output
from smartmail.service.people.organization.index import fits_without_number

T = TypeVar("T")
MOST: Final = 8
SEEN: Final = (40, 500)
"""So many people are looked at, first and at last: who administers a part of a company is shown those of that part."""


class SearchQuery(Input, frozen=True):
    """What was typed."""

    find: Annotated[str, Meta(min_length=1, max_length=200)]


class PersonResult(Output, frozen=True):
    """A person or a shared account."""

    id: Id
    name: str
    address: str
    department: str
    title: str
    state: str


class GroupResult(Output, frozen=True):
    """A group."""

    id: Id
    name: str


class AddressResult(Output, frozen=True):
    """An alias or a distribution list."""

    kind: Literal["alias", "list"]
    address: str


class KnobResult(Output, frozen=True):
    """A policy knob, its short name and its description in the reader's language."""

    name: str
    title: str
    help: str


class NetworkResult(Output, frozen=True):
    """A network address. `banned`: whether it is banned now; null: not visible to this role."""

    address: str
    banned: bool | None


class SearchResults(Output, frozen=True):
    """Results by kind."""

    people: list[PersonResult]
    domains: list[str]
    groups: list[GroupResult]
    addresses: list[AddressResult]
    knobs: list[KnobResult]
    network: NetworkResult | None


api = Resource()


@api.get("/search", "Search, with results by kind.", query=SearchQuery, cli="person find find")
async def _search(call: Call) -> SearchResults:
    call.open_to_all()
    words = folded(call.query.find).split()
    if not words:
        raise Invalid("nothing to look for", reason="search.empty")
    return SearchResults(
        await _allowed(_people(call)), await _allowed(_domains(call, words)), await _allowed(_groups(call, words)),
        await _allowed(_addresses(call, words)), await _allowed(_knobs(call, words)), await _network(call),
    )  # fmt: skip


async def _allowed(found: Awaitable[list[T]]) -> list[T]:
    """Return what was found; nothing for who may not look there."""
    try:
        return await found
    except (Forbidden, NotFound):
        return []


def folded(text: str) -> str:
    """Return a text as it is compared: widths, accents of composition and case do not matter."""
    return unicodedata.normalize("NFKC", text).casefold()


def _fits(words: list[str], *texts: str) -> bool:
    line = folded("\n".join(texts))
    return all(word in line for word in words)


async def _people(call: Call) -> list[PersonResult]:
    services, actor = call.services, call.actor
    own = actor.organization_id
    await services.authority.organization(actor, "account.read")
    shown, ids = list[Account](), list[AccountId]()
    for seen in SEEN:
        known = len(ids)
        entries = (await services.organization.search.index(own)).search(call.query.find, seen)
        ids = [one.account_id for one in entries]
        accounts = [one for account_id in ids[known:] for one in await _one(services.directory.account(account_id))]
        by_number = {one.account_id for one in entries if not fits_without_number(one, call.query.find)}
        for one in await services.authority.visible(actor, "account.read", accounts):
            if one.id not in by_number or not await _hides_numbers(call, one.id):
                shown.append(one)
        if len(shown) >= MOST or len(ids) < seen:
            break
    # The directory knows logins; any other address of theirs finds a person too.
    by_address = [
        one for one in await _one(services.directory.account_by_login(call.query.find.strip().lower()))
        if one.organization_id == own and one.id not in ids
    ]  # fmt: skip
    shown = (shown + await services.authority.visible(actor, "account.read", by_address))[:MOST]
    await services.witness.listed(actor, [one.id for one in shown])
    return [PersonResult.from_row(one, address=one.login) for one in shown]


async def _hides_numbers(call: Call, account_id: AccountId) -> bool:
    scope = Scope("account", str(int(account_id)))
    return "employee-number" in await call.services.authority.masks(call.actor, "account.read", scope)


async def _one(found: Awaitable[Account]) -> list[Account]:
    try:
        return [await found]
    except MailError:
        return []


async def _domains(call: Call, words: list[str]) -> list[str]:
    own = await call.services.authority.organization(call.actor, "domain.read")
    names = [
        one.name for one in await call.services.directory.domains()
        if own in {None, one.organization_id} and _fits(words, one.name)
    ]  # fmt: skip
    return await _reached(call, "domain.read", names, lambda name: Scope("domain", name))


async def _groups(call: Call, words: list[str]) -> list[GroupResult]:
    own = await call.services.authority.organization(call.actor, "group.read")
    rows = [one for one in await call.services.governing.groups(own) if _fits(words, one.name)]
    found = await _reached(call, "group.read", rows, lambda one: Scope("group", str(one.id)))
    return [GroupResult(str(one.id), one.name) for one in found]


async def _addresses(call: Call, words: list[str]) -> list[AddressResult]:
    home = await call.may_here("domain.read")
    rows: list[AddressResult] = []
    for kind in ("alias", "list"):
        for one in await call.services.addressing.stand_ins.list_all(home, kind):
            if _fits(words, one.address):
                rows.append(AddressResult("alias" if kind == "alias" else "list", one.address))
            if len(rows) >= MOST:
                break
    return rows


async def _knobs(call: Call, words: list[str]) -> list[KnobResult]:
    await call.services.authority.organization(call.actor, "policy.read")
    found = []
    for one in call.services.governing.knobs():
        names = (one.name, *(_text(language, one.title_key) for language in LANGUAGES))
        if _fits(words, *names, *(_text(language, one.help_key) for language in LANGUAGES)):
            told = KnobResult(one.name, _text(call.language, one.title_key), _text(call.language, one.help_key))
            found.append((not _fits(words, *names), one.name, told))
    # Names before texts: who types a name wants that one.
    found.sort(key=lambda row: row[:2])
    return [told for _, _, told in found[:MOST]]


def _text(language: str, key: str) -> str:
    try:
        return translate(language, key)
    except KeyError:
        return ""


async def _network(call: Call) -> NetworkResult | None:
    try:
        address = str(ipaddress.ip_address(call.query.find.strip()))
    except ValueError:
        return None
    may = await call.services.authority.may(call.actor, "defence.read", Scope("system"))
    return NetworkResult(address, call.services.defence.is_banned(address) if may else None)


async def _reached(call: Call, permission: Permission, rows: list[T], scope: Callable[[T], Scope]) -> list[T]:
    found: list[T] = []
    for one in rows:
        if len(found) >= MOST:
            break
        if await call.services.authority.may(call.actor, permission, scope(one)):
            found.append(one)
    return found
