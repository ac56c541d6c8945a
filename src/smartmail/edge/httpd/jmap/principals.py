"""Principal/get, changes, query, queryChanges, set (RFC 9670 §2): the people, groups … of the actor's organisation.

The state is a digest of the whole list (service.mailbox.sharing.principals): every process tells the same one. Principals are
made and changed by administrators, not here.
"""

import asyncio
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Final

from msgspec import UNSET

from smartmail.domain.ids import AccountId
from smartmail.domain.rights import Grantee, GranteeKind
from smartmail.edge.httpd.jmap.capabilities import own_account, shared_account
from smartmail.edge.httpd.jmap.context import Call, own_account_of, show_time
from smartmail.formats import name_match
from smartmail.formats.collation import sort_key
from smartmail.proto.jmap import core, numbers
from smartmail.proto.jmap.collations import OF_NAMES, language_of
from smartmail.proto.jmap.core import (
    ChangesAnswer,
    ChangesArguments,
    GetAnswer,
    GetArguments,
    QueryAnswer,
    QueryArguments,
    QueryChangesAnswer,
    QueryChangesArguments,
    SetAnswer,
    SetArguments,
)
from smartmail.proto.jmap.errors import MethodError, SetError
from smartmail.proto.jmap.filters import matches, parse_filter, parse_sort
from smartmail.proto.jmap.principals import (
    OWN_PRINCIPAL_PROPERTIES,
    PRINCIPAL_PROPERTIES,
    PRINCIPAL_SORTS,
    PrincipalAbsence,
    PrincipalFilter,
    PrincipalType,
)
from smartmail.proto.jmap.principals import Principal as Shown
from smartmail.proto.jmap.session import OWN, AccountInfo, account_object
from smartmail.service.mailbox.sharing import Principal
from smartmail.service.mailbox.sharing.principals import Listing, PrincipalKind

LETTERS: Final[dict[GranteeKind, str]] = {
    "account": numbers.PERSON, "group": numbers.GROUP, "domain": numbers.DOMAIN, "department": numbers.DEPARTMENT,
    "post": numbers.POST, "anyone": numbers.ANYONE,
}  # fmt: skip
MOST_ZONES: Final = 50
PHOTOGRAPHS: Final = "/jmap/photograph"
_TYPES: Final[dict[PrincipalKind, PrincipalType]] = {"person": "individual", "shared": "other", "resource": "resource"}


def show_principal(grantee: Grantee) -> str:
    """Return the id of a principal."""
    return numbers.show(LETTERS[grantee.kind], grantee.id)


def person_id(account_id: int) -> str:
    """Return the principal of an account."""
    return numbers.show(numbers.PERSON, account_id)


def parse_principal(text: str) -> Grantee | None:
    """Return what an id names."""
    for kind, letter in LETTERS.items():
        number = numbers.parse(letter, text)
        if number is not None:
            return Grantee(kind, number)
    return None


async def get(call: Call, arguments: GetArguments) -> GetAnswer[Any]:
    """Principal/get."""
    await own_account_of(call, arguments.account_id)
    known = PRINCIPAL_PROPERTIES + (OWN_PRINCIPAL_PROPERTIES if OWN in call.using else ())
    properties = core.wanted(arguments.properties, known)
    listing = await _listing(call)
    if arguments.ids is None:
        call.context.limits.check_get(len(listing.all))
        found, missing = list(listing.all.values()), list[str]()
    else:
        call.context.limits.check_get(len(arguments.ids))
        asked = {text: parse_principal(text) for text in dict.fromkeys(arguments.ids)}
        found = [listing.all[one] for one in asked.values() if one is not None and one in listing.all]
        missing = [text for text, one in asked.items() if one not in listing.all]
    accounts = await _accounts(call) if "accounts" in properties else {}
    zones = await _zones(call, found) if "timeZone" in properties and arguments.ids is not None else {}
    objects = [core.project(_show(one, accounts, zones), properties) for one in found]
    return GetAnswer(account_id=arguments.account_id, state=listing.state, list=objects, not_found=missing)


async def _zones(call: Call, found: Sequence[Principal]) -> dict[Grantee, str]:
    """Return the clocks that people chose; of a few at once only, for each is read from their own account."""
    people = [one.grantee for one in found if one.grantee.kind == "account"]
    if len(people) > MOST_ZONES:
        return {}
    services, home = call.context.services, call.context.actor.organization_id
    return {one: await services.preferences.zone_of(AccountId(one.id), home) for one in people}


async def _listing(call: Call) -> Listing:
    return await call.context.services.principals.listing(call.context.actor)


async def _accounts(call: Call) -> dict[str, AccountInfo]:
    """Return the accounts that the actor reaches, by the id of their principal."""
    actor, services = call.context.actor, call.context.services
    allowance = await services.addressing.allowances.of(actor.account_id)
    contacts = await services.contacts.gate.offered(actor)
    saving = await services.saving.told(actor)
    own = own_account(actor, services.filters, allowance.told(), saving, contacts=contacts)
    found = {person_id(actor.account_id): own}
    for one in await services.sharing.accounts_for(actor):
        found[person_id(one.id)] = shared_account(one, actor, contacts=contacts)
    return found


def _show(one: Principal, accounts: dict[str, AccountInfo], zones: Mapping[Grantee, str]) -> Shown:
    identity = show_principal(one.grantee)
    account = accounts.get(identity)
    described = ", ".join(text for text in (one.title, one.department) if text)
    return Shown(
        id=identity,
        type=_TYPES.get(one.kind, "group"),
        name=one.shown,
        description=described or None,
        email=one.email or None,
        time_zone=zones.get(one.grantee) or None,
        capabilities={},
        accounts=None if account is None else {account.id: account_object(account)},
        department=one.department or None,
        title=one.title or None,
        absence=PrincipalAbsence(one.absent, show_time(one.absent_until) if one.absent_until else None)
        if one.absent
        else None,
        photo=f"{PHOTOGRAPHS}/{identity}/small?v={one.photo}" if one.photo else None,
    )


async def changes(call: Call, arguments: ChangesArguments) -> ChangesAnswer:
    """Principal/changes; an older state than those remembered cannot be told from."""
    await own_account_of(call, arguments.account_id)
    found = await call.context.services.principals.changes(call.context.actor, arguments.since_state)
    if found is None:
        raise MethodError("cannotCalculateChanges")
    lists = [list(map(show_principal, one)) for one in (found.created, found.updated, found.destroyed)]
    if arguments.max_changes is not None and sum(map(len, lists)) > arguments.max_changes:
        raise MethodError("cannotCalculateChanges")
    return ChangesAnswer(
        account_id=arguments.account_id,
        old_state=arguments.since_state,
        new_state=found.until,
        has_more_changes=False,
        created=lists[0],
        updated=lists[1],
        destroyed=lists[2],
    )


async def set_(call: Call, arguments: SetArguments) -> SetAnswer:
    """Principal/set: administrators do that elsewhere (RFC 9670 §2.4 lets a server refuse it)."""
    await own_account_of(call, arguments.account_id)
    call.context.limits.check_set(arguments.count())
    state = (await _listing(call)).state
    if arguments.if_in_state is not None and arguments.if_in_state != state:
        raise MethodError("stateMismatch")
    no = SetError("forbidden")
    return SetAnswer(
        account_id=arguments.account_id,
        old_state=state,
        new_state=state,
        not_created=dict.fromkeys(arguments.create or (), no) or None,
        not_updated=dict.fromkeys(arguments.update or (), no) or None,
        not_destroyed=dict.fromkeys(arguments.destroy or (), no) or None,
    )


# -- query ----------------------------------------------------------------------------------------------------------


async def query(call: Call, arguments: QueryArguments) -> QueryAnswer:
    """Principal/query."""
    await own_account_of(call, arguments.account_id)
    listing = await _listing(call)
    found = await _results(call, listing, arguments)
    return core.query_answer(
        found, arguments, state=listing.state, most=call.context.limits.max_objects_in_get, can_calculate_changes=True
    )


async def query_changes(call: Call, arguments: QueryChangesArguments) -> QueryChangesAnswer:
    """Principal/queryChanges."""
    await own_account_of(call, arguments.account_id)
    listing = await _listing(call)
    since = await call.context.services.principals.changes(call.context.actor, arguments.since_query_state)
    if since is None:
        raise MethodError("cannotCalculateChanges")
    found = await _results(call, listing, arguments)
    old = [show_principal(one) for one in (*since.updated, *since.destroyed)]
    changed = {show_principal(one) for one in (*since.created, *since.updated)}
    return core.query_changes_answer(found, changed, old, arguments, state=listing.state)


async def _results(call: Call, listing: Listing, arguments: QueryArguments | QueryChangesArguments) -> list[str]:
    tree = parse_filter(arguments.filter, PrincipalFilter)
    orders = parse_sort(arguments.sort, PRINCIPAL_SORTS, OF_NAMES)
    if not orders and isinstance(tree, PrincipalFilter) and _is_only_text(tree):
        return await _looked_up(call, listing, tree)
    reachable = {(account.id, one) for one, account in (await _accounts(call)).items()}
    kept = [one for one in listing.all.values() if matches(tree, partial(_matches, one, reachable))]
    for order in reversed(orders):
        key = partial(_sort_key, order.property, language_of(order.collation))
        # 50,000 names take a sixth of a second: not in front of everybody else.
        await asyncio.to_thread(kept.sort, key=key, reverse=not order.is_ascending)
    return [show_principal(one.grantee) for one in kept]


def _is_only_text(wish: PrincipalFilter) -> bool:
    return wish.text is not UNSET and bool(wish.text.strip()) and wish == PrincipalFilter(text=wish.text)


async def _looked_up(call: Call, listing: Listing, wish: PrincipalFilter) -> list[str]:
    """Look up while somebody types: people out of the index, the best first, then groups and the rest that fit."""
    assert wish.text is not UNSET
    search, company = call.context.services.organization.search, call.context.actor.organization_id
    people = await search.search(call.context.actor, wish.text, call.context.limits.max_objects_in_get)
    grantees = [Grantee("account", one.account_id) for one in people if one.organization_id == company]
    found = [listing.all[one] for one in grantees if one in listing.all]
    others = (one for grantee, one in listing.all.items() if grantee.kind != "account")
    found += [one for one in others if _matches(one, set(), wish)]
    return [show_principal(one.grantee) for one in found]


def _sort_key(name: str, language: str | None, one: Principal) -> Any:
    if name == "name" and language is not None:
        return sort_key(one.shown, language)
    return (one.shown if name == "name" else one.email).casefold()


def _matches(one: Principal, reachable: set[tuple[str, str]], wish: PrincipalFilter) -> bool:
    everything = (one.shown, one.email, one.title, one.department)
    identity = show_principal(one.grantee)
    tests = (
        wish.account_ids is UNSET or any((account, identity) in reachable for account in wish.account_ids),
        wish.email is UNSET or name_match.found(wish.email, (one.email,)),
        wish.name is UNSET or name_match.found(wish.name, (one.shown,)),
        wish.text is UNSET or name_match.found(wish.text, everything),
        wish.type is UNSET or wish.type == _TYPES.get(one.kind, "group"),
        wish.time_zone is UNSET,
        wish.department is UNSET or name_match.found(wish.department, (one.department,)),
        wish.title is UNSET or name_match.found(wish.title, (one.title,)),
    )
    return all(tests)
