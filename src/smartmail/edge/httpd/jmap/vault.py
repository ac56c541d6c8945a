"""Email/detach, Email/restore, DeletedEmail/query, Attachment/query: our own methods for what was deleted.

A message without attachments is a new Email, as content never changes (RFC 8621 §4: an Email's blobId is immutable).
"""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from smartmail.domain.errors import Invalid, MailError
from smartmail.domain.ids import AccountId, MessageId
from smartmail.edge.httpd.jmap import ids
from smartmail.edge.httpd.jmap.context import Call, account_of, is_own, numbers, parse_time, show_time, state_of
from smartmail.edge.httpd.jmap.errors import set_error
from smartmail.edge.httpd.jmap.ids import BlobName
from smartmail.edge.httpd.jmap.setting import in_state
from smartmail.formats.summary import HeaderAddress
from smartmail.proto.jmap.emails import EmailAddress
from smartmail.proto.jmap.errors import SetError, invalid_properties
from smartmail.proto.jmap.vault import (
    Attachment,
    AttachmentQueryAnswer,
    AttachmentQueryArguments,
    AttachmentSum,
    DeletedEmail,
    DeletedQueryAnswer,
    DeletedQueryArguments,
    DetachAnswer,
    DetachArguments,
    DetachedEmail,
    RestoreAnswer,
    RestoreArguments,
)
from smartmail.service.mailbox.detaching import HeldFile
from smartmail.service.mailbox.vault import VaultMessage

_ORDERS: dict[str, Any] = {
    "receivedAt": lambda one: one.received_at,
    "size": lambda one: one.size,
    "name": lambda one: one.name.casefold(),
}

_NEVER = 1 << 62

SUMS = 20


async def detach(call: Call, arguments: DetachArguments) -> DetachAnswer:
    """Email/detach."""
    account_id = await account_of(call, arguments.account_id)
    call.context.limits.check_set(len(arguments.emails))
    before = await state_of(call, account_id, "message")
    done: dict[str, DetachedEmail] = {}
    left: dict[str, SetError] = {}
    with in_state(account_id, "message", before, arguments.if_in_state, own=is_own(call, account_id)):
        for text, sections in arguments.emails.items():
            number = ids.parse(ids.EMAIL, call.created_ids.resolve(text) or "")
            if number is None:
                left[text] = SetError("notFound")
                continue
            try:
                done[text] = await _detached(call, account_id, MessageId(number), sections)
            except Invalid as error:
                left[text] = invalid_properties("partIds", description=error.public)
            except MailError as error:
                left[text] = set_error(error)
    after = await state_of(call, account_id, "message")
    return DetachAnswer(
        account_id=arguments.account_id, old_state=before, new_state=after, detached=done or None,
        not_detached=left or None,
    )  # fmt: skip


async def _detached(
    call: Call, account_id: AccountId, message_id: MessageId, sections: list[str] | None
) -> DetachedEmail:
    found = await call.context.services.detaching.detach(call.context.actor, account_id, message_id, sections)
    return DetachedEmail(ids.show(ids.EMAIL, found.message_id), found.freed)


async def restore(call: Call, arguments: RestoreArguments) -> RestoreAnswer:
    """Email/restore."""
    account_id = await account_of(call, arguments.account_id)
    call.context.limits.check_set(len(arguments.ids))
    before = await state_of(call, account_id, "message")
    asked, bad = numbers(ids.EMAIL, arguments.ids)
    wanted = [MessageId(one) for one in asked]
    restored = await call.context.services.vault.restore(call.context.actor, account_id, wanted)
    back = {ids.show(ids.EMAIL, old): ids.show(ids.EMAIL, new) for old, new in restored.items()}
    left = dict.fromkeys([*bad, *(text for text in asked.values() if text not in back)], SetError("notFound"))
    after = await state_of(call, account_id, "message")
    return RestoreAnswer(
        account_id=arguments.account_id, old_state=before, new_state=after, restored=back or None,
        not_restored=left or None,
    )  # fmt: skip


async def deleted(call: Call, arguments: DeletedQueryArguments) -> DeletedQueryAnswer:
    """DeletedEmail/query."""
    account_id = await account_of(call, arguments.account_id)
    found, total = await call.context.services.vault.list(
        call.context.actor, account_id, position=arguments.position, limit=arguments.limit
    )
    return DeletedQueryAnswer(
        account_id=arguments.account_id, position=arguments.position, total=total, list=[_deleted(one) for one in found]
    )


def _deleted(one: VaultMessage) -> DeletedEmail:
    row, summary = one.row, one.summary
    return DeletedEmail(
        id=ids.show(ids.EMAIL, row.message_id),
        reason=row.reason,
        deleted_at=show_time(row.at),
        expires_at=show_time(one.until),
        received_at=show_time(row.received_at),
        size=row.size,
        subject=summary.subject,
        from_=_boxes(summary.from_),
        to=_boxes(summary.addresses.to),
        preview=summary.preview,
        has_attachment=row.has_attachment,
        mailbox_ids={ids.show(ids.MAILBOX, box): True for box in row.mailboxes},
        replaced_by=None if row.replaced_by is None else ids.show(ids.EMAIL, row.replaced_by),
    )


def _boxes(addresses: tuple[HeaderAddress, ...]) -> list[EmailAddress] | None:
    return [EmailAddress(one.address, one.name or None) for one in addresses if one.address] or None


async def attachments(call: Call, arguments: AttachmentQueryArguments) -> AttachmentQueryAnswer:
    """Attachment/query."""
    account_id = await account_of(call, arguments.account_id)
    every = await call.context.services.detaching.drawer(call.context.actor, account_id)
    before = _NEVER if arguments.before is None else parse_time(arguments.before)
    found = [one for one in every if one.received_at < before and _matches(one, arguments)]
    found.sort(key=_ORDERS[arguments.sort], reverse=not arguments.is_ascending)
    window = found[arguments.position : arguments.position + arguments.limit]
    return AttachmentQueryAnswer(
        account_id=arguments.account_id, position=arguments.position, total=len(found),
        total_size=sum(one.size for one in found), list=[_attachment(one) for one in window],
        by_sender=_sums((one.sender, one.size) for one in found) if arguments.calculate_sums else None,
        by_mailbox=_sums(
            (ids.show(ids.MAILBOX, box), one.size) for one in found for box in one.mailboxes
        ) if arguments.calculate_sums else None,
    )  # fmt: skip


def _sums(sizes: Iterable[tuple[str, int]]) -> list[AttachmentSum]:
    """Return the largest sums by key, largest first."""
    sums: Counter[str] = Counter()
    for key, size in sizes:
        sums[key] += size
    return [AttachmentSum(key, size) for key, size in sums.most_common(SUMS)]


def _matches(one: HeldFile, wish: AttachmentQueryArguments) -> bool:
    return (
        one.size >= wish.min_size
        and one.media_type.startswith(wish.media_type.casefold())
        and wish.text.casefold() in one.name.casefold()
        and wish.sender.casefold() in ("", one.sender.casefold())
        and (wish.in_mailbox is None or ids.parse(ids.MAILBOX, wish.in_mailbox) in one.mailboxes)
    )


def _attachment(one: HeldFile) -> Attachment:
    return Attachment(
        email_id=ids.show(ids.EMAIL, one.message_id),
        part_id=one.section,
        blob_id=ids.show_part(BlobName(one.blob_id), one.part),
        name=one.name,
        type=one.media_type,
        size=one.size,
        received_at=show_time(one.received_at),
        from_=one.sender,
        subject=one.subject,
    )
