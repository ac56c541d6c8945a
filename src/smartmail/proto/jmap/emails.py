"""Email and SearchSnippet (RFC 8621 §4, §5): properties, header forms, arguments and filters."""

import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final, NamedTuple

from msgspec import UNSET, Meta, Struct, UnsetType, field

from smartmail.proto.jmap.core import (
    Answer,
    Arguments,
    GetArguments,
    Id,
    Object,
    QueryArguments,
    QueryChangesArguments,
    UnsignedInt,
    UTCDate,
)
from smartmail.proto.jmap.errors import MethodError, SetError

# -- properties -----------------------------------------------------------------------------------------------------

METADATA: Final = ("id", "blobId", "threadId", "mailboxIds", "keywords", "size", "receivedAt")
HEADER_PROPERTIES: Final = (
    "messageId", "inReplyTo", "references", "sender", "from", "to", "cc", "bcc", "replyTo", "subject", "sentAt",
)  # fmt: skip
BODY: Final = ("bodyStructure", "bodyValues", "textBody", "htmlBody", "attachments", "hasAttachment", "preview")
EMAIL_PROPERTIES: Final = (*METADATA, "headers", *HEADER_PROPERTIES, *BODY)
# RFC 8621 §4.2: what a get without `properties` tells.
DEFAULT_PROPERTIES: Final = (
    *METADATA, *HEADER_PROPERTIES, "hasAttachment", "preview", "bodyValues", "textBody", "htmlBody", "attachments",
)  # fmt: skip
PART_PROPERTIES: Final = (
    "partId", "blobId", "size", "headers", "name", "type", "charset", "disposition", "cid", "language", "location",
    "subParts",
)  # fmt: skip
OWN_PART_PROPERTIES: Final = ("isEmbedded",)
"""An attachment that is no file for a person: the shown HTML has a place for the picture, or it notes that a file was there."""
DEFAULT_PART_PROPERTIES: Final = (
    "partId", "blobId", "size", "name", "type", "charset", "disposition", "cid", "language", "location",
)  # fmt: skip

_FORMS: Final = frozenset({"Raw", "Text", "Addresses", "GroupedAddresses", "MessageIds", "Date", "URLs"})
_HEADER: Final = re.compile(r"header:([\x21-\x39\x3b-\x7e]{1,200})(?::as([A-Za-z]+))?(:all)?")
_ADDRESS_FIELDS: Final = frozenset(
    {"from", "sender", "reply-to", "to", "cc", "bcc", "resent-from", "resent-sender", "resent-reply-to", "resent-to",
     "resent-cc", "resent-bcc"}
)  # fmt: skip
_FIXED: Final = {
    "Text": frozenset({"subject", "comments", "keywords", "list-id"}),
    "Addresses": _ADDRESS_FIELDS,
    "GroupedAddresses": _ADDRESS_FIELDS,
    "MessageIds": frozenset({"message-id", "in-reply-to", "references", "resent-message-id"}),
    "Date": frozenset({"date", "resent-date"}),
    "URLs": frozenset({"list-help", "list-unsubscribe", "list-subscribe", "list-post", "list-owner", "list-archive"}),
}
# RFC 8621 §4.1.2: a form fits a field that is defined with it, and any field that RFC 5322 and 2369 do not define.
_DEFINED: Final = frozenset().union(*_FIXED.values()) | {"received", "return-path"}


class HeaderProperty(NamedTuple):
    """A property `header:Name:asForm:all` (RFC 8621 §4.1.3)."""

    property: str
    name: str
    form: str
    all: bool


def header_property(name: str) -> HeaderProperty | None:
    """Return the parsed property, or None when it is none or asks for a form that does not fit its field."""
    match = _HEADER.fullmatch(name)
    if match is None:
        return None
    field, form = match[1], match[2] or "Raw"
    if form not in _FORMS or (form != "Raw" and field.lower() in _DEFINED - _FIXED[form]):
        return None
    return HeaderProperty(name, field, form, match[3] is not None)


MAX_HEADER_PROPERTIES: Final = 100
"""Of a message, or of a part: each may be a field of 256 KiB to be parsed."""


class EmailProperties(NamedTuple):
    """What a get wants: plain names, and header forms."""

    names: tuple[str, ...]
    headers: tuple[HeaderProperty, ...]


def email_properties(
    asked: Sequence[str] | None, default: Sequence[str], known: Sequence[str] = EMAIL_PROPERTIES
) -> EmailProperties:
    """Split the properties of Email/get, or of a body part with its lists. Raises MethodError invalidArguments."""
    names, headers = dict[str, None](), dict[str, HeaderProperty]()
    for name in default if asked is None else asked:
        header = header_property(name) if name.startswith("header:") else None
        if header is not None:
            headers[name] = header
        elif name in known:
            names[name] = None
        else:
            raise MethodError("invalidArguments", f"no such property: {name[:100]}")
    if len(headers) > MAX_HEADER_PROPERTIES:
        raise MethodError("requestTooLarge", f"at most {MAX_HEADER_PROPERTIES} header properties")
    if "id" in known:
        names = {"id": None} | names
    return EmailProperties(tuple(names), tuple(headers.values()))


# -- objects --------------------------------------------------------------------------------------------------------


class EmailAddress(Struct, frozen=True):
    """RFC 8621 §4.1.2.3."""

    email: str
    name: str | None = None


class EmailAddressGroup(Struct, frozen=True):
    """RFC 8621 §4.1.2.4."""

    name: str | None
    addresses: Sequence[EmailAddress]


class EmailHeader(Struct, frozen=True):
    """RFC 8621 §4.1.3: a field in raw form."""

    name: str
    value: str


class EmailBodyValue(Struct, frozen=True, rename="camel"):
    """RFC 8621 §4.1.4. In a create the two flags must be false."""

    value: str
    is_encoding_problem: bool = False
    is_truncated: bool = False


class PartCreate(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """RFC 8621 §4.6: a part of a message to be made, out of a body value or a blob, without its `header:…`."""

    part_id: Id | None = None
    blob_id: Id | None = None
    size: UnsignedInt | None = None
    name: str | None = None
    type: str | None = None
    charset: str | None = None
    disposition: str | None = None
    cid: str | None = None
    language: list[str] | None = None
    location: str | None = None


class EmailCreate(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """RFC 8621 §4.6, without the `header:…` properties and `bodyStructure`: those are taken out first."""

    mailbox_ids: dict[Id, bool]
    keywords: dict[str, bool] = {}
    received_at: UTCDate | None = None
    message_id: list[str] | None = None
    in_reply_to: list[str] | None = None
    references: list[str] | None = None
    sender: list[EmailAddress] | None = None
    from_: list[EmailAddress] | None = None
    to: list[EmailAddress] | None = None
    cc: list[EmailAddress] | None = None
    bcc: list[EmailAddress] | None = None
    reply_to: list[EmailAddress] | None = None
    subject: str | None = None
    sent_at: str | None = None
    body_values: dict[str, EmailBodyValue] = {}
    text_body: list[PartCreate] | None = None
    html_body: list[PartCreate] | None = None
    attachments: list[PartCreate] | None = None


def take_headers(raw: Object) -> tuple[Object, list[tuple[HeaderProperty, Any]], list[str]]:
    """Return (the object without `header:…`, those with their values, names of those that are not properties)."""
    rest: Object = {}
    headers: list[tuple[HeaderProperty, Any]] = []
    bad: list[str] = []
    for name, value in raw.items():
        if not name.startswith("header:"):
            rest[name] = value
        elif (header := header_property(name)) is not None:
            headers.append((header, value))
        else:
            bad.append(name)
    return rest, headers, bad


# RFC 8621 §4.1.1: letters of an IMAP flag, in lower case.
_KEYWORD: Final = re.compile(r"[\x21-\x7e]{1,255}")
_NOT_IN_KEYWORD: Final = re.compile(r'[()\]{%*"\\A-Z]')


def is_keyword(keyword: str) -> bool:
    """Whether a keyword may be set (RFC 8621 §4.1.1)."""
    return _KEYWORD.fullmatch(keyword) is not None and _NOT_IN_KEYWORD.search(keyword) is None


# -- arguments ------------------------------------------------------------------------------------------------------


class EmailGetArguments(GetArguments, frozen=True, kw_only=True):
    """RFC 8621 §4.2."""

    body_properties: list[str] | None = None
    fetch_text_body_values: bool = False
    fetch_html_body_values: bool = field(default=False, name="fetchHTMLBodyValues")
    fetch_all_body_values: bool = False
    max_body_value_bytes: UnsignedInt = 0


class EmailParseArguments(Arguments, frozen=True, kw_only=True):
    """RFC 8621 §4.9."""

    blob_ids: list[Id]
    properties: list[str] | None = None
    body_properties: list[str] | None = None
    fetch_text_body_values: bool = False
    fetch_html_body_values: bool = field(default=False, name="fetchHTMLBodyValues")
    fetch_all_body_values: bool = False
    max_body_value_bytes: UnsignedInt = 0


class EmailParseAnswer(Answer, frozen=True, kw_only=True):
    """RFC 8621 §4.9."""

    parsed: Mapping[str, Any] | None = None
    not_parsable: Sequence[str] | None = None
    not_found: Sequence[str] | None = None


class EmailImport(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """RFC 8621 §4.8: one blob to be made a message."""

    blob_id: Id
    mailbox_ids: dict[Id, bool]
    keywords: dict[str, bool] = {}
    received_at: UTCDate | None = None


class EmailCopy(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """RFC 8621 §4.7: one message of the other account; `keywords` and `received_at` None stay as they are."""

    id: Id
    mailbox_ids: dict[Id, bool]
    keywords: dict[str, bool] | None = None
    received_at: UTCDate | None = None


class EmailImportArguments(Arguments, frozen=True, kw_only=True):
    """RFC 8621 §4.8."""

    emails: dict[Id, Object]
    if_in_state: str | None = None


class EmailImportAnswer(Answer, frozen=True, kw_only=True):
    """RFC 8621 §4.8."""

    old_state: str | None
    new_state: str
    created: Mapping[str, Any] | None = None
    not_created: Mapping[str, SetError] | None = None


class EmailQueryArguments(QueryArguments, frozen=True, kw_only=True):
    """RFC 8621 §4.4."""

    collapse_threads: bool = False


class EmailQueryChangesArguments(QueryChangesArguments, frozen=True, kw_only=True):
    """RFC 8621 §4.5."""

    collapse_threads: bool = False


class EmailFilter(Struct, frozen=True, rename="camel"):
    """RFC 8621 §4.4.1, and RFC 9219 §4.2 for who names that capability. All that is set must match."""

    in_mailbox: Id | UnsetType = UNSET
    in_mailbox_other_than: list[Id] | UnsetType = UNSET
    before: UTCDate | UnsetType = UNSET
    after: UTCDate | UnsetType = UNSET
    min_size: UnsignedInt | UnsetType = UNSET
    max_size: UnsignedInt | UnsetType = UNSET
    all_in_thread_have_keyword: str | UnsetType = UNSET
    some_in_thread_have_keyword: str | UnsetType = UNSET
    none_in_thread_have_keyword: str | UnsetType = UNSET
    has_keyword: str | UnsetType = UNSET
    not_keyword: str | UnsetType = UNSET
    has_attachment: bool | UnsetType = UNSET
    text: str | UnsetType = UNSET
    from_: str | UnsetType = UNSET
    to: str | UnsetType = UNSET
    cc: str | UnsetType = UNSET
    bcc: str | UnsetType = UNSET
    subject: str | UnsetType = UNSET
    body: str | UnsetType = UNSET
    header: Annotated[list[str], Meta(min_length=1, max_length=2)] | UnsetType = UNSET
    has_smime: bool | UnsetType = UNSET
    has_verified_smime: bool | UnsetType = UNSET
    has_verified_smime_at_delivery: bool | UnsetType = UNSET


EMAIL_SORTS: Final = frozenset(
    {"receivedAt", "size", "from", "to", "subject", "sentAt", "hasKeyword", "allInThreadHaveKeyword",
     "someInThreadHaveKeyword"}
)  # fmt: skip


class SnippetArguments(Arguments, frozen=True, kw_only=True):
    """RFC 8621 §5.1."""

    email_ids: list[Id]
    filter: Object | None = None


class SearchSnippet(Struct, frozen=True, rename="camel"):
    """RFC 8621 §5: HTML with `<mark>` and nothing else in it."""

    email_id: str
    subject: str | None
    preview: str | None


class SnippetAnswer(Answer, frozen=True, kw_only=True):
    """RFC 8621 §5.1."""

    list: Sequence[SearchSnippet]
    not_found: Sequence[str] | None = None
