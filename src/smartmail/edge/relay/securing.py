"""Opens a connection to a host on the terms that hold for it, and tells what came of it.

STRATEGIES  With a demand: by the terms or not at all. In testing (MTA-STS): by the terms, and when they are not met it is
            counted and mail goes as it would without. Without a demand: TLS where it works, else in clear (RFC 7435).
FAILURE     `Unsecured` says whether it is final for the sender, and by which enhanced code.
STANDARDS   RFC 7672, RFC 8461, RFC 8689, RFC 8460 §4.3.
"""

from dataclasses import replace
from typing import Literal

from smartmail.base import log
from smartmail.domain.transport import HostTerms, Needs
from smartmail.edge.relay.connection import ConnectFailed, Connection, Terms, TlsFailed
from smartmail.formats.address import split_address
from smartmail.formats.headers import Header
from smartmail.formats.report import end_of_header
from smartmail.service.catalogue import Services
from smartmail.service.flow.queue import Work
from smartmail.service.flow.routing import Host, Route

HEADER_OCTETS = 65_536
_WHO = {
    "dane": "DANE records of the domain", "sts": "the domain's MTA-STS policy", "partner": "a rule for this partner",
    "requiretls": "the sender (REQUIRETLS)", "smarthost": "the route",
}  # fmt: skip


class Unsecured(ConnectFailed):
    """A host that may not be used: it does not prove what is demanded."""

    def __init__(self, text: str, enhanced: str) -> None:
        super().__init__(text)
        self.enhanced = enhanced
        self.permanent = enhanced.startswith("5")


class Securing:
    """Makes connections for the relay."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def open(self, work: Work, host: Host, address: str, base: Terms, terms: HostTerms) -> Connection:
        """Return a connection that meets what is demanded; `base` is what else to speak by. Raises ConnectFailed."""
        if terms.refusal:
            await self._note(work, terms, host, address, terms.refusal)
            if not terms.testing:
                raise _unsecured(terms, host, terms.reason, terms.refusal)
            terms = relaxed(terms)
        try:
            connection = await Connection.open(replace(base, security=terms), host.host, address, host.port)
        except TlsFailed as error:
            await self._note(work, terms, host, address, error.result)
            if terms.demand and not terms.testing:
                raise _unsecured(terms, host, str(error), error.result) from error
            return await self._otherwise(terms, host, address, base)
        await self._note(work, terms, host, address, "" if connection.tls else "starttls-not-supported")
        return connection

    async def _otherwise(self, terms: HostTerms, host: Host, address: str, base: Terms) -> Connection:
        """Open without proof, then in clear."""
        if terms.verifies:
            try:
                loose = replace(base, security=relaxed(terms))
                return await Connection.open(loose, host.host, address, host.port)
            except TlsFailed:
                pass
        return await Connection.open(replace(base, use_tls=False), host.host, address, host.port)

    async def terms(self, work: Work, route: Route, host: Host, address: str) -> HostTerms:
        """Return what a connection for this message must fulfil."""
        needs = Needs(require=work.envelope.require_tls)
        transport, domain = self._services.transport, _domain(work, route)
        terms = await transport.terms(domain, route, host, needs, address=address)
        # The header is read only where its wish would change something.
        if terms.kind in {"dane", "sts"} and not needs.require and await self._waives(work):
            return await transport.terms(domain, route, host, Needs(waive=True), address=address)
        return terms

    async def _waives(self, work: Work) -> bool:
        """RFC 8689 §5: the header field TLS-Required: No."""
        size = min(self._services.queue.size(work), HEADER_OCTETS)
        head = await self._services.queue.octets(work, 0, size)
        found = Header(head[: end_of_header(head)]).first("tls-required") or b""
        return found.strip().lower() == b"no"

    async def _note(self, work: Work, terms: HostTerms, host: Host, address: str, result: str) -> None:
        entry = work.lease.entry.id
        if terms.report is not None:
            try:
                await self._services.transport.note(terms.report, host.host, address, result)
            except (
                Exception
            ) as error:  # a count for others' reports: neither mail nor an open connection is lost for it
                log.event("queue.failed", entry=entry, error=type(error).__name__, detail=str(error)[:200])
        if result:
            log.event(
                "transport.failed", entry=entry, domain=work.domain, host=host.host, kind=terms.kind, result=result
            )


def _domain(work: Work, route: Route) -> str:
    """Return the domain that mail is for: on a way that somebody named, a queue's destination may be no domain."""
    return work.domain if route.exchangers else split_address(work.recipients[0][1].address)[1]


def relaxed(terms: HostTerms) -> HostTerms:
    """Return the terms without what must be proved."""
    return HostTerms(server_name=terms.server_name, minimum=terms.minimum, report=terms.report)


def _unsecured(terms: HostTerms, host: Host, reason: str, result: str) -> Unsecured:
    lasting = terms.final and result != "dnssec-invalid"
    status: Literal["5", "4"] = "5" if lasting else "4"
    # RFC 8689 §7 (X.7.30); RFC 3463 §3.8: X.7.4 not supported, X.7.5 a proof that does not hold.
    detail = "7.30" if terms.kind == "requiretls" else "7.4" if result == "starttls-not-supported" else "7.5"
    text = f"{host.host} may not get this message: {reason}; secure transport is demanded by {_WHO.get(terms.kind, '')}"
    return Unsecured(text, f"{status}.{detail}")
