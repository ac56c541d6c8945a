"""Message disposition notifications (RFC 8098): read receipts, written and read.

Whether one may be sent is the caller's to decide (RFC 8098 §2.1: never without the person's or the policy's word,
never for a message without a usable reverse-path, never twice).
"""

import re
from dataclasses import dataclass
from typing import Final, Literal, cast

from smartmail.formats import report
from smartmail.formats.address import Mailbox, flatten
from smartmail.formats.address import parse as parse_addresses
from smartmail.formats.headers import Header, message_ids
from smartmail.formats.report import Cover

Disposition = Literal["displayed", "deleted", "dispatched", "processed"]

_DISPOSITIONS: Final = frozenset({"displayed", "deleted", "dispatched", "processed"})
_NAME: Final = re.compile(r"[!-9;-~]{1,100}")
_KNOWN: Final = frozenset({
    "reporting-ua", "mdn-gateway", "original-recipient", "final-recipient", "original-message-id", "disposition", "error",
})  # fmt: skip
MAX_EXTENSIONS: Final = 50
_TYPES: Final = ("message/disposition-notification", "message/global-disposition-notification")


@dataclass(frozen=True, slots=True)
class Receipt:
    """The fields of RFC 8098 §3.1. `by_person`: a person caused the action (and so with the sending)."""

    final_recipient: str
    original_message_id: str
    disposition: Disposition = "displayed"
    action_by_person: bool = True
    sent_by_person: bool = True
    original_recipient: str = ""
    reporting_ua: str = ""
    error: str = ""
    gateway: str = ""
    extensions: tuple[tuple[str, str], ...] = ()
    """Further fields as (name, value) (RFC 8098 §3.3); read: all that this module does not know."""


def build(receipt: Receipt, cover: Cover, *, original: bytes, nonce: str, whole: bool = False) -> bytes:
    """Return the notification with the header of the original, or with all of it (RFC 8098 §3)."""
    return report.build(
        cover,
        kind="disposition-notification",
        auto="auto-replied",
        status=report.write_groups([_fields(receipt)]),
        returned=original if whole else original[: report.end_of_header(original)],
        whole=whole,
        nonce=nonce,
    )


def _fields(receipt: Receipt) -> report.Group:
    fields = [("Reporting-UA", receipt.reporting_ua)] if receipt.reporting_ua else []
    if receipt.original_recipient:
        fields.append(("Original-Recipient", report.write_address(receipt.original_recipient)))
    fields.append(("Final-Recipient", report.write_address(receipt.final_recipient)))
    if receipt.original_message_id:
        fields.append(("Original-Message-ID", f"<{receipt.original_message_id}>"))
    action = "manual-action" if receipt.action_by_person else "automatic-action"
    sending = "MDN-sent-manually" if receipt.sent_by_person else "MDN-sent-automatically"
    fields.append(("Disposition", f"{action}/{sending}; {receipt.disposition}"))
    if receipt.error:
        fields.append(("Error", receipt.error[:2000]))
    fields += [(name, value[:2000]) for name, value in receipt.extensions if is_extension(name)]
    return fields


def is_extension(name: str) -> bool:
    """Whether a field may be added to a notification: a field name, and none that has a meaning already."""
    return bool(_NAME.fullmatch(name)) and name.lower() not in _KNOWN


def parse(message: bytes) -> Receipt | None:
    """Return the receipt in a message, or None when it holds none that can be used. Never raises."""
    parts = report.find(message, _TYPES)
    return None if parts is None else parse_notification(parts.status)


def parse_notification(status: bytes) -> Receipt | None:
    """Return the fields of a message/disposition-notification part; None without recipient or disposition."""
    header = next(report.read_groups(status), None)
    if header is None:
        return None
    final = report.read_address(*report.typed(header, "Final-Recipient"))
    mode, _, what = report.text_of(header, "Disposition").lower().partition(";")
    disposition = what.partition("/")[0].strip()
    if not final or disposition not in _DISPOSITIONS:
        return None
    ids = message_ids(header.first("Original-Message-ID") or b"")
    return Receipt(
        final_recipient=final,
        original_message_id=ids[0] if ids else "",
        disposition=cast("Disposition", disposition),
        action_by_person="automatic-action" not in mode,
        sent_by_person="mdn-sent-automatically" not in mode,
        original_recipient=report.read_address(*report.typed(header, "Original-Recipient")),
        reporting_ua=report.text_of(header, "Reporting-UA"),
        error=report.text_of(header, "Error"),
        gateway=report.typed(header, "MDN-Gateway")[1],
        extensions=_extensions(header),
    )


def _extensions(header: Header) -> tuple[tuple[str, str], ...]:
    names = dict.fromkeys(field.name.decode("ascii", "replace") for field in header.fields)
    found = [(name, report.text_of(header, name)) for name in names if is_extension(name)]
    return tuple(found[:MAX_EXTENSIONS])


def requested_by(header: Header) -> tuple[Mailbox, ...]:
    """Return who asks for a receipt (RFC 8098 §2.1), empty when nobody does or the request is malformed."""
    values = header.all("Disposition-Notification-To")
    return tuple(flatten(parse_addresses(values[0]))) if len(values) == 1 else ()
