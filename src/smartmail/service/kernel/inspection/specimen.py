"""One message under inspection, whole in memory or its beginning only, and what has been found out so far."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from smartmail.domain.account import Account
from smartmail.domain.ids import AccountId
from smartmail.domain.inspection import Act, AuthResult, Hop, Inspection, Nature, Reason
from smartmail.formats.headers import Header
from smartmail.formats.mime.entity import Entity
from smartmail.formats.summary import Summary

Doubt = Literal["none", "proved", "hints", "unproved", "hides"]
_STRICTNESS: dict[Act, int] = {"deliver": 0, "junk": 1, "quarantine": 2, "defer": 3, "reject": 4}


@dataclass(frozen=True, slots=True)
class Source:
    """Where a message comes from: the peer's address, what it calls itself, how it spoke; `by` is our own host name.

    `partner`: a relay that an administrator registered to be trusted with the hops before it. `pulled`: the message lay in
    its person's mailbox at this peer, which is no sender of it.
    """

    address: str
    port: int = 0
    helo: str = ""
    by: str = ""
    protocol: str = ""
    tls: str = ""
    reverse_name: str = ""
    partner: bool = False
    pulled: bool = False


@dataclass(slots=True)
class Findings:
    """What inspectors have found out. They add; only `demand` raises the act."""

    authentication: list[AuthResult] = field(default_factory=list)
    aligned: bool = False
    hops: list[Hop] = field(default_factory=list)
    country: str = ""
    asn: int = 0
    nature: Nature = "clean"
    score: float = 0.0
    act: Act = "deliver"
    reasons: list[Reason] = field(default_factory=list)
    spam_percent: int = -1
    virus: str = ""
    doubt: Doubt = "none"
    """Of a stranger: `hides` who they are, where they lead or what they write; `unproved`: proves nothing; `hints`: proves
    a domain of their own, but shows a trick of those who hide; `proved`: proves one and calls to an act. Words count for more then.
    """
    public: str = ""
    """What the peer is told with a reject or defer: one line, why and what to do next."""
    lines: list[bytes] = field(default_factory=list)
    """Header fields with CRLF that we put on top of the message, the topmost first."""
    cuts: list[tuple[int, int]] = field(default_factory=list)
    """Octets [start, end) of the header that are taken out, as fields that only we may write."""

    personal: dict[AccountId, tuple[Act, Reason]] = field(default_factory=dict)
    """What single recipients want otherwise than all others, and why: into Junk, or out of it. Kept with their copy alone."""

    def demand(self, act: Act, public: str = "") -> None:
        """Ask for an act; the strictest that anybody asks for is done."""
        if _STRICTNESS[act] > _STRICTNESS[self.act]:
            self.act, self.public = act, public

    def kept(self, tls: str) -> Inspection:
        """Return what is kept with the message."""
        return Inspection(
            tuple(self.authentication), self.aligned, tuple(self.hops), self.country, self.asn, self.nature, self.score,
            self.act, tuple(self.reasons), tls, self.spam_percent, self.virus,
        )  # fmt: skip


@dataclass(slots=True)
class Specimen:
    """A message as it came, without any line of ours.

    `head` holds all of its octets, or the first ones of one that is larger than what is held in memory; `size` counts
    all. `read(start, length)` returns any of them. `accounts` are those recipients that are ours, in the order of
    `recipients`, None for the others. `received_at` in milliseconds.
    """

    source: Source
    reverse_path: str
    recipients: Sequence[str]
    accounts: Sequence[Account | None]
    header: Header
    entity: Entity
    summary: Summary
    head: bytes
    size: int
    read: Callable[[int, int], Awaitable[bytes]]
    received_at: int
    findings: Findings = field(default_factory=Findings)

    @property
    def whole(self) -> bool:
        """Say whether `head` is the whole message."""
        return len(self.head) == self.size


class Inspector(Protocol):
    """One step of the chain. `name` is told in logs when it fails."""

    @property
    def name(self) -> str:
        """Return the step's name."""
        ...

    async def examine(self, specimen: Specimen) -> None:
        """Look at a message and add to its findings. May raise anything: the next step goes on without it."""
        ...
