"""Shapes of our own Tag: a keyword's definition (AR-8). What a message carries is in `keywords`."""

from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from smartmail.proto.jmap.core import Id

Order = Annotated[int, Meta(ge=-(2**31) + 1, le=2**31 - 1)]


class TagObject(Struct, frozen=True, rename="camel", kw_only=True):
    """One tag. `scope` is "personal", or "shared" in an account that several people use."""

    id: str
    keyword: str
    name: str
    colour: str
    order: int
    parent_id: str | None
    scope: str
    total_emails: int
    unread_emails: int


class TagWish(Struct, frozen=True, rename="camel", kw_only=True, forbid_unknown_fields=True):
    """What a client may say of a tag. `keyword` only when it is made."""

    name: str | UnsetType = UNSET
    colour: str | UnsetType = UNSET
    order: Order | UnsetType = UNSET
    parent_id: Id | UnsetType | None = UNSET
    keyword: str | UnsetType = UNSET
