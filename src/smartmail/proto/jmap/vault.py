"""Shapes of our own methods for what was deleted (AR-8): Email/detach, Email/restore, DeletedEmail, Attachment."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from smartmail.proto.jmap.core import Answer, Arguments, Id, UnsignedInt, UTCDate
from smartmail.proto.jmap.emails import EmailAddress
from smartmail.proto.jmap.errors import SetError

MAX_LISTED: Final = 500
Limit = Annotated[int, Meta(ge=0, le=MAX_LISTED)]
SortBy = Literal["receivedAt", "size", "name"]


class DetachArguments(Arguments, frozen=True, kw_only=True):
    """`emails` maps an Email to the partIds to take out, or to null for all its attachments."""

    if_in_state: str | None = None
    emails: dict[Id, list[str] | None]


class DetachedEmail(Struct, frozen=True, rename="camel"):
    """`id` is the Email that took the place of the asked one; `freed` octets."""

    id: str
    freed: int


class DetachAnswer(Answer, frozen=True, kw_only=True):
    """Email/detach."""

    old_state: str
    new_state: str
    detached: Mapping[str, DetachedEmail] | None
    not_detached: Mapping[str, SetError] | None


class RestoreArguments(Arguments, frozen=True, kw_only=True):
    """`ids` are those of DeletedEmail objects."""

    ids: list[Id]


class RestoreAnswer(Answer, frozen=True, kw_only=True):
    """Email/restore; `restored` maps the old id to the Email's new one."""

    old_state: str
    new_state: str
    restored: Mapping[str, str] | None
    not_restored: Mapping[str, SetError] | None


class DeletedQueryArguments(Arguments, frozen=True, kw_only=True):
    """A window of what is in the vault, last deleted first."""

    position: UnsignedInt = 0
    limit: Limit = 100


class DeletedEmail(Struct, frozen=True, rename="camel", kw_only=True):
    """One deleted message. `reason` is "deleted" or "detached"; `replaced_by` the Email without its attachments.

    `expires_at`: until then it can be restored; after that it is gone.
    """

    id: str
    reason: str
    deleted_at: str
    expires_at: str
    received_at: str
    size: int
    subject: str
    from_: Sequence[EmailAddress] | None
    to: Sequence[EmailAddress] | None
    preview: str
    has_attachment: bool
    mailbox_ids: Mapping[str, bool]
    replaced_by: str | None


class DeletedQueryAnswer(Answer, frozen=True, kw_only=True):
    """DeletedEmail/query: the objects themselves, not ids: nobody keeps a copy of them."""

    position: int
    total: int
    list: Sequence[DeletedEmail]


class AttachmentQueryArguments(Arguments, frozen=True, kw_only=True):
    """The drawer: a window of all attachments. `text` finds in names, `media_type` is a prefix (`image/`),
    `before` when the message was received at the latest, `sender` the address of who sent it, `in_mailbox` where it lies.
    With `calculate_sums` it is told who and which mailboxes the room goes to.
    """

    text: str = ""
    media_type: str = ""
    min_size: UnsignedInt = 0
    before: UTCDate | None = None
    sender: str = ""
    in_mailbox: Id | None = None
    calculate_sums: bool = False
    sort: SortBy = "receivedAt"
    is_ascending: bool = False
    position: UnsignedInt = 0
    limit: Limit = 100


class Attachment(Struct, frozen=True, rename="camel", kw_only=True):
    """One attachment of a message. `size` in octets after decoding."""

    email_id: str
    part_id: str
    blob_id: str | None
    name: str
    type: str
    size: int
    received_at: str
    from_: str
    subject: str


class AttachmentSum(Struct, frozen=True, rename="camel"):
    """How many octets one sender's attachments take, or those of one mailbox: `key` is the address or the id."""

    key: str
    size: int


class AttachmentQueryAnswer(Answer, frozen=True, kw_only=True):
    """Attachment/query. `total_size` is of all that match, in octets; the sums are of the largest ones, largest first,
    null unless asked for. A message in two mailboxes counts in each.
    """

    position: int
    total: int
    total_size: int
    list: Sequence[Attachment]
    by_sender: Sequence[AttachmentSum] | None = None
    by_mailbox: Sequence[AttachmentSum] | None = None
