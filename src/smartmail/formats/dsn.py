"""Delivery status notifications (RFC 3464) with the fields of RFC 3461: written for our senders, read from others.

Pure values in and out. The part for people and the subject come in as text; address types, folding and limits are
`report`'s. A report is sent with the null reverse-path, which is the caller's to keep (RFC 3461 §6.1).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, cast, get_args

from smartmail.formats import report
from smartmail.formats.dates import format_date, parse_date
from smartmail.formats.headers import Header, message_ids
from smartmail.formats.mime.entity import Entity
from smartmail.formats.report import Cover

Action = Literal["failed", "delayed", "delivered", "relayed", "expanded"]

_ACTIONS: Final = frozenset(get_args(Action))
_STATUS: Final = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")
_TYPES: Final = ("message/delivery-status", "message/global-delivery-status")

Date = tuple[int, int]


@dataclass(frozen=True, slots=True)
class RecipientStatus:
    """What became of one recipient (RFC 3464 §2.3). `status` is an enhanced code such as 5.1.1.

    `original_recipient` is the address of ORCPT, decoded; `diagnostic` the SMTP reply of `remote_mta`.
    """

    final_recipient: str
    action: Action
    status: str
    original_recipient: str = ""
    remote_mta: str = ""
    diagnostic: str = ""
    last_attempt: Date | None = None
    will_retry_until: Date | None = None
    final_log_id: str = ""


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    """The fields of the whole message (RFC 3464 §2.2) and of its recipients."""

    reporting_mta: str
    recipients: Sequence[RecipientStatus]
    envelope_id: str = ""
    received_from: str = ""
    arrival: Date | None = None


@dataclass(frozen=True, slots=True)
class ParsedReport:
    """A report of another system: its fields, and the Message-ID and header of what it returned."""

    report: DeliveryReport
    message_id: str
    returned: bytes
    whole: bool


def build(
    report_: DeliveryReport, cover: Cover, *, original: bytes, full: bool, nonce: str, international: bool = False
) -> bytes:
    """Return the notification. `full` follows RET (RFC 3461 §4.3): the whole original, else its header alone.

    The caller gives `full` only for a failure and within its own bound of size. `international`: the report goes to
    somebody who takes RFC 6532 mail, and has the parts of RFC 6533.
    """
    returned = original if full else original[: report.end_of_header(original)]
    groups = [_message_group(report_), *(_recipient_group(one, international) for one in report_.recipients)]
    return report.build(
        cover,
        kind="delivery-status",
        auto="auto-replied",
        status=report.write_groups(groups, international=international),
        returned=returned,
        whole=full,
        nonce=nonce,
        international=international,
    )


def _message_group(told: DeliveryReport) -> report.Group:
    fields = [("Reporting-MTA", f"dns; {told.reporting_mta}")]
    if told.envelope_id:
        fields.append(("Original-Envelope-Id", told.envelope_id))
    if told.received_from:
        fields.append(("Received-From-MTA", f"dns; {told.received_from}"))
    if told.arrival is not None:
        fields.append(("Arrival-Date", format_date(*told.arrival)))
    return fields


def _recipient_group(one: RecipientStatus, international: bool) -> report.Group:
    def address(value: str) -> str:
        # RFC 6533 §3: utf-8 addresses stand as they are in a global part, coded in any other.
        return f"utf-8; {value}" if international and not value.isascii() else report.write_address(value)

    fields = [("Original-Recipient", address(one.original_recipient))] if one.original_recipient else []
    fields += [
        ("Final-Recipient", address(one.final_recipient)),
        ("Action", one.action),
        ("Status", one.status if _STATUS.fullmatch(one.status) else _default_status(one.action)),
    ]
    if one.remote_mta:
        fields.append(("Remote-MTA", f"dns; {one.remote_mta}"))
    if one.diagnostic:
        fields.append(("Diagnostic-Code", f"smtp; {one.diagnostic[:2000]}"))
    if one.last_attempt is not None:
        fields.append(("Last-Attempt-Date", format_date(*one.last_attempt)))
    if one.final_log_id:
        fields.append(("Final-Log-ID", one.final_log_id))
    if one.will_retry_until is not None and one.action == "delayed":
        # RFC 3464 §2.3.9: only for delayed recipients.
        fields.append(("Will-Retry-Until", format_date(*one.will_retry_until)))
    return fields


def _default_status(action: Action) -> str:
    return {"failed": "5.0.0", "delayed": "4.0.0"}.get(action, "2.0.0")


# -- reading --------------------------------------------------------------------------------------------------------


def parse(message: bytes) -> ParsedReport | None:
    """Return the report in a message, or None when it holds none that can be used. Never raises."""
    parts = report.find(message, _TYPES)
    if parts is None:
        return None
    told = parse_status(parts.status)
    if told is None:
        return None
    ids = message_ids(Header(parts.returned).first("Message-ID") or b"")
    return ParsedReport(told, ids[0] if ids else "", parts.returned, parts.whole)


def told(root: Entity, message: bytes) -> DeliveryReport | None:
    """Return what a message that has the form of a delivery report tells (RFC 6522 §3, RFC 3464 §2); None for any other."""
    status = report.status_of(root, message, _TYPES)
    return parse_status(status) if status else None


def parse_status(status: bytes) -> DeliveryReport | None:
    """Return the fields of a message/delivery-status part; None when it tells of no recipient."""
    groups = list(report.read_groups(status))
    recipients = [one for group in groups if (one := _recipient(group)) is not None]
    if not recipients:
        return None
    head = groups[0]
    return DeliveryReport(
        reporting_mta=report.typed(head, "Reporting-MTA")[1],
        recipients=tuple(recipients),
        envelope_id=report.text_of(head, "Original-Envelope-Id"),
        received_from=report.typed(head, "Received-From-MTA")[1],
        arrival=_date(head, "Arrival-Date"),
    )


def _recipient(group: Header) -> RecipientStatus | None:
    final = report.read_address(*report.typed(group, "Final-Recipient"))
    action = report.text_of(group, "Action").partition("(")[0].strip().lower()
    if not final or action not in _ACTIONS:
        return None
    found = _STATUS.search(report.text_of(group, "Status"))
    return RecipientStatus(
        final_recipient=final,
        action=cast("Action", action),
        status=found.group() if found else _default_status(cast("Action", action)),
        original_recipient=report.read_address(*report.typed(group, "Original-Recipient")),
        remote_mta=report.typed(group, "Remote-MTA")[1],
        diagnostic=report.typed(group, "Diagnostic-Code")[1],
        last_attempt=_date(group, "Last-Attempt-Date"),
        will_retry_until=_date(group, "Will-Retry-Until"),
        final_log_id=report.text_of(group, "Final-Log-ID"),
    )


def _date(header: Header, name: str) -> Date | None:
    value = header.first(name)
    return None if value is None else parse_date(value)
