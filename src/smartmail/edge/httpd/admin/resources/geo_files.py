"""/geo-tables, /geo-places, /trusted-relays: tables of countries and networks from files, where an address is, trusted relays."""

from typing import Annotated, Literal

from msgspec import Meta

from smartmail.domain.errors import Invalid
from smartmail.edge.httpd.admin.operation import Call
from smartmail.edge.httpd.admin.resource import Resource
from smartmail.edge.httpd.admin.resources.installation import GeoTable, geo_table
from smartmail.edge.httpd.admin.shapes import Input, Output, Page, decoded, part
from smartmail.formats.geo_table import Facts, is_inside, parse_address

MAX_FILE = 64 << 20
"""Octets of a file by this way; a larger one is brought by command."""
MAX_BODY = MAX_FILE * 4 // 3 + (1 << 20)
Kind = Literal["country", "asn"]
Words = Annotated[str, Meta(max_length=300)]


class GeoTableUpload(Input, frozen=True):
    """A file in base64: CSV (first,last,value or network,value), MMDB, or the own format. `kind` null: taken from the
    file.
    """

    content: Annotated[str, Meta(max_length=MAX_BODY)]
    kind: Kind | None = None
    source: Words = ""
    licence: Words = ""
    date: Annotated[str, Meta(pattern="^([0-9]{4}-[0-9]{2}-[0-9]{2})?$")] = ""


class GeoTableQuery(Input, frozen=True):
    """Which table."""

    kind: Kind


class GeoPlace(Output, frozen=True):
    """Where an address is, null where it is not known. `inside`: of a private network."""

    address: str
    country: str | None
    asn: int | None
    inside: bool


class TrustedRelay(Output, frozen=True):
    """A network of relays whose own Received line is believed."""

    network: str


class TrustedRelayCreate(Input, frozen=True):
    """An address or network to trust: of hosts that always write a Received line."""

    network: Annotated[str, Meta(min_length=2, max_length=50)]


api = Resource(asks="system")


@api.post("/geo-tables", "Install a table of addresses.", "defence.change", GeoTableUpload, body_octets=MAX_BODY)
async def _bring(call: Call) -> GeoTable:
    body = call.body
    octets = decoded(body.content, "`content` is no base64")
    facts = Facts(body.kind or "country", body.source, body.licence, body.date)
    made = await call.services.geo_files.bring(call.actor, octets, body.kind, facts)
    return geo_table(made)


@api.delete(
    "/geo-tables", "Return to the shipped table.", "defence.change", query=GeoTableQuery, cli="geo reset kind",
    asks="anywhere",
)  # fmt: skip
async def _reset(call: Call) -> None:
    await call.services.geo_files.reset(call.actor, call.query.kind)


@api.get("/geo-places/{address}", "Country and network of an address.", "defence.read", cli="geo look")
async def _place(call: Call) -> GeoPlace:
    address = parse_address(call.path["address"])
    if address is None:
        raise Invalid("that is no IP address", reason="ip.form")
    await call.services.geo.refresh()
    place = call.services.geo.look(call.path["address"])
    return GeoPlace(call.path["address"], place.country, place.asn, is_inside(address))


@api.get("/trusted-relays", "Relays whose Received lines are believed.", "defence.read", cli="geo relays")
async def _relays(call: Call) -> Page[TrustedRelay]:
    return part([str(one) for one in (await call.services.relays.relays()).networks], str, call.page, TrustedRelay)


@api.post("/trusted-relays", "Trust a relay.", "defence.change", TrustedRelayCreate, cli="geo trust-relay network")
async def _trust(call: Call) -> None:
    await call.services.relays.trust(call.actor, call.body.network)


@api.delete(
    "/trusted-relays", "Trust a relay no more.", "defence.change", query=TrustedRelayCreate,
    cli="geo remove-relay network",
)  # fmt: skip
async def _distrust(call: Call) -> None:
    await call.services.relays.distrust(call.actor, call.query.network)
