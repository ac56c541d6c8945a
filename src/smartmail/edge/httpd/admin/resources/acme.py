"""/acme: certificates that are issued and renewed automatically (RFC 8555).

SECURITY  The key of the account and the MAC key of a customer go in and never out.
"""

from typing import Annotated

from msgspec import Meta

from smartmail.edge.httpd.admin.operation import Call
from smartmail.edge.httpd.admin.resource import Resource
from smartmail.edge.httpd.admin.shapes import Count, Input, Output, Page, Time, part
from smartmail.service.flow.certificates.issuing import AcmeStatus

Host = Annotated[str, Meta(min_length=1, max_length=253)]


class AcmeCertificate(Output, frozen=True):
    """Names whose certificate is issued and renewed automatically. `error`: last error of the authority, "" for none."""

    name: str
    names: list[str]
    failures: Count
    next_at: Time | None
    error: str


class AcmeAccount(Output, frozen=True):
    """The account at a certificate authority; `directory` "" if there is none."""

    directory: str
    contact: str
    url: str


class AcmeAccountCreate(Input, frozen=True):
    """An account to create, which accepts the terms of the authority. `keyId`, `macKey`: external account binding."""

    directory: Annotated[str, Meta(min_length=9, max_length=500, pattern="^https://")]
    contact: Annotated[str, Meta(max_length=320)] = ""
    key_id: Annotated[str, Meta(max_length=200)] = ""
    mac_key: Annotated[str, Meta(max_length=1000)] = ""


class AcmeCertificateCreate(Input, frozen=True):
    """Names of one certificate."""

    names: Annotated[list[Host], Meta(min_length=1, max_length=100)]


api = Resource(asks="system")


@api.get("/acme/account", "The ACME account.", "certificate.read", cli="certificate account")
async def _account(call: Call) -> AcmeAccount:
    found = await call.services.acme.account()
    return AcmeAccount("", "", "") if found is None else AcmeAccount(*found)


@api.put("/acme/account", "Create the ACME account.", "certificate.change", AcmeAccountCreate, cli="certificate acme")
async def _set_up(call: Call) -> AcmeAccount:
    body = call.body
    await call.services.acme.set_up(call.actor, body.directory, body.contact, key_id=body.key_id, mac_key=body.mac_key)
    return await _account(call)


@api.get("/acme/names", "Automatically renewed certificates.", "certificate.read", cli="certificate renewals")
async def _list(call: Call) -> Page[AcmeCertificate]:
    return part(await call.services.acme.managed(), lambda one: one.names[0], call.page, _told)


@api.post(
    "/acme/names", "Issue and renew a certificate automatically.", "certificate.change", AcmeCertificateCreate,
    status=201, cli="certificate fetch names",
)  # fmt: skip
async def _manage(call: Call) -> AcmeCertificate:
    service = call.services.acme
    status = await service.manage(call.actor, call.body.names)
    # At once, so that who asks sees what the authority says; the job tries again.
    await service.renew()
    return _told(next((one for one in await service.managed() if one.names == status.names), status))


@api.delete("/acme/names/{name}", "Stop renewing a certificate.", "certificate.change", cli="certificate forget")
async def _forget(call: Call) -> None:
    await call.services.acme.forget(call.actor, call.path["name"].lower())


def _told(one: AcmeStatus) -> AcmeCertificate:
    return AcmeCertificate.from_row(one, name=one.names[0])
