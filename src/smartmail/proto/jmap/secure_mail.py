"""Shapes of our own SecureLetter and SecureTicket (AR-8): mail that people outside read on a page, and who has opened it."""

from collections.abc import Sequence
from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from smartmail.proto.jmap.core import UTCDate

_Password = Annotated[str, Meta(max_length=200)]
_Views = Annotated[int, Meta(ge=0, le=999)]
_Places = Annotated[tuple[Annotated[str, Meta(max_length=50)], ...], Meta(max_length=100)]


class SecureOptionsObject(Struct, frozen=True, rename="camel", kw_only=True, forbid_unknown_fields=True):
    """How a submission goes to people outside. `proof` null: as policy has it; `password` "": one is made and mailed to the
    sender; `mostViews` in all, `viewsEach` for a recipient, 0 for any number, null as policy has it.
    """

    proof: Literal["code", "password", "link"] | None = None
    password: _Password = ""
    opens_at: UTCDate | None = None
    expires_at: UTCDate | None = None
    most_views: _Views = 0
    views_each: _Views | None = None
    may_download: bool = True
    may_print: bool = True
    may_reply: bool = True
    is_marked: bool = False
    notify_first_view: bool = True
    countries: _Places = ()
    networks: _Places = ()


class SecureViewObject(Struct, frozen=True, rename="camel", kw_only=True):
    """One opening. `country` "" where it is not known."""

    at: str
    address: str
    country: str
    agent: str
    download_count: int
    reply_count: int


class SecureTicketObject(Struct, frozen=True, rename="camel", kw_only=True):
    """A recipient. `state`: sent, delivered, bounced, opened, used, locked, recalled (nothing was seen), recalled-after (it had
    been opened) or expired; `said`: in words, what a recall can do or could, in the sender's language.
    """

    id: str
    letter_id: str
    recipient: str
    state: str
    said: str
    most_views: int
    view_count: int
    download_count: int
    first_view_at: str | None
    last_view_at: str | None
    delivered_at: str | None
    views: Sequence[SecureViewObject]


class SecureLetterObject(Struct, frozen=True, rename="camel", kw_only=True):
    """A letter. `end`: null while it may be opened, else recalled or expired: then its key is destroyed."""

    id: str
    subject: str
    message_id: str
    proof: str
    created_at: str
    opens_at: str | None
    expires_at: str
    most_views: int
    view_count: int
    may_download: bool
    may_print: bool
    may_reply: bool
    end: str | None
    ticket_ids: Sequence[str]


class SecureLetterUpdate(Struct, frozen=True, rename="camel", kw_only=True, forbid_unknown_fields=True):
    """What can be changed. `password` "": one is made, and told in the answer; nothing that was recalled comes back."""

    expires_at: UTCDate | UnsetType = UNSET
    most_views: _Views | UnsetType = UNSET
    password: _Password | UnsetType = UNSET
    end: Literal["recalled"] | UnsetType = UNSET


class SecureTicketUpdate(Struct, frozen=True, rename="camel", kw_only=True, forbid_unknown_fields=True):
    """What can be changed of one recipient. `sendAgain`: the notice goes once more."""

    most_views: _Views | UnsetType = UNSET
    end: Literal["recalled"] | UnsetType = UNSET
    send_again: Literal[True] | UnsetType = UNSET
