"""Values of a route probe: what was said between us and a host, and what came of it."""

from dataclasses import dataclass, field
from typing import Literal

from smartmail.domain.transport import HostTerms, TlsUse

Speaker = Literal["us", "host", "note"]
Outcome = Literal["accepted", "refused", "later", "answered", "failed", "insecure", "local", "nowhere"]
"""`answered`: it spoke with us and nothing was sent; `insecure`: it does not prove what is demanded; `local`: such mail
stays here; `nowhere`: the domain takes none, or its way could not be found."""


@dataclass(frozen=True, slots=True)
class ProbeLine:
    """One line of the dialogue, `at` milliseconds after its beginning. A note is ours, about it."""

    at: int
    by: Speaker
    text: str


@dataclass(frozen=True, slots=True)
class ProbePlace:
    """A host to speak to: where, on what terms, and with which login."""

    host: str
    address: str
    port: int
    terms: HostTerms
    username: str = ""
    password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class ProbeLetter:
    """A message to be given."""

    sender: str
    recipient: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Spoken:
    """What came of the dialogue with one host."""

    outcome: Outcome
    lines: tuple[ProbeLine, ...]
    tls: TlsUse = TlsUse()  # noqa: RUF009 -- a frozen value


@dataclass(frozen=True, slots=True)
class Probe:
    """The whole: how far it came, where, how sealed, and what was said."""

    outcome: Outcome
    lines: tuple[ProbeLine, ...]
    host: str = ""
    address: str = ""
    port: int = 0
    tls: TlsUse = TlsUse()  # noqa: RUF009 -- a frozen value
