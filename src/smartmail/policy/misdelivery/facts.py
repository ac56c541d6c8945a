"""Facts: what is known of one letter before it leaves, and what the guard says of it. Plain values."""

from dataclasses import dataclass
from typing import Final, Literal, cast

from smartmail.formats.lookalike import registered

Kind = Literal["homonym", "salutation", "customer", "domain", "odd", "crowd", "everybody", "slip"]
"""homonym: another person of the name. salutation: the text addresses a person who is not among the recipients. customer: names
another customer. domain: looks like one that is known, or is new. odd: one who is never among these. crowd: many outside see
each other. everybody: an answer to all that speaks to one. slip: an address near to the usual one.
"""
Field = Literal["to", "cc", "bcc"]
KINDS: Final[tuple[Kind, ...]] = ("homonym", "salutation", "customer", "domain", "odd", "crowd", "everybody", "slip")


@dataclass(frozen=True, slots=True)
class Person:
    """One recipient. `address` normalised; the rest "" where it is not known. `inside`: of the sender's own company."""

    address: str
    name: str = ""
    department: str = ""
    title: str = ""
    inside: bool = False
    field: Field = "to"


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter that is about to leave. `text`: what the sender wrote, without quotations, its beginning is enough.

    `earlier`: addresses in the message that it answers, and who wrote that one; `known_domains`: registered domains with which
    the company has written before.
    """

    recipients: tuple[Person, ...]
    subject: str = ""
    text: str = ""
    files: tuple[str, ...] = ()
    earlier: frozenset[str] = frozenset()
    answers: str = ""
    known_domains: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Caution:
    """One reason to look again. `address`: the recipient meant, "" for the letter as a whole; `instead`: whom the sender may
    have wanted; `text`: the salutation, customer's name or number that it is about. `sign`: what was seen, a key of
    `confidences.CONFIDENCES`.
    """

    sign: str
    confidence: float
    address: str = ""
    instead: str = ""
    text: str = ""

    @property
    def kind(self) -> Kind:
        """Which signal speaks."""
        return cast("Kind", self.sign.partition(".")[0])


def domain_of(address: str) -> str:
    """Return the registered domain of an address."""
    return registered(address.rpartition("@")[2])
