"""The steps of the chain that find out a message's way.

NAME        route inspector
PURPOSE     Hops, verified ones apart from claimed ones; country and network of the authoritative peer; a reason when a
            sender's country changed, or when the way is long enough to be a loop.
STRATEGIES  `RouteInspector` goes after authentication, whose verdict it uses. `RouteMemory` goes last: what is learnt
            depends on what becomes of the message.
FAILURE     Without the store the way is found out all the same, with the relays and tables known last.
SECURITY    Nothing that the message says of itself counts as verified. The field that tells the country is ours alone:
            incoming ones are taken out.
"""

from contextlib import suppress
from typing import Final

from smartmail.domain.errors import MailError
from smartmail.domain.inspection import Hop, Reason
from smartmail.formats.geo_table import is_country
from smartmail.formats.received import Route, parse_route
from smartmail.policy import knobs
from smartmail.service.kernel.inspection.specimen import Specimen
from smartmail.service.kernel.policy import PolicyService
from smartmail.service.protection.geo import GeoService
from smartmail.service.protection.route.history import SenderHistory
from smartmail.service.protection.route.relays import TrustedRelays
from smartmail.service.protection.route.trust import Relays, believed, country_of, hops_of

COUNTRY_FIELD: Final = b"x-smartmail-country"
LONG_WAY: Final = "long-way"
LONG_WEIGHT: Final = 0.5


class RouteInspector:
    """Finds out where a message came from."""

    name = "route"

    def __init__(self, geo: GeoService, relays: TrustedRelays, history: SenderHistory, policy: PolicyService) -> None:
        self._geo = geo
        self._relays = relays
        self._history = history
        self._policy = policy

    async def examine(self, specimen: Specimen) -> None:
        """Add hops, country, network and reasons. Raises what the store does, after the way was found out."""
        _cut_country(specimen)
        await self._geo.refresh()
        relays = Relays()
        with suppress(MailError):
            relays = await self._relays.relays()
        route = parse_route(specimen.header)
        self._trace(specimen, route, relays)
        if route.is_long:
            specimen.findings.reasons.append(Reason(LONG_WAY, LONG_WEIGHT, (str(route.received),)))
        reason = await self._history.change(specimen)
        if reason is not None:
            specimen.findings.reasons.append(reason)
        await self._write_country(specimen)

    def _trace(self, specimen: Specimen, route: Route, relays: Relays) -> None:
        source, findings, look = specimen.source, specimen.findings, self._geo.look
        count, peer = believed(source.address, route.hops, relays, partner=source.partner)
        edge = Hop(
            True, source.helo, source.address, source.by, source.protocol, source.tls, specimen.received_at // 1000
        )
        findings.hops[:] = hops_of(edge, route.hops, count, look)
        findings.country, findings.asn = country_of(peer, look)

    async def _write_country(self, specimen: Specimen) -> None:
        """Write the country into the message where policy wants it (KA-31)."""
        country = specimen.findings.country
        if is_country(country) and await self._policy.value_at_large(knobs.COUNTRY_HEADER):
            specimen.findings.lines.append(f"X-SmartMail-Country: {country}\r\n".encode())


def _cut_country(specimen: Specimen) -> None:
    """Take out what only we may write."""
    cuts = specimen.findings.cuts
    for field in specimen.header.fields:
        place = (field.start, field.end)
        if field.name.lower() == COUNTRY_FIELD and place not in cuts:
            cuts.append(place)


class RouteMemory:
    """Learns from which countries senders send, when all others have judged."""

    name = "route-memory"

    def __init__(self, history: SenderHistory) -> None:
        self._history = history

    async def examine(self, specimen: Specimen) -> None:
        """Remember. Raises what the store does."""
        await self._history.learn(specimen)
