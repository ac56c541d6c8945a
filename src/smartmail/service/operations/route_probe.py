"""A look along the way that mail takes: which host, on what terms, and every line that is said there.

NAME        route probe
PURPOSE     An administrator whose mail does not arrive sees the dialogue with the next host, and may send one test mail.
STRATEGIES  The way, the terms and the signature are those of mail; only the queue is passed by, so that the answer is
            there at once. Hosts are tried in the order of the way until one speaks with us.
LIMITS      `MAX_PLACES` addresses. Nothing is kept of the dialogue.
SECURITY    Permission queue.change over what all companies share, for a host may be named: who has it may send mail there
            anyway. The record of the act names the domain and the host, never the address.
"""

from dataclasses import replace
from typing import Final, Protocol

from smartmail.base.i18n import translate
from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import Invalid
from smartmail.domain.principal import Actor
from smartmail.domain.route_probe import Probe, ProbeLetter, ProbeLine, ProbePlace
from smartmail.formats.address import Mailbox, split_address
from smartmail.formats.compose import Draft, compose
from smartmail.ports.clock import Clock
from smartmail.ports.dns import DnsFailure
from smartmail.ports.route_probe import RouteProber
from smartmail.ports.store_accounts import AccountStore
from smartmail.ports.store_audit import AuditLog
from smartmail.service.flow.routing import Host, Route, RoutingService
from smartmail.service.flow.signing import SigningService
from smartmail.service.flow.transport import TransportService
from smartmail.service.kernel.authority import Authority
from smartmail.service.kernel.places import SYSTEM


class _Store(AccountStore, AuditLog, Protocol): ...


MAX_PLACES: Final = 4
_TRY_ANOTHER: Final = frozenset({"failed", "insecure"})


class RouteProbes:
    """Looks, and sends a test mail if that is wished."""

    def __init__(
        self, store: _Store, clock: Clock, authority: Authority, routing: RoutingService, transport: TransportService,
        signing: SigningService, prober: RouteProber,
    ) -> None:  # fmt: skip
        self._store = store
        self._clock = clock
        self._authority = authority
        self._routing = routing
        self._transport = transport
        self._signing = signing
        self._prober = prober

    async def probe(self, actor: Actor, to: str, via: tuple[str, int] | None = None, *, send: bool = False) -> Probe:
        """Speak to the next host for an address, or to a named one; `send`: give it a test mail from the actor.

        Raises Forbidden, Invalid.
        """
        await self._authority.require(actor, "queue.change", SYSTEM)
        _local, domain = split_address(to)
        if not _local or not domain or any(ord(one) < 33 for one in to):
            raise Invalid(f"not an address: {to!r}", reason="address.form", address=to)
        about = f"domain:{domain.lower()}" + (f" host:{via[0]}:{via[1]}" if via else "")
        await self._store.audit(self._record(actor, "route.test" if send else "route.look", about))
        route = Route("hosts", (Host(*via),)) if via else await self._routing.route(domain.lower(), actor.login)
        if route.kind != "hosts":
            lines = (ProbeLine(0, "note", route.reason),) if route.reason else ()
            return Probe("local" if route.kind == "local" else "nowhere", lines)
        letter = ProbeLetter(actor.login, to, await self._message(actor, to)) if send else None
        return await self._along(domain.lower(), route, letter)

    async def _along(self, domain: str, route: Route, letter: ProbeLetter | None) -> Probe:
        """Try one place after the other; the lines of all stand under each other."""
        lines: list[ProbeLine] = []
        found = Probe("nowhere", ())
        for host, address in await self._places(route, lines):
            terms = await self._transport.terms(domain, route, host, address=address)
            place = ProbePlace(host.host, address, host.port, terms, route.username, route.password)
            lines.append(ProbeLine(0, "note", f"{host.host} [{address}]:{host.port}"))
            spoken = await self._prober.speak(place, letter)
            lines += spoken.lines
            found = Probe(spoken.outcome, (), host.host, address, host.port, spoken.tls)
            if spoken.outcome not in _TRY_ANOTHER:
                break
        return replace(found, lines=tuple(lines))

    async def _places(self, route: Route, lines: list[ProbeLine]) -> list[tuple[Host, str]]:
        found: list[tuple[Host, str]] = []
        for host in route.hosts:
            try:
                found += [(host, address) for address in await self._routing.addresses(host.host)]
            except DnsFailure as error:
                lines.append(ProbeLine(0, "note", f"{host.host}: {error}"))
        return found[:MAX_PLACES]

    async def _message(self, actor: Actor, to: str) -> bytes:
        account = await self._store.account(actor.account_id)
        now, domain = self._clock.now() // 1000, split_address(actor.login)[1]
        draft = Draft(
            (Mailbox(account.name, actor.login),), (now, 0), f"{self._clock.random(16).hex()}@{domain}",
            translate(account.language, "probe.subject"), to=(Mailbox("", to),),
            text=translate(account.language, "probe.text"), language=account.language,
        )  # fmt: skip
        octets = compose(draft, nonce=self._clock.random(12).hex())
        return await self._signing.fields(octets, domain, actor.organization_id) + octets

    def _record(self, actor: Actor, action: str, about: str) -> AuditRecord:
        return AuditRecord(self._clock.now(), actor.named, action, about, actor.origin.address, door=actor.origin.door)
