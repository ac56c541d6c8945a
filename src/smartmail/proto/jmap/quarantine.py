"""Shapes of our own QuarantineItem and SenderRule (AR-8): what is held, whom one allows or blocks."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

from msgspec import UNSET, Struct, UnsetType

from smartmail.proto.jmap.core import Answer, Arguments, Id, UTCDate
from smartmail.proto.jmap.emails import EmailAddress
from smartmail.proto.jmap.errors import SetError


class QuarantineObject(Struct, frozen=True, rename="camel", kw_only=True):
    """One held message. `reasons` as in an Email's inspection, the heaviest first; `mayRelease`: by its own person."""

    id: str
    from_: Sequence[EmailAddress] | None
    to: str
    subject: str
    preview: str
    received_at: str
    expires_at: str
    size: int
    has_attachment: bool
    nature: str
    score: float
    virus: str | None
    reasons: Sequence[Mapping[str, Any]]
    may_release: bool


class QuarantineRelease(Struct, frozen=True, rename="camel", kw_only=True, forbid_unknown_fields=True):
    """The patch that lets one out. `learn`: teach the filter; `allowSender`: let its sender through from now on."""

    is_released: Literal[True]
    learn: bool = False
    allow_sender: bool = False


class QuarantineFilter(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """Which are wanted, by the time they came."""

    after: UTCDate | UnsetType = UNSET
    before: UTCDate | UnsetType = UNSET


class SenderRuleObject(Struct, frozen=True, rename="camel", kw_only=True):
    """One sender, domain, network or country that is let through or kept out, how often it matched, and when last."""

    id: str
    action: str
    kind: str
    subject: str
    created_at: str
    expires_at: str | None
    hits: int
    last_hit_at: str | None


class SenderRuleWish(Struct, frozen=True, rename="camel", kw_only=True, forbid_unknown_fields=True):
    """A rule to be made. Without `kind` it is seen from the subject."""

    action: Literal["allow", "block"]
    subject: str
    kind: Literal["address", "domain", "network", "country", "url", "file"] | None = None
    expires_at: UTCDate | None = None


class ReportArguments(Arguments, frozen=True, kw_only=True):
    """Email/reportPhishing: Emails that somebody takes for phishing."""

    ids: list[Id]


class ReportAnswer(Answer, frozen=True, kw_only=True):
    """Which were taken as reports."""

    reported: Sequence[str]
    not_reported: Mapping[str, SetError] | None


QUARANTINE_PROPERTIES: Final = QuarantineObject.__struct_encode_fields__
QUARANTINE_SORTS: Final = frozenset({"receivedAt"})
