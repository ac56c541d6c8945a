"""MDN/send and MDN/parse (RFC 9007)."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from msgspec import UNSET, Struct, UnsetType, field

from smartmail.proto.jmap.core import Answer, Arguments, Id, Object
from smartmail.proto.jmap.errors import SetError


class Disposition(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """RFC 9007 §2."""

    action_mode: Literal["manual-action", "automatic-action"]
    sending_mode: Literal["mdn-sent-manually", "mdn-sent-automatically"]
    type: Literal["deleted", "dispatched", "displayed", "processed"]


class MdnWish(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """RFC 9007 §2: what a client may say of one to be sent."""

    for_email_id: Id
    disposition: Disposition
    subject: str | None = None
    text_body: str | None = None
    include_original_message: bool = False
    reporting_ua: str | None = field(default=None, name="reportingUA")
    final_recipient: str | None = None
    extension_fields: dict[str, str] | None = None


class Mdn(Struct, frozen=True, rename="camel", omit_defaults=True):
    """RFC 9007 §2, in answers; what is not told is UNSET."""

    for_email_id: str | UnsetType | None = UNSET
    subject: str | UnsetType | None = UNSET
    text_body: str | UnsetType | None = UNSET
    include_original_message: bool | UnsetType = UNSET
    reporting_ua: str | UnsetType | None = field(default=UNSET, name="reportingUA")
    disposition: Disposition | UnsetType = UNSET
    mdn_gateway: str | UnsetType | None = UNSET
    original_recipient: str | UnsetType | None = UNSET
    final_recipient: str | UnsetType | None = UNSET
    original_message_id: str | UnsetType | None = UNSET
    error: Sequence[str] | UnsetType | None = UNSET
    extension_fields: Mapping[str, str] | UnsetType | None = UNSET


class MdnSendArguments(Arguments, frozen=True, kw_only=True):
    """RFC 9007 §2.1. `on_success_update_email` is keyed by `#creation`."""

    identity_id: Id
    send: dict[Id, Object]
    on_success_update_email: dict[str, Object] | None = None


class MdnSendAnswer(Answer, frozen=True, kw_only=True):
    """RFC 9007 §2.1."""

    sent: Mapping[str, Any] | None = None
    not_sent: Mapping[str, SetError] | None = None


class MdnParseArguments(Arguments, frozen=True, kw_only=True):
    """RFC 9007 §2.2."""

    blob_ids: list[Id]


class MdnParseAnswer(Answer, frozen=True, kw_only=True):
    """RFC 9007 §2.2."""

    parsed: Mapping[str, Any] | None = None
    not_parsable: Sequence[str] | None = None
    not_found: Sequence[str] | None = None
