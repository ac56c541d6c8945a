"""/geo-tables: tables of countries and networks from files."""

import base64
import binascii
from typing import Annotated, Literal

from msgspec import Meta

from smartmail.domain.errors import Invalid
from smartmail.edge.httpd.admin.operation import Call, Operation
from smartmail.edge.httpd.admin.resources.installation import GeoTable
from smartmail.edge.httpd.admin.shapes import Input
from smartmail.formats.geo_table import Facts
from smartmail.service.protection.geo_files import SYSTEM

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


async def _may_bring(call: Call) -> None:
    await call.may(SYSTEM)


async def _bring(call: Call) -> GeoTable:
    await call.holds()
    body = call.body
    try:
        octets = base64.b64decode(body.content, validate=True)
    except (binascii.Error, ValueError):
        raise Invalid("`content` is no base64") from None
    facts = Facts(body.kind or "country", body.source, body.licence, body.date)
    made = await call.services.geo_files.bring(call.actor, octets, body.kind, facts)
    return GeoTable.from_row(made.facts, kind=str(made.facts.kind), ranges=made.ranges)


async def _reset(call: Call) -> None:
    await call.holds()
    await call.services.geo_files.reset(call.actor, call.query.kind)


OPERATIONS = (
    Operation(
        "POST", "/geo-tables", "Install a table of addresses.", _bring, "defence.change", GeoTable, body=GeoTableUpload,
        body_octets=MAX_BODY, first=_may_bring,
    ),
    Operation(
        "DELETE", "/geo-tables", "Return to the shipped table.", _reset, "defence.change",
        query=GeoTableQuery,
    ),
)  # fmt: skip
