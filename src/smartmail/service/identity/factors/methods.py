"""What a kind of second factor is: how it is asked for, checked and enrolled. The seam for new kinds.

A method holds no state and writes nothing: the service keeps what it returns, in the transaction that uses the answer up.
Must not know HTTP, sessions or how data is sealed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from smartmail.domain.account import Account
from smartmail.domain.factors import FactorKind
from smartmail.domain.principal import Origin


class Refused(Exception):
    """An answer proves nothing. `reason` is a dotted word for the log and the record (`certificate.expired`); the person
    hears `public`, a catalogue key, or one text for all.
    """

    def __init__(self, reason: str, public: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.public = public


@dataclass(frozen=True, slots=True)
class Held:
    """A factor that the account has, its data opened."""

    id: int
    data: bytes = field(repr=False)
    lookup: bytes | None = field(default=None, repr=False)
    counter: int = 0
    created_at: int = 0


@dataclass(frozen=True, slots=True)
class Asked:
    """What a question or an answer is about.

    `base`: origin of the page (`https://mail.example`). `nonce`: 32 random octets of this question, given at `asked_at`
    (milliseconds) and never seen by two answers; empty when nothing was asked. `held`: the account's factors of this
    kind. `begun`: what `begin` has returned, in `finish` alone.
    """

    account: Account
    origin: Origin
    base: str
    now: int
    nonce: bytes = field(repr=False)
    asked_at: int
    held: tuple[Held, ...] = ()
    begun: bytes = field(default=b"", repr=False)
    whole: bool = False
    """No password was asked for: the answer is the whole login."""


@dataclass(frozen=True, slots=True)
class Proved:
    """Which factor an answer was right for.

    `counter`: must be more than the one kept, else the answer counts as replayed (decided in the store, so that of two
    processes one wins). `data` and `lookup`: kept in place of the old ones (a renewed certificate). `code`: a hash in
    `recovery_code` that this answer uses up.
    """

    factor_id: int
    counter: int | None = None
    data: bytes | None = field(default=None, repr=False)
    lookup: bytes | None = field(default=None, repr=False)
    code: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class NewFactor:
    """A factor that was enrolled. `lookup`: what a response names it by, unique for kind and account; `label`: what it
    is called where its owner gave no name.
    """

    data: bytes = field(repr=False)
    lookup: bytes | None = None
    counter: int = 0
    label: str = ""


class FactorMethod(Protocol):
    """One kind."""

    @property
    def kind(self) -> FactorKind:
        """Its name."""
        ...

    async def ask(self, asked: Asked) -> Mapping[str, object]:
        """Return what the page needs for an answer (JSON). Raises Refused (too many questions), RateLimited."""
        ...

    async def check(self, asked: Asked, response: Mapping[str, object]) -> Proved:
        """Judge an answer. Raises Refused."""
        ...

    async def begin(self, asked: Asked) -> tuple[Mapping[str, object], bytes]:
        """Begin an enrolment: what the page needs (JSON), and what `finish` must find again (kept sealed)."""
        ...

    async def finish(self, asked: Asked, response: Mapping[str, object]) -> NewFactor:
        """Enrol, after a proof of possession. Raises Refused, Invalid."""
        ...
