"""Email/query and SearchSnippet/get (RFC 8621 §4.4, §5)."""

import re
from collections.abc import Sequence
from html import escape
from typing import Any, cast

from msgspec import UNSET

from smartmail.domain.errors import NotFound
from smartmail.domain.ids import AccountId, MailboxId, MessageId
from smartmail.edge.httpd.jmap import ids
from smartmail.edge.httpd.jmap.context import Call, account_of, numbers, parse_time, state_of
from smartmail.edge.httpd.jmap.properties import Source, body_value
from smartmail.edge.httpd.jmap.sources import load
from smartmail.formats.html import to_text
from smartmail.formats.mime.parts import TEXT_BODY, shown_parts
from smartmail.proto.jmap.core import QueryAnswer
from smartmail.proto.jmap.emails import (
    EMAIL_SORTS,
    EmailFilter,
    EmailQueryArguments,
    SearchSnippet,
    SnippetAnswer,
    SnippetArguments,
)
from smartmail.proto.jmap.errors import MethodError
from smartmail.proto.jmap.filters import Comparator, FilterOperator, parse_filter, parse_sort
from smartmail.proto.jmap.filters import conditions as filter_conditions
from smartmail.service.mailstore.conditions import NEWEST_FIRST, Condition, Operator, Order, SortKey, Tree, terms

MAX_IDS = 10_000
"""Ids in one answer; told as `limit` when a client asks for more or for all."""
_KEYWORD_SORTS = frozenset({"hasKeyword", "allInThreadHaveKeyword", "someInThreadHaveKeyword"})
_NOWHERE = MailboxId(0)
"""No mailbox has this number."""


async def query(call: Call, arguments: EmailQueryArguments) -> QueryAnswer:
    """Email/query. A plain list of one mailbox, newest first, comes from an index, whatever the mailbox holds."""
    account_id = account_of(call, arguments.account_id)
    tree = _tree(parse_filter(arguments.filter, EmailFilter))
    orders = _orders(parse_sort(arguments.sort, EMAIL_SORTS, call.context.limits.collations))
    state = await state_of(call, account_id, "message")
    limit = MAX_IDS if arguments.limit is None else min(arguments.limit, MAX_IDS)
    box = _plain_list(tree, orders) if not arguments.collapse_threads else None
    if box is not None and arguments.anchor is None and arguments.position >= 0:
        position = arguments.position
        window, total = await _listed(call, account_id, box, position, limit)
    else:
        found = await _found(call, account_id, tree, orders, box, collapse=arguments.collapse_threads)
        position, total = _start(found, arguments), len(found)
        window = found[position : position + limit]
    return QueryAnswer(
        account_id=arguments.account_id,
        query_state=state,
        can_calculate_changes=False,
        position=position,
        ids=[ids.show(ids.EMAIL, one) for one in window],
        total=total if arguments.calculate_total else UNSET,
        limit=UNSET if arguments.limit == limit else limit,
    )


async def _listed(
    call: Call, account_id: AccountId, box: MailboxId, position: int, limit: int | None = None
) -> tuple[list[MessageId], int]:
    try:
        if limit is None:
            return await call.context.queries.window(call.context.actor, account_id, box, position)
        return await call.context.queries.window(call.context.actor, account_id, box, position, limit)
    except NotFound:
        # A mailbox that is not there holds nothing.
        return [], 0


async def _found(
    call: Call,
    account_id: AccountId,
    tree: Tree | None,
    orders: Sequence[Order],
    box: MailboxId | None,
    *,
    collapse: bool,
) -> list[MessageId]:
    if box is not None:
        return (await _listed(call, account_id, box, 0))[0]
    return await call.context.queries.find(call.context.actor, account_id, tree, orders, collapse=collapse)


def _plain_list(tree: Tree | None, orders: Sequence[Order]) -> MailboxId | None:
    """Return the mailbox when the query is its list in the usual order."""
    if isinstance(tree, Condition) and tree.in_mailbox is not None and tree == Condition(in_mailbox=tree.in_mailbox):
        return tree.in_mailbox if not orders or orders[0] == NEWEST_FIRST[0] else None
    return None


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


def _tree(tree: FilterOperator[EmailFilter] | EmailFilter | None) -> Tree | None:
    if tree is None:
        return None
    if isinstance(tree, FilterOperator):
        parts = tuple(part for one in tree.conditions if (part := _tree(one)) is not None)
        return Operator(tree.operator, parts)
    return _condition(tree)


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


# -- snippets -------------------------------------------------------------------------------------------------------

SNIPPET = 250
"""Characters of a preview; RFC 8621 §5: at most 255 octets of text is usual, the bound is the server's."""
_BEFORE = 60


async def snippets(call: Call, arguments: SnippetArguments) -> SnippetAnswer:
    """SearchSnippet/get: where the words of the filter stand in subject and text."""
    account_id = account_of(call, arguments.account_id)
    call.context.limits.check_get(len(arguments.email_ids))
    wishes = list(filter_conditions(parse_filter(arguments.filter, EmailFilter)))
    subject = _pattern([wish.subject for wish in wishes] + [wish.text for wish in wishes])
    body = _pattern([wish.body for wish in wishes] + [wish.text for wish in wishes])
    found, missing = numbers(ids.EMAIL, arguments.email_ids)
    sources = await load(call, account_id, [MessageId(number) for number in found])
    missing += [text for number, text in found.items() if number not in sources]
    listed = [
        SearchSnippet(found[number], _marked(source.summary.subject, subject), await _preview(source, body))
        for number, source in sources.items()
    ]
    return SnippetAnswer(account_id=arguments.account_id, list=listed, not_found=missing or None)


def _pattern(texts: Sequence[Any]) -> re.Pattern[str] | None:
    words = [word for text in texts if text is not UNSET for word in terms(text)]
    return (
        re.compile("|".join(re.escape(word) for word in sorted(words, key=len, reverse=True)), re.IGNORECASE)
        if words
        else None
    )


def _marked(text: str, pattern: re.Pattern[str] | None) -> str | None:
    """Return HTML with matches in `<mark>`, None when there are none."""
    if pattern is None or not pattern.search(text):
        return None
    out, end = [], 0
    for match in pattern.finditer(text):
        out += [escape(text[end : match.start()]), "<mark>", escape(match[0]), "</mark>"]
        end = match.end()
    return "".join([*out, escape(text[end:])])


async def _preview(source: Source, pattern: re.Pattern[str] | None) -> str | None:
    if pattern is None:
        return None
    marked = _marked(source.summary.preview, pattern)
    if marked is not None:
        return marked
    for part in shown_parts(source.summary.parts, TEXT_BODY):
        if not part.type.startswith("text/"):
            continue
        value = (await body_value(source.read, part)).value
        text = " ".join((to_text(value) if part.type == "text/html" else value).split())
        match = pattern.search(text)
        if match is not None:
            start = max(0, match.start() - _BEFORE)
            return _marked(text[start : start + SNIPPET], pattern)
    return None
