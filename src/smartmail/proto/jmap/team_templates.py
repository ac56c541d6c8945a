"""Shapes of our own TeamTemplate and TemplatePlace (AR-8): letters that a team begins with."""

from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from smartmail.proto.jmap.core import Id

_Words = Annotated[str, Meta(max_length=100_000)]
_Name = Annotated[str, Meta(min_length=1, max_length=200)]


class TeamTemplateObject(Struct, frozen=True, rename="camel", kw_only=True):
    """A template. `placeName`: whose it is, in words; `mayChange`: the reader may change it or throw it away."""

    id: str
    place_id: str
    place_name: str
    name: str
    subject: str
    text: str
    html: str
    may_change: bool
    changed_at: str


class TemplatePlaceObject(Struct, frozen=True, rename="camel", kw_only=True):
    """A department or group that the reader may share with."""

    id: str
    name: str


class TeamTemplateWish(Struct, frozen=True, rename="camel", kw_only=True, forbid_unknown_fields=True):
    """A template to be shared. `html` "": it is plain text."""

    place_id: Id
    name: _Name
    subject: _Words = ""
    text: _Words = ""
    html: _Words = ""


class TeamTemplatePatch(Struct, frozen=True, rename="camel", kw_only=True, forbid_unknown_fields=True):
    """What can be changed."""

    name: _Name | UnsetType = UNSET
    subject: _Words | UnsetType = UNSET
    text: _Words | UnsetType = UNSET
    html: _Words | UnsetType = UNSET
