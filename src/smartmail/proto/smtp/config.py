"""What a server engine offers and how much it bears. Values only."""

from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one connection, each with its reason."""

    # RFC 5321 §4.5.3.1.4: 512, plus what the extensions add: SIZE 26, 8BITMIME 17, SMTPUTF8 10 and longer paths,
    # DSN 100 (ENVID) and 528 (NOTIFY, ORCPT), AUTH 500. Rounded up.
    command_line: int = 2048
    # RFC 4954 §4: a server must take base64 lines of 12,288 octets.
    auth_line: int = 12288
    # RFC 5321 §4.5.3.1.8 demands at least 100; 1,000 is what large senders use as their batch.
    recipients: int = 1000
    # Mistakes of syntax or sequence. A correct client makes none; a port scanner makes nothing else.
    errors: int = 20
    # Commands refused by the driver (unknown addresses above all): address harvesting looks like this.
    refusals: int = 200
    # NOOP, RSET, EHLO and VRFY since the last message: a peer that only keeps the connection is not sending mail.
    idle_commands: int = 100
    # Guesses of one connection; rate limits over connections are the driver's.
    auth_failures: int = 3
    # Octets swallowed after a message was refused, so that the peer hears the answer. Beyond, it is flooding.
    swallowed: int = 64 << 20


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds a server waits for its peer (RFC 5321 §4.5.3.2)."""

    # §4.5.3.2.7: at least 5 minutes for the next command.
    command: float = 300.0
    # §4.5.3.2.5 gives the client 3 minutes for each block; we bear as long between two.
    data: float = 180.0
    # A dialog of two short lines with a program.
    auth: float = 60.0
    # After 421 or 221: time to read our last words.
    closing: float = 10.0


@dataclass(frozen=True, slots=True)
class ServerConfig:
    """One kind of listener. The same engine serves MX, submission and LMTP.

    `host` is our name in the greeting; `size` the largest message in octets (0: no bound is told or kept).
    """

    host: str
    protocol: Literal["smtp", "lmtp"] = "smtp"
    size: int = 0
    starttls: bool = False
    tls_required: bool = False
    mechanisms: tuple[str, ...] = ()
    # Submission: no MAIL without AUTH (RFC 6409 §4.3).
    auth_required: bool = False
    # PLAIN and LOGIN outside TLS show the password to the network (RFC 4954 §14). Tests and loopback only.
    auth_cleartext: bool = False
    smtputf8: bool = True
    chunking: bool = True
    dsn: bool = True
    # RFC 8689 §2: offered inside TLS only. Who offers it must pass it on, so that a listener without a queue does not.
    require_tls: bool = True
    # RFC 5321 §3.1, RFC 2920 §3.1: who talks before the greeting or behind EHLO and DATA without waiting is no
    # mail client, or a web page made to speak SMTP.
    strict_pipelining: bool = True
    limits: Limits = field(default_factory=Limits)
    timeouts: Timeouts = field(default_factory=Timeouts)

    def __post_init__(self) -> None:
        if not self.host or not self.host.isascii() or not self.host.isprintable() or " " in self.host:
            raise ValueError("host must be a domain name or an address literal")
