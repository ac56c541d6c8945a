"""What the engine tells its driver. Each of `ASKS` stops the dialog until the driver has answered it."""

from dataclasses import dataclass, field
from typing import Final


@dataclass(frozen=True, slots=True)
class StartTls:
    """STARTTLS. Answer: `begin_tls`, then the handshake. `dropped` octets came behind it in clear and are forgotten."""

    dropped: int


@dataclass(frozen=True, slots=True)
class Authenticate:
    """AUTHENTICATE; `initial` is decoded, None without one. Answer: `challenge`, `authenticated` or `refuse`."""

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
class Unauthenticate:
    """UNAUTHENTICATE: forget who it is. Answer: `unauthenticated`."""


@dataclass(frozen=True, slots=True)
class HaveSpace:
    """HAVESPACE: would a script of this name and size be kept? Answer: `accept` or `refuse`."""

    name: str
    size: int


@dataclass(frozen=True, slots=True)
class PutScript:
    """PUTSCRIPT. Answer: `accept` or `refuse`."""

    name: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class CheckScript:
    """CHECKSCRIPT: judge it, keep nothing. Answer: `accept` or `refuse`."""

    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class ListScripts:
    """LISTSCRIPTS. Answer: `list_scripts` or `refuse`."""


@dataclass(frozen=True, slots=True)
class GetScript:
    """GETSCRIPT. Answer: `send_script` or `refuse`."""

    name: str


@dataclass(frozen=True, slots=True)
class SetActive:
    """SETACTIVE; the empty name stands for none. Answer: `accept` or `refuse`."""

    name: str


@dataclass(frozen=True, slots=True)
class DeleteScript:
    """DELETESCRIPT. Answer: `accept` or `refuse`."""

    name: str


@dataclass(frozen=True, slots=True)
class RenameScript:
    """RENAMESCRIPT. Answer: `accept` or `refuse`."""

    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Violation:
    """The client did something wrong and was told so."""

    reply: str


@dataclass(frozen=True, slots=True)
class Closed:
    """The dialog has ended: close the connection when all is sent."""


Work = HaveSpace | PutScript | CheckScript | ListScripts | GetScript | SetActive | DeleteScript | RenameScript
"""What needs a login, and is answered by services."""
Event = StartTls | Authenticate | AuthResponse | AuthAborted | Unauthenticate | Work | Violation | Closed
ASKS: Final = (
    StartTls, Authenticate, AuthResponse, Unauthenticate, HaveSpace, PutScript, CheckScript, ListScripts, GetScript,
    SetActive, DeleteScript, RenameScript,
)  # fmt: skip
