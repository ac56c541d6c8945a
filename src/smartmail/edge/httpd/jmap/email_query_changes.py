"""Email/queryChanges (RFC 8621 §4.5): the change log laid over the results as they are now.

What the log names may have moved; with threads collapsed or threads in the filter or sort, so may every other message
of a thread that it names. Queries whose results change without the log are not calculated: words in texts are found
by an index that comes after the mail.
"""

from collections.abc import Sequence
from functools import partial

from msgspec import UNSET

from smartmail.domain.ids import AccountId, MessageId, ThreadId
from smartmail.edge.httpd.jmap import ids
from smartmail.edge.httpd.jmap.context import Call, account_of
from smartmail.edge.httpd.jmap.queries import Search, calculable, search_of
from smartmail.edge.httpd.jmap.query_state import Since, changed_since, log_since, settled
from smartmail.proto.jmap import core
from smartmail.proto.jmap.core import QueryChangesAnswer
from smartmail.proto.jmap.emails import EmailFilter, EmailQueryChangesArguments
from smartmail.proto.jmap.errors import MethodError
from smartmail.proto.jmap.filters import conditions
from smartmail.service.mailbox.mailstore.conditions import SortKey

# RFC 8621 §4.1: what a message is born with; all else may change.
_FIXED_FILTERS = frozenset({"before", "after", "min_size", "max_size", "has_attachment", "from_", "to", "cc", "bcc",
                            "subject", "header"})  # fmt: skip
_THREAD_FILTERS = (
    "all_in_thread_have_keyword", "some_in_thread_have_keyword", "none_in_thread_have_keyword",
)  # fmt: skip
_THREAD_SORTS: frozenset[SortKey] = frozenset({"allInThreadHaveKeyword", "someInThreadHaveKeyword"})
_FIXED_SORTS: frozenset[SortKey] = frozenset({"receivedAt", "sentAt", "size", "from", "to", "subject"})


async def query_changes(call: Call, arguments: EmailQueryChangesArguments) -> QueryChangesAnswer:
    """Email/queryChanges. Raises cannotCalculateChanges, tooManyChanges."""
    account_id = await account_of(call, arguments.account_id)
    search = await search_of(call, account_id, arguments)
    if not calculable(search):
        raise MethodError("cannotCalculateChanges", "the results of a search for text change by themselves")
    state, (found, since, touched) = await settled(
        call, account_id, "message", partial(_compared, call, account_id, search, arguments.since_query_state)
    )
    old = (touched - set(since.created)) | set(since.destroyed)
    return core.query_changes_answer(
        [ids.show(ids.EMAIL, one) for one in found],
        {ids.show(ids.EMAIL, one) for one in touched},
        [ids.show(ids.EMAIL, one) for one in sorted(old)],
        arguments,
        state=state,
        up_to_id=arguments.up_to_id if _is_fixed(search) else None,
    )


async def _compared(
    call: Call, account_id: AccountId, search: Search, state: str
) -> tuple[Sequence[MessageId], Since, set[int]]:
    """Return (results now, what changed, messages that may stand elsewhere or not at all)."""
    since = await changed_since(call, account_id, "message", state)
    touched = set(since.created) | set(since.updated)
    if search.collapse or _asks_threads(search):
        touched |= await _threads_of(call, account_id, touched, state)
    return await search.all_ids(), since, touched


async def _threads_of(call: Call, account_id: AccountId, touched: set[int], state: str) -> set[int]:
    """Return all messages of the threads of `touched`, and of those that lost a message."""
    reading, actor = call.context.services.reading, call.context.actor
    rows = await reading.rows(actor, account_id, [MessageId(one) for one in touched])
    log = await log_since(call, account_id, "thread", state)
    threads = {row.thread_id for row in rows.values()} | {ThreadId(one) for one in (*log.created, *log.updated)}
    members = await reading.threads(actor, account_id, sorted(threads))
    return {one for ids_ in members.values() for one in ids_}


def _asks_threads(search: Search) -> bool:
    filtered = any(getattr(one, name) is not UNSET for one in conditions(search.wish) for name in _THREAD_FILTERS)
    return filtered or any(order.key in _THREAD_SORTS for order in search.orders)


def _is_fixed(search: Search) -> bool:
    """Whether no message can enter, leave or move without being created or destroyed."""
    names = {
        name for one in conditions(search.wish) for name in EmailFilter.__struct_fields__
        if getattr(one, name) is not UNSET
    }  # fmt: skip
    return not search.collapse and names <= _FIXED_FILTERS and all(one.key in _FIXED_SORTS for one in search.orders)
