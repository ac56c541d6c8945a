"""Email/query (RFC 8621 §4.4): what a filter and a sort mean to the service, and the window of the results."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, cast

from msgspec import UNSET, structs

from smartmail.domain.errors import NotFound
from smartmail.domain.ids import AccountId, MailboxId, MessageId
from smartmail.edge.httpd.jmap import ids, smime
from smartmail.edge.httpd.jmap.context import Call, account_of, parse_time
from smartmail.edge.httpd.jmap.query_state import settled
from smartmail.edge.httpd.jmap.reminders import brought_up
from smartmail.formats.search.wording import Switch
from smartmail.proto.jmap.core import QueryAnswer
from smartmail.proto.jmap.emails import (
    EMAIL_SORTS,
    EmailFilter,
    EmailQueryArguments,
    EmailQueryChangesArguments,
)
from smartmail.proto.jmap.errors import MethodError
from smartmail.proto.jmap.filters import Comparator, FilterOperator, parse_filter, parse_sort
from smartmail.proto.jmap.filters import conditions as filter_conditions
from smartmail.proto.jmap.searching import Assigned, OwnEmailFilter, OwnQueryAnswer
from smartmail.proto.jmap.session import OWN
from smartmail.service.mailbox.mailstore.asking import AskedLine
from smartmail.service.mailbox.mailstore.conditions import (
    NEWEST_FIRST,
    Condition,
    Operator,
    Order,
    SortKey,
    Tree,
    wishes,
)

MAX_IDS = 10_000
"""Ids in one answer; told as `limit` when a client asks for more or for all."""
_KEYWORD_SORTS = frozenset({"hasKeyword", "allInThreadHaveKeyword", "someInThreadHaveKeyword"})
_EVERYTHING = 1 << 40
_NOWHERE = MailboxId(0)
"""No mailbox has this number."""


@dataclass(frozen=True, slots=True)
class Search:
    """One query, read: `wish` is the filter as it was asked, `box` the mailbox whose plain list it is, if it is one."""

    call: Call
    account_id: AccountId
    wish: FilterOperator[EmailFilter] | EmailFilter | None
    tree: Tree | None
    orders: Sequence[Order]
    collapse: bool
    box: MailboxId | None

    async def all_ids(self) -> list[MessageId]:
        """Return all results in their order."""
        if self.box is not None:
            return (await self._listed(0, _EVERYTHING))[0]
        services, actor = self.call.context.services, self.call.context.actor
        found = await services.queries.find(actor, self.account_id, self.tree, self.orders, collapse=self.collapse)
        box = _plain_list(self.tree, self.orders) if self.collapse else None
        return found if box is None else await brought_up(self.call, self.account_id, box, found)

    async def window(self, arguments: EmailQueryArguments, limit: int) -> tuple[int, list[MessageId], int | None]:
        """Return (position, results from there on, how many there are in all, None when nobody asked and it was not
        needed). Raises anchorNotFound.
        """
        position, end = arguments.position, arguments.position + limit
        if arguments.anchor is None and position >= 0:
            if self.box is not None:
                return position, *(await self._listed(position, limit))
            first = None if arguments.calculate_total else await self._newest(end)
            if first is not None:
                return position, first[position:], None
        found = await self.all_ids()
        position = _start(found, arguments)
        return position, found[position : position + limit], len(found)

    async def _newest(self, limit: int) -> list[MessageId] | None:
        """Return the first results in the usual order, None when the service needs all of them to tell."""
        if self.collapse or not _newest_first(self.orders):
            return None
        services, actor = self.call.context.services, self.call.context.actor
        return await services.queries.newest(actor, self.account_id, self.tree, limit)

    async def _listed(self, position: int, limit: int) -> tuple[list[MessageId], int]:
        assert self.box is not None
        services, actor = self.call.context.services, self.call.context.actor
        try:
            return await services.queries.window(actor, self.account_id, self.box, position, limit)
        except NotFound:
            # A mailbox that is not there holds nothing.
            return [], 0


async def search_of(
    call: Call, account_id: AccountId, arguments: EmailQueryArguments | EmailQueryChangesArguments
) -> Search:
    """Return what a query asks for. Raises unsupportedFilter, unsupportedSort, invalidArguments."""
    wish = parse_email_filter(call, arguments.filter)
    tree = await tree_of(call, account_id, wish)
    orders = _orders(parse_sort(arguments.sort, EMAIL_SORTS, call.context.limits.collations))
    box = None if arguments.collapse_threads else _plain_list(tree, orders)
    return Search(call, account_id, wish, tree, orders, arguments.collapse_threads, box)


def calculable(search: Search) -> bool:
    """Whether the change log tells how results change: not those of words that an index finds later."""
    return not any(
        one.text is not UNSET
        or one.body is not UNSET
        or smime.asks(one)
        or (isinstance(one, OwnEmailFilter) and _looks_further(one))
        for one in filter_conditions(search.wish)
    )


def _looks_further(one: OwnEmailFilter) -> bool:
    return any(field is not UNSET for field in (one.line, one.file_name, one.switches, one.assignment))


async def not_indexed(call: Call, account_id: AccountId, tree: Tree | None) -> int:
    """Return how many messages no text of the filter was looked for in."""
    if not wishes(tree):
        return 0
    return await call.context.services.queries.pending(call.context.actor, account_id)


async def query(call: Call, arguments: EmailQueryArguments) -> QueryAnswer:
    """Email/query. A plain list of one mailbox, newest first, comes from an index, whatever the mailbox holds; of a search
    for text, newest first and without a total, no more is found than is shown.
    """
    account_id = await account_of(call, arguments.account_id)
    search = await search_of(call, account_id, arguments)
    limit = MAX_IDS if arguments.limit is None else min(arguments.limit, MAX_IDS)
    state, (position, window, total) = await settled(
        call, account_id, "message", partial(search.window, arguments, limit)
    )
    unread = await not_indexed(call, account_id, search.tree)
    answer: dict[str, Any] = {"not_indexed": unread} if OWN in call.using else {}
    return (OwnQueryAnswer if OWN in call.using else QueryAnswer)(
        account_id=arguments.account_id,
        query_state=state,
        # What is not indexed yet will be found without a change of the mail.
        can_calculate_changes=calculable(search) and not unread,
        position=position,
        ids=[ids.show(ids.EMAIL, one) for one in window],
        total=total if arguments.calculate_total and total is not None else UNSET,
        limit=UNSET if arguments.limit == limit else limit,
        **answer,
    )


def _plain_list(tree: Tree | None, orders: Sequence[Order]) -> MailboxId | None:
    """Return the mailbox when the query is its list in the usual order."""
    if isinstance(tree, Condition) and tree.in_mailbox is not None and tree == Condition(in_mailbox=tree.in_mailbox):
        return tree.in_mailbox if _newest_first(orders) else None
    return None


def _newest_first(orders: Sequence[Order]) -> bool:
    return not orders or orders[0] == NEWEST_FIRST[0]


def _start(found: Sequence[MessageId], arguments: EmailQueryArguments) -> int:
    """Return where the window begins (RFC 8620 §5.5). Raises anchorNotFound."""
    if arguments.anchor is None:
        position = arguments.position
        return max(0, position if position >= 0 else len(found) + position)
    number = ids.parse(ids.EMAIL, arguments.anchor)
    try:
        return max(0, found.index(MessageId(number or 0)) + arguments.anchor_offset)
    except ValueError:
        raise MethodError("anchorNotFound") from None


# -- filters and sorts to what the service knows ---------------------------------------------------------------------


def parse_email_filter(call: Call, raw: Any) -> FilterOperator[EmailFilter] | EmailFilter | None:
    """Return a filter; our own conditions are there for who names our capability. Raises unsupportedFilter."""
    shape = OwnEmailFilter if OWN in call.using else EmailFilter
    return parse_filter(raw, shape)


async def tree_of(
    call: Call, account_id: AccountId, tree: FilterOperator[EmailFilter] | EmailFilter | None
) -> Tree | None:
    """Return what a filter means to the service."""
    if tree is None:
        return None
    if isinstance(tree, FilterOperator):
        parts = [await tree_of(call, account_id, one) for one in tree.conditions]
        return Operator(tree.operator, tuple(part for part in parts if part is not None))
    of_signatures = await smime.tree(call, account_id, tree)
    if of_signatures:
        plain = structs.replace(tree, has_smime=UNSET, has_verified_smime=UNSET, has_verified_smime_at_delivery=UNSET)
        rest = await tree_of(call, account_id, plain)
        return Operator("AND", (*of_signatures, *(() if rest is None else (rest,))))
    if not isinstance(tree, OwnEmailFilter):
        return _condition(tree)
    switches = frozenset(map(Switch, tree.switches or ()))
    condition: Tree = replace(_condition(tree), file_name=_set(tree.file_name), switches=switches)
    if tree.assignment is not UNSET:
        condition = Operator("AND", (condition, await _assigned(call, account_id, tree.assignment)))
    if tree.line is UNSET:
        return condition
    asked = AskedLine(tree.line, switches, "UTC" if tree.time_zone is UNSET else tree.time_zone)
    services, actor = call.context.services, call.context.actor
    return Operator("AND", (condition, await services.asking.tree(actor, account_id, asked)))


async def _assigned(call: Call, account_id: AccountId, wish: Assigned) -> Tree:
    me = call.context.actor.account_id
    every = await call.context.services.work.assignments(call.context.actor, account_id)
    if wish == "none":
        return Operator("NOT", (Condition(threads=frozenset(one.thread_id for one in every)),))
    if wish == "done":
        found = [one for one in every if one.state == "done"]
    else:
        found = [one for one in every if one.state == "open" and (one.assignee == me) == (wish == "mine")]
    return Condition(threads=frozenset(one.thread_id for one in found))


def _condition(wish: EmailFilter) -> Condition:
    return Condition(
        in_mailbox=None if wish.in_mailbox is UNSET else _mailbox(wish.in_mailbox),
        not_only_in=(
            None if wish.in_mailbox_other_than is UNSET else frozenset(map(_mailbox, wish.in_mailbox_other_than))
        ),
        before=None if wish.before is UNSET else parse_time(wish.before),
        after=None if wish.after is UNSET else parse_time(wish.after),
        min_size=_set(wish.min_size),
        max_size=_set(wish.max_size),
        all_in_thread=_lower(wish.all_in_thread_have_keyword),
        some_in_thread=_lower(wish.some_in_thread_have_keyword),
        none_in_thread=_lower(wish.none_in_thread_have_keyword),
        has_keyword=_lower(wish.has_keyword),
        not_keyword=_lower(wish.not_keyword),
        has_attachment=_set(wish.has_attachment),
        text=_set(wish.text),
        from_=_set(wish.from_),
        to=_set(wish.to),
        cc=_set(wish.cc),
        bcc=_set(wish.bcc),
        subject=_set(wish.subject),
        body=_set(wish.body),
        header=None if wish.header is UNSET else (wish.header[0], wish.header[1] if len(wish.header) > 1 else ""),
    )


def _set(value: Any) -> Any:
    return None if value is UNSET else value


def _lower(value: Any) -> str | None:
    return None if value is UNSET else str(value).lower()


def _mailbox(text: str) -> MailboxId:
    return MailboxId(ids.parse(ids.MAILBOX, text) or _NOWHERE)


def _orders(comparators: Sequence[Comparator]) -> tuple[Order, ...]:
    """Raises unsupportedSort when a keyword is missing or stands where none belongs (RFC 8621 §4.4.2)."""
    for one in comparators:
        if (one.property in _KEYWORD_SORTS) != (one.keyword is not None):
            raise MethodError("unsupportedSort", f"keyword and {one.property}")
    return tuple(
        Order(cast("SortKey", one.property), one.is_ascending, (one.keyword or "").lower()) for one in comparators
    )
