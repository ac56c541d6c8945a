"""Shapes of our own EmailSubmission/check: what a sender may want to look at before a letter leaves."""

from typing import Annotated

import msgspec

from smartmail.proto.jmap.core import Answer, Arguments, Id
from smartmail.proto.jmap.submissions import SubmissionApproval

_Text = Annotated[str, msgspec.Meta(max_length=2_000)]
_Long = Annotated[str, msgspec.Meta(max_length=100_000)]


class CheckedAddress(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """A recipient."""

    email: _Text
    name: _Text | None = None


_Addresses = Annotated[tuple[CheckedAddress, ...], msgspec.Meta(max_length=1_000)]


class CheckArguments(Arguments, frozen=True, kw_only=True):
    """A letter as a composer has it. `text`: what was written, without the quotation. `files`: names. `answers_id`: the
    Email that it answers, None for a new letter. `refers_to`: the Message-IDs that it answers, refers to or forwards, without
    angle brackets. `email_id`: the draft as it is stored, for the approval that it would wait for.
    """

    to: _Addresses = ()
    cc: _Addresses = ()
    bcc: _Addresses = ()
    subject: _Text = ""
    text: _Long = ""
    files: Annotated[tuple[_Text, ...], msgspec.Meta(max_length=500)] = ()
    answers_id: Id | None = None
    refers_to: Annotated[tuple[_Text, ...], msgspec.Meta(max_length=100)] = ()
    email_id: Id | None = None


class SubmissionCaution(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """One reason to look again. `kind`: homonym, salutation, customer, domain, odd, crowd, everybody or slip. `email`: the recipient
    meant, None for the letter as a whole; `instead`: the address (of kind customer and domain the domain) that may have been
    wanted; `text`: the name, salutation, domain or number that it is about. `confidence`: from 0 to 1.
    """

    kind: str
    email: str | None
    instead: str | None
    text: str
    confidence: float


class CheckAnswer(Answer, frozen=True, kw_only=True):
    """`list`: the surest first; empty for most letters, and where policy asks nobody. `least_label`: the id of the security label
    that `refers_to` sets the letter as its least, None for none. `approval`: what the draft `email_id` would wait for.
    """

    list: list[SubmissionCaution]
    least_label: str | None = None
    approval: SubmissionApproval | None = None
