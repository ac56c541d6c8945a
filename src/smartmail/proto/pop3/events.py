"""What the engine tells its driver. Each of `ASKS` stops the dialog until the driver has answered it."""

from dataclasses import dataclass, field
from typing import Final


@dataclass(frozen=True, slots=True)
class Login:
    """USER and PASS. Answer: `open_maildrop` or `refuse`."""

    name: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Authenticate:
    """AUTH with a mechanism and perhaps an initial response, decoded. Answer: `challenge`, `open_maildrop`, `refuse`."""

    mechanism: str
    initial: bytes | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class AuthResponse:
    """The answer to a challenge, decoded. Answer as for Authenticate."""

    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class AuthAborted:
    """The client gave an exchange up, or what it sent is no base64. The engine has answered."""


@dataclass(frozen=True, slots=True)
class StartTls:
    """STLS. Answer: `begin_tls`, then the handshake. `dropped` octets came behind it in clear and are forgotten."""

    dropped: int


@dataclass(frozen=True, slots=True)
class Retrieve:
    """RETR or TOP: message `number`, from 1. Answer: `start_message` … `end_message`, or `refuse`.

    `whole` False: TOP, which looks at a message and does not read it. `content` False: of the header alone (TOP with 0).
    """

    number: int
    whole: bool = True
    content: bool = True


@dataclass(frozen=True, slots=True)
class Quit:
    """QUIT after login: remove `deleted`, ascending numbers from 1. Answer: `finish` or `refuse`."""

    deleted: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Violation:
    """The client did something wrong and was told so."""

    reply: str


@dataclass(frozen=True, slots=True)
class Closed:
    """The dialog has ended: close the connection when all is sent."""


Event = Login | Authenticate | AuthResponse | AuthAborted | StartTls | Retrieve | Quit | Violation | Closed
ASKS: Final = (Login, Authenticate, AuthResponse, StartTls, Retrieve, Quit)
