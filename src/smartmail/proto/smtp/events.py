"""What the server engine tells its driver. Frozen values in the words of RFC 5321.

Some events wait for `ServerEngine.send` (ASKS names them); the others are told after the engine acted or answered.
"""

from dataclasses import dataclass, field
from typing import Final

from smartmail.proto.smtp.path import Path
from smartmail.proto.smtp.reply import Reply


@dataclass(frozen=True, slots=True)
class Connected:
    """The first event. Asks: 220 greets, 554 refuses service but lets the peer QUIT (RFC 5321 §3.1), 421 closes."""


@dataclass(frozen=True, slots=True)
class Hello:
    """EHLO, HELO or LHLO. Asks. A positive answer aborts an open transaction; the engine adds the keywords."""

    name: str
    esmtp: bool


@dataclass(frozen=True, slots=True)
class Mail:
    """MAIL. Asks. `size` 0 and "" elsewhere mean that the parameter was not given.

    `body` is 7BIT or 8BITMIME, `ret` FULL or HDRS; `envid` and `auth` are decoded, `auth` is "<>" for nobody.
    """

    path: Path
    size: int = 0
    body: str = ""
    smtputf8: bool = False
    ret: str = ""
    envid: str = ""
    auth: str = ""
    require_tls: bool = False


@dataclass(frozen=True, slots=True)
class Rcpt:
    """RCPT. Asks. `notify` holds NEVER or some of SUCCESS, FAILURE, DELAY; empty when not given.

    `orcpt` is "type;address", decoded.
    """

    path: Path
    notify: frozenset[str] = frozenset()
    orcpt: str = ""


@dataclass(frozen=True, slots=True)
class DataStart:
    """The message is about to come, by DATA or by BDAT. Asks: a positive answer lets it in (354 for DATA, silence
    for BDAT); a refusal of BDAT still swallows its octets.
    """

    chunking: bool = False


@dataclass(frozen=True, slots=True)
class Chunk:
    """Octets of the message: CRLF line ends, no stuffed dots, never a bare CR or LF."""

    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class DataEnd:
    """The message is whole. Asks: the answer to SMTP by `send`, to LMTP by `send_each`."""

    size: int


@dataclass(frozen=True, slots=True)
class DataRejected:
    """What came of this message is to be thrown away; the engine answers `reply` when its end is read."""

    reply: Reply


@dataclass(frozen=True, slots=True)
class Reset:
    """The transaction is over without a message; answered."""


@dataclass(frozen=True, slots=True)
class StartTls:
    """STARTTLS. Asks. `injected` counts plaintext octets that came behind it and were thrown away (an attack).

    Pause reading before the go-ahead is written, make the handshake, then call `tls_started`.
    """

    injected: int = 0


@dataclass(frozen=True, slots=True)
class Auth:
    """Credentials to be verified. Asks: 235 logs in, all else refuses. `authzid` is "" when it equals `authcid`."""

    mechanism: str
    authzid: str
    authcid: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class AuthStep:
    """A response for a mechanism that the driver runs; None: AUTH came without an initial one. `begins` a new exchange:
    an older one was cancelled. Asks: `challenge` goes on, 235 logs in, all else refuses.
    """

    mechanism: str
    response: bytes | None = field(repr=False)
    begins: bool = False


@dataclass(frozen=True, slots=True)
class Quit:
    """The peer took its leave; answered. Write what is left, then close."""


@dataclass(frozen=True, slots=True)
class Violation:
    """The engine refused something by itself; `reply` is already on its way. 421 means that it also closed."""

    reply: Reply


Event = (
    Connected
    | Hello
    | Mail
    | Rcpt
    | DataStart
    | Chunk
    | DataEnd
    | DataRejected
    | Reset
    | StartTls
    | Auth
    | AuthStep
    | Quit
    | Violation
)

ASKS: Final = (Connected, Hello, Mail, Rcpt, DataStart, DataEnd, StartTls, Auth, AuthStep)
