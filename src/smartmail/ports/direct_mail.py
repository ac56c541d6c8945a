"""Mail that goes past our own queue: to a relay that an administrator named, for alarms about the queue itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

Securing = Literal["none", "starttls", "tls"]


@dataclass(frozen=True, slots=True)
class DirectRelay:
    """Where it goes: a host that takes mail from our address without a login. `tls`: none, STARTTLS, or TLS first; with
    TLS the host's certificate must be good for its name.
    """

    host: str
    port: int = 25
    tls: Securing = "starttls"
    to: tuple[str, ...] = ()


class DirectMail(Protocol):
    """Hands a message over at once."""

    async def hand_over(self, relay: DirectRelay, sender: str, recipients: Sequence[str], message: bytes) -> None:
        """Return when the relay has taken it for at least one recipient. Raises Unavailable."""
        ...
