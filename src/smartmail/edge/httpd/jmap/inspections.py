"""`inspection`: a property of Email of our own, for who names our capability: what was found out about a message when it
came from outside. Null for mail that did not, and for mail of before.

Authentication (RFC 8601), the way with verified hops apart from claimed ones, country and network of the host that it
verifiably came from, and the verdict with its reasons in the reader's language. `fromCountry` is that country alone, for the
rows of a list: null where it is not known or a private network.
"""

from collections.abc import Sequence
from typing import Any, Final

from smartmail.domain.brands import BrandLogo
from smartmail.domain.ids import AccountId, MessageId
from smartmail.domain.inspection import AuthResult, Hop, Inspection
from smartmail.edge.httpd.jmap import ids
from smartmail.edge.httpd.jmap.context import Call, show_time
from smartmail.service.kernel.inspection.wording import reason_text

INSPECTION: Final = "inspection"
COUNTRY: Final = "fromCountry"
LOGOS: Final = "/jmap/logo/"
INSIDE: Final = "-"
ATTRIBUTION: Final = ({"text": "IP Geolocation by DB-IP", "url": "https://db-ip.com"},)
"""What the licence of the shipped table of networks wants to be shown with it (adapters/geoip/data/LICENSE.txt)."""


async def tell(call: Call, account_id: AccountId, objects: Sequence[dict[str, Any]]) -> None:
    """Put the property into Email objects."""
    services, actor = call.context.services, call.context.actor
    numbers = _numbers(objects)
    found = await services.findings.of(actor, account_id, list(numbers.values()))
    language = (await services.directory.account(actor.account_id)).language if found else ""
    logos = await services.brands.shown(actor, found)
    for one in objects:
        inspection = found.get(numbers[one["id"]])
        one[INSPECTION] = None if inspection is None else _show(inspection, language, logos.get(numbers[one["id"]]))


async def tell_country(call: Call, account_id: AccountId, objects: Sequence[dict[str, Any]]) -> None:
    """Put the country alone into Email objects."""
    numbers = _numbers(objects)
    found = await call.context.services.findings.of(call.context.actor, account_id, list(numbers.values()))
    for one in objects:
        inspection = found.get(numbers[one["id"]])
        one[COUNTRY] = None if inspection is None else _country(inspection.country)


def _numbers(objects: Sequence[dict[str, Any]]) -> dict[str, MessageId]:
    return {one["id"]: MessageId(ids.parse(ids.EMAIL, one["id"]) or 0) for one in objects}


def _show(inspection: Inspection, language: str, logo: BrandLogo | None) -> dict[str, Any]:
    return {
        "logo": None if logo is None else _logo(logo),
        "authentication": [_result(one) for one in inspection.authentication],
        "aligned": inspection.aligned,
        "hops": [_hop(one) for one in inspection.hops],
        **_place(inspection.country, inspection.asn),
        "tls": inspection.tls or None,
        "nature": inspection.nature,
        "act": inspection.act,
        "score": inspection.score,
        "spamPercent": None if inspection.spam_percent < 0 else inspection.spam_percent,
        "virus": inspection.virus or None,
        "reasons": [
            {"rule": one.rule, "weight": one.weight, "text": reason_text(language, one)} for one in inspection.reasons
        ],
    }


def _logo(one: BrandLogo) -> dict[str, Any]:
    """`url` on our own host: who looks at a logo tells nobody outside. `kind`: verified or common mark."""
    return {
        "url": f"{LOGOS}{one.picture.hex()}",
        "domain": one.domain,
        "owner": one.owner,
        "issuer": one.issuer,
        "kind": one.kind,
    }


def _result(one: AuthResult) -> dict[str, Any]:
    return {
        "method": one.method,
        "result": one.result,
        "reason": one.reason or None,
        "properties": dict(one.properties),
    }


def _hop(one: Hop) -> dict[str, Any]:
    """`delay` in seconds since the hop before, which may be negative: clocks differ. Null where a time is missing."""
    return {
        "verified": one.verified,
        "name": one.from_name or None,
        "address": one.address or None,
        "by": one.by or None,
        "protocol": one.protocol or None,
        "tls": one.tls or None,
        "at": show_time(one.at * 1000) if one.at else None,
        "delay": one.delay_s if one.at else None,
        **_place(one.country, one.asn),
    }


def _place(country: str, asn: int) -> dict[str, Any]:
    """`isInside`: of a private network, which has no country."""
    return {
        "country": _country(country),
        "isInside": country == INSIDE,
        "asn": asn or None,
    }


def _country(country: str) -> str | None:
    return None if country in {"", INSIDE} else country
