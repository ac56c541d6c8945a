"""/mark-authorities and /logos: who may confirm the logo of a sender (BIMI), and what is known of a domain's."""

from typing import Final

from smartmail.domain.brands import BrandLogo
from smartmail.domain.errors import NotFound
from smartmail.edge.httpd.admin.operation import Call, Operation
from smartmail.edge.httpd.admin.resources.certificates import AuthorityFile
from smartmail.edge.httpd.admin.resources.trust import octets_of
from smartmail.edge.httpd.admin.shapes import Page, Time, Told, part, time_of
from smartmail.service.smime.trust import RootRow


class MarkAuthorityTold(Told, frozen=True):
    """An authority whose mark certificates the company trusts. `fingerprint`: SHA-256."""

    fingerprint: str
    name: str
    until: Time


class LogoTold(Told, frozen=True):
    """What is known of a domain's logo: who owns and who confirmed it, or `reason` why there is none. Until `until`.

    Nothing is known of a domain whose mail the company has not had. `standing` of the certificate: good, unknown (who knows
    could not be asked), none (it names nobody), "" (not asked).
    """

    domain: str
    kind: str
    owner: str
    issuer: str
    size: int
    reason: str
    until: Time
    standing: str = ""


async def _roots(call: Call) -> Page[MarkAuthorityTold]:
    rows = await call.services.brands.trust.roots(await call.may_here())
    return part(rows, lambda one: one.fingerprint, call.page, _root)


async def _add(call: Call) -> MarkAuthorityTold:
    home = await call.may_here()
    return _root(await call.services.brands.trust.add_root(call.actor, home, octets_of(call.body.file)))


async def _remove(call: Call) -> None:
    home, fingerprint = await call.may_here(), call.path["fingerprint"].lower()
    if not any(one.fingerprint == fingerprint for one in await call.services.brands.trust.roots(home)):
        raise NotFound
    await call.services.brands.trust.remove_root(call.actor, home, fingerprint)


async def _logos(call: Call) -> Page[LogoTold]:
    rows = await call.services.brands.known_to(await call.may_here(), call.path["domain"])
    return part(rows, lambda one: one.source.hex(), call.page, _logo)


def _root(one: RootRow) -> MarkAuthorityTold:
    return MarkAuthorityTold(one.fingerprint, one.name, time_of(one.until * 1000))


def _logo(one: BrandLogo) -> LogoTold:
    return LogoTold(
        one.domain, one.kind, one.owner, one.issuer, len(one.svg), one.reason, time_of(one.expires_at), one.standing
    )


_MARKS: Final = "/mark-authorities"
OPERATIONS = (
    Operation(
        "GET", _MARKS, "Authorities for logos.", _roots, "certificate.read", Page[MarkAuthorityTold], paged=True
    ),
    Operation("POST", _MARKS, "Trust one for logos.", _add, "certificate.change", MarkAuthorityTold, AuthorityFile, status=201),
    Operation("DELETE", f"{_MARKS}/{{fingerprint}}", "Trust one for logos no more.", _remove, "certificate.change"),
    Operation(
        "GET", "/logos/{domain}", "What is known of a domain's logo.", _logos, "certificate.read", Page[LogoTold],
        paged=True,
    ),
)  # fmt: skip
