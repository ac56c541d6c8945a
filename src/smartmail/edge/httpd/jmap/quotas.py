"""Quota/get, changes, query, queryChanges (RFC 9425): one quota of octets for an account that has a limit.

The state is made of the two numbers: nothing about quotas is kept, and any process answers.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from msgspec import UNSET

from smartmail.domain.account import Account
from smartmail.edge.httpd.jmap.context import Call, account_of
from smartmail.proto.jmap import core
from smartmail.proto.jmap.core import (
    ChangesAnswer,
    ChangesArguments,
    GetAnswer,
    GetArguments,
    QueryAnswer,
    QueryArguments,
    QueryChangesAnswer,
    QueryChangesArguments,
)
from smartmail.proto.jmap.errors import MethodError
from smartmail.proto.jmap.filters import matches, parse_filter, parse_sort
from smartmail.proto.jmap.quotas import QUOTA_COUNTS, QUOTA_PROPERTIES, QUOTA_SORTS, Quota, QuotaFilter

_ID = "octets"
_WARN = 9, 10
"""The warning comes when so much of the limit is used."""
_NONE = "-"


async def get(call: Call, arguments: GetArguments) -> GetAnswer[Any]:
    """Quota/get."""
    account = await _account(call, arguments.account_id)
    properties = core.wanted(arguments.properties, QUOTA_PROPERTIES)
    every = _quotas(account)
    if arguments.ids is not None:
        call.context.limits.check_get(len(arguments.ids))
    kept = [one for one in every if arguments.ids is None or one.id in arguments.ids]
    missing = [one for one in dict.fromkeys(arguments.ids or ()) if all(one != held.id for held in kept)]
    objects = [core.project(one, properties) for one in kept]
    return GetAnswer(account_id=arguments.account_id, state=_state(account), list=objects, not_found=missing)


async def _account(call: Call, text: str) -> Account:
    account = await call.context.services.directory.account(await account_of(call, text))
    access = await call.context.services.rights.access(call.context.actor, account.id)
    # How much there is in an account is not for who sees a part of it.
    return account if "r" in access.everywhere else replace(account, quota=None, used=0)


def _quotas(account: Account) -> list[Quota]:
    if account.quota is None:
        return []
    warn = account.quota * _WARN[0] // _WARN[1]
    return [Quota(_ID, "octets", account.used, account.quota, "account", account.login, ["Email"], warn, None, None)]


def _state(account: Account) -> str:
    return f"{_NONE if account.quota is None else account.quota}.{account.used}"


async def changes(call: Call, arguments: ChangesArguments) -> ChangesAnswer:
    """Quota/changes."""
    account = await _account(call, arguments.account_id)
    before, now = _read_state(arguments.since_state), _state(account)
    limit = _NONE if account.quota is None else str(account.quota)
    created = [_ID] if before == _NONE != limit else []
    destroyed = [_ID] if before != _NONE == limit else []
    updated = [] if created or destroyed or limit == _NONE or arguments.since_state == now else [_ID]
    only_counts = bool(updated) and before == limit
    return ChangesAnswer(
        account_id=arguments.account_id,
        old_state=arguments.since_state,
        new_state=now,
        has_more_changes=False,
        created=created,
        updated=updated,
        destroyed=destroyed,
        updated_properties=list(QUOTA_COUNTS) if only_counts else None,
    )


def _read_state(text: str) -> str:
    """Return the limit of an older state. Raises cannotCalculateChanges for what is no state of ours."""
    limit, dot, used = text.partition(".")
    if not dot or not _is_number(used) or not (limit == _NONE or _is_number(limit)):
        raise MethodError("cannotCalculateChanges")
    return limit


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()


async def query(call: Call, arguments: QueryArguments) -> QueryAnswer:
    """Quota/query."""
    account = await _account(call, arguments.account_id)
    found = _results(call, account, arguments)
    return core.query_answer(
        found, arguments, state=_state(account), most=call.context.limits.max_objects_in_get, can_calculate_changes=True
    )


async def query_changes(call: Call, arguments: QueryChangesArguments) -> QueryChangesAnswer:
    """Quota/queryChanges: after any change the one object is reported whole."""
    account = await _account(call, arguments.account_id)
    _read_state(arguments.since_query_state)
    found, now = _results(call, account, arguments), _state(account)
    moved = [_ID] if arguments.since_query_state != now else []
    return core.query_changes_answer(found, moved, moved, arguments, state=now)


def _results(call: Call, account: Account, arguments: QueryArguments | QueryChangesArguments) -> Sequence[str]:
    tree = parse_filter(arguments.filter, QuotaFilter)
    parse_sort(arguments.sort, QUOTA_SORTS, call.context.limits.collations)
    return [one.id for one in _quotas(account) if matches(tree, partial(_matches, one))]


def _matches(quota: Quota, wish: QuotaFilter) -> bool:
    assert isinstance(quota.name, str)
    assert not isinstance(quota.types, type(UNSET))
    tests = (
        wish.name is UNSET or wish.name.casefold() in quota.name.casefold(),
        wish.scope is UNSET or wish.scope == quota.scope,
        wish.resource_type is UNSET or wish.resource_type == quota.resource_type,
        wish.type is UNSET or wish.type in quota.types,
    )
    return all(tests)
