"""Assignment/get, changes, query, set, candidates: our own type for who takes care of a conversation."""

from functools import partial
from typing import Any

import msgspec
from msgspec import UNSET

from smartmail.domain.errors import Invalid, MailError
from smartmail.domain.ids import AccountId, MessageId, ThreadId
from smartmail.domain.sharing import AssignmentRow
from smartmail.edge.httpd.jmap import ids
from smartmail.edge.httpd.jmap.context import Call, account_of, changes_answer, numbers, show_time
from smartmail.edge.httpd.jmap.principals import parse_principal, person_id
from smartmail.edge.httpd.jmap.setting import Acts, Refused, carried_out, refuse, why
from smartmail.edge.httpd.jmap.work_kinds import work_changes, work_query, work_state
from smartmail.proto.jmap import core
from smartmail.proto.jmap.core import (
    ChangesAnswer,
    ChangesArguments,
    GetAnswer,
    GetArguments,
    QueryAnswer,
    QueryArguments,
    SetAnswer,
    SetArguments,
)
from smartmail.proto.jmap.errors import SetError
from smartmail.proto.jmap.filters import matches, parse_filter, parse_sort
from smartmail.proto.jmap.work import (
    ASSIGNMENT_PROPERTIES,
    ASSIGNMENT_SORTS,
    Assignment,
    AssignmentCreate,
    AssignmentFilter,
    AssignmentPatch,
    Candidate,
    CandidatesAnswer,
    CandidatesArguments,
)


async def get(call: Call, arguments: GetArguments) -> GetAnswer[Any]:
    """Assignment/get."""
    account_id = await account_of(call, arguments.account_id)
    properties = core.wanted(arguments.properties, ASSIGNMENT_PROPERTIES)
    state = await work_state(call, account_id, "assignment")
    if arguments.ids is None:
        rows, missing = await _rows(call, account_id, None), list[str]()
        call.context.limits.check_get(len(rows))
    else:
        call.context.limits.check_get(len(arguments.ids))
        asked, missing = numbers(ids.THREAD, arguments.ids)
        rows = await _rows(call, account_id, [ThreadId(one) for one in asked])
        known = {row.thread_id for row in rows}
        missing += [text for number, text in asked.items() if number not in known]
    objects = [core.project(_show(row), properties) for row in rows]
    return GetAnswer(account_id=arguments.account_id, state=state, list=objects, not_found=missing)


async def _rows(call: Call, account_id: AccountId, threads: list[ThreadId] | None) -> list[AssignmentRow]:
    return await call.context.services.work.assignments(call.context.actor, account_id, threads)


def _show(row: AssignmentRow) -> Assignment:
    thread = ids.show(ids.THREAD, row.thread_id)
    return Assignment(
        id=thread,
        thread_id=thread,
        email_id=ids.show(ids.EMAIL, row.message_id),
        assignee_id=person_id(row.assignee),
        assigned_by_id=person_id(row.assigned_by),
        assigned_at=show_time(row.at),
        state=row.state,
    )


async def changes(call: Call, arguments: ChangesArguments) -> ChangesAnswer:
    """Assignment/changes."""
    account_id = await account_of(call, arguments.account_id)
    return changes_answer(arguments, await work_changes(call, arguments, account_id, "assignment"), ids.THREAD)


async def query(call: Call, arguments: QueryArguments) -> QueryAnswer:
    """Assignment/query."""
    account_id = await account_of(call, arguments.account_id)
    tree = parse_filter(arguments.filter, AssignmentFilter)
    orders = parse_sort(arguments.sort, ASSIGNMENT_SORTS, call.context.limits.collations)

    async def results() -> list[str]:
        kept = [one for one in await _rows(call, account_id, None) if matches(tree, partial(_matches, one))]
        for order in reversed(orders):
            kept.sort(key=lambda one: one.at, reverse=not order.is_ascending)
        return [ids.show(ids.THREAD, one.thread_id) for one in kept]

    return await work_query(call, arguments, account_id, "assignment", results)


def _matches(row: AssignmentRow, wish: AssignmentFilter) -> bool:
    whose = wish.assignee_id is UNSET or wish.assignee_id == person_id(row.assignee)
    return whose and (wish.state is UNSET or wish.state == row.state)


async def candidates(call: Call, arguments: CandidatesArguments) -> CandidatesAnswer:
    """Assignment/candidates. Raises notFound, forbidden."""
    account_id = await account_of(call, arguments.account_id)
    message_id = MessageId(ids.parse(ids.EMAIL, arguments.email_id) or 0)
    found = await call.context.services.work.candidates(call.context.actor, account_id, message_id)
    shown = [
        Candidate(id=person_id(one.id), name=one.name, email=one.login, department=one.department, title=one.title)
        for one in found
    ]
    return CandidatesAnswer(account_id=arguments.account_id, list=shown)


# -- set ------------------------------------------------------------------------------------------------------------


async def set_(call: Call, arguments: SetArguments) -> SetAnswer:
    """Assignment/set."""
    account_id = await account_of(call, arguments.account_id)
    acts = Acts(
        partial(_create, call, account_id),
        partial(_update, call, account_id),
        partial(_destroy, call, account_id),
        _told,
    )
    return await carried_out(call, arguments, account_id, partial(work_state, call, account_id, "assignment"), acts)


async def _create(call: Call, account_id: AccountId, raw: Any) -> dict[str, Any]:
    try:
        wish = msgspec.convert(raw, AssignmentCreate)
    except msgspec.ValidationError as error:
        raise refuse("emailId", "assigneeId", "state", description=str(error)[:200]) from None
    message_id = ids.parse(ids.EMAIL, call.created_ids.resolve(wish.email_id) or "")
    if message_id is None:
        raise refuse("emailId")
    work, actor = call.context.services.work, call.context.actor
    row = await work.assign(actor, account_id, MessageId(message_id), _person(wish.assignee_id), wish.state)
    told = ("id", "threadId", "assignedById", "assignedAt")
    return core.project(_show(row), told)


def _person(principal: str) -> AccountId:
    grantee = parse_principal(principal)
    if grantee is None or grantee.kind != "account":
        raise refuse("assigneeId")
    return AccountId(grantee.id)


async def _update(call: Call, account_id: AccountId, target: str, patch: Any) -> None:
    try:
        wish = msgspec.convert(patch, AssignmentPatch)
    except msgspec.ValidationError as error:
        raise refuse("assigneeId", "state", description=str(error)[:200]) from None
    rows = await _rows(call, account_id, [ThreadId(ids.parse(ids.THREAD, target) or 0)])
    if not rows:
        raise Refused(SetError("notFound"))
    row = rows[0]
    assignee = row.assignee if wish.assignee_id is UNSET else _person(wish.assignee_id)
    state = row.state if wish.state is UNSET else wish.state
    await call.context.services.work.assign(call.context.actor, account_id, row.message_id, assignee, state)


async def _destroy(call: Call, account_id: AccountId, target: str) -> None:
    thread_id = ThreadId(ids.parse(ids.THREAD, target) or 0)
    await call.context.services.work.unassign(call.context.actor, account_id, thread_id)


def _told(error: Refused | MailError) -> SetError:
    if isinstance(error, Invalid):
        return SetError("invalidProperties", error.public, ["assigneeId"])
    return why(error)
