"""Shapes of our own MailPull (AR-8): mailboxes at other providers whose mail is brought in."""

from typing import Annotated, Final, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from smartmail.proto.jmap.core import Id

_Line = Annotated[str, Meta(max_length=255)]
_Named = Annotated[str, Meta(min_length=1, max_length=255)]
_Secret = Annotated[str, Meta(min_length=1, max_length=500)]
_Port = Annotated[int, Meta(ge=1, le=65_535)]
_Protocol = Literal["imap", "pop3"]
_Security = Literal["tls", "starttls", "plain"]


class MailPullObject(Struct, frozen=True, rename="camel", kw_only=True):
    """A pull. Its password is never told. `since` null: all mail; `tagId` is that of a Tag.

    `state`: "waiting" for its next time, "running", "paused" (something is in the way; `reason` says what, `said` what the
    other side said), "stopped" until its person does something, or "off".
    """

    id: Id
    name: str
    protocol: _Protocol
    host: str
    port: int
    security: _Security
    login: str
    folder: str
    mailbox_id: Id | None
    tag_id: Id | None
    delete_original: bool
    since: str | None
    is_enabled: bool
    state: str
    reason: str
    said: str
    taken: int
    pulled_at: str | None
    next_at: str | None
    created_at: str


class MailPullWish(Struct, frozen=True, rename="camel", kw_only=True, forbid_unknown_fields=True):
    """A pull to be added."""

    host: _Named
    login: _Named
    password: _Secret
    protocol: _Protocol = "imap"
    security: _Security = "tls"
    port: _Port | None = None
    name: _Line = ""
    folder: _Named = "INBOX"
    mailbox_id: Id | None = None
    tag_id: Id | None = None
    delete_original: bool = False
    since: str | None = None


class MailPullPatch(Struct, frozen=True, rename="camel", kw_only=True, forbid_unknown_fields=True):
    """What can be changed; without `password` the one that is kept stays, which will not do for another server or login."""

    host: _Named | UnsetType = UNSET
    login: _Named | UnsetType = UNSET
    password: _Secret | UnsetType = UNSET
    protocol: _Protocol | UnsetType = UNSET
    security: _Security | UnsetType = UNSET
    port: _Port | UnsetType = UNSET
    name: _Named | UnsetType = UNSET
    folder: _Named | UnsetType = UNSET
    mailbox_id: Id | UnsetType | None = UNSET
    tag_id: Id | UnsetType | None = UNSET
    delete_original: bool | UnsetType = UNSET
    since: str | UnsetType | None = UNSET
    is_enabled: bool | UnsetType = UNSET


class MailPullLookArguments(Struct, frozen=True, rename="camel", kw_only=True):
    """MailPull/look: try a pull as it would be made; with `id`, what is not given is that of one that is there."""

    account_id: Id
    id: Id | None = None
    wish: MailPullPatch


class MailPullLookAnswer(Struct, frozen=True, rename="camel", kw_only=True):
    """What was found. `reason` "": it works."""

    account_id: Id
    reason: str
    said: str
    folders: list[str]
    messages: int
    tls: str


class MailPullRunArguments(Struct, frozen=True, rename="camel", kw_only=True):
    """MailPull/run: bring mail now."""

    account_id: Id
    id: Id


class MailPullRunAnswer(Struct, frozen=True, rename="camel", kw_only=True):
    """It runs as soon as a worker is free."""

    account_id: Id
    id: Id


class MailPullPolicyArguments(Struct, frozen=True, rename="camel", kw_only=True):
    """MailPull/policy: what the person may do."""

    account_id: Id


class MailPullPolicyAnswer(Struct, frozen=True, rename="camel", kw_only=True):
    """What is allowed: at all, how many, how often, deleting originals, connections without TLS."""

    account_id: Id
    may_pull: bool
    max_pulls: int
    pull_minutes: int
    may_delete_originals: bool
    may_pull_plain: bool


PULL_PROPERTIES: Final = MailPullObject.__struct_encode_fields__
