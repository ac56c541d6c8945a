"""/consent-texts, /consents, /trust: what everybody agrees to, and which certificates people may come in with."""

import base64
import binascii
from typing import Annotated, Literal

from msgspec import Meta

from smartmail.domain.errors import Invalid
from smartmail.domain.identity_certificates import AuthorityRow, CertificateRule
from smartmail.domain.policy import Scope
from smartmail.edge.httpd.admin.operation import Call, Operation
from smartmail.edge.httpd.admin.resources.accounts import Language
from smartmail.edge.httpd.admin.shapes import Asked, Count, Page, Time, Told, part, time_of
from smartmail.service.factors.consents import GivenConsent, ShownText

TextName = Annotated[str, Meta(pattern="^[a-z][a-z0-9-]{0,39}$", examples=["privacy"])]
Family = Literal["npki", "gpki", "other"]
Domain = Annotated[str, Meta(max_length=253, description='"": all domains of the company.')]
File = Annotated[str, Meta(min_length=1, max_length=900_000, description="PEM as it is, or base64 of DER or PKCS #7.")]


class TextTold(Told, frozen=True):
    """A version of a text in one language."""

    name: str
    version: Count
    language: str
    text: str
    at: Time


class TextNew(Asked, frozen=True):
    """The next version of a text, by language; everybody is asked anew."""

    name: TextName
    texts: Annotated[dict[Language, Annotated[str, Meta(min_length=1, max_length=100_000)]], Meta(min_length=1)]


class Version(Told, frozen=True):
    """The number of a version."""

    version: Count


class ConsentTold(Told, frozen=True):
    """Who agreed to which version, when and from where."""

    login: str
    name: str
    version: Count
    at: Time
    address: str | None


class AuthorityTold(Told, frozen=True):
    """An authority whose certificates count. `fingerprint`: SHA-256."""

    fingerprint: str
    domain: str
    family: str
    at: Time


class AuthorityNew(Asked, frozen=True):
    """Authorities of a file to be trusted."""

    file: File
    family: Family = "other"
    domain: Domain = ""


class AuthorityWhere(Asked, frozen=True):
    """Where it is trusted."""

    domain: Domain = ""


class FamilyRuleTold(Told, frozen=True):
    """How a family of certificates counts. `policies` empty: every purpose."""

    domain: str
    family: str
    enabled: bool
    policies: list[str]
    identity: bool
    rebind: bool


class FamilyRuleSet(Asked, frozen=True):
    """The same, to be set. `identity`: the identity number must be proved; `rebind`: a renewed one takes the old one's place."""

    family: Family
    domain: Domain = ""
    enabled: bool = True
    policies: Annotated[list[Annotated[str, Meta(max_length=100)]], Meta(max_length=100)] = []  # noqa: RUF012 -- msgspec copies it
    identity: bool = False
    rebind: bool = False


class SourceHost(Told, frozen=True):
    """A host that may be asked about revocation."""

    host: str


class RevocationListTold(Told, frozen=True):
    """A list of revoked certificates that is here. `issuer`: SHA-256 of the issuer's name."""

    issuer: str
    scope: str
    since: Time
    until: Time
    source: str


class RevocationListNew(Asked, frozen=True):
    """A list that an administrator brings."""

    file: File


async def _texts(call: Call) -> Page[TextTold]:
    rows = await call.services.consents.texts(call.actor, await call.may_here())
    return part(rows, lambda one: f"{one.name} {one.version:09} {one.language}", call.page, _text)


async def _publish(call: Call) -> Version:
    home, body = await call.may_here(), call.body
    return Version(await call.services.consents.publish(call.actor, home, body.name, body.texts))


async def _consents(call: Call) -> Page[ConsentTold]:
    home = await call.may_here()
    hidden = await call.services.authority.masks(call.actor, "policy.read", Scope("organization", str(home)))
    rows = await call.services.consents.given(call.actor, home)
    return part(
        rows, lambda one: f"{one.login} {one.name} {one.version:09}", call.page,
        lambda one: _consent(one, addresses="login-address" not in hidden),
    )  # fmt: skip


async def _authorities(call: Call) -> Page[AuthorityTold]:
    rows = await call.services.trust_lists.authorities(call.actor, await call.may_here())
    return part(rows, lambda one: f"{one.fingerprint} {one.domain}", call.page, _authority)


async def _add(call: Call) -> Page[AuthorityTold]:
    home, body = await call.may_here(), call.body
    await _own_domain(call, body.domain)
    made = call.services.trust_lists.add(call.actor, home, octets_of(body.file), body.family, body.domain)
    return Page([_authority(one) for one in await made])


async def _remove(call: Call) -> None:
    home = await call.may_here()
    fingerprint = call.path["fingerprint"].lower()
    await call.services.trust_lists.remove(call.actor, home, fingerprint, call.query.domain)


async def _rules(call: Call) -> Page[FamilyRuleTold]:
    rows = await call.services.trust_lists.rules(call.actor, await call.may_here())
    return part(rows, lambda one: f"{one.domain} {one.family}", call.page, _rule)


async def _set_rule(call: Call) -> FamilyRuleTold:
    home, body = await call.may_here(), call.body
    await _own_domain(call, body.domain)
    rule = CertificateRule(
        home, body.domain, body.family, body.enabled, tuple(body.policies), body.identity, body.rebind
    )
    return _rule(await call.services.trust_lists.set_rule(call.actor, rule))


async def _sources(call: Call) -> Page[SourceHost]:
    rows = await call.services.trust_lists.sources(call.actor, await call.may_here())
    return part(rows, str, call.page, SourceHost)


async def _allow(call: Call) -> SourceHost:
    home = await call.may_here()
    return SourceHost(await call.services.trust_lists.allow_source(call.actor, home, call.path["host"]))


async def _forbid(call: Call) -> None:
    home = await call.may_here()
    await call.services.trust_lists.allow_source(call.actor, home, call.path["host"], allowed=False)


async def _lists(call: Call) -> Page[RevocationListTold]:
    rows = await call.services.revocation_lists.facts(call.actor, await call.may_here())
    return part(
        rows, lambda one: f"{one.issuer.hex()} {one.scope}", call.page,
        lambda one: RevocationListTold(
            one.issuer.hex(), one.scope, time_of(one.since * 1000), time_of(one.until * 1000), one.source
        ),
    )  # fmt: skip


async def _load(call: Call) -> None:
    home = await call.may_here()
    await call.services.revocation_lists.load(call.actor, home, octets_of(call.body.file))


async def _own_domain(call: Call, domain: str) -> None:
    if domain:
        await call.may(Scope("domain", domain.lower()))


def octets_of(file: str) -> bytes:
    """Return the octets of a file that was sent as text. Raises Invalid."""
    if "-----BEGIN" in file:
        return file.encode()
    try:
        return base64.b64decode("".join(file.split()), validate=True)
    except (binascii.Error, ValueError):
        raise Invalid("the file is PEM, or base64 of DER or PKCS #7") from None


def _text(one: ShownText) -> TextTold:
    return TextTold(one.name, one.version, one.language, one.text, time_of(one.at))


def _consent(one: GivenConsent, *, addresses: bool) -> ConsentTold:
    return ConsentTold(one.login, one.name, one.version, time_of(one.at), one.address if addresses else None)


def _authority(one: AuthorityRow) -> AuthorityTold:
    return AuthorityTold(one.fingerprint, one.domain, one.family, time_of(one.at))


def _rule(one: CertificateRule) -> FamilyRuleTold:
    return FamilyRuleTold(one.domain, one.family, one.enabled, list(one.policies), one.identity, one.rebind)


_TRUST = "/trust/authorities"
OPERATIONS = (
    Operation("GET", "/consent-texts", "Texts, all versions.", _texts, "policy.read", Page[TextTold], paged=True),
    Operation("POST", "/consent-texts", "Publish a version.", _publish, "policy.change", Version, TextNew, status=201),
    Operation("GET", "/consents", "Who agreed to what.", _consents, "policy.read", Page[ConsentTold], paged=True),
    Operation("GET", _TRUST, "Authorities.", _authorities, "certificate.read", Page[AuthorityTold], paged=True),
    Operation(
        "POST", _TRUST, "Trust authorities.", _add, "certificate.change", Page[AuthorityTold], AuthorityNew, status=201
    ),
    Operation(
        "DELETE", f"{_TRUST}/{{fingerprint}}", "Trust one no more.", _remove, "certificate.change", query=AuthorityWhere
    ),
    Operation("GET", "/trust/rules", "How families count.", _rules, "certificate.read", Page[FamilyRuleTold], paged=True),
    Operation("PUT", "/trust/rules", "Say how one counts.", _set_rule, "certificate.change", FamilyRuleTold, FamilyRuleSet),
    Operation("GET", "/trust/sources", "Hosts to ask.", _sources, "certificate.read", Page[SourceHost], paged=True),
    Operation("PUT", "/trust/sources/{host}", "Let one be asked.", _allow, "certificate.change", SourceHost),
    Operation("DELETE", "/trust/sources/{host}", "Ask one no more.", _forbid, "certificate.change"),
    Operation("GET", "/trust/lists", "Revocation lists.", _lists, "certificate.read", Page[RevocationListTold], paged=True),
    Operation("POST", "/trust/lists", "Bring a list.", _load, "certificate.change", body=RevocationListNew),
)  # fmt: skip
