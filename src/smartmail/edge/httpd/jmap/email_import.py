"""Email/import and Email/copy (RFC 8621 §4.7, §4.8)."""

from collections.abc import Mapping
from typing import Any

from smartmail.domain.errors import Invalid, MailError, NotFound
from smartmail.domain.ids import AccountId, MailboxId, MessageId
from smartmail.domain.mailbox import Mailbox
from smartmail.domain.message import Added
from smartmail.edge.httpd.jmap import ids
from smartmail.edge.httpd.jmap.composing import MAX_ATTACHMENTS, blob_content
from smartmail.edge.httpd.jmap.context import Call, account_of, changing_account_of, is_own, parse_time, state_of
from smartmail.edge.httpd.jmap.email_set import added_to, all_boxes, keywords_of, places_of, set_, taken_in, told
from smartmail.edge.httpd.jmap.setting import Refused, Report, converted, implied, in_state, refuse
from smartmail.proto.jmap.core import CopyAnswer, CopyArguments, SetArguments
from smartmail.proto.jmap.emails import EmailCopy, EmailImport, EmailImportAnswer, EmailImportArguments
from smartmail.proto.jmap.errors import MethodError, SetError
from smartmail.service.mailbox.mailstore.adopting import adopt
from smartmail.service.mailbox.mailstore.carrying import Arrival


async def import_(call: Call, arguments: EmailImportArguments) -> EmailImportAnswer:
    """Email/import."""
    account_id = await changing_account_of(call, arguments.account_id)
    call.context.limits.check_set(len(arguments.emails))
    before = await state_of(call, account_id, "message")
    report = Report(call.created_ids)
    boxes = await all_boxes(call, account_id)
    with in_state(
        account_id, "message", before, arguments.if_in_state, own=account_id == call.context.actor.account_id
    ):
        for key, raw in arguments.emails.items():
            try:
                report.made(key, await _imported(call, account_id, raw, boxes))
            except (Refused, MailError) as error:
                report.not_created[key] = told(error)
    return EmailImportAnswer(
        account_id=arguments.account_id,
        old_state=before,
        new_state=await state_of(call, account_id, "message"),
        created=report.created or None,
        not_created=report.not_created or None,
    )


async def _imported(call: Call, account_id: AccountId, raw: Any, boxes: Mapping[MailboxId, Mailbox]) -> dict[str, Any]:
    wish = converted(raw, EmailImport, "blobId")
    await call.context.services.saving.require_import(call.context.actor)
    places = places_of(call, wish.mailbox_ids, boxes)
    keywords = keywords_of(wish.keywords)
    received_at = None if wish.received_at is None else parse_time(wish.received_at)
    try:
        name = ids.blob_named(call.created_ids.resolve(wish.blob_id) or "")
        if name.whole:
            services = call.context.services
            content = await adopt(services.reading, services.messages, call.context.actor, account_id, name.blob_id)
        else:
            octets = await blob_content(call, account_id, wish.blob_id, MAX_ATTACHMENTS)
            content = await taken_in(call, account_id, octets)
    except NotFound:
        raise refuse("blobId") from None
    except Invalid:
        raise Refused(SetError("invalidEmail")) from None
    return await added_to(call, account_id, content, places, keywords, received_at)


async def copy(call: Call, arguments: CopyArguments) -> Any:
    """Email/copy: each message becomes a new one of the other account, with the same bytes."""
    target = await changing_account_of(call, arguments.account_id)
    source = await _source_account(call, arguments)
    call.context.limits.check_set(len(arguments.create))
    await _require_source_state(call, source, arguments.if_from_in_state)
    before = await state_of(call, target, "message")
    report = Report(call.created_ids)
    with in_state(target, "message", before, arguments.if_in_state, own=is_own(call, target)):
        copied = await _copy_all(call, source, target, arguments, report)
    answer = CopyAnswer(
        from_account_id=arguments.from_account_id,
        account_id=arguments.account_id,
        old_state=before,
        new_state=await state_of(call, target, "message"),
        created=report.created or None,
        not_created=report.not_created or None,
    )
    if not arguments.on_success_destroy_original or not copied:
        return answer
    # RFC 8620 §5.4: one more response, with the same call id.
    wish = SetArguments(
        account_id=arguments.from_account_id, destroy=copied, if_in_state=arguments.destroy_from_if_in_state
    )
    return [("Email/copy", answer), await implied("Email/set", set_, call, wish)]


async def _source_account(call: Call, arguments: CopyArguments) -> AccountId:
    if arguments.from_account_id == arguments.account_id:
        raise MethodError("invalidArguments", "fromAccountId and accountId are the same")
    try:
        return await account_of(call, arguments.from_account_id)
    except MethodError:
        raise MethodError("fromAccountNotFound") from None


async def _require_source_state(call: Call, source: AccountId, asked: str | None) -> None:
    if asked is not None and asked != await state_of(call, source, "message"):
        raise MethodError("stateMismatch")


async def _copy_all(
    call: Call, source: AccountId, target: AccountId, arguments: CopyArguments, report: Report
) -> list[str]:
    """Copy what can be copied; return the ids of the originals."""
    boxes = await all_boxes(call, target)
    arrivals: dict[str, tuple[MessageId, Arrival]] = {}
    for key, raw in arguments.create.items():
        try:
            arrivals[key] = _arrival(call, raw, boxes)
        except Refused as error:
            report.not_created[key] = told(error)
    copied: list[str] = []
    for key, (message_id, arrival) in arrivals.items():
        # One by one: the same message may be copied twice, into different mailboxes.
        outcome = (
            await call.context.services.carrying.copy_messages(
                call.context.actor, source, target, {message_id: arrival}
            )
        )[message_id]
        if isinstance(outcome, MailError):
            report.not_created[key] = told(outcome)
            continue
        report.made(key, await _told(call, target, outcome))
        copied.append(ids.show(ids.EMAIL, message_id))
    return copied


def _arrival(call: Call, raw: Any, boxes: Mapping[MailboxId, Mailbox]) -> tuple[MessageId, Arrival]:
    """Return which message shall arrive how. Raises Refused."""
    wish = converted(raw, EmailCopy, "id")
    number = ids.parse(ids.EMAIL, call.created_ids.resolve(wish.id) or "")
    if number is None:
        raise Refused(SetError("notFound"))
    names = None if wish.keywords is None else tuple(sorted(keywords_of(wish.keywords)))
    received_at = None if wish.received_at is None else parse_time(wish.received_at)
    return MessageId(number), Arrival(tuple(places_of(call, wish.mailbox_ids, boxes)), names, received_at)


async def _told(call: Call, target: AccountId, added: Added) -> dict[str, Any]:
    row = await call.context.services.reading.row(call.context.actor, target, added.message_id)
    return {
        "id": ids.show(ids.EMAIL, added.message_id),
        "blobId": ids.show_blob(row.blob_id),
        "threadId": ids.show(ids.THREAD, added.thread_id),
        "size": row.size,
    }
