"""Relay and delivery workers: lease what is due, bring it to accounts or the next hop, report each recipient.

NAME        relay
PURPOSE     Empty the queue. One agent per process; any number of processes and nodes share the queue by leases.
QUEUES      Those of service.queue.
LIMITS      50 attempts at a time in a process, 10 of them to one destination; it looks by itself every 5 s.
STRATEGIES  Bounded concurrency in all and per destination, so that a slow receiver holds up only itself. Hosts are
            tried in the order of the route; TLS that fails is tried once more without, unless the route demands it.
FAILURE     A worker that dies loses its leases in time. An error of ours leaves the lease to run out and is logged.
SECURITY    The smarthost's password goes out over TLS only (proto.smtp.client).
STANDARDS   RFC 5321 §4.5.4.1, §5.1; RFC 3207; RFC 7505.
"""

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass

from smartmail.base import log
from smartmail.edge.relay.connection import ConnectFailed, Connection, Terms, TlsFailed
from smartmail.proto.smtp.client_events import ClientConfig, Envelope, Recipient, Result
from smartmail.proto.smtp.path import Path, parse_path
from smartmail.service.catalogue import Services
from smartmail.service.envelope import Result as KeptResult
from smartmail.service.queue import CHUNK_OCTETS, Outcome, Work
from smartmail.service.routing import Host, Route

POLL_SECONDS = 5.0
CONCURRENCY = 50
PER_DESTINATION = 10
"""Connections to one destination domain at a time."""


@dataclass(frozen=True, slots=True)
class RelayConfig:
    """Our name in the hello, and the worker's name in leases."""

    host: str
    worker: str
    concurrency: int = CONCURRENCY
    per_destination: int = PER_DESTINATION


class RelayAgent:
    """One process's share of the queue."""

    def __init__(self, services: Services, config: RelayConfig) -> None:
        self._services = services
        self._config = config
        self._tasks: set[asyncio.Task[None]] = set()
        self._domains: Counter[str] = Counter()
        self._wake = asyncio.Event()

    async def run(self, stopping: asyncio.Event) -> None:
        """Work until `stopping`, then finish what is under way."""
        end = self._services.hints.on_queue(self._wake.set)
        try:
            while not stopping.is_set():
                await self._round()
                await self._wait(stopping)
        finally:
            end()
            if self._tasks:
                await asyncio.wait(self._tasks, timeout=30)

    async def _round(self) -> None:
        self._wake.clear()
        room = self._config.concurrency - len(self._tasks)
        if room <= 0:
            return
        limit = self._config.per_destination
        busy = {domain: limit - count for domain, count in self._domains.items() if count >= limit}
        try:
            found = await self._services.queue.lease(self._config.worker, limit=room, busy=busy)
        except Exception as error:
            log.event("queue.failed", error=type(error).__name__, detail=str(error)[:200])
            return
        for work in found:
            self._start(work)
        if len(found) == room:
            self._wake.set()

    def _start(self, work: Work) -> None:
        self._domains[work.domain] += 1
        task = asyncio.get_running_loop().create_task(self._work(work))
        self._tasks.add(task)

        def ended(done: asyncio.Task[None]) -> None:
            self._tasks.discard(done)
            self._domains[work.domain] -= 1
            if self._domains[work.domain] <= 0:
                del self._domains[work.domain]
            self._wake.set()

        task.add_done_callback(ended)

    async def _wait(self, stopping: asyncio.Event) -> None:
        """Sleep until a hint, the next due time, the poll interval or the stop."""
        due = await self._services.queue.seconds_to_next()
        seconds = POLL_SECONDS if due is None else max(0.05, min(POLL_SECONDS, due))
        waiting = {asyncio.ensure_future(self._wake.wait()), asyncio.ensure_future(stopping.wait())}
        _done, pending = await asyncio.wait(waiting, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        for task in pending:
            task.cancel()

    async def _work(self, work: Work) -> None:
        entry = work.lease.entry
        try:
            outcomes = await self._attempt(work)
            await self._services.queue.report(self._config.worker, work, outcomes)
        except Exception as error:
            log.event("queue.failed", entry=entry.id, error=type(error).__name__, detail=str(error)[:200])
            return
        for outcome in outcomes:
            name = {"delivered": "queue.delivered", "permanent": "queue.bounced"}.get(outcome.kind, "queue.deferred")
            log.event(name, entry=entry.id, recipient=outcome.number, domain=work.domain, code=outcome.result.code)

    async def _attempt(self, work: Work) -> list[Outcome]:
        route = await self._services.routing.route(work.domain)
        if route.kind == "local":
            return await self._services.delivery.deliver_queued(work)
        if route.kind == "refused":
            # RFC 7505 §4.1: 556 5.1.10.
            return _all(work, "permanent", KeptResult(556, "5.1.10", route.reason))
        if route.kind == "deferred":
            return _all(work, "temporary", KeptResult(0, "4.4.3", route.reason))
        return await self._send(work, route)

    async def _send(self, work: Work, route: Route) -> list[Outcome]:
        reasons: list[str] = []
        for host in route.hosts:
            for address in await self._addresses(host, reasons):
                try:
                    connection = await self._open(route, host, address)
                except ConnectFailed as error:
                    reasons.append(str(error))
                    continue
                try:
                    results = await connection.send(self._envelope(work, await self._prefix(work)), self._content(work))
                finally:
                    with contextlib.suppress(Exception):
                        await connection.quit()
                if results:
                    return _outcomes(work, results, host.host)
                reasons.append(f"{host.host}: no result")
        reason = reasons[-1] if reasons else "no host could be reached"
        return _all(work, "temporary", KeptResult(0, "4.4.1", reason))

    async def _addresses(self, host: Host, reasons: list[str]) -> list[str]:
        try:
            return await self._services.routing.addresses(host.host)
        except Exception as error:  # DnsFailure belongs to a port that the edge must not name
            reasons.append(f"{host.host}: no address ({type(error).__name__})")
            return []

    async def _open(self, route: Route, host: Host, address: str) -> Connection:
        terms = Terms(
            ClientConfig(self._config.host), verify=route.verify_tls, demand_tls=route.verify_tls,
            username=route.username, password=route.password,
        )  # fmt: skip
        try:
            return await Connection.open(terms, host.host, address, host.port)
        except TlsFailed:
            if route.verify_tls or route.username:
                raise
            # RFC 7435: opportunistic means that mail goes in clear rather than not at all.
            plain = Terms(terms.config, use_tls=False)
            return await Connection.open(plain, host.host, address, host.port)

    async def _prefix(self, work: Work) -> bytes:
        return await self._services.signing.prefix(work)

    def _envelope(self, work: Work, prefix: bytes) -> Envelope:
        given = work.envelope
        return Envelope(
            _path(given.reverse_path),
            tuple(Recipient(_path(one.address), frozenset(one.notify), one.orcpt) for _row, one in work.recipients),
            size=len(prefix) + self._services.queue.size(work),
            eightbit=given.body8bit,
            smtputf8=given.smtputf8,
            ret=given.ret,
            envid=given.envid,
        )

    async def _content(self, work: Work) -> AsyncIterator[bytes]:
        prefix = await self._prefix(work)
        if prefix:
            yield prefix
        size = self._services.queue.size(work)
        for start in range(0, size, CHUNK_OCTETS):
            yield await self._services.queue.octets(work, start, min(CHUNK_OCTETS, size - start))


def _path(address: str) -> Path:
    found = parse_path(f"<{address}>")
    if found is not None:
        return found[0]
    local, _at, domain = address.rpartition("@")
    return Path(local, domain)


def _outcomes(work: Work, results: tuple[Result, ...], host: str) -> list[Outcome]:
    found = []
    for (row, _recipient), result in zip(work.recipients, results, strict=True):
        reply = result.reply
        kept = KeptResult(0 if result.local else reply.code, reply.enhanced, reply.text[:500], host)
        kind = "delivered" if result.delivered else "permanent" if reply.permanent else "temporary"
        found.append(Outcome(row.number, kind, kept))
    return found


def _all(work: Work, kind: str, result: KeptResult) -> list[Outcome]:
    return [Outcome(row.number, kind, result) for row, _recipient in work.recipients]
