"""/acme: certificates that an authority gives and renews by itself (RFC 8555).

SECURITY  The key of the account and the MAC key of a customer go in and never out.
"""

from typing import Annotated

from msgspec import Meta

from smartmail.edge.httpd.admin.operation import Call, Operation
from smartmail.edge.httpd.admin.resources.installation import SYSTEM
from smartmail.edge.httpd.admin.shapes import Asked, Count, Page, Time, Told, part, time_or_none
from smartmail.service.certificates.issuing import AcmeStatus

Host = Annotated[str, Meta(min_length=1, max_length=253)]


class AcmeTold(Told, frozen=True):
    """A set of names whose certificate is fetched and renewed. `error`: the authority's last word, "" when all is well."""

    name: str
    names: list[str]
    failures: Count
    next_at: Time | None
    error: str


class AcmeAccountTold(Told, frozen=True):
    """The account at an authority; `directory` "" where there is none."""

    directory: str
    contact: str
    url: str


class AcmeAccountNew(Asked, frozen=True):
    """An account to be made; with it one agrees to the authority's terms. `keyId`, `macKey`: what it gave its customers."""

    directory: Annotated[str, Meta(min_length=9, max_length=500, pattern="^https://")]
    contact: Annotated[str, Meta(max_length=320)] = ""
    key_id: Annotated[str, Meta(max_length=200)] = ""
    mac_key: Annotated[str, Meta(max_length=1000)] = ""


class AcmeNames(Asked, frozen=True):
    """Names of one certificate."""

    names: Annotated[list[Host], Meta(min_length=1, max_length=100)]


async def _account(call: Call) -> AcmeAccountTold:
    await call.may(SYSTEM)
    found = await call.services.acme.account()
    return AcmeAccountTold("", "", "") if found is None else AcmeAccountTold(*found)


async def _set_up(call: Call) -> AcmeAccountTold:
    await call.may(SYSTEM)
    body = call.body
    await call.services.acme.set_up(call.actor, body.directory, body.contact, key_id=body.key_id, mac_key=body.mac_key)
    return await _account(call)


async def _list(call: Call) -> Page[AcmeTold]:
    await call.may(SYSTEM)
    return part(await call.services.acme.managed(), lambda one: one.names[0], call.page, _told)


async def _manage(call: Call) -> AcmeTold:
    await call.may(SYSTEM)
    service = call.services.acme
    status = await service.manage(call.actor, call.body.names)
    # At once, so that who asks sees what the authority says; the job tries again.
    await service.renew()
    return _told(next((one for one in await service.managed() if one.names == status.names), status))


async def _forget(call: Call) -> None:
    await call.may(SYSTEM)
    await call.services.acme.forget(call.actor, call.path["name"].lower())


def _told(one: AcmeStatus) -> AcmeTold:
    return AcmeTold(one.names[0], list(one.names), one.failures, time_or_none(one.next_at), one.error)


OPERATIONS = (
    Operation("GET", "/acme/account", "The account at an authority.", _account, "certificate.read", AcmeAccountTold),
    Operation("PUT", "/acme/account", "Make one.", _set_up, "certificate.change", AcmeAccountTold, AcmeAccountNew),
    Operation("GET", "/acme/names", "What is renewed.", _list, "certificate.read", Page[AcmeTold], paged=True),
    Operation(
        "POST", "/acme/names", "Fetch and renew.", _manage, "certificate.change", AcmeTold, AcmeNames, status=201
    ),
    Operation("DELETE", "/acme/names/{name}", "Renew it no more.", _forget, "certificate.change"),
)
