"""DNS as mail routing and transport security need it."""

from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar, runtime_checkable

from smartmail.formats.tlsa import Tlsa

T = TypeVar("T")


class DnsFailure(Exception):
    """The resolver did not give an answer (SERVFAIL, time-out, DNSSEC that does not hold): try again later."""


@dataclass(frozen=True, slots=True)
class MxHost:
    """One exchanger of a domain (RFC 5321 §5.1)."""

    preference: int
    host: str


@dataclass(frozen=True, slots=True)
class ServiceHost:
    """Where a service is (an SRV record). `host` "": the domain does not have it."""

    port: int
    host: str


@dataclass(frozen=True, slots=True)
class DnsAnswer(Generic[T]):
    """Rows with what DNSSEC says of them.

    `secure`: proven from the root down, all CNAMEs on the way too. `name`: what the asked name finally stands for.
    `alias_secure`: the asked name itself lies in a proven zone, whatever it leads to (RFC 7672 §2.2.2).
    """

    rows: tuple[T, ...] = ()
    secure: bool = False
    name: str = ""
    alias_secure: bool = False


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


@runtime_checkable
class ServiceResolver(Protocol):
    """A resolver that knows SRV records. Who asks another one is not told of them."""

    async def srv(self, name: str) -> list[ServiceHost]:
        """Return SRV records. Raises DnsFailure."""
        ...


@runtime_checkable
class SecureResolver(Protocol):
    """A resolver that tells what DNSSEC proves. Who asks another one gets no DANE. All raise DnsFailure."""

    async def mx_answer(self, domain: str) -> DnsAnswer[MxHost]:
        """Return MX records with what is proven of them."""
        ...

    async def address_answer(self, host: str) -> DnsAnswer[str]:
        """Return addresses with what is proven of them: secure only when both kinds are."""
        ...

    async def tlsa_answer(self, name: str) -> DnsAnswer[Tlsa]:
        """Return TLSA records of a full name such as _25._tcp.mx.example."""
        ...
