"""Shapes of our own Bulletin (docs/adr/0060): what a company tells its people beside mail."""

from typing import Literal

from msgspec import UNSET, Struct, UnsetType


class BulletinObject(Struct, frozen=True, rename="camel", kw_only=True):
    """A bulletin. `placeName`: whom it is for, `placeLevel`: organization, domain, department or group. `isPinned`: stands
    above the list of mail until it is closed or, with `mustRead`, read; `isPopup`: comes up by itself until `isPopped`.
    """

    id: str
    title: str
    body: str
    place_level: str
    place_name: str
    shown_from: str
    shown_until: str
    changed_at: str
    is_pinned: bool
    is_popup: bool
    must_read: bool
    is_popped: bool
    is_closed: bool
    read_at: str | None


class BulletinPatch(Struct, frozen=True, rename="camel", kw_only=True, forbid_unknown_fields=True):
    """What a reader can say, for good."""

    is_popped: Literal[True] | UnsetType = UNSET
    is_closed: Literal[True] | UnsetType = UNSET
    is_read: Literal[True] | UnsetType = UNSET
