"""What `/query` and `/queryChanges` of all types share: results that belong to a state, and what changed since one.

A query's state is its type's state: whoever knows it can ask the change log what happened since. Nothing about queries
is kept, so any process answers for any client.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from smartmail.domain.changes import Changes, ChangeType
from smartmail.domain.ids import AccountId, ModSeq
from smartmail.edge.httpd.jmap.context import Call, state_of
from smartmail.proto.jmap import core
from smartmail.proto.jmap.core import QueryAnswer, QueryArguments, QueryChangesAnswer, QueryChangesArguments
from smartmail.proto.jmap.errors import MethodError

T = TypeVar("T")
TRIES = 4
MAX_CHANGED = 5_000
"""Changes that are compared with the results; asking anew costs less than more of them."""


@dataclass(frozen=True, slots=True)
class Since:
    """What happened to objects of a kind after `state`."""

    state: ModSeq
    created: Sequence[int]
    updated: Sequence[int]
    destroyed: Sequence[int]


async def settled(
    call: Call, account_id: AccountId, kind: ChangeType, work: Callable[[], Awaitable[T]]
) -> tuple[str, T]:
    """Return a state and what `work` gives in it: done again while the account changes under it.

    RFC 8620 §5.5: the query state must be that of the results, or later changes would be counted twice. Raises
    serverUnavailable when the account does not come to rest.
    """
    return await settled_in(partial(state_of, call, account_id, kind), work)


async def settled_in(state_now: Callable[[], Awaitable[str]], work: Callable[[], Awaitable[T]]) -> tuple[str, T]:
    """Do the same for a state that is read by `state_now`."""
    state = await state_now()
    for _ in range(TRIES):
        result = await work()
        after = await state_now()
        if after == state:
            return state, result
        state = after
    raise MethodError("serverUnavailable", "the account changes too fast")


async def queried(
    call: Call,
    account_id: AccountId,
    kind: ChangeType,
    arguments: QueryArguments,
    work: Callable[[], Awaitable[list[str]]],
) -> QueryAnswer:
    """Answer a query of a kind whose results are all known: `work` gives their ids in order."""
    state, found = await settled(call, account_id, kind, work)
    return core.query_answer(
        found, arguments, state=state, most=call.context.limits.max_objects_in_get, can_calculate_changes=True
    )


async def query_changed(
    call: Call, account_id: AccountId, kind: ChangeType, arguments: QueryChangesArguments,
    work: Callable[[], Awaitable[list[str]]], show: Callable[[int], str],
) -> QueryChangesAnswer:  # fmt: skip
    """Answer what changed in such results. The log is read in the state of the results, or both would not fit.

    Raises cannotCalculateChanges, tooManyChanges.
    """

    async def both() -> tuple[list[str], Since]:
        return await work(), await changed_since(call, account_id, kind, arguments.since_query_state)

    state, (found, since) = await settled(call, account_id, kind, both)
    old = [show(one) for one in (*since.updated, *since.destroyed)]
    changed = {show(one) for one in (*since.created, *since.updated)}
    return core.query_changes_answer(found, changed, old, arguments, state=state)


async def changed_since(call: Call, account_id: AccountId, kind: ChangeType, state: str) -> Since:
    """Return what happened after a query state. Raises cannotCalculateChanges."""
    found = await log_since(call, account_id, kind, state)
    if account_id == call.context.actor.account_id:
        return Since(ModSeq(int(state)), found.created, found.updated, found.destroyed)
    # What is told to somebody else as created may only have come back into sight: it may have been in the old results.
    return Since(ModSeq(int(state)), (), [*found.created, *found.updated], found.destroyed)


async def log_since(call: Call, account_id: AccountId, kind: ChangeType, state: str) -> Changes:
    """Return the whole log of a kind after a state. Raises cannotCalculateChanges."""
    if not (state.isascii() and state.isdigit() and len(state) < 19):
        raise MethodError("cannotCalculateChanges")
    reading = call.context.services.reading
    found = await reading.changes(call.context.actor, account_id, kind, ModSeq(int(state)), MAX_CHANGED)
    if found is None or found.more:
        raise MethodError("cannotCalculateChanges")
    return found
