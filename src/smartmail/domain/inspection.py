"""What was found out about a message before anybody got it: verdicts of authentication, its way, reasons and an act.

Kept with the message, sealed, as it was at delivery: old mail keeps its original verdict. Values
only; who finds them out is service.kernel.inspection, who obeys them service.flow.delivery.
"""

from typing import Literal

import msgspec

Act = Literal["deliver", "junk", "quarantine", "reject", "defer"]
"""What is to be done with a message, from the mildest to the strictest but for `defer`, which asks the peer to come again."""
Nature = Literal["clean", "suspect", "bulk", "spam", "phishing", "malware"]


class AuthResult(msgspec.Struct, frozen=True, array_like=True):
    """One `method=result` of RFC 8601 §2.2, as `("dkim", "pass", "", (("header.d", "example.org"),))`.

    `reason` is for people. `properties` are `ptype.property` and value, in order.
    """

    method: str
    result: str
    reason: str = ""
    properties: tuple[tuple[str, str], ...] = ()


class Hop(msgspec.Struct, frozen=True, array_like=True):
    """One hop of a message's way, the newest first.

    `verified`: recorded by a host of ours (or one that we trust to tell the truth); all others are claims of whoever
    sent the message. `address` is the host that handed it over, "" when nobody says. `at`: Unix time in seconds, 0 when
    unknown; `delay_s` since the hop before. `country`: ISO 3166 code, "" when unknown, "-" for a private network.
    """

    verified: bool
    from_name: str = ""
    address: str = ""
    by: str = ""
    protocol: str = ""
    tls: str = ""
    at: int = 0
    delay_s: int = 0
    country: str = ""
    asn: int = 0
    network: str = ""


class Reason(msgspec.Struct, frozen=True, array_like=True):
    """One rule that matched: its name (its texts are the catalogue keys `rule.<name>`), its weight, and what it saw.

    A positive weight speaks against the message. `facts` are short values put into the text, never whole bodies.
    """

    rule: str
    weight: float
    facts: tuple[str, ...] = ()


class Inspection(msgspec.Struct, frozen=True, array_like=True):
    """Everything that was found out, as it is kept. New fields go to the end, with a default."""

    authentication: tuple[AuthResult, ...] = ()
    aligned: bool = False
    """Whether the domain in From is proved to have sent it (DMARC pass, or one of ours that logged in)."""
    hops: tuple[Hop, ...] = ()
    country: str = ""
    asn: int = 0
    nature: Nature = "clean"
    score: float = 0.0
    act: Act = "deliver"
    reasons: tuple[Reason, ...] = ()
    tls: str = ""
    """Version and cipher of the connection that brought it, "" for none."""
    spam_percent: int = -1
    virus: str = ""


def encode(inspection: Inspection) -> bytes:
    """Return the octets to be sealed."""
    return msgspec.msgpack.encode(inspection)


def decode(octets: bytes) -> Inspection:
    """Return what `encode` was given. Raises ValueError (msgspec.DecodeError)."""
    return msgspec.msgpack.decode(octets, type=Inspection)
