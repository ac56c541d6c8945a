"""What a run decided: actions in the order of the script, and how it came to them. Plain values; nothing is done here."""

from dataclasses import dataclass, field
from typing import Final

from smartmail.proto.sieve.problems import Problem

ORIGINAL: Final = 0
"""Edition of the message as it came; each change by editheader, replace or enclose that an action sees is one more."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a copy goes: a mailbox by name, or by special use or id where such a mailbox exists; `create` it else."""

    mailbox: str
    create: bool = False
    special_use: str = ""
    mailbox_id: str = ""


INBOX: Final = Place("INBOX")


@dataclass(frozen=True, slots=True)
class Store:
    """keep and fileinto, and the implicit keep. Flags are IMAP's, such as `\\Seen` or `$Label1`."""

    place: Place
    flags: tuple[str, ...] = ()
    edition: int = ORIGINAL
    implicit: bool = False


@dataclass(frozen=True, slots=True)
class Redirect:
    """RFC 5228 §4.2. `to_list`: the address names an external list (RFC 6134 §2.3)."""

    address: str
    edition: int = ORIGINAL
    to_list: bool = False


@dataclass(frozen=True, slots=True)
class Reject:
    """RFC 5429. `in_protocol`: ereject, which must not send a report while the dialog can still say no."""

    reason: str
    in_protocol: bool


@dataclass(frozen=True, slots=True)
class Fcc:
    """RFC 8580: a copy of what is sent."""

    place: Place
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reply:
    """The vacation action (RFC 5230): whether it is sent at all is decided by whoever carries it out.

    `period` in seconds, 0 answers every message. `handle` tells replies apart.
    """

    reason: str
    period: int
    handle: str
    subject: str = ""
    from_: str = ""
    addresses: tuple[str, ...] = ()
    mime: bool = False
    fcc: Fcc | None = None


@dataclass(frozen=True, slots=True)
class Notify:
    """RFC 5435 with mailto (RFC 5436). `importance` 1 high, 2 normal, 3 low."""

    method: str
    message: str = ""
    from_: str = ""
    importance: int = 2
    options: tuple[str, ...] = ()
    fcc: Fcc | None = None


@dataclass(frozen=True, slots=True)
class Remember:
    """A key of the duplicate test (RFC 7352), to be noted once the message is delivered."""

    key: str
    seconds: int


Action = Store | Redirect | Reject | Reply | Notify


@dataclass(frozen=True, slots=True)
class Edition:
    """A changed message: its octets, and behind them those of the original from offset `rest` on, if not None."""

    octets: bytes
    rest: int | None


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the explanation: a test with its answer, or an action."""

    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """The whole result. `editions[n - 1]` is edition n. No action at all means discard.

    With `problem` the script did not run to its end: the actions are the one implicit keep.
    """

    actions: tuple[Action, ...]
    editions: tuple[Edition, ...] = ()
    remembered: tuple[Remember, ...] = ()
    problem: Problem | None = None
    steps: tuple[Step, ...] = ()
    cost: int = 0
    variables: dict[str, str] = field(default_factory=dict)
