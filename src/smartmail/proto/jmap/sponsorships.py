"""Shapes of our own Sponsorship methods: temporary accounts that somebody answers for, or must take over."""

from collections.abc import Sequence
from typing import Annotated

from msgspec import Meta, Struct

from smartmail.proto.jmap.core import Answer, Arguments, Id


class SponsorshipArguments(Arguments, frozen=True, kw_only=True):
    """Nothing but the own account."""


class SponsorshipObject(Struct, frozen=True, rename="camel", kw_only=True):
    """A temporary account. `mustTakeOver`: its sponsor left, and it ends at `endsAt` unless this person takes over."""

    id: str
    email: str
    name: str
    ends_at: str
    agreed_until: str
    asked_until: str | None
    must_take_over: bool
    reason: str


class SponsorshipAnswer(Answer, frozen=True, kw_only=True):
    """Sponsorship/query: the objects themselves, not ids."""

    list: Sequence[SponsorshipObject]


class TakeOverArguments(Arguments, frozen=True, kw_only=True):
    """Answer for an account from now on."""

    id: Id


class ExtensionArguments(Arguments, frozen=True, kw_only=True):
    """Ask for a later end; another person decides."""

    id: Id
    until: str
    reason: Annotated[str, Meta(min_length=1, max_length=1000)]


class SponsorshipDone(Answer, frozen=True, kw_only=True):
    """Sponsorship/takeOver, Sponsorship/askExtension: the account as it is now."""

    sponsorship: SponsorshipObject
