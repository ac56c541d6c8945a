"""ContactCard/query, queryChanges (RFC 9610 §3.3, §3.4): over the lines of all cards, which are few enough to be looked at whole."""

import asyncio
from functools import partial
from typing import Any

import msgspec
from msgspec import UNSET

from smartmail.domain.ids import AccountId
from smartmail.edge.httpd.jmap.context import Call, account_of
from smartmail.edge.httpd.jmap.query_state import queried, query_changed
from smartmail.proto.jmap import numbers as letters
from smartmail.proto.jmap.collations import OF_NAMES, language_of
from smartmail.proto.jmap.contacts import CARD_SORTS, CARD_WORDS, CardFilter
from smartmail.proto.jmap.core import QueryAnswer, QueryArguments, QueryChangesAnswer, QueryChangesArguments
from smartmail.proto.jmap.filters import matches, parse_filter, parse_sort
from smartmail.service.mailbox.contacts import FoundLine
from smartmail.service.mailbox.contacts.finding import holds, order


async def query(call: Call, arguments: QueryArguments) -> QueryAnswer:
    """ContactCard/query."""
    account_id = await account_of(call, arguments.account_id)
    await call.context.services.contacts.gate.reads(call.context.actor, account_id)
    return await queried(call, account_id, "contact", arguments, partial(_results, call, account_id, arguments))


async def query_changes(call: Call, arguments: QueryChangesArguments) -> QueryChangesAnswer:
    """ContactCard/queryChanges."""
    account_id = await account_of(call, arguments.account_id)
    await call.context.services.contacts.gate.reads(call.context.actor, account_id)
    work = partial(_results, call, account_id, arguments)
    return await query_changed(call, account_id, "contact", arguments, work, partial(letters.show, letters.CARD))


async def _results(call: Call, account_id: AccountId, arguments: QueryArguments | QueryChangesArguments) -> list[str]:
    tree = parse_filter(arguments.filter, CardFilter)
    orders = parse_sort(arguments.sort, CARD_SORTS, OF_NAMES)
    lines = await call.context.services.contacts.cards.lines(call.context.actor, account_id)
    kept = [one for one in lines if matches(tree, partial(_matches, one))]
    for one in reversed(orders):
        language = language_of(one.collation)
        key = partial(_key, one.property, language)
        await asyncio.to_thread(kept.sort, key=key, reverse=not one.is_ascending)
    return [letters.show(letters.CARD, one.id) for one in kept]


def _key(name: str, language: str | None, one: FoundLine) -> Any:
    return order(one.line, name, language)


def _matches(one: FoundLine, wish: CardFilter) -> bool:
    line = one.line
    if wish.in_address_book is not UNSET and letters.parse(letters.ADDRESS_BOOK, wish.in_address_book) not in one.books:
        return False
    tests = (
        wish.uid is UNSET or wish.uid == line.uid,
        wish.has_member is UNSET or wish.has_member in line.members,
        wish.kind is UNSET or wish.kind == line.kind,
        wish.created_before is UNSET or line.created < wish.created_before,
        wish.created_after is UNSET or line.created >= wish.created_after,
        wish.updated_before is UNSET or line.updated < wish.updated_before,
        wish.updated_after is UNSET or line.updated >= wish.updated_after,
    )
    return all(tests) and all(holds(line, name, words) for name, words in _words(wish))


def _words(wish: CardFilter) -> list[tuple[str, str]]:
    told = msgspec.to_builtins(wish)
    return [(name, told[name]) for name in CARD_WORDS if name in told]
