"""Mailbox/query and Mailbox/queryChanges (RFC 8621 §2.3, §2.4)."""

from collections.abc import Collection, Sequence
from functools import partial

from msgspec import UNSET

from smartmail.domain.ids import NO_PARENT, AccountId, MailboxId
from smartmail.domain.mailbox import Mailbox
from smartmail.edge.httpd.jmap import ids
from smartmail.edge.httpd.jmap.context import Call, account_of
from smartmail.edge.httpd.jmap.query_state import Since, changed_since, settled
from smartmail.formats.collation import SortKey, sort_key
from smartmail.proto.jmap import core
from smartmail.proto.jmap.collations import OF_NAMES, language_of
from smartmail.proto.jmap.core import QueryAnswer, QueryChangesAnswer
from smartmail.proto.jmap.filters import matches, parse_filter, parse_sort
from smartmail.proto.jmap.mailboxes import (
    MAILBOX_SORTS,
    MailboxFilter,
    MailboxQueryArguments,
    MailboxQueryChangesArguments,
)


async def query(call: Call, arguments: MailboxQueryArguments) -> QueryAnswer:
    """Mailbox/query."""
    account_id = await account_of(call, arguments.account_id)
    state, every = await settled(call, account_id, "mailbox", partial(_all, call, account_id))
    found = _results(arguments, every)
    return core.query_answer(found, arguments, state=state, most=len(found) or 1, can_calculate_changes=True)


async def query_changes(call: Call, arguments: MailboxQueryChangesArguments) -> QueryChangesAnswer:
    """Mailbox/queryChanges. Counts are neither filtered nor sorted by: a mailbox whose counts alone changed stays."""
    account_id = await account_of(call, arguments.account_id)

    async def work() -> tuple[list[Mailbox], Since]:
        return await _all(call, account_id), await changed_since(
            call, account_id, "mailbox", arguments.since_query_state
        )

    state, (every, since) = await settled(call, account_id, "mailbox", work)
    found = _results(arguments, every)
    touched = _with_descendants(every, _changed(every, since))
    changed = {ids.show(ids.MAILBOX, one) for one in touched}
    old = touched - set(since.created) | set(since.destroyed)
    gone = [ids.show(ids.MAILBOX, one) for one in sorted(old)]
    return core.query_changes_answer(found, changed, gone, arguments, state=state)


async def _all(call: Call, account_id: AccountId) -> list[Mailbox]:
    return await call.context.services.mailboxes.list_all(call.context.actor, account_id)


def _changed(every: Sequence[Mailbox], since: Since) -> set[int]:
    return {one.row.id for one in every if one.row.modseq > since.state}


def _with_descendants(every: Sequence[Mailbox], touched: Collection[int]) -> set[int]:
    """In a tree a mailbox moves, and passes the filter or not, with its ancestors. Parents come before children."""
    inside = set(touched)
    for one in every:
        if one.row.parent_id in inside:
            inside.add(one.row.id)
    return inside


def _results(arguments: MailboxQueryArguments | MailboxQueryChangesArguments, every: Sequence[Mailbox]) -> list[str]:
    """Return the ids of all results in their order. Raises unsupportedFilter, unsupportedSort, invalidArguments."""
    tree = parse_filter(arguments.filter, MailboxFilter)
    orders = parse_sort(arguments.sort, MAILBOX_SORTS, OF_NAMES)
    kept = {one.row.id for one in every if matches(tree, partial(_matches, one))}
    if arguments.filter_as_tree:
        kept = _with_ancestors(every, kept)
    ordered = list(every)
    for order in reversed(orders):
        key = partial(_sort_key, order.property, language_of(order.collation))
        ordered.sort(key=key, reverse=not order.is_ascending)
    if arguments.sort_as_tree:
        ordered = _as_tree(ordered)
    return [ids.show(ids.MAILBOX, one.row.id) for one in ordered if one.row.id in kept]


def _matches(mailbox: Mailbox, wish: MailboxFilter) -> bool:
    row = mailbox.row
    parent = None if row.parent_id == NO_PARENT else ids.show(ids.MAILBOX, row.parent_id)
    tests = (
        wish.parent_id is UNSET or wish.parent_id == parent,
        wish.name is UNSET or wish.name.casefold() in mailbox.name.casefold(),
        wish.role is UNSET or wish.role == row.role,
        wish.has_any_role is UNSET or wish.has_any_role == (row.role is not None),
        wish.is_subscribed is UNSET or wish.is_subscribed == row.subscribed,
    )
    return all(tests)


def _with_ancestors(every: Sequence[Mailbox], kept: set[MailboxId]) -> set[MailboxId]:
    """RFC 8621 §2.3 filterAsTree: a mailbox counts only when all its ancestors do. Parents come before children."""
    inside: set[MailboxId] = set()
    for one in every:
        if one.row.id in kept and (one.row.parent_id == NO_PARENT or one.row.parent_id in inside):
            inside.add(one.row.id)
    return inside


def _sort_key(name: str, language: str | None, mailbox: Mailbox) -> tuple[int, str | SortKey]:
    if name == "name":
        return 0, mailbox.name.casefold() if language is None else sort_key(mailbox.name, language)
    return (mailbox.row.sort_order if name == "sortOrder" else mailbox.row.parent_id), ""


def _as_tree(ordered: Sequence[Mailbox]) -> list[Mailbox]:
    children: dict[MailboxId, list[Mailbox]] = {}
    for one in ordered:
        children.setdefault(one.row.parent_id, []).append(one)
    out: list[Mailbox] = []

    def walk(parent: MailboxId) -> None:
        for one in children.get(parent, ()):
            out.append(one)
            walk(one.row.id)

    walk(NO_PARENT)
    return out
