"""Changes of /certificates, and /smime-authorities: what the doors show, and whose signatures on mail count.

SECURITY  Private keys go in and never out.
"""

from typing import Annotated

from msgspec import Meta

from smartmail.domain.errors import NotFound
from smartmail.edge.httpd.admin.operation import Call
from smartmail.edge.httpd.admin.resource import Resource
from smartmail.edge.httpd.admin.resources.installation import Certificate, certificate_told
from smartmail.edge.httpd.admin.resources.trust import File, octets_of
from smartmail.edge.httpd.admin.shapes import Input, Output, Page, Time, part, time_of
from smartmail.service.flow.smime.trust import RootRow


class CertificateCreate(Input, frozen=True):
    """A chain and its key as PEM, or both in one PKCS #12 file (base64) without `key`."""

    file: File
    key: Annotated[str, Meta(max_length=100_000, extra={"names": "file"})] = ""
    password: Annotated[str, Meta(max_length=1000)] = ""


class SmimeAuthority(Output, frozen=True):
    """An authority whose S/MIME certificates the organization trusts. `fingerprint`: SHA-256."""

    fingerprint: str
    name: str
    until: Time


class AuthorityCertificateUpload(Input, frozen=True):
    """The certificate of an authority."""

    file: File


class RevocationUpload(Input, frozen=True):
    """A certificate revocation list."""

    file: File


class RevocationIssuer(Output, frozen=True):
    """The issuer of the stored list."""

    issuer: str


api = Resource(asks="organization")
_SMIME = "/smime-authorities"


@api.post(
    "/certificates", "Install a certificate.", "certificate.change", CertificateCreate, status=201,
    cli="certificate add file key", asks="system",
)  # fmt: skip
async def _add(call: Call) -> Certificate:
    body, service = call.body, call.services.certificates
    if body.key:
        return certificate_told(
            await service.add_pem(call.actor, body.file.encode(), octets_of(body.key), body.password)
        )
    return certificate_told(await service.add_pfx(call.actor, octets_of(body.file), body.password))


@api.delete(
    "/certificates/{id}", "Remove a certificate.", "certificate.change", cli="certificate remove", asks="system"
)
async def _remove(call: Call) -> None:
    await call.services.certificates.remove(call.actor, call.path["id"])


@api.get(_SMIME, "Trusted authorities for S/MIME.", "certificate.read", cli="smime list")
async def _roots(call: Call) -> Page[SmimeAuthority]:
    rows = await call.services.smime.trust.roots(call.home)
    return part(rows, lambda one: one.fingerprint, call.page, _root)


@api.post(
    _SMIME, "Trust an authority for S/MIME.", "certificate.change", AuthorityCertificateUpload, status=201,
    cli="smime trust file",
)  # fmt: skip
async def _add_root(call: Call) -> SmimeAuthority:
    return _root(await call.services.smime.trust.add_root(call.actor, call.home, octets_of(call.body.file)))


@api.delete(
    f"{_SMIME}/{{fingerprint}}", "Remove a trusted authority for S/MIME.", "certificate.change", cli="smime distrust"
)
async def _remove_root(call: Call) -> None:
    home, fingerprint = call.home, call.path["fingerprint"].lower()
    if not any(one.fingerprint == fingerprint for one in await call.services.smime.trust.roots(home)):
        raise NotFound
    await call.services.smime.trust.remove_root(call.actor, home, fingerprint)


@api.post(
    f"{_SMIME}/revocations", "Upload a revocation list.", "certificate.change", RevocationUpload, status=201,
    cli="smime revoked file",
)  # fmt: skip
async def _revoked(call: Call) -> RevocationIssuer:
    return RevocationIssuer(
        await call.services.smime.trust.put_revocations(call.actor, call.home, octets_of(call.body.file))
    )


def _root(one: RootRow) -> SmimeAuthority:
    return SmimeAuthority(one.fingerprint, one.name, time_of(one.until * 1000))
