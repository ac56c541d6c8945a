"""Identity, EmailSubmission and VacationResponse (RFC 8621 §6–8)."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

from msgspec import UNSET, Struct, UnsetType

from smartmail.proto.jmap.core import Id, Object, SetArguments, UTCDate
from smartmail.proto.jmap.emails import EmailAddress
from smartmail.proto.jmap.secure_mail import SecureOptionsObject


class Identity(Struct, frozen=True, rename="camel"):
    """RFC 8621 §6, and of ours whose address it is: `accountId`, told where it is asked for."""

    id: str
    name: str | UnsetType = UNSET
    email: str | UnsetType = UNSET
    reply_to: Sequence[EmailAddress] | UnsetType | None = UNSET
    bcc: Sequence[EmailAddress] | UnsetType | None = UNSET
    text_signature: str | UnsetType = UNSET
    html_signature: str | UnsetType = UNSET
    may_delete: bool | UnsetType = UNSET
    account_id: Id | UnsetType = UNSET


# RFC 8621 §6: `email` is fixed once made.
IDENTITY_SETTABLE: Final = frozenset({"name", "replyTo", "bcc", "textSignature", "htmlSignature"})


class IdentityCreate(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """RFC 8621 §6.3."""

    email: str
    name: str = ""
    reply_to: list[EmailAddress] | None = None
    bcc: list[EmailAddress] | None = None
    text_signature: str = ""
    html_signature: str = ""


class SubmissionAddress(Struct, frozen=True):
    """RFC 8621 §7: an address of the envelope with its SMTP parameters (null: a parameter without value)."""

    email: str
    parameters: Mapping[str, str | None] | None = None


class Envelope(Struct, frozen=True, rename="camel"):
    """RFC 8621 §7."""

    mail_from: SubmissionAddress
    rcpt_to: Sequence[SubmissionAddress]


class DeliveryStatus(Struct, frozen=True, rename="camel"):
    """RFC 8621 §7: of one recipient."""

    smtp_reply: str
    delivered: Literal["queued", "yes", "no", "unknown"]
    displayed: Literal["unknown", "yes"] = "unknown"


UndoStatus = Literal["pending", "final", "canceled"]


class EmailSubmission(Struct, frozen=True, rename="camel"):
    """RFC 8621 §7."""

    id: str
    identity_id: str | UnsetType = UNSET
    email_id: str | UnsetType = UNSET
    thread_id: str | UnsetType = UNSET
    envelope: Envelope | UnsetType | None = UNSET
    send_at: str | UnsetType = UNSET
    undo_status: UndoStatus | UnsetType = UNSET
    delivery_status: Mapping[str, DeliveryStatus] | UnsetType | None = UNSET
    dsn_blob_ids: Sequence[str] | UnsetType = UNSET
    mdn_blob_ids: Sequence[str] | UnsetType = UNSET


SUBMISSION_PROPERTIES: Final = EmailSubmission.__struct_encode_fields__


class SubmissionCreate(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """RFC 8621 §7.5. `email_id` may be `#creation`."""

    identity_id: Id
    email_id: Id
    envelope: Envelope | None = None
    secure: SecureOptionsObject | None = None
    """Our own: to people outside it goes as secure mail."""
    recipients_checked: bool = False
    """Our own: its sender was asked by EmailSubmission/check, or is not to be; else it waits where recipients are in doubt."""


class ApprovalReason(Struct, frozen=True):
    """Why a letter waits. `kind`: label (a security label, its name is `text`), limit (recipients outside) or rule (a leak rule,
    its name is `text`).
    """

    kind: str
    text: str


class SubmissionApproval(Struct, frozen=True, rename="camel", kw_only=True):
    """Our own: the approval that a letter waits for. `id`: of its MailApproval, None for one that is not asked yet; `line`: the name
    of its approval line, "" for the administrators; `approvers`: the names of those of its step, none where nobody is found; `afterwards`: it leaves at once, and they decide then.
    """

    id: Id | None
    line: str
    approvers: Sequence[str]
    reasons: Sequence[ApprovalReason]
    afterwards: bool = False


class SubmissionSetArguments(SetArguments, frozen=True, kw_only=True):
    """RFC 8621 §7.5: what happens to the message when its submission goes well, keyed by id or `#creation`."""

    on_success_update_email: dict[str, Object] | None = None
    on_success_destroy_email: list[str] | None = None


class SubmissionFilter(Struct, frozen=True, rename="camel"):
    """RFC 8621 §7.3."""

    identity_ids: list[Id] | UnsetType = UNSET
    email_ids: list[Id] | UnsetType = UNSET
    thread_ids: list[Id] | UnsetType = UNSET
    undo_status: UndoStatus | UnsetType = UNSET
    before: UTCDate | UnsetType = UNSET
    after: UTCDate | UnsetType = UNSET


SUBMISSION_SORTS: Final = frozenset({"emailId", "threadId", "sentAt"})


OutsideReply = Literal["same", "other", "none"]
"""Ours: what those get who write from outside: the same text, another, nothing."""


class VacationResponse(Struct, frozen=True, rename="camel"):
    """RFC 8621 §8: a singleton."""

    id: str = "singleton"
    is_enabled: bool | UnsetType = UNSET
    from_date: str | UnsetType | None = UNSET
    to_date: str | UnsetType | None = UNSET
    subject: str | UnsetType | None = UNSET
    text_body: str | UnsetType | None = UNSET
    html_body: str | UnsetType | None = UNSET
    outside_reply: OutsideReply | UnsetType = UNSET
    outside_text_body: str | UnsetType | None = UNSET


VACATION_ID: Final = "singleton"
VACATION_PROPERTIES: Final = ("id", "isEnabled", "fromDate", "toDate", "subject", "textBody", "htmlBody")
OWN_VACATION_PROPERTIES: Final = ("outsideReply", "outsideTextBody")
"""Only for who names our own capability."""


class VacationValues(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """RFC 8621 §8.2: what a /set leaves behind."""

    is_enabled: bool = False
    from_date: UTCDate | None = None
    to_date: UTCDate | None = None
    subject: str | None = None
    text_body: str | None = None
    html_body: str | None = None
    outside_reply: OutsideReply = "same"
    outside_text_body: str | None = None


def success_updates(
    arguments: SubmissionSetArguments, submitted: Mapping[str, str]
) -> tuple[dict[str, Any], list[str]]:
    """Return (email id → patch, email ids to destroy) for the implicit Email/set (RFC 8621 §7.5).

    `submitted` maps each creation id with `#`, and each submission id, that went well to its email id.
    """
    updates = {
        submitted[key]: patch for key, patch in (arguments.on_success_update_email or {}).items() if key in submitted
    }
    destroyed = [submitted[key] for key in arguments.on_success_destroy_email or () if key in submitted]
    return updates, destroyed
