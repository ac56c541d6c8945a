"""Email/set (RFC 8621 §4.6)."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from smartmail.domain.errors import Forbidden, Invalid, MailError, NotFound, RateLimited
from smartmail.domain.ids import AccountId, MailboxId, MessageId
from smartmail.domain.mailbox import Mailbox
from smartmail.edge.httpd.jmap import ids
from smartmail.edge.httpd.jmap.composing import build, read_create
from smartmail.edge.httpd.jmap.context import Call, changing_account_of, parse_time, state_of
from smartmail.edge.httpd.jmap.properties import Wish, email_object
from smartmail.edge.httpd.jmap.setting import Refused, Report, in_state, refuse, why
from smartmail.edge.httpd.jmap.sources import load
from smartmail.proto.jmap.core import SetAnswer, SetArguments
from smartmail.proto.jmap.emails import EMAIL_PROPERTIES, EmailProperties, is_keyword
from smartmail.proto.jmap.errors import SetError
from smartmail.proto.jmap.pointer import MAX_PATHS, PointerError, check_patch, split
from smartmail.service.kernel.intake import Content
from smartmail.service.mailbox.mailstore.patching import Patch


async def set_(call: Call, arguments: SetArguments) -> SetAnswer:
    """Email/set. All updates are one transaction, all removals another; each creation is one of its own."""
    account_id = await changing_account_of(call, arguments.account_id)
    call.context.limits.check_set(arguments.count())
    before = await state_of(call, account_id, "message")
    report = Report(call.created_ids)
    boxes = await all_boxes(call, account_id) if arguments.create else {}
    with in_state(
        account_id, "message", before, arguments.if_in_state, own=account_id == call.context.actor.account_id
    ):
        for key, raw in (arguments.create or {}).items():
            try:
                report.made(key, await _create(call, account_id, raw, boxes))
            except (Refused, MailError) as error:
                report.not_created[key] = told(error)
        await _update_all(call, account_id, report.updates(arguments), report)
        await _destroy_all(call, account_id, report.destroys(arguments), report)
    return report.answer(arguments.account_id, before, await state_of(call, account_id, "message"))


def told(error: Refused | MailError) -> SetError:
    """Return why an email is left as it is: what there are too many of are keywords (RFC 8621 §4.6)."""
    if isinstance(error, RateLimited):
        return SetError("tooManyKeywords", error.public)
    return why(error)


async def all_boxes(call: Call, account_id: AccountId) -> dict[MailboxId, Mailbox]:
    """Return the mailboxes by their ids."""
    every = await call.context.services.mailboxes.list_all(call.context.actor, account_id)
    return {one.row.id: one for one in every}


# -- create ---------------------------------------------------------------------------------------------------------


async def _create(call: Call, account_id: AccountId, raw: Any, boxes: Mapping[MailboxId, Mailbox]) -> dict[str, Any]:
    wanted = read_create(raw)
    places = places_of(call, wanted.email.mailbox_ids, boxes)
    keywords = keywords_of(wanted.email.keywords)
    if any(boxes[box].row.role == "drafts" for box in places):
        keywords.add("$draft")
    received_at = None if wanted.email.received_at is None else parse_time(wanted.email.received_at)
    octets = await build(call, account_id, wanted)
    content = await taken_in(call, account_id, octets)
    return await added_to(call, account_id, content, places, keywords, received_at)


def places_of(call: Call, asked: Mapping[str, bool], boxes: Mapping[MailboxId, Mailbox]) -> list[MailboxId]:
    """Return the mailboxes of a new message. Raises Refused."""
    places: list[MailboxId] = []
    for text, inside in asked.items():
        target = call.created_ids.resolve(text)
        number = None if target is None else ids.parse(ids.MAILBOX, target)
        if not inside or number is None or number not in boxes:
            raise refuse("mailboxIds")
        places.append(MailboxId(number))
    if not places:
        raise refuse("mailboxIds")
    return places


def keywords_of(asked: Mapping[str, bool]) -> set[str]:
    """Return the keywords of a new message. Raises Refused."""
    names = {name.lower() for name in asked}
    if not all(asked.values()) or not all(map(is_keyword, names)):
        raise refuse("keywords")
    return names


async def taken_in(call: Call, account_id: AccountId, octets: bytes) -> Content:
    """Make the octets of a message durable. Raises OverQuota, StorageFull."""
    intake = await call.context.services.messages.begin(call.context.actor, account_id, len(octets))
    await intake.feed(octets)
    return await intake.finish()


async def added_to(
    call: Call,
    account_id: AccountId,
    content: Content,
    places: Sequence[MailboxId],
    keywords: set[str],
    received_at: int | None,
) -> dict[str, Any]:
    """Put a content into mailboxes; return what the server says of the new message."""
    added = await call.context.services.messages.add(
        call.context.actor, account_id, content, places, names=sorted(keywords), received_at=received_at
    )
    return {
        "id": ids.show(ids.EMAIL, added.message_id),
        "blobId": ids.show_blob(content.blob.row.id),
        "threadId": ids.show(ids.THREAD, added.thread_id),
        "size": content.blob.row.size,
    }


# -- update ---------------------------------------------------------------------------------------------------------


async def _update_all(
    call: Call, account_id: AccountId, updates: Mapping[str, tuple[str, dict[str, Any]]], report: Report
) -> None:
    patches: dict[MessageId, Patch] = {}
    keys: dict[MessageId, str] = {}
    for key, (target, raw) in updates.items():
        # A thousand patches of ten thousand paths are in one request.
        await asyncio.sleep(0)
        number = ids.parse(ids.EMAIL, target)
        try:
            if number is None:
                raise NotFound
            patches[MessageId(number)] = await _patch(call, account_id, MessageId(number), raw)
            keys[MessageId(number)] = key
        except (Refused, MailError) as error:
            report.not_updated[key] = told(error)
    failed: Mapping[MessageId, MailError]
    try:
        failed = await call.context.services.messages.update_many(call.context.actor, account_id, patches)
    except Forbidden as error:
        failed = dict.fromkeys(patches, error)
    for message_id, key in keys.items():
        if message_id not in failed:
            report.updated[key] = None
        elif isinstance(failed[message_id], Invalid):
            report.not_updated[key] = SetError("invalidProperties", str(failed[message_id]), ["mailboxIds"])
        else:
            report.not_updated[key] = told(failed[message_id])


async def _patch(call: Call, account_id: AccountId, message_id: MessageId, raw: Any) -> Patch:
    """Return what an update means. Raises Refused: invalidPatch, invalidProperties."""
    if not isinstance(raw, dict):
        raise Refused(SetError("invalidPatch"))
    try:
        check_patch(raw)
        paths = {key: split("/" + key) for key in raw}
    except PointerError as error:
        raise Refused(SetError("invalidPatch", str(error)[:200])) from None
    others = {key: value for key, value in raw.items() if paths[key][0] not in {"mailboxIds", "keywords"}}
    if others:
        await _require_same(call, account_id, message_id, others)
    boxes = {key: value for key, value in raw.items() if paths[key][0] == "mailboxIds"}
    names = {key: value for key, value in raw.items() if paths[key][0] == "keywords"}
    inside = {_mailbox(call, text): value for text, value in _members("mailboxIds", boxes, paths).items()}
    keywords = {_keyword(text): value for text, value in _members("keywords", names, paths).items()}
    return Patch(
        mailboxes=inside if boxes else None,
        whole_mailboxes="mailboxIds" in raw,
        names=keywords if names else None,
        whole_names="keywords" in raw,
    )


def _members(name: str, patch: Mapping[str, Any], paths: Mapping[str, list[str]]) -> dict[str, bool]:
    """Return member → whether it shall be there, of a whole value or of single members."""
    if name in patch:
        whole = {} if patch[name] is None else patch[name]
        if not isinstance(whole, dict) or len(whole) > MAX_PATHS or not all(one is True for one in whole.values()):
            raise refuse(name)
        return whole
    found: dict[str, bool] = {}
    for key, value in patch.items():
        if len(paths[key]) != 2:
            raise Refused(SetError("invalidPatch"))
        if value is not True and value is not None:
            raise refuse(key)
        found[paths[key][1]] = value is True
    return found


def _mailbox(call: Call, text: str) -> MailboxId:
    target = call.created_ids.resolve(text)
    number = None if target is None else ids.parse(ids.MAILBOX, target)
    if number is None:
        raise refuse("mailboxIds")
    return MailboxId(number)


def _keyword(text: str) -> str:
    name = text.lower()
    if not is_keyword(name):
        raise refuse("keywords")
    return name


async def _require_same(call: Call, account_id: AccountId, message_id: MessageId, others: Mapping[str, Any]) -> None:
    """RFC 8620 §5.3: what cannot change may be sent along as it is."""
    unknown = [name for name in others if name not in EMAIL_PROPERTIES]
    if unknown:
        raise refuse(*unknown)
    sources = await load(call, account_id, [message_id])
    if message_id not in sources:
        raise NotFound
    wish = Wish(EmailProperties(tuple(others), ()), EmailProperties((), ()))
    current = msgspec.to_builtins(await email_object(sources[message_id], wish))
    changed = [name for name, value in others.items() if current[name] != value]
    if changed:
        raise refuse(*changed)


async def _destroy_all(call: Call, account_id: AccountId, asked: Mapping[str, str], report: Report) -> None:
    if not asked:
        return
    numbers = {key: ids.parse(ids.EMAIL, target) for key, target in asked.items()}
    wanted = [MessageId(number) for number in numbers.values() if number is not None]
    error = SetError("notFound")
    gone: set[MessageId] = set()
    try:
        gone.update(await call.context.services.messages.destroy(call.context.actor, account_id, wanted))
    except Forbidden as forbidden:
        error = why(forbidden)
    for key, number in numbers.items():
        if number in gone:
            report.destroyed.append(key)
        else:
            report.not_destroyed[key] = error
