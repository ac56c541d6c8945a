"""The Resolver port over dnspython: one stub resolver address, bounded time, answers as plain values.

It does not validate DNSSEC. dnspython takes 0.25 s to import, so it is imported at the first question.
"""

from typing import TYPE_CHECKING, Any

from smartmail.ports.dns import DnsFailure, MxHost

if TYPE_CHECKING:
    from dns.asyncresolver import Resolver as StubResolver

LIFETIME_SECONDS = 15.0
"""For one question with all its retries; the queue tries again later."""


class DnsResolver:
    """Asks the resolver that the node file names, or the system's."""

    def __init__(self, address: str | None = None, port: int = 53) -> None:
        self._address = address
        self._port = port
        self._stub: StubResolver | None = None

    async def mx(self, domain: str) -> list[MxHost]:
        """Return MX records. Raises DnsFailure."""
        answer = await self._ask(domain, "MX")
        return [MxHost(int(row.preference), row.exchange.to_text(omit_final_dot=True).lower()) for row in answer]

    async def addresses(self, host: str) -> list[str]:
        """Return IPv6 addresses, then IPv4. Raises DnsFailure only when neither question was answered."""
        found: list[str] = []
        failures = 0
        for kind in ("AAAA", "A"):
            try:
                found += [str(row.address) for row in await self._ask(host, kind)]
            except DnsFailure:
                failures += 1
        if failures and not found:
            raise DnsFailure(host)
        return found

    async def txt(self, name: str) -> list[bytes]:
        """Return TXT records with their strings joined. Raises DnsFailure."""
        return [b"".join(row.strings) for row in await self._ask(name, "TXT")]

    async def names(self, address: str) -> list[str]:
        """Return PTR records of an address. Raises DnsFailure, also for what is no address."""
        import dns.exception
        import dns.reversename

        try:
            name = dns.reversename.from_address(address)
        except (dns.exception.DNSException, ValueError) as error:
            raise DnsFailure(f"no address: {address!r}") from error
        return [row.target.to_text(omit_final_dot=True).lower() for row in await self._ask(name.to_text(), "PTR")]

    async def _ask(self, name: str, kind: str) -> list[Any]:
        import dns.exception
        import dns.resolver

        try:
            answer = await self._resolver().resolve(name, kind, search=False, lifetime=LIFETIME_SECONDS)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return []
        except (dns.exception.DNSException, OSError, ValueError) as error:
            raise DnsFailure(f"{kind} {name}: {type(error).__name__}") from error
        return list(answer)

    def _resolver(self) -> "StubResolver":
        if self._stub is None:
            import dns.asyncresolver

            self._stub = dns.asyncresolver.Resolver(configure=self._address is None)
            if self._address is not None:
                self._stub.nameservers = [self._address]
                self._stub.port = self._port
        return self._stub
