"""Shapes of our own LinkedFile and FileLink (AR-8): big files, their links, who fetched them."""

from collections.abc import Sequence
from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from smartmail.proto.jmap.core import Id, UTCDate

_Short = Annotated[str, Meta(max_length=1000)]
_Places = Annotated[tuple[Annotated[str, Meta(max_length=50)], ...], Meta(max_length=100)]


class LinkedFileObject(Struct, frozen=True, rename="camel", kw_only=True):
    """A file. `received` octets of `size` are here; `state` coming, checking, ready or refused, then by what `found`."""

    id: str
    name: str
    type: str
    size: int
    received: int
    state: str
    found: str
    sha256: str
    created_at: str
    expires_at: str


class DownloadObject(Struct, frozen=True, rename="camel", kw_only=True):
    """One download. `country` "" where it is not known."""

    at: str
    last_at: str
    address: str
    country: str
    agent: str
    octets: int
    is_complete: bool


class FileLinkObject(Struct, frozen=True, rename="camel", kw_only=True):
    """A link. `proof`: "", password or code; `view_only`: shown, never given; `end`: null while it gives, else revoked,
    refused, expired or used. It is followed from `countries` (ISO 3166-1) and `networks` alone, where there are any.
    """

    id: str
    file_id: str
    url: str
    recipient: str
    subject: str
    proof: str
    view_only: bool
    countries: Sequence[str]
    networks: Sequence[str]
    created_at: str
    expires_at: str
    most_downloads: int
    download_count: int
    end: str | None
    downloads: Sequence[DownloadObject]


class FileLinkWish(Struct, frozen=True, rename="camel", kw_only=True, forbid_unknown_fields=True):
    """A link to be made."""

    file_id: Id
    recipient: Annotated[str, Meta(max_length=320)] = ""
    subject: _Short = ""
    expires_at: UTCDate | None = None
    most_downloads: int | None = None
    password: Annotated[str, Meta(max_length=200)] = ""
    by_code: bool = False
    view_only: bool = False
    countries: _Places = ()
    networks: _Places = ()


class FileLinkPatch(Struct, frozen=True, rename="camel", kw_only=True, forbid_unknown_fields=True):
    """What can be changed: nothing that was revoked comes back."""

    expires_at: UTCDate | UnsetType = UNSET
    most_downloads: int | UnsetType = UNSET
    end: Literal["revoked"] | UnsetType = UNSET
