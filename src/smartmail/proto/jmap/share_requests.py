"""Shapes of our own ShareRequest and ShareOffer (AR-8): asking for a shared account."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from smartmail.proto.jmap.core import Id

_Role = Literal["view", "file", "delete", "manage"]
_Reason = Annotated[str, Meta(max_length=500)]


class ShareRequestObject(Struct, frozen=True, rename="camel", kw_only=True):
    """A request. `role`: what is asked for; once accepted, what was given. `isMine`: the reader asked; `mayDecide`: the
    reader answers it.
    """

    id: str
    shared_account_id: str
    account_name: str
    account_address: str
    principal_id: str
    person_name: str
    person_address: str
    department: str
    role: str
    reason: str
    state: Literal["waiting", "accepted", "declined"]
    asked_at: str
    decided_at: str | None
    decided_by: str
    is_mine: bool
    may_decide: bool


class ShareOfferObject(Struct, frozen=True, rename="camel", kw_only=True):
    """A shared account that may be asked for. `role`: what the reader holds on all of it, "" for nothing."""

    id: str
    name: str
    address: str
    role: str


class ShareRequestWish(Struct, frozen=True, rename="camel", kw_only=True, forbid_unknown_fields=True):
    """A request to be made."""

    shared_account_id: Id
    role: _Role
    reason: _Reason = ""


class ShareRequestPatch(Struct, frozen=True, rename="camel", kw_only=True, forbid_unknown_fields=True):
    """An answer. `role`: as what, when less is given than was asked for. `sending`: the right to send beside it."""

    state: Literal["accepted", "declined"]
    role: _Role | None = None
    sending: Literal["", "sendAs", "sendOnBehalf"] = ""
