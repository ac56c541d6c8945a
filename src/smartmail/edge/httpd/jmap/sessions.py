"""Session/get and set, LoginAttempt/get and query: where the person who asks is signed in, and who came to the doors.

A session is ended by destroying it; nothing else about it changes by its owner's will. The state is a digest, or the newest
attempt.
"""

from collections.abc import AsyncIterator
from functools import partial
from typing import Any, Final

from msgspec import UNSET

from smartmail.domain.account import LoginAttempt
from smartmail.domain.ids import AccountId
from smartmail.edge.httpd.jmap.context import Call, numbers, own_account_of, parse_time, show_time
from smartmail.edge.httpd.jmap.object_type import ObjectType, digest, never
from smartmail.proto.jmap import core
from smartmail.proto.jmap import numbers as names
from smartmail.proto.jmap.core import GetAnswer, GetArguments, QueryAnswer, QueryArguments, SetAnswer, SetArguments
from smartmail.proto.jmap.credentials import (
    ATTEMPT_PROPERTIES,
    ATTEMPT_SORTS,
    AttemptFilter,
    AttemptObject,
    SessionObject,
)
from smartmail.proto.jmap.errors import MethodError
from smartmail.proto.jmap.filters import matches, parse_filter, parse_sort
from smartmail.service.identity.auth import SessionInfo

_LETTER: Final = "w"
MAX_SCANNED: Final = 10_000
"""Attempts that one query looks at, newest first; what is older is told by the command line and the audit."""
_PAGE: Final = 500


async def set_(call: Call, arguments: SetArguments) -> SetAnswer:
    """Session/set: only destroy."""
    return await TYPE.set_(call, arguments)


async def _every(call: Call, _: AccountId) -> dict[str, SessionObject]:
    found = await call.context.services.auth.sessions(call.context.actor)
    return {_LETTER + one.id: _show(one) for one in found}


async def _destroy(call: Call, _: AccountId, target: str) -> None:
    await call.context.services.auth.end_session(call.context.actor, target.removeprefix(_LETTER))


def _show(info: SessionInfo) -> SessionObject:
    return SessionObject(
        id=_LETTER + info.id,
        created_at=show_time(info.created_at),
        last_seen_at=show_time(info.last_seen_at),
        expires_at=show_time(info.expires_at),
        address=info.address,
        device=info.device,
        is_current=info.current,
    )


TYPE = ObjectType(
    shape=SessionObject,
    every=_every,
    digest=digest,
    create=never("a session begins by signing in"),
    update=never("a session is only ended"),
    destroy=_destroy,
)


async def get_attempts(call: Call, arguments: GetArguments) -> GetAnswer[Any]:
    """LoginAttempt/get; without ids the newest ones."""
    await own_account_of(call, arguments.account_id)
    properties = core.wanted(arguments.properties, ATTEMPT_PROPERTIES)
    auth, actor = call.context.services.auth, call.context.actor
    most = call.context.limits.max_objects_in_get
    newest = await auth.login_attempts(actor, limit=min(most, _PAGE))
    found, missing = newest, list[str]()
    if arguments.ids is not None:
        call.context.limits.check_get(len(arguments.ids))
        asked, missing = numbers(names.ATTEMPT, arguments.ids)
        known = {one.id: one for one in newest}
        for number in asked.keys() - known.keys():
            known |= {one.id: one for one in await auth.login_attempts(actor, before=number + 1, limit=1)}
        found = [known[number] for number in asked if number in known]
        missing += [text for number, text in asked.items() if number not in known]
    objects = [core.project(_show_attempt(one), properties) for one in found]
    return GetAnswer(account_id=arguments.account_id, state=_state(newest), list=objects, not_found=missing)


async def query_attempts(call: Call, arguments: QueryArguments) -> QueryAnswer:
    """LoginAttempt/query: newest first."""
    await own_account_of(call, arguments.account_id)
    tree = parse_filter(arguments.filter, AttemptFilter)
    order = parse_sort(arguments.sort, ATTEMPT_SORTS, call.context.limits.collations)
    if any(one.is_ascending for one in order):
        raise MethodError("unsupportedSort", "the newest come first")
    state = _state(await call.context.services.auth.login_attempts(call.context.actor, limit=1))
    found = [
        names.show(names.ATTEMPT, one.id)
        async for one in _attempts(call)
        if matches(tree, partial(_matches, one))
    ]  # fmt: skip
    position, window = core.window(found, arguments, call.context.limits.max_objects_in_get)
    return QueryAnswer(
        account_id=arguments.account_id,
        query_state=state,
        can_calculate_changes=False,
        position=position,
        ids=window,
        total=len(found) if arguments.calculate_total else UNSET,
    )


async def _attempts(call: Call) -> AsyncIterator[LoginAttempt]:
    before, seen = None, 0
    while seen < MAX_SCANNED:
        page = await call.context.services.auth.login_attempts(call.context.actor, before=before, limit=_PAGE)
        for one in page:
            yield one
        if len(page) < _PAGE:
            return
        before, seen = page[-1].id, seen + len(page)


def _matches(attempt: LoginAttempt, wish: AttemptFilter) -> bool:
    tests = (
        wish.door is UNSET or wish.door == attempt.door,
        wish.result is UNSET or wish.result == attempt.result,
        wish.failed is UNSET or wish.failed == (attempt.result != "ok"),
        wish.after is UNSET or attempt.at >= parse_time(wish.after),
        wish.before is UNSET or attempt.at < parse_time(wish.before),
    )
    return all(tests)


def _state(newest: list[LoginAttempt]) -> str:
    return str(newest[0].id) if newest else "0"


def _show_attempt(attempt: LoginAttempt) -> AttemptObject:
    number = attempt.credential_id
    return AttemptObject(
        id=names.show(names.ATTEMPT, attempt.id),
        at=show_time(attempt.at),
        door=attempt.door,
        address=attempt.address,
        country=attempt.country or None,
        result=attempt.result,
        credential_id=None if number is None else names.show(names.CREDENTIAL, number),
    )
