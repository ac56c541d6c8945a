"""What Assignment and Note share: their state, their changes, and queries over the few that there are."""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial

from smartmail.domain.ids import AccountId
from smartmail.edge.httpd.jmap.context import Call, Changed, changed_by
from smartmail.edge.httpd.jmap.query_state import settled_in
from smartmail.proto.jmap import core
from smartmail.proto.jmap.core import ChangesArguments, QueryAnswer, QueryArguments
from smartmail.service.mailbox.sharing.work import WorkKind


async def work_state(call: Call, account_id: AccountId, kind: WorkKind) -> str:
    """Return the state of a kind as the actor sees it."""
    return str(await call.context.services.work.state(call.context.actor, account_id, kind))


async def work_changes(call: Call, arguments: ChangesArguments, account_id: AccountId, kind: WorkKind) -> Changed:
    """Return what happened after a state. Raises cannotCalculateChanges."""
    return await changed_by(
        arguments, partial(call.context.services.work.changes, call.context.actor, account_id, kind)
    )


async def work_query(
    call: Call, arguments: QueryArguments, account_id: AccountId, kind: WorkKind,
    results: Callable[[], Awaitable[Sequence[str]]],
) -> QueryAnswer:  # fmt: skip
    """Answer a query: results that belong to the state that is told with them (RFC 8620 §5.5)."""
    state, found = await settled_in(partial(work_state, call, account_id, kind), results)
    return core.query_answer(
        found, arguments, state=state, most=call.context.limits.max_objects_in_get, can_calculate_changes=False
    )
