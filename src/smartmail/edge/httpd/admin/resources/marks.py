"""/mark-authorities and /logos: authorities for brand logos (BIMI), and the logo of a domain."""

from typing import Final

from smartmail.domain import brands
from smartmail.domain.errors import NotFound
from smartmail.edge.httpd.admin.operation import Call
from smartmail.edge.httpd.admin.resource import Resource
from smartmail.edge.httpd.admin.resources.certificates import AuthorityCertificateUpload
from smartmail.edge.httpd.admin.resources.trust import octets_of
from smartmail.edge.httpd.admin.shapes import Output, Page, Time, part, time_of
from smartmail.service.flow.smime.trust import RootRow


class MarkAuthority(Output, frozen=True):
    """An authority whose mark certificates (VMC) the organization trusts. `fingerprint`: SHA-256."""

    fingerprint: str
    name: str
    until: Time


class BrandLogo(Output, frozen=True):
    """The logo of a domain (BIMI): owner and issuer, or `reason` why there is none; cached until `until`. Only domains
    that have sent mail to the organization have one. `standing` of the certificate: good, unknown (revocation could not
    be checked), none (no revocation source), "" (not checked).
    """

    domain: str
    kind: str
    owner: str
    issuer: str
    size: int
    reason: str
    until: Time
    standing: str = ""


api = Resource(asks="organization")
_MARKS: Final = "/mark-authorities"


@api.get(_MARKS, "Trusted authorities for brand logos.", "certificate.read", cli="logo list")
async def _roots(call: Call) -> Page[MarkAuthority]:
    rows = await call.services.brands.trust.roots(call.home)
    return part(rows, lambda one: one.fingerprint, call.page, _root)


@api.post(
    _MARKS, "Trust an authority for brand logos.", "certificate.change", AuthorityCertificateUpload, status=201,
    cli="logo trust file",
)  # fmt: skip
async def _add(call: Call) -> MarkAuthority:
    return _root(await call.services.brands.trust.add_root(call.actor, call.home, octets_of(call.body.file)))


@api.delete(
    f"{_MARKS}/{{fingerprint}}", "Remove a trusted authority for brand logos.", "certificate.change",
    cli="logo distrust",
)  # fmt: skip
async def _remove(call: Call) -> None:
    home, fingerprint = call.home, call.path["fingerprint"].lower()
    if not any(one.fingerprint == fingerprint for one in await call.services.brands.trust.roots(home)):
        raise NotFound
    await call.services.brands.trust.remove_root(call.actor, home, fingerprint)


@api.get("/logos/{domain}", "The brand logo of a domain.", "certificate.read", cli="logo show")
async def _logos(call: Call) -> Page[BrandLogo]:
    rows = await call.services.brands.known_to(call.home, call.path["domain"])
    return part(rows, lambda one: one.source.hex(), call.page, _logo)


def _root(one: RootRow) -> MarkAuthority:
    return MarkAuthority(one.fingerprint, one.name, time_of(one.until * 1000))


def _logo(one: brands.BrandLogo) -> BrandLogo:
    return BrandLogo.from_row(one, size=len(one.svg), until=time_of(one.expires_at), standing=one.standing)
