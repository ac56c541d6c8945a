"""Mailbox/get, changes, set (RFC 8621 §2)."""

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import UNSET

from smartmail.domain.errors import AlreadyExists, Invalid, MailError
from smartmail.domain.ids import NO_PARENT, AccountId, MailboxId, ModSeq
from smartmail.domain.mailbox import ROLES, Mailbox, MailboxRole
from smartmail.edge.httpd.jmap import ids
from smartmail.edge.httpd.jmap.context import (
    Call,
    account_of,
    changes_answer,
    changes_since,
    changing_account_of,
    is_own,
    numbers,
    state_of,
    with_updated,
)
from smartmail.edge.httpd.jmap.mailbox_counts import counted_otherwise
from smartmail.edge.httpd.jmap.setting import Refused, Report, in_state, refuse, unknown_properties, why
from smartmail.edge.httpd.jmap.shares import Sharing, carry_out, share_wish, sharing_of
from smartmail.proto.jmap import core, mailboxes
from smartmail.proto.jmap.core import ChangesAnswer, ChangesArguments, GetAnswer, GetArguments, SetAnswer
from smartmail.proto.jmap.errors import SetError
from smartmail.proto.jmap.mailboxes import (
    MAILBOX_COUNTS,
    MAILBOX_PROPERTIES,
    MAILBOX_SETTABLE,
    MailboxCreate,
    MailboxSetArguments,
)
from smartmail.service.mailbox.mailstore.mailboxes import canonical_path

_COUNTED_BY_THREAD = frozenset({"totalThreads", "unreadThreads"})


async def get(call: Call, arguments: GetArguments) -> GetAnswer[Any]:
    """Mailbox/get. Threads are counted only when asked for: that walks over the whole account."""
    account_id = await account_of(call, arguments.account_id)
    properties = core.wanted(arguments.properties, MAILBOX_PROPERTIES)
    state = await state_of(call, account_id, "mailbox")
    every = {one.row.id: one for one in await _all(call, account_id)}
    if arguments.ids is None:
        found, missing = {number: ids.show(ids.MAILBOX, number) for number in every}, list[str]()
    else:
        call.context.limits.check_get(len(arguments.ids))
        asked, missing = numbers(ids.MAILBOX, arguments.ids)
        found = {MailboxId(number): text for number, text in asked.items() if number in every}
        missing += [text for number, text in asked.items() if number not in every]
    counts: Mapping[MailboxId, tuple[int, int]] = {}
    if _COUNTED_BY_THREAD & set(properties):
        counts = await call.context.services.reading.thread_counts(call.context.actor, account_id)
    sharing = await sharing_of(call, account_id)
    objects = [core.project(_show(every[number], counts, sharing), properties) for number in found]
    return GetAnswer(account_id=arguments.account_id, state=state, list=objects, not_found=missing)


async def _all(call: Call, account_id: AccountId) -> list[Mailbox]:
    return await call.context.services.mailboxes.list_all(call.context.actor, account_id)


def _show(mailbox: Mailbox, counts: Mapping[MailboxId, tuple[int, int]], sharing: Sharing) -> mailboxes.Mailbox:
    row = mailbox.row
    threads, unread = counts.get(row.id, (0, 0))
    return mailboxes.Mailbox(
        id=ids.show(ids.MAILBOX, row.id),
        name=mailbox.name,
        parent_id=None if row.parent_id == NO_PARENT else ids.show(ids.MAILBOX, row.parent_id),
        role=row.role,
        sort_order=row.sort_order,
        total_emails=row.total,
        unread_emails=row.unseen,
        total_threads=threads,
        unread_threads=unread,
        my_rights=sharing.my_rights(row.id, row.role),
        is_subscribed=row.subscribed,
        share_with=sharing.share_with(row.id),
        share_ends=sharing.share_ends(row.id),
        seen_per_person=sharing.seen_per_person(row.id),
    )


async def changes(call: Call, arguments: ChangesArguments) -> ChangesAnswer:
    """Mailbox/changes; `updatedProperties` when nothing but counts changed (RFC 8621 §2.2)."""
    account_id = await account_of(call, arguments.account_id)
    found = await changes_since(call, arguments, account_id, "mailbox")
    rows = {one.row.id: one.row for one in await _all(call, account_id)}
    since = int(arguments.since_state)
    if found.until > since:
        others = await counted_otherwise(call, account_id, ModSeq(since))
        found = with_updated(arguments, found, [one for one in rows if others is None or one in others])
    touched = [rows[MailboxId(one)] for one in found.updated if one in rows]
    only_counts = bool(touched) and all(row.modseq <= since for row in touched)
    properties = list(MAILBOX_COUNTS) if only_counts else None
    return changes_answer(arguments, found, ids.MAILBOX, updated_properties=properties)


# -- set ------------------------------------------------------------------------------------------------------------


async def set_(call: Call, arguments: MailboxSetArguments) -> SetAnswer:
    """Mailbox/set: creations in the order of their parents, then updates, then removals, children first."""
    account_id = await changing_account_of(call, arguments.account_id)
    call.context.limits.check_set(arguments.count())
    before = await state_of(call, account_id, "mailbox")
    report = Report(call.created_ids)
    asked, own = arguments.if_in_state, is_own(call, account_id)
    async with call.context.services.sharing.together():
        with in_state(account_id, "mailbox", before, asked, own=own):
            await _set_all(call, account_id, arguments, report)
    return report.answer(arguments.account_id, before, await state_of(call, account_id, "mailbox"))


async def _set_all(call: Call, account_id: AccountId, arguments: MailboxSetArguments, report: Report) -> None:
    await _create_all(call, account_id, arguments.create or {}, report)
    for key, (target, patch) in report.updates(arguments).items():
        try:
            await _update(call, account_id, target, patch)
            report.updated[key] = None
        except (Refused, MailError) as error:
            report.not_updated[key] = _told(error)
    await _destroy_all(call, account_id, arguments, report)


async def _create_all(call: Call, account_id: AccountId, wishes: Mapping[str, Any], report: Report) -> None:
    """A parent may be made by the same call, in any order: go round until nothing more can be made."""
    waiting = dict(wishes)
    while waiting:
        ready = {key: raw for key, raw in waiting.items() if _parent_key(raw) not in waiting}
        if not ready:
            report.not_created.update({key: SetError("invalidProperties", properties=["parentId"]) for key in waiting})
            return
        for key, raw in ready.items():
            del waiting[key]
            try:
                report.made(key, await _create(call, account_id, raw))
            except (Refused, MailError) as error:
                report.not_created[key] = _told(error)


def _parent_key(raw: Any) -> str | None:
    parent = raw.get("parentId") if isinstance(raw, dict) else None
    return parent[1:] if isinstance(parent, str) and parent.startswith("#") else None


async def _create(call: Call, account_id: AccountId, raw: dict[str, Any]) -> dict[str, Any]:
    raw, shares = share_wish(call, raw, Sharing(), None)
    bad = unknown_properties(raw, MAILBOX_SETTABLE)
    if bad:
        raise refuse(*bad)
    try:
        wish = msgspec.convert(raw, MailboxCreate)
    except msgspec.ValidationError as error:
        raise refuse(*_named(error, raw), description=str(error)) from None
    parent, role = _parent(call, wish.parent_id), _role(wish.role)
    try:
        row = await call.context.services.mailboxes.create(
            call.context.actor, account_id, wish.name, parent_id=parent, role=role, subscribed=wish.is_subscribed,
            sort_order=wish.sort_order,
        )  # fmt: skip
    except AlreadyExists:
        raise await _clash(call, account_id, parent, wish.name) from None
    try:
        await carry_out(call, account_id, row.id, shares)
    except (Refused, MailError):
        await call.context.services.mailboxes.destroy(call.context.actor, account_id, row.id, with_messages=False)
        raise
    made = next(one for one in await _all(call, account_id) if one.row.id == row.id)
    told = ("id", "totalEmails", "unreadEmails", "totalThreads", "unreadThreads", "myRights")
    object_ = core.project(_show(made, {}, await sharing_of(call, account_id)), told)
    if made.name != wish.name:
        object_["name"] = made.name
    return object_


async def _clash(
    call: Call, account_id: AccountId, parent: MailboxId, name: str, but: MailboxId = NO_PARENT
) -> Refused:
    """Return why a mailbox may not be so: RFC 8621 §2 wants siblings to have different names, and one mailbox for a role."""
    wanted = canonical_path([*([] if parent == NO_PARENT else [""]), name])[-1]
    for one in await _all(call, account_id):
        if one.row.parent_id == parent and one.name == wanted and one.row.id != but:
            # RFC 8620 §5.3: alreadyExists tells which.
            return Refused(SetError("alreadyExists", existing_id=ids.show(ids.MAILBOX, one.row.id)))
    return Refused(SetError("invalidProperties", "another mailbox has that role", ["role"]))


def _named(error: msgspec.ValidationError, raw: Mapping[str, Any]) -> list[str]:
    """Return the property that the error text names, or `name` when that is missing."""
    text = str(error)
    return [name for name in raw if f"$.{name}" in text] or [name for name in MAILBOX_SETTABLE if f"`{name}`" in text]


def _parent(call: Call, text: str | None) -> MailboxId:
    if text is None:
        return NO_PARENT
    target = call.created_ids.resolve(text)
    number = None if target is None else ids.parse(ids.MAILBOX, target)
    if number is None:
        raise refuse("parentId")
    return MailboxId(number)


def _role(text: str | None) -> MailboxRole | None:
    if text is None:
        return None
    for role in ROLES:
        if role == text:
            return role
    raise refuse("role", description="this role is not offered")


_SHAPES: dict[str, Any] = {
    "name": str, "parentId": str | None, "role": str | None, "sortOrder": core.UnsignedInt, "isSubscribed": bool,
}  # fmt: skip
_DEFAULTS: dict[str, Any] = {"sortOrder": 0, "isSubscribed": False}


async def _update(call: Call, account_id: AccountId, target: str, patch: dict[str, Any]) -> None:
    number = ids.parse(ids.MAILBOX, target)
    mailbox = next((one for one in await _all(call, account_id) if one.row.id == number), None)
    if mailbox is None:
        raise Refused(SetError("notFound"))
    sharing = await sharing_of(call, account_id)
    patch, shares = share_wish(call, patch, sharing, mailbox.row.id)
    changed = _changed(mailbox, sharing, patch)
    values: dict[str, Any] = {}
    if "name" in changed:
        values["name"] = changed["name"]
    if "parentId" in changed:
        values["parent_id"] = _parent(call, changed["parentId"])
    if "role" in changed:
        values["role"] = _role(changed["role"]) or ""
    if "sortOrder" in changed:
        values["sort_order"] = changed["sortOrder"]
    if "isSubscribed" in changed:
        values["subscribed"] = changed["isSubscribed"]
    if values:
        try:
            await call.context.services.mailboxes.update(call.context.actor, account_id, mailbox.row.id, **values)
        except AlreadyExists:
            parent = values.get("parent_id", mailbox.row.parent_id)
            raise await _clash(call, account_id, parent, values.get("name", mailbox.name), mailbox.row.id) from None
    await carry_out(call, account_id, mailbox.row.id, shares)


def _changed(mailbox: Mailbox, sharing: Sharing, patch: dict[str, Any]) -> dict[str, Any]:
    """Return the properties that get another value. Raises Refused for those that cannot be set.

    A patch may repeat what the server says of its own properties (RFC 8620 §5.3).
    """
    current = msgspec.to_builtins(_show(mailbox, {}, sharing))
    bad: list[str] = []
    changed: dict[str, Any] = {}
    for name, value in patch.items():
        value = _DEFAULTS.get(name) if value is None and name in _DEFAULTS else value
        if name in MAILBOX_SETTABLE:
            try:
                value = msgspec.convert(value, _SHAPES[name])
            except msgspec.ValidationError:
                bad.append(name)
                continue
            if current.get(name) != value:
                changed[name] = value
        elif name not in current or (current[name] != value and name not in MAILBOX_COUNTS):
            bad.append(name)
    if bad:
        raise refuse(*bad)
    return changed


async def _destroy_all(call: Call, account_id: AccountId, arguments: MailboxSetArguments, report: Report) -> None:
    asked = report.destroys(arguments)
    depth = {one.row.id: len(one.path) for one in await _all(call, account_id)}

    def deepest_first(item: tuple[str, str]) -> int:
        return -depth.get(MailboxId(ids.parse(ids.MAILBOX, item[1]) or 0), 0)

    for key, target in sorted(asked.items(), key=deepest_first):
        try:
            await _destroy(call, account_id, target, with_messages=arguments.on_destroy_remove_emails)
            report.destroyed.append(key)
        except (Refused, MailError) as error:
            report.not_destroyed[key] = _told(error)


async def _destroy(call: Call, account_id: AccountId, target: str, *, with_messages: bool) -> None:
    number = ids.parse(ids.MAILBOX, target)
    every = await _all(call, account_id)
    mailbox = next((one for one in every if one.row.id == number), None)
    if mailbox is None:
        raise Refused(SetError("notFound"))
    if any(one.row.parent_id == number for one in every):
        raise Refused(SetError("mailboxHasChild"))
    if mailbox.row.total and not with_messages and mailbox.row.role != "inbox":
        raise Refused(SetError("mailboxHasEmail"))
    # What is only marked deleted does not exist here (AR-2).
    await call.context.services.mailboxes.destroy(call.context.actor, account_id, mailbox.row.id, with_messages=True)


def _told(error: Refused | MailError) -> SetError:
    if isinstance(error, Invalid):
        return SetError("invalidProperties", error.public or UNSET, ["name"])
    return why(error)
