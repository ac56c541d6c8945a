"""The Resolver ports over dnspython: one stub resolver address, bounded time, answers as plain values.

SECURITY  It validates nothing itself: what DNSSEC proves is the AD flag of a resolver that may be believed (RFC 4035 §4.9.3,
          RFC 7672 §2.1): one on this machine's loopback, or one that the node file calls trusted, because anyone on the
          way to another could set that flag. A validating resolver answers a forgery with SERVFAIL, which is DnsFailure.
LIMITS    Answers are kept as long as their TTL allows, one hour at most, 10,000 of them.
dnspython takes 0.25 s to import, so it is imported at the first question.
"""

import ipaddress
from typing import TYPE_CHECKING, Any

from smartmail.adapters.dns.answers import ABSENT_AGE, Answer, AnswerCache
from smartmail.formats.tlsa import Tlsa
from smartmail.ports.dns import DnsAnswer, DnsFailure, MxHost, ServiceHost

if TYPE_CHECKING:
    from dns.asyncresolver import Resolver as StubResolver

LIFETIME_SECONDS = 15.0
"""For one question with all its retries; the queue tries again later."""
_PAYLOAD = 1232
"""Octets of an answer over UDP that no network cuts into pieces."""


class DnsResolver:
    """Asks the resolver that the node file names, or the system's. `trusted` None: believed when it is on loopback."""

    def __init__(
        self,
        address: str | None = None,
        port: int = 53,
        *,
        trusted: bool | None = None,
        cache: AnswerCache | None = None,
    ) -> None:
        self._address = address
        self._port = port
        self._trusted = trusted
        self._cache = cache or AnswerCache()
        self._stub: StubResolver | None = None
        self._believed = False

    async def mx(self, domain: str) -> list[MxHost]:
        """Return MX records. Raises DnsFailure."""
        return list((await self.mx_answer(domain)).rows)

    async def mx_answer(self, domain: str) -> DnsAnswer[MxHost]:
        """Return MX records with what is proven of them. Raises DnsFailure."""
        found = await self._ask(domain, "MX")
        rows = tuple(MxHost(int(row.preference), _text(row.exchange)) for row in found.rows)
        return DnsAnswer(rows, found.secure, found.name, found.secure)

    async def addresses(self, host: str) -> list[str]:
        """Return IPv6 addresses, then IPv4. Raises DnsFailure only when neither question was answered."""
        found: list[str] = []
        failures = 0
        for kind in ("AAAA", "A"):
            try:
                found += [str(row.address) for row in (await self._ask(host, kind)).rows]
            except DnsFailure:
                failures += 1
        if failures and not found:
            raise DnsFailure(host)
        return found

    async def address_answer(self, host: str) -> DnsAnswer[str]:
        """Return addresses with what is proven of them. Raises DnsFailure when a question fails in a zone that is proven.

        Where the other answer is not proven, the zone is not: a server that cannot answer for IPv6 is no attack there.
        """
        answers, failure = await self._both(host)
        if failure is not None and (not answers or answers[0].secure):
            raise failure
        rows = tuple(str(row.address) for answer in answers for row in answer.rows)
        secure = all(answer.secure for answer in answers)
        name = answers[-1].name
        alias = secure or (name != _plain(host) and (await self._ask(host, "CNAME")).secure)
        return DnsAnswer(rows, secure, name, alias)

    async def _both(self, host: str) -> tuple[list[Answer], DnsFailure | None]:
        answers, failure = [], None
        for kind in ("AAAA", "A"):
            try:
                answers.append(await self._ask(host, kind))
            except DnsFailure as error:
                failure = error
        return answers, failure

    async def tlsa_answer(self, name: str) -> DnsAnswer[Tlsa]:
        """Return TLSA records. Raises DnsFailure."""
        found = await self._ask(name, "TLSA")
        rows = tuple(Tlsa(int(row.usage), int(row.selector), int(row.mtype), bytes(row.cert)) for row in found.rows)
        return DnsAnswer(rows, found.secure, found.name, found.secure)

    async def txt(self, name: str) -> list[bytes]:
        """Return TXT records with their strings joined. Raises DnsFailure."""
        return [b"".join(row.strings) for row in (await self._ask(name, "TXT")).rows]

    async def srv(self, name: str) -> list[ServiceHost]:
        """Return SRV records. Raises DnsFailure."""
        return [ServiceHost(int(row.port), _text(row.target)) for row in (await self._ask(name, "SRV")).rows]

    async def names(self, address: str) -> list[str]:
        """Return PTR records of an address. Raises DnsFailure, also for what is no address."""
        import dns.exception
        import dns.reversename

        try:
            name = dns.reversename.from_address(address)
        except (dns.exception.DNSException, ValueError) as error:
            raise DnsFailure(f"no address: {address!r}") from error
        return [_text(row.target) for row in (await self._ask(name.to_text(), "PTR")).rows]

    async def _ask(self, name: str, kind: str) -> Answer:
        name = _plain(name)
        known = self._cache.get(name, kind)
        if known is None:
            known = await self._question(name, kind)
            self._cache.put(name, kind, known)
        return known

    async def _question(self, name: str, kind: str) -> Answer:
        import dns.exception
        import dns.resolver

        try:
            answer = await self._resolver().resolve(
                f"{name}.", kind, search=False, lifetime=LIFETIME_SECONDS, raise_on_no_answer=False
            )
        except dns.resolver.NXDOMAIN as error:
            responses = list(error.responses().values())  # type: ignore[no-untyped-call]
            return Answer((), bool(responses) and self._proven(responses[-1]), name, ABSENT_AGE)
        except (dns.exception.DNSException, OSError, ValueError) as error:
            raise DnsFailure(f"{kind} {name}: {type(error).__name__}") from error
        rows = tuple(answer.rrset or ())
        ttl = float(answer.chaining_result.minimum_ttl)
        return Answer(
            rows, self._proven(answer.response), _text(answer.canonical_name), ttl if rows else min(ttl, ABSENT_AGE)
        )

    def _proven(self, response: Any) -> bool:
        import dns.flags

        return self._believed and bool(response.flags & dns.flags.AD)

    def _resolver(self) -> "StubResolver":
        if self._stub is None:
            import dns.asyncresolver
            import dns.flags

            stub = dns.asyncresolver.Resolver(configure=self._address is None)
            if self._address is not None:
                stub.nameservers = [self._address]
                stub.port = self._port
            # DO: without it no resolver need set AD (RFC 4035 §3.2.3, RFC 6840 §5.7).
            stub.use_edns(0, dns.flags.DO, _PAYLOAD)
            stub.flags = dns.flags.RD | dns.flags.AD
            self._believed = self._may_believe([str(one) for one in stub.nameservers])
            self._stub = stub
        return self._stub

    def _may_believe(self, servers: list[str]) -> bool:
        if self._trusted is not None:
            return self._trusted
        return bool(servers) and all(map(_is_loopback, servers))


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def _plain(name: str) -> str:
    return name.lower().rstrip(".")


def _text(name: Any) -> str:
    text: str = name.to_text(omit_final_dot=True).lower()
    return "" if text == "." else text
