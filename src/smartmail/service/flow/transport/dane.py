"""What a domain's hosts prove by DANE: which TLSA records hold for a host (RFC 7672 §2.2).

SECURITY  Records count only when the way to them is proven: exchangers, addresses, records. What is not proven is as if it
          were not there; what fails (a forgery, or a resolver that is down) puts the host off.
"""

from dataclasses import dataclass

from smartmail.formats.tlsa import Tlsa, usable
from smartmail.ports.dns import DnsAnswer, DnsFailure, MxHost, Resolver, SecureResolver


@dataclass(frozen=True, slots=True)
class DaneRecords:
    """Proven records of a host. `base` is the name they were found under; `names` what a trust anchor's leaf may be called.

    `demand` without `tlsa`: there are records, none of which we can use: TLS is a must, its peer unproven (§2.2).
    """

    demand: bool = False
    tlsa: tuple[Tlsa, ...] = ()
    base: str = ""
    names: tuple[str, ...] = ()


NOTHING = DaneRecords()


class Dane:
    """Asks a resolver that can tell what is proven; with any other there is no DANE."""

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver if isinstance(resolver, SecureResolver) else None

    async def exchangers(self, domain: str) -> DnsAnswer[MxHost]:
        """Return a domain's exchangers with what is proven of them. Raises DnsFailure."""
        return DnsAnswer[MxHost]() if self._resolver is None else await self._resolver.mx_answer(domain)

    async def records(self, domain: str, host: str, port: int, exchangers: DnsAnswer[MxHost]) -> DaneRecords:
        """Return the records that hold for a host of a domain. Raises DnsFailure."""
        # RFC 7672 §2.2.1: exchangers that are not proven could be anybody's, and so could their records.
        if self._resolver is None or (exchangers.rows and not exchangers.secure):
            return NOTHING
        addresses = await self._resolver.address_answer(host)
        # §2.2.2: no question for records of an unproven zone; some servers there do not answer it at all.
        bases = [addresses.name] if addresses.secure else []
        if addresses.alias_secure and host not in bases:
            bases.append(host)
        for base in bases:
            answer = await self._resolver.tlsa_answer(f"_{port}._tcp.{base}")
            if answer.secure and answer.rows:
                # §3.2.2: the base, the domain that mail is for, and what an alias of that domain stands for.
                names = dict.fromkeys((base, domain, exchangers.name or domain))
                return DaneRecords(True, usable(answer.rows), base, tuple(names))
        return NOTHING


__all__ = ["NOTHING", "Dane", "DaneRecords", "DnsFailure"]
