"""What the engine tells its driver. Frozen values; mistakes of the peer are events too, never exceptions."""

from dataclasses import dataclass, field
from enum import Enum

from smartmail.proto.imap.commands import AppendHead, Command


@dataclass(frozen=True, slots=True)
class CommandReceived:
    """A command that is allowed now. Answer with untagged lines and one `finish`; until then no other comes."""

    tag: bytes
    command: Command


@dataclass(frozen=True, slots=True)
class Bad:
    """The peer made a mistake; it has been answered already (BAD, or NO where `no`). For counting and logs."""

    tag: bytes | None
    text: str
    no: bool = False


@dataclass(frozen=True, slots=True)
class Enabled:
    """These extensions were turned on and the answer is written. `implied`: by a command that uses CONDSTORE, not by
    ENABLE; when a mailbox is selected its HIGHESTMODSEQ is now due (RFC 7162 §3.1.2.1).
    """

    names: tuple[str, ...]
    implied: bool = False


@dataclass(frozen=True, slots=True)
class AppendStart:
    """A message of `size` octets is coming. Answer `accept_append`, or `finish` with NO.

    `size` is None for a message made of parts (RFC 4469): nothing is to be accepted, `AppendUrl` and `AppendText`
    follow until `AppendStop`. `index` counts the messages of one command from 0 (RFC 3502). After the last, `AppendEnd`
    asks for the answer.
    """

    tag: bytes
    message: AppendHead
    size: int | None
    index: int = 0


@dataclass(frozen=True, slots=True)
class AppendUrl:
    """The next part of the message is what the URL names. `finish` with NO when it names nothing."""

    url: str


@dataclass(frozen=True, slots=True)
class AppendText:
    """The next part of the message are `size` octets that are coming. Answer `accept_append`, or `finish` with NO."""

    size: int


@dataclass(frozen=True, slots=True)
class AppendChunk:
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class AppendStop:
    """The octets of this message are complete; the command is not yet."""


@dataclass(frozen=True, slots=True)
class AppendEnd:
    """The command is complete: store all messages or none (RFC 3502 §3), then `finish`."""

    tag: bytes


@dataclass(frozen=True, slots=True)
class AppendAbort:
    """What came of the command was refused and is answered: forget every message of it, if any had started."""

    tag: bytes
    text: str


@dataclass(frozen=True, slots=True)
class AuthResponse:
    """The decoded answer to the last `challenge`."""

    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class AuthAborted:
    """The client gave up (`*`) or sent no base64; answered."""

    text: str


@dataclass(frozen=True, slots=True)
class IdleDone:
    """DONE came: write what is due and `finish`."""


class CloseReason(Enum):
    LOGOUT = "logout"
    TOO_MANY_ERRORS = "too many errors"
    STREAM_LOST = "stream lost"
    DRIVER = "driver"


@dataclass(frozen=True, slots=True)
class Closed:
    """BYE is written (and OK for LOGOUT): flush and close the connection."""

    reason: CloseReason


Event = (
    CommandReceived
    | Bad
    | Enabled
    | AppendStart
    | AppendUrl
    | AppendText
    | AppendChunk
    | AppendStop
    | AppendEnd
    | AppendAbort
    | AuthResponse
    | AuthAborted
    | IdleDone
    | Closed
)
