"""What Assignment and Note share: their state, their changes, and queries over the few that there are."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from msgspec import UNSET

from smartmail.domain.ids import AccountId, ModSeq
from smartmail.edge.httpd.jmap.context import MAX_CHANGES, Call, Changed
from smartmail.edge.httpd.jmap.query_state import TRIES
from smartmail.proto.jmap import core
from smartmail.proto.jmap.core import ChangesArguments, QueryAnswer, QueryArguments
from smartmail.proto.jmap.errors import MethodError
from smartmail.service.mailbox.sharing.work import WorkKind

T = TypeVar("T")


async def work_state(call: Call, account_id: AccountId, kind: WorkKind) -> str:
    """Return the state of a kind as the actor sees it."""
    return str(await call.context.services.work.state(call.context.actor, account_id, kind))


async def work_changes(call: Call, arguments: ChangesArguments, account_id: AccountId, kind: WorkKind) -> Changed:
    """Return what happened after a state. Raises cannotCalculateChanges."""
    since = arguments.since_state
    if not (since.isascii() and since.isdigit() and len(since) < 19):
        raise MethodError("cannotCalculateChanges")
    limit = min(arguments.max_changes if arguments.max_changes is not None else MAX_CHANGES, MAX_CHANGES)
    work = call.context.services.work
    found = await work.changes(call.context.actor, account_id, kind, ModSeq(int(since)), limit)
    if found is None:
        raise MethodError("cannotCalculateChanges")
    count = len(found.created) + len(found.updated) + len(found.destroyed)
    if arguments.max_changes is not None and count > arguments.max_changes:
        raise MethodError("cannotCalculateChanges")
    return Changed(found.created, found.updated, found.destroyed, found.until, found.more)


async def work_query(
    call: Call, arguments: QueryArguments, account_id: AccountId, kind: WorkKind,
    results: Callable[[], Awaitable[Sequence[str]]],
) -> QueryAnswer:  # fmt: skip
    """Answer a query: results that belong to the state that is told with them (RFC 8620 §5.5)."""
    state, found = await work_state(call, account_id, kind), await results()
    for _ in range(TRIES):
        after = await work_state(call, account_id, kind)
        if after == state:
            break
        state, found = after, await results()
    else:
        raise MethodError("serverUnavailable", "the account changes too fast")
    most = call.context.limits.max_objects_in_get
    position, window = core.window(found, arguments, most)
    return QueryAnswer(
        account_id=arguments.account_id,
        query_state=state,
        can_calculate_changes=False,
        position=position,
        ids=window,
        total=len(found) if arguments.calculate_total else UNSET,
        limit=UNSET if len(found) <= most or (arguments.limit or most) < most else most,
    )
