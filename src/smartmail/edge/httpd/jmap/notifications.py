"""ShareNotification/get, changes, query, queryChanges, set (RFC 9670 §3): what others changed about the actor's rights.

They are the person's own and are kept in their account until they dismiss them.
"""

from functools import partial
from typing import Any

from msgspec import UNSET

from smartmail.domain.errors import NotFound
from smartmail.domain.ids import AccountId
from smartmail.domain.rights import WHOLE_ACCOUNT
from smartmail.domain.sharing import NoticeRow
from smartmail.edge.httpd.jmap import ids
from smartmail.edge.httpd.jmap.context import (
    Call,
    changes_answer,
    changes_since,
    own_account_of,
    parse_time,
    show_time,
    state_of,
)
from smartmail.edge.httpd.jmap.context import numbers as numbered
from smartmail.edge.httpd.jmap.principals import person_id
from smartmail.edge.httpd.jmap.query_state import queried, query_changed
from smartmail.edge.httpd.jmap.setting import Report, in_state
from smartmail.edge.httpd.jmap.shares import show_rights
from smartmail.proto.jmap import core
from smartmail.proto.jmap.core import (
    ChangesAnswer,
    ChangesArguments,
    GetAnswer,
    GetArguments,
    QueryAnswer,
    QueryArguments,
    QueryChangesAnswer,
    QueryChangesArguments,
    SetAnswer,
    SetArguments,
)
from smartmail.proto.jmap.errors import SetError
from smartmail.proto.jmap.filters import matches, parse_filter, parse_sort
from smartmail.proto.jmap.numbers import NOTIFICATION, parse, show
from smartmail.proto.jmap.principals import (
    NOTIFICATION_PROPERTIES,
    NOTIFICATION_SORTS,
    Entity,
    NotificationFilter,
    ShareNotification,
)

_MAILBOX = "Mailbox"
_ACCOUNT = "Account"
"""Not a type of JMAP's: rights on all of an account, which no object stands for; its id is the account's."""


async def get(call: Call, arguments: GetArguments) -> GetAnswer[Any]:
    """ShareNotification/get."""
    account_id = await own_account_of(call, arguments.account_id)
    properties = core.wanted(arguments.properties, NOTIFICATION_PROPERTIES)
    state = await state_of(call, account_id, "notice")
    every = {one.id: one for one in await _all(call)}
    if arguments.ids is None:
        call.context.limits.check_get(len(every))
        found, missing = list(every), list[str]()
    else:
        call.context.limits.check_get(len(arguments.ids))
        asked, missing = numbered(NOTIFICATION, arguments.ids)
        found = [number for number in asked if number in every]
        missing += [text for number, text in asked.items() if number not in every]
    objects = [core.project(await _show(call, every[one]), properties) for one in found]
    return GetAnswer(account_id=arguments.account_id, state=state, list=objects, not_found=missing)


async def _all(call: Call) -> list[NoticeRow]:
    return await call.context.services.sharing.notices(call.context.actor)


async def _show(call: Call, one: NoticeRow) -> ShareNotification:
    account = ids.show(ids.ACCOUNT, one.object_account)
    whole = one.mailbox_id == WHOLE_ACCOUNT
    return ShareNotification(
        id=show(NOTIFICATION, one.id),
        created=show_time(one.at),
        changed_by=await _entity(call, one.changed_by),
        object_type=_ACCOUNT if whole else _MAILBOX,
        object_account_id=account,
        object_id=account if whole else ids.show(ids.MAILBOX, one.mailbox_id),
        old_rights=show_rights(one.old) if one.old else None,
        new_rights=show_rights(one.new) if one.new else None,
        name=await _name(call, one),
    )


async def _entity(call: Call, account_id: int) -> Entity:
    try:
        person = await call.context.services.directory.account(AccountId(account_id))
    except NotFound:
        return Entity("", None, None)
    return Entity(person.name, person.login, person_id(account_id))


async def _name(call: Call, one: NoticeRow) -> str:
    """Return what the shared thing is called: the mailbox while it may still be seen, else whose account it is."""
    services, actor = call.context.services, call.context.actor
    try:
        if one.mailbox_id != WHOLE_ACCOUNT:
            for mailbox in await services.mailboxes.list_all(actor, AccountId(one.object_account)):
                if mailbox.row.id == one.mailbox_id:
                    return mailbox.name
        return (await services.directory.account(AccountId(one.object_account))).login
    except NotFound:
        pass
    try:
        return (await services.directory.account(AccountId(one.object_account))).login
    except NotFound:
        return ""


async def changes(call: Call, arguments: ChangesArguments) -> ChangesAnswer:
    """ShareNotification/changes."""
    account_id = await own_account_of(call, arguments.account_id)
    return changes_answer(arguments, await changes_since(call, arguments, account_id, "notice"), NOTIFICATION)


async def set_(call: Call, arguments: SetArguments) -> SetAnswer:
    """ShareNotification/set: they can only be destroyed (RFC 9670 §3.5)."""
    account_id = await own_account_of(call, arguments.account_id)
    call.context.limits.check_set(arguments.count())
    before = await state_of(call, account_id, "notice")
    report = Report(call.created_ids)
    report.not_created = dict.fromkeys(arguments.create or (), SetError("forbidden"))
    report.not_updated = dict.fromkeys(arguments.update or (), SetError("forbidden"))
    with in_state(account_id, "notice", before, arguments.if_in_state):
        asked = {key: parse(NOTIFICATION, target) for key, target in report.destroys(arguments).items()}
        wanted = [number for number in asked.values() if number is not None]
        gone = set(await call.context.services.sharing.dismiss(call.context.actor, wanted)) if wanted else set()
    for key, number in asked.items():
        if number in gone:
            report.destroyed.append(key)
        else:
            report.not_destroyed[key] = SetError("notFound")
    return report.answer(arguments.account_id, before, await state_of(call, account_id, "notice"))


# -- query ----------------------------------------------------------------------------------------------------------


async def query(call: Call, arguments: QueryArguments) -> QueryAnswer:
    """ShareNotification/query."""
    account_id = await own_account_of(call, arguments.account_id)
    return await queried(call, account_id, "notice", arguments, partial(_results, call, arguments))


async def query_changes(call: Call, arguments: QueryChangesArguments) -> QueryChangesAnswer:
    """ShareNotification/queryChanges."""
    account_id = await own_account_of(call, arguments.account_id)
    work = partial(_results, call, arguments)
    return await query_changed(call, account_id, "notice", arguments, work, partial(show, NOTIFICATION))


async def _results(call: Call, arguments: QueryArguments | QueryChangesArguments) -> list[str]:
    tree = parse_filter(arguments.filter, NotificationFilter)
    orders = parse_sort(arguments.sort, NOTIFICATION_SORTS, call.context.limits.collations)
    kept = [one for one in await _all(call) if matches(tree, partial(_matches, one))]
    for order in reversed(orders):
        kept.sort(key=lambda one: one.at, reverse=not order.is_ascending)
    return [show(NOTIFICATION, one.id) for one in kept]


def _matches(one: NoticeRow, wish: NotificationFilter) -> bool:
    kind = _ACCOUNT if one.mailbox_id == WHOLE_ACCOUNT else _MAILBOX
    tests = (
        not wish.after or one.at >= parse_time(wish.after),
        not wish.before or one.at < parse_time(wish.before),
        wish.object_type is UNSET or wish.object_type == kind,
        wish.object_account_id is UNSET or wish.object_account_id == ids.show(ids.ACCOUNT, one.object_account),
    )
    return all(tests)
