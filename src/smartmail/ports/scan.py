"""Engines that scan whole messages: antivirus programs and filters of others, one way to ask them all."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Literal, Protocol

import msgspec

EngineKind = Literal["clamd", "icap", "rspamd", "yara"]
Failure = Literal["hold", "pass"]
"""What becomes of mail that an engine could not scan: it waits in quarantine, or goes on without."""
ScanAction = Literal["", "infected", "reject", "junk", "defer"]


class EngineSettings(msgspec.Struct, frozen=True):
    """One engine: `address` is `/path/of/socket`, `host:port`, or an address as `icap://host:1344/service`; of YARA the
    name of its rules.
    """

    name: str
    kind: EngineKind
    address: str
    on_failure: Failure = "hold"
    seconds: float = 10.0
    max_octets: int = 26_214_400
    """What is larger is not given to it; ClamAV's own default is 25 MiB."""


@dataclass(frozen=True, slots=True)
class ScanVerdict:
    """What an engine says: the name of a virus ("" for none), what it would do, its score and its symbols."""

    virus: str = ""
    action: ScanAction = ""
    score: float = 0.0
    symbols: tuple[tuple[str, float], ...] = ()

    @property
    def infected(self) -> bool:
        """Say whether there is a virus."""
        return bool(self.virus)


@dataclass(frozen=True, slots=True)
class EngineInfo:
    """What an engine tells of itself. `signatures_at`: when its signatures were made (milliseconds), 0 when unknown."""

    version: str
    signatures_at: int = 0
    tag: str = ""
    """Changes with the signatures (ICAP's ISTag): one that stays for days says that nobody updates them."""


@dataclass(frozen=True, slots=True)
class ScanEnvelope:
    """What of the way of a message an engine may want to know."""

    sender: str = ""
    recipients: tuple[str, ...] = ()
    address: str = ""
    helo: str = ""


class ScanFailed(Exception):
    """No verdict: no connection, no answer in time, or an answer that is none. The text is for the log."""


class RulesMissing(ScanFailed):
    """The library that matches rules is not on this server. The text says so in words."""


class RulesWrong(ScanFailed):
    """Rules that do not compile. The text is what the compiler says."""


class ScanRules(msgspec.Struct, frozen=True):
    """Rules of an administrator: their text, the day they were brought, and how many there are."""

    text: str
    day: str
    count: int


class RuleChecker(Protocol):
    """Compiles rules to see whether they are good."""

    async def check(self, text: str) -> int:
        """Return how many rules there are. Raises RulesMissing, RulesWrong, ScanFailed."""
        ...


Octets = Callable[[], AsyncIterator[bytes]]
"""Gives a message from its start; every call begins anew."""


class Scanner(Protocol):
    """One engine."""

    async def scan(self, size: int, octets: Octets, envelope: ScanEnvelope) -> ScanVerdict:
        """Return the verdict on a message. Raises ScanFailed; its caller bounds the time."""
        ...

    async def info(self) -> EngineInfo:
        """Return what the engine tells of itself. Raises ScanFailed."""
        ...


ScannerFactory = Callable[[EngineSettings], Scanner]
