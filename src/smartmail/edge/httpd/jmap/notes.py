"""Note/get, changes, query, set: our own type for what colleagues say about a message among themselves."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import msgspec
from msgspec import UNSET

from smartmail.domain.errors import Invalid, MailError, NotFound
from smartmail.domain.ids import AccountId, MessageId, ThreadId
from smartmail.edge.httpd.jmap import ids
from smartmail.edge.httpd.jmap.context import Call, account_of, changes_answer, show_time
from smartmail.edge.httpd.jmap.context import numbers as numbered
from smartmail.edge.httpd.jmap.principals import person_id
from smartmail.edge.httpd.jmap.setting import Acts, Refused, carried_out, refuse, why
from smartmail.edge.httpd.jmap.work_kinds import work_changes, work_query, work_state
from smartmail.proto.jmap import core, numbers
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
from smartmail.proto.jmap.filters import conditions, matches, parse_filter, parse_sort
from smartmail.proto.jmap.work import NOTE_PROPERTIES, NOTE_SORTS, NoteCreate, NoteFilter, NotePatch
from smartmail.proto.jmap.work import Note as Shown
from smartmail.service.mailbox.sharing import Note


async def get(call: Call, arguments: GetArguments) -> GetAnswer[Any]:
    """Note/get."""
    account_id = await account_of(call, arguments.account_id)
    properties = core.wanted(arguments.properties, NOTE_PROPERTIES)
    state = await work_state(call, account_id, "note")
    work, actor = call.context.services.work, call.context.actor
    if arguments.ids is None:
        found, missing = await work.notes(actor, account_id), list[str]()
        call.context.limits.check_get(len(found))
    else:
        call.context.limits.check_get(len(arguments.ids))
        asked, missing = numbered(numbers.NOTE, arguments.ids)
        found = await work.notes(actor, account_id, list(asked))
        known = {one.row.id for one in found}
        missing += [text for number, text in asked.items() if number not in known]
    names = await _names(call, found) if "authorName" in properties else {}
    objects = [core.project(_show(one, names), properties) for one in found]
    return GetAnswer(account_id=arguments.account_id, state=state, list=objects, not_found=missing)


async def _names(call: Call, notes: Sequence[Note]) -> dict[AccountId, str]:
    """Return the names of authors; one whose account has gone has none."""
    found: dict[AccountId, str] = {}
    for author in {one.row.author for one in notes}:
        try:
            found[author] = (await call.context.services.directory.account(author)).name
        except NotFound:
            continue
    return found


def _show(note: Note, names: dict[AccountId, str]) -> Shown:
    row = note.row
    return Shown(
        id=numbers.show(numbers.NOTE, row.id),
        thread_id=ids.show(ids.THREAD, row.thread_id),
        email_id=ids.show(ids.EMAIL, row.message_id),
        author_id=person_id(row.author),
        author_name=names.get(row.author, ""),
        created_at=show_time(row.at),
        edited_at=None if row.edited_at is None else show_time(row.edited_at),
        text=note.text,
    )


async def changes(call: Call, arguments: ChangesArguments) -> ChangesAnswer:
    """Note/changes."""
    account_id = await account_of(call, arguments.account_id)
    return changes_answer(arguments, await work_changes(call, arguments, account_id, "note"), numbers.NOTE)


async def query(call: Call, arguments: QueryArguments) -> QueryAnswer:
    """Note/query."""
    account_id = await account_of(call, arguments.account_id)
    tree = parse_filter(arguments.filter, NoteFilter)
    orders = parse_sort(arguments.sort, NOTE_SORTS, call.context.limits.collations)
    threads = _threads(list(conditions(tree))) if isinstance(tree, NoteFilter) else None
    work, actor = call.context.services.work, call.context.actor

    async def results() -> list[str]:
        every = await (work.notes(actor, account_id) if threads is None else work.notes_on(actor, account_id, threads))
        kept = [one for one in every if matches(tree, partial(_matches, one))]
        for order in reversed(orders):
            kept.sort(key=lambda one: one.row.at, reverse=not order.is_ascending)
        return [numbers.show(numbers.NOTE, one.row.id) for one in kept]

    return await work_query(call, arguments, account_id, "note", results)


def _threads(wishes: Sequence[NoteFilter]) -> list[ThreadId] | None:
    """Return the conversations when the filter names them: only their notes need to be opened."""
    named = wishes[0].thread_ids
    if named is UNSET:
        return None
    return [ThreadId(number) for one in named if (number := ids.parse(ids.THREAD, one)) is not None]


def _matches(note: Note, wish: NoteFilter) -> bool:
    row = note.row
    tests = (
        wish.thread_ids is UNSET or ids.show(ids.THREAD, row.thread_id) in wish.thread_ids,
        wish.email_ids is UNSET or ids.show(ids.EMAIL, row.message_id) in wish.email_ids,
        wish.author_id is UNSET or wish.author_id == person_id(row.author),
    )
    return all(tests)


# -- set ------------------------------------------------------------------------------------------------------------


async def set_(call: Call, arguments: SetArguments) -> SetAnswer:
    """Note/set."""
    account_id = await account_of(call, arguments.account_id)
    acts = Acts(
        partial(_create, call, account_id),
        partial(_update, call, account_id),
        partial(_destroy, call, account_id),
        _told,
    )
    return await carried_out(call, arguments, account_id, partial(work_state, call, account_id, "note"), acts)


async def _update(call: Call, account_id: AccountId, target: str, patch: dict[str, Any]) -> None:
    await call.context.services.work.change_note(call.context.actor, account_id, _number(target), _text(patch))


async def _destroy(call: Call, account_id: AccountId, target: str) -> None:
    await call.context.services.work.remove_note(call.context.actor, account_id, _number(target))


def _number(text: str) -> int:
    return numbers.parse(numbers.NOTE, text) or 0


def _text(patch: Any) -> str:
    try:
        return msgspec.convert(patch, NotePatch).text
    except msgspec.ValidationError as error:
        raise refuse("text", description=str(error)[:200]) from None


async def _create(call: Call, account_id: AccountId, raw: Any) -> dict[str, Any]:
    try:
        wish = msgspec.convert(raw, NoteCreate)
    except msgspec.ValidationError as error:
        raise refuse("emailId", "text", description=str(error)[:200]) from None
    message_id = ids.parse(ids.EMAIL, call.created_ids.resolve(wish.email_id) or "")
    if message_id is None:
        raise refuse("emailId")
    work, actor = call.context.services.work, call.context.actor
    try:
        row = await work.write_note(actor, account_id, MessageId(message_id), wish.text)
    except NotFound:
        raise refuse("emailId") from None
    told = ("id", "threadId", "authorId", "createdAt", "editedAt")
    return core.project(_show(Note(row, wish.text), {}), told)


def _told(error: Refused | MailError) -> SetError:
    if isinstance(error, Invalid):
        return SetError("invalidProperties", error.public, ["text"])
    return why(error)
