"""Carries one piece of work to the hosts of a route: a connection that waits or a new one, results for each recipient.

Hosts are tried in the order of the route, those that failed lately last. Another host is tried as long as the message
cannot have been taken; after the last dot a lost answer is final for this attempt (RFC 1047, RFC 5321 §6.1).
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace

from smartmail.domain.transport import TlsUse
from smartmail.edge.relay.connection import ConnectFailed, Connection, Terms
from smartmail.edge.relay.destinations import Destinations
from smartmail.edge.relay.pool import Pool, Pooled
from smartmail.edge.relay.securing import Securing, Unsecured
from smartmail.formats.reply_causes import explain
from smartmail.proto.smtp.client_events import ClientConfig, Envelope, Phase, Recipient, Result
from smartmail.proto.smtp.path import path_of
from smartmail.service.catalogue import Services
from smartmail.service.flow.queue_work import CHUNK_OCTETS, Outcome, Work
from smartmail.service.flow.routing import Host, Route
from smartmail.service.kernel.envelope import Result as KeptResult

ATTEMPT_SECONDS = 3600.0
SLOWEST = 4096
"""Octets per second below which a transfer is given up, beyond the time that every attempt has."""


@dataclass(frozen=True, slots=True)
class Carried:
    """What came of it. `reached`: the destination answered for itself; `crowded`: it said that it has too much of us."""

    outcomes: list[Outcome]
    reached: bool
    crowded: bool = False


class _Stalled(Exception):
    """A transfer took longer than is waited for; perhaps the host took the message all the same."""


class Lapsed(Exception):
    """This node was silent for so long that another one may be at this message: its end is not given here."""


@dataclass(slots=True)
class _Tried:
    """What hosts that did not take the message said."""

    reasons: list[str]
    unsecured: list[Unsecured]
    last: list[Outcome] | None = None


class Carrier:
    """Sends what leaves this house."""

    def __init__(
        self,
        services: Services,
        config: ClientConfig,
        destinations: Destinations,
        now: Callable[[], float],
        term: Callable[[], int] = lambda: 0,
    ) -> None:
        self._services = services
        self._config = config
        self._destinations = destinations
        self._now = now
        self._term = term
        self._securing = Securing(services)
        self.pool = Pool(now)

    async def carry(self, work: Work, route: Route, source: str, term: int = 0) -> Carried:
        """Give the message to the first host that takes it. `term`: that in which it was leased. Raises Lapsed."""
        tried = _Tried([], [])
        terms = Terms(self._config, username=route.username, password=route.password, source=source)
        prefix = await self._services.signing.prefix(work)
        for host, address in await self._places(route, tried):
            try:
                done = await self._at(work, route, host, address, terms, prefix, tried, term)
            except _Stalled:
                # Nobody knows how far the host came: another one would perhaps make it a second copy.
                result = KeptResult(0, "4.4.2", f"{host.host}: the transfer took too long")
                return Carried(everyone(work, "temporary", result), reached=True)
            if done is not None:
                return done
        if tried.last is not None:
            return Carried(tried.last, reached=False, crowded=True)
        if tried.unsecured:
            last = tried.unsecured[-1]
            kind = "permanent" if last.permanent else "temporary"
            return Carried(everyone(work, kind, KeptResult(0, last.enhanced, str(last))), reached=True)
        reason = tried.reasons[-1] if tried.reasons else "no host could be reached"
        return Carried(
            everyone(work, "temporary", KeptResult(0, "4.4.1", reason[:500]), destination=True), reached=False
        )

    async def _places(self, route: Route, tried: _Tried) -> list[tuple[Host, str]]:
        found = [(host, address) for host in route.hosts for address in await self._addresses(host, tried)]
        return sorted(found, key=lambda place: self._destinations.host_dead(f"{place[1]}:{place[0].port}"))

    async def _addresses(self, host: Host, tried: _Tried) -> list[str]:
        try:
            return await self._services.routing.addresses(host.host)
        except Exception as error:  # DnsFailure belongs to a port that the edge must not name
            tried.reasons.append(f"{host.host}: no address ({type(error).__name__})")
            return []

    async def _at(
        self, work: Work, route: Route, host: Host, address: str, terms: Terms, prefix: bytes, tried: _Tried, term: int
    ) -> Carried | None:
        """Try one place; None when another may be tried."""
        demands = await self._securing.terms(work, route, host, address)
        key = (host.host, address, host.port, replace(terms, security=demands))
        pooled = None if demands.refusal else self.pool.take(key)
        if pooled is not None:
            results = await self._send(pooled.connection, work, prefix, term)
            if not (results and all(_left(one) and one.phase is Phase.MAIL for one in results)):
                return self._judge(work, pooled, host, results, tried)
            # It was closed while it waited; nothing was said yet, a new one begins from the start.
            pooled.connection.abort()
        place = f"{address}:{host.port}"
        try:
            connection = await self._securing.open(work, host, address, terms, demands)
        except ConnectFailed as error:
            tried.reasons.append(str(error))
            if isinstance(error, Unsecured):
                tried.unsecured.append(error)
            else:
                self._destinations.host_failed(place)
            return None
        self._destinations.host_works(place)
        results = await self._send(connection, work, prefix, term)
        return self._judge(work, Pooled(key, connection, self._now()), host, results, tried)

    async def _send(self, connection: Connection, work: Work, prefix: bytes, term: int) -> tuple[Result, ...]:
        """Give the message; return results, none where the dialog did not come so far. Raises _Stalled, Lapsed."""
        seconds = ATTEMPT_SECONDS + self._services.queue.size(work) / SLOWEST
        try:
            async with asyncio.timeout(seconds):
                return await connection.send(self._envelope(work, prefix), self._content(work, prefix, term))
        except TimeoutError:
            connection.abort()
            raise _Stalled from None
        except BaseException:
            connection.abort()
            raise

    def _judge(
        self, work: Work, pooled: Pooled, host: Host, results: tuple[Result, ...], tried: _Tried
    ) -> Carried | None:
        connection = pooled.connection
        use, reports = connection.use, connection.reports
        if results and connection.idle:
            self.pool.put(pooled)
        else:
            connection.abort()
        if not results:
            tried.reasons.append(f"{host.host}: no result")
            return None
        outcomes = _outcomes(work, results, host.host, use, reports=reports)
        closed = [one for one in results if _left(one)]
        if len(closed) == len(results) and not any(one.phase is Phase.END for one in results):
            tried.last = outcomes
            return None
        return Carried(outcomes, reached=True, crowded=any(one.reply.code == 421 for one in closed))

    def _envelope(self, work: Work, prefix: bytes) -> Envelope:
        given = work.envelope
        return Envelope(
            path_of(given.reverse_path),
            tuple(Recipient(path_of(one.address), frozenset(one.notify), one.orcpt) for _row, one in work.recipients),
            size=len(prefix) + self._services.queue.size(work),
            eightbit=given.body8bit,
            smtputf8=given.smtputf8,
            ret=given.ret,
            envid=given.envid,
            require_tls=given.require_tls,
        )

    async def _content(self, work: Work, prefix: bytes, term: int) -> AsyncIterator[bytes]:
        """Give the message's octets. Raises Lapsed in place of their end: without the last dot the host drops it."""
        if prefix:
            yield prefix
        size = self._services.queue.size(work)
        for start in range(0, size, CHUNK_OCTETS):
            yield await self._services.queue.octets(work, start, min(CHUNK_OCTETS, size - start))
        if self._term() != term:
            raise Lapsed


def _left(result: Result) -> bool:
    """Say whether the peer went away instead of answering (RFC 5321 §3.8: 421)."""
    return result.local or result.reply.code == 421


def _outcomes(work: Work, results: tuple[Result, ...], host: str, use: TlsUse, *, reports: bool) -> list[Outcome]:
    accepted = any(one.phase in {Phase.DATA, Phase.END} for one in results)
    found = []
    for (row, _recipient), result in zip(work.recipients, results, strict=True):
        reply = result.reply
        kept = KeptResult(
            0 if result.local else reply.code, reply.enhanced, reply.text[:500], host,
            tls=use.version, cipher=use.cipher, verified=use.verified,
        )  # fmt: skip
        # RFC 5321 §4.5.3.1.10: who is one too many goes in the next transaction, also where 552 was said.
        rest = (
            accepted and result.phase is Phase.RCPT and not result.local
            and explain(reply.code, reply.enhanced, reply.text) == "too_many_recipients"
        )  # fmt: skip
        kind = "delivered" if result.delivered else "permanent" if reply.permanent and not rest else "temporary"
        found.append(Outcome(row.number, kind, kept, soon=rest, handover="passed" if reports else "relayed"))
    return found


def everyone(work: Work, kind: str, result: KeptResult, *, destination: bool = False) -> list[Outcome]:
    """Return the same outcome for all recipients."""
    return [Outcome(row.number, kind, result, destination) for row, _recipient in work.recipients]
