"""Changes of /certificates, and /smime-authorities: what the doors show, and whose signatures on mail count.

SECURITY  Private keys go in and never out.
"""

from typing import Annotated

from msgspec import Meta

from smartmail.domain.errors import NotFound
from smartmail.edge.httpd.admin.operation import Call, Operation
from smartmail.edge.httpd.admin.resources.installation import SYSTEM, CertificateTold, certificate_told
from smartmail.edge.httpd.admin.resources.trust import File, octets_of
from smartmail.edge.httpd.admin.shapes import Asked, Page, Time, Told, part, time_of
from smartmail.service.smime.trust import RootRow


class CertificateNew(Asked, frozen=True):
    """A chain and its key as PEM, or both in one PKCS #12 file (base64) without `key`."""

    file: File
    key: Annotated[str, Meta(max_length=100_000)] = ""
    password: Annotated[str, Meta(max_length=1000)] = ""


class MailAuthorityTold(Told, frozen=True):
    """An authority whose S/MIME certificates the company trusts. `fingerprint`: SHA-256."""

    fingerprint: str
    name: str
    until: Time


class AuthorityFile(Asked, frozen=True):
    """A certificate of an authority."""

    file: File


class RevocationFile(Asked, frozen=True):
    """A list of revoked certificates."""

    file: File


class Issuer(Told, frozen=True):
    """Whose list was taken."""

    issuer: str


async def _add(call: Call) -> CertificateTold:
    await call.may(SYSTEM)
    body, service = call.body, call.services.certificates
    if body.key:
        return certificate_told(await service.add_pem(call.actor, body.file.encode(), body.key.encode(), body.password))
    return certificate_told(await service.add_pfx(call.actor, octets_of(body.file), body.password))


async def _remove(call: Call) -> None:
    await call.may(SYSTEM)
    await call.services.certificates.remove(call.actor, call.path["id"])


async def _roots(call: Call) -> Page[MailAuthorityTold]:
    rows = await call.services.smime.trust.roots(await call.may_here())
    return part(rows, lambda one: one.fingerprint, call.page, _root)


async def _add_root(call: Call) -> MailAuthorityTold:
    home = await call.may_here()
    return _root(await call.services.smime.trust.add_root(call.actor, home, octets_of(call.body.file)))


async def _remove_root(call: Call) -> None:
    home, fingerprint = await call.may_here(), call.path["fingerprint"].lower()
    if not any(one.fingerprint == fingerprint for one in await call.services.smime.trust.roots(home)):
        raise NotFound
    await call.services.smime.trust.remove_root(call.actor, home, fingerprint)


async def _revoked(call: Call) -> Issuer:
    home = await call.may_here()
    return Issuer(await call.services.smime.trust.put_revocations(call.actor, home, octets_of(call.body.file)))


def _root(one: RootRow) -> MailAuthorityTold:
    return MailAuthorityTold(one.fingerprint, one.name, time_of(one.until * 1000))


_SMIME = "/smime-authorities"
OPERATIONS = (
    Operation(
        "POST", "/certificates", "Show one.", _add, "certificate.change", CertificateTold, CertificateNew, status=201
    ),
    Operation("DELETE", "/certificates/{id}", "Show it no more.", _remove, "certificate.change"),
    Operation("GET", _SMIME, "Authorities for mail.", _roots, "certificate.read", Page[MailAuthorityTold], paged=True),
    Operation("POST", _SMIME, "Trust one.", _add_root, "certificate.change", MailAuthorityTold, AuthorityFile, status=201),
    Operation("DELETE", f"{_SMIME}/{{fingerprint}}", "Trust one no more.", _remove_root, "certificate.change"),
    Operation(
        "POST", f"{_SMIME}/revocations", "Bring a list.", _revoked, "certificate.change", Issuer, RevocationFile,
        status=201,
    ),
)  # fmt: skip
