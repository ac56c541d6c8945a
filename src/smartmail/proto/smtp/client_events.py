"""What the client engine is given and what it tells: envelope, capabilities, results, events. Frozen values."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from smartmail.proto.smtp.path import Path
from smartmail.proto.smtp.reply import Reply


@dataclass(frozen=True, slots=True)
class ClientTimeouts:
    """Seconds to wait for the peer: RFC 5321 §4.5.3.2.1 to §4.5.3.2.6, the least a client should grant."""

    greeting: float = 300.0
    # Hello, STARTTLS, AUTH, RSET, MAIL (§4.5.3.2.2) and RCPT (§4.5.3.2.3).
    command: float = 300.0
    data_start: float = 120.0
    data_block: float = 180.0
    # §4.5.3.2.6: the receiver may be filing the message away; giving up early makes doubles (RFC 1047).
    data_end: float = 600.0
    # Nothing is at stake any more.
    quit: float = 10.0


@dataclass(frozen=True, slots=True)
class ClientConfig:
    """`host` is our name in the hello. `auth_cleartext` allows passwords outside TLS (tests and loopback only)."""

    host: str
    protocol: Literal["smtp", "lmtp"] = "smtp"
    pipelining: bool = True
    auth_cleartext: bool = False
    timeouts: ClientTimeouts = field(default_factory=ClientTimeouts)


@dataclass(frozen=True, slots=True)
class Recipient:
    """A forward-path with its DSN parameters (RFC 3461); `orcpt` is "type;address", decoded."""

    path: Path
    notify: frozenset[str] = frozenset()
    orcpt: str = ""


@dataclass(frozen=True, slots=True)
class Envelope:
    """A transaction to be made. `size` in octets (0 unknown); `eightbit`: the content holds octets above 127.

    `require_tls` asks for REQUIRETLS (RFC 8689): a peer without it, or a wire in clear, does not get the message.
    Other parameters go out only where the peer offers their extension. Content with octets above 127 is sent to peers
    without 8BITMIME too, as all large senders do; who wants a downgrade asks `Capabilities` before.
    """

    reverse_path: Path
    recipients: tuple[Recipient, ...]
    size: int = 0
    eightbit: bool = False
    smtputf8: bool = False
    ret: str = ""
    envid: str = ""
    require_tls: bool = False

    @property
    def needs_smtputf8(self) -> bool:
        """True when content or a path needs RFC 6531; the whole transaction then fails at a peer without it."""
        paths = (self.reverse_path, *(recipient.path for recipient in self.recipients))
        return self.smtputf8 or not all(path.is_ascii for path in paths)


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What the peer offered. `keywords` in upper case with their parameters; empty after HELO."""

    esmtp: bool = False
    keywords: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def has(self, keyword: str) -> bool:
        return keyword in self.keywords

    @property
    def size(self) -> int:
        """The largest message in octets, 0 when not told (RFC 1870 §4)."""
        words = self.keywords.get("SIZE", ())
        return int(words[0]) if words and words[0].isascii() and words[0].isdigit() and len(words[0]) <= 20 else 0

    @property
    def mechanisms(self) -> tuple[str, ...]:
        return self.keywords.get("AUTH", ())


class Phase(StrEnum):
    """Which step decided about a recipient."""

    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"
    # After the last dot: a lost connection leaves open whether the message was taken (RFC 1047).
    END = "end"


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one recipient. `local` is true when the peer did not say it: we concluded it."""

    reply: Reply
    phase: Phase
    local: bool = False

    @property
    def delivered(self) -> bool:
        return self.phase is Phase.END and 200 <= self.reply.code < 300


@dataclass(frozen=True, slots=True)
class Ready:
    """The hello was accepted: `starttls`, `login`, `send_message` or `quit` may follow."""

    capabilities: Capabilities


@dataclass(frozen=True, slots=True)
class TlsGo:
    """Make the handshake, then call `tls_started`; Ready comes again."""


@dataclass(frozen=True, slots=True)
class TlsRefused:
    """The peer offered STARTTLS and did not keep it; the dialog may go on in plaintext if policy allows."""

    reply: Reply


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """The peer knows us now."""

    reply: Reply


@dataclass(frozen=True, slots=True)
class LoginRefused:
    """The peer, or we for it, refused the login."""

    reply: Reply


@dataclass(frozen=True, slots=True)
class DataWanted:
    """At least one recipient was accepted: give content by `send_data`, then `end_data`."""

    accepted: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Done:
    """The transaction is over: one result for each recipient, in the order of the envelope."""

    results: tuple[Result, ...]


@dataclass(frozen=True, slots=True)
class Failed:
    """The dialog is over before its end; close the connection. `reply` is the peer's, if it gave one."""

    reason: str
    reply: Reply | None = None


@dataclass(frozen=True, slots=True)
class Goodbye:
    """QUIT was answered; close the connection."""


ClientEvent = Ready | TlsGo | TlsRefused | LoggedIn | LoginRefused | DataWanted | Done | Failed | Goodbye
