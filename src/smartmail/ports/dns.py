"""DNS as mail routing needs it."""

from dataclasses import dataclass
from typing import Protocol


class DnsFailure(Exception):
    """The resolver did not give an answer (SERVFAIL, time-out): try again later."""


@dataclass(frozen=True, slots=True)
class MxHost:
    """One exchanger of a domain (RFC 5321 §5.1)."""

    preference: int
    host: str


class Resolver(Protocol):
    """Empty answers are empty lists; NXDOMAIN too. Only failures raise."""

    async def mx(self, domain: str) -> list[MxHost]:
        """Return MX records, unsorted. A null MX (RFC 7505) is one record with host ''."""
        ...

    async def addresses(self, host: str) -> list[str]:
        """Return IPv6 and IPv4 addresses as text."""
        ...

    async def txt(self, name: str) -> list[bytes]:
        """Return TXT records, each with its strings joined."""
        ...

    async def names(self, address: str) -> list[str]:
        """Return the names that an address claims (PTR), in lower case, without the last dot."""
        ...
