"""/consent-texts, /consents, /trust: consent texts, and which identity certificates are accepted."""

from dataclasses import replace
from typing import Annotated, Literal

from cryptography import x509
from msgspec import Meta

from smartmail.domain.identity_certificates import AuthorityRow, CertificateRule
from smartmail.domain.policy import Scope
from smartmail.edge.httpd.admin.operation import Call
from smartmail.edge.httpd.admin.resource import Resource
from smartmail.edge.httpd.admin.resources.accounts import Language
from smartmail.edge.httpd.admin.shapes import Count, Input, Output, Page, Time, decoded, part, time_of
from smartmail.service.identity.factors.consents import GivenConsent
from smartmail.service.identity.identity_certificates.lists import MAX_OCTETS

TextName = Annotated[str, Meta(pattern="^[a-z][a-z0-9-]{0,39}$", examples=["privacy"])]
Family = Literal["npki", "gpki", "other"]
Domain = Annotated[str, Meta(max_length=253, description='"": all domains of the company.')]
MAX_LIST = MAX_OCTETS * 4 // 3 + 4_096
File = Annotated[str, Meta(min_length=1, max_length=900_000, description="PEM as it is, or base64 of DER or PKCS #7.")]


class ConsentText(Output, frozen=True):
    """A version of a consent text in one language."""

    name: str
    version: Count
    language: str
    text: str
    at: Time


class ConsentTextCreate(Input, frozen=True):
    """The next version of a text, by language; everyone must accept it again."""

    name: TextName
    texts: Annotated[dict[Language, Annotated[str, Meta(min_length=1, max_length=100_000)]], Meta(min_length=1)]


class ConsentTextVersion(Output, frozen=True):
    """The number of a version."""

    version: Count


class Consent(Output, frozen=True):
    """Who accepted which version, when and from where."""

    login: str
    name: str
    version: Count
    at: Time
    address: str | None


class TrustAuthority(Output, frozen=True):
    """An authority whose identity certificates are accepted. `fingerprint`: SHA-256; `name`, `until`: of its certificate."""

    fingerprint: str
    domain: str
    family: str
    at: Time
    name: str
    until: Time


class TrustAuthorityCreate(Input, frozen=True):
    """A file with certificates of authorities to trust."""

    file: File
    family: Family = "other"
    domain: Domain = ""


class TrustAuthorityQuery(Input, frozen=True):
    """Where it is trusted."""

    domain: Domain = ""


class CertificateFamilyRule(Output, frozen=True):
    """How a family of certificates is accepted. `policies` empty: all."""

    domain: str
    family: str
    enabled: bool
    policies: list[str]
    identity: bool
    rebind: bool


class CertificateFamilyRuleUpdate(Input, frozen=True):
    """How a family is accepted; what is left out stays as it is. `policies`: policy names that count (`1.2.3.*`: a
    branch; `*`, or none: all); `identity`: identity proof is required; `rebind`: a renewed certificate replaces the old one.
    """

    family: Family
    domain: Domain = ""
    enabled: bool | None = None
    policies: Annotated[list[Annotated[str, Meta(max_length=100)]], Meta(max_length=100)] | None = None
    identity: bool | None = None
    rebind: bool | None = None


class RevocationHost(Output, frozen=True):
    """A host that may be contacted for revocation checks."""

    host: str


class RevocationList(Output, frozen=True):
    """A stored certificate revocation list. `issuer`: SHA-256 of the issuer's name."""

    issuer: str
    scope: str
    since: Time
    until: Time
    source: str


class RevocationListUpload(Input, frozen=True):
    """A certificate revocation list to store."""

    file: Annotated[str, Meta(min_length=1, max_length=MAX_LIST)]


api = Resource(asks="organization")
_TRUST = "/trust/authorities"


@api.get(
    "/consent-texts", "Consent texts, all versions.", "policy.read", cli="agreement list",
    columns="name version language at",
)  # fmt: skip
async def _texts(call: Call) -> Page[ConsentText]:
    rows = await call.services.consents.texts(call.actor, call.home)
    return part(rows, lambda one: f"{one.name} {one.version:09} {one.language}", call.page, ConsentText.from_row)


@api.post(
    "/consent-texts", "Publish a version of a consent text.", "policy.change", ConsentTextCreate, status=201,
    cli="agreement publish name",
)  # fmt: skip
async def _publish(call: Call) -> ConsentTextVersion:
    home, body = call.home, call.body
    return ConsentTextVersion(await call.services.consents.publish(call.actor, home, body.name, body.texts))


@api.get("/consents", "Consents, with account and version.", "policy.read", cli="agreement given")
async def _consents(call: Call) -> Page[Consent]:
    hidden = await call.services.authority.masks(call.actor, "policy.read", Scope("organization", str(call.home)))
    rows = await call.services.consents.given(call.actor, call.home)
    return part(
        rows, lambda one: f"{one.login} {one.name} {one.version:09}", call.page,
        lambda one: _consent(one, addresses="login-address" not in hidden),
    )  # fmt: skip


@api.get(
    _TRUST, "Trusted authorities for identity certificates.", "certificate.read", cli="trust list",
    columns="fingerprint family domain until name",
)  # fmt: skip
async def _authorities(call: Call) -> Page[TrustAuthority]:
    rows = await call.services.trust_lists.authorities(call.actor, call.home)
    return part(rows, lambda one: f"{one.fingerprint} {one.domain}", call.page, _authority)


@api.post(
    _TRUST, "Add trusted authorities.", "certificate.change", TrustAuthorityCreate, status=201, cli="trust add file",
    columns="fingerprint family domain until name",
)  # fmt: skip
async def _add(call: Call) -> Page[TrustAuthority]:
    home, body = call.home, call.body
    await _own_domain(call, body.domain)
    made = call.services.trust_lists.add(call.actor, home, octets_of(body.file), body.family, body.domain)
    return Page([_authority(one) for one in await made])


@api.delete(
    f"{_TRUST}/{{fingerprint}}", "Remove a trusted authority.", "certificate.change", query=TrustAuthorityQuery,
    cli="trust remove",
)  # fmt: skip
async def _remove(call: Call) -> None:
    fingerprint = call.path["fingerprint"].lower()
    await call.services.trust_lists.remove(call.actor, call.home, fingerprint, call.query.domain)


@api.get("/trust/rules", "How certificate families are accepted.", "certificate.read", cli="trust rules")
async def _rules(call: Call) -> Page[CertificateFamilyRule]:
    rows = await call.services.trust_lists.rules(call.actor, call.home)
    return part(rows, lambda one: f"{one.domain} {one.family}", call.page, CertificateFamilyRule.from_row)


@api.put(
    "/trust/rules", "Set how a certificate family is accepted.", "certificate.change", CertificateFamilyRuleUpdate,
    cli="trust rule family",
)  # fmt: skip
async def _set_rule(call: Call) -> CertificateFamilyRule:
    home, body = call.home, call.body
    await _own_domain(call, body.domain)
    trust = call.services.trust_lists
    place = (body.domain, body.family)
    held = (one for one in await trust.rules(call.actor, home) if (one.domain, one.family) == place)
    rule = next(held, CertificateRule(home, *place))
    switches = {name: getattr(body, name) for name in ("enabled", "identity", "rebind")}
    rule = replace(rule, **{name: value for name, value in switches.items() if value is not None})
    if body.policies is not None:
        rule = replace(rule, policies=() if body.policies == ["*"] else tuple(body.policies))
    return CertificateFamilyRule.from_row(await trust.set_rule(call.actor, rule))


@api.get(
    "/trust/sources", "Hosts that may be contacted for revocation checks.", "certificate.read", cli="trust sources"
)
async def _sources(call: Call) -> Page[RevocationHost]:
    rows = await call.services.trust_lists.sources(call.actor, call.home)
    return part(rows, str, call.page, RevocationHost)


@api.put("/trust/sources/{host}", "Allow revocation checks at a host.", "certificate.change", cli="trust source")
async def _allow(call: Call) -> RevocationHost:
    return RevocationHost(await call.services.trust_lists.allow_source(call.actor, call.home, call.path["host"]))


@api.delete(
    "/trust/sources/{host}", "Stop revocation checks at a host.", "certificate.change", cli="trust remove-source"
)
async def _forbid(call: Call) -> None:
    await call.services.trust_lists.allow_source(call.actor, call.home, call.path["host"], allowed=False)


@api.get("/trust/lists", "Revocation lists.", "certificate.read", cli="trust lists")
async def _lists(call: Call) -> Page[RevocationList]:
    rows = await call.services.revocation_lists.facts(call.actor, call.home)
    return part(
        rows, lambda one: f"{one.issuer.hex()} {one.scope}", call.page,
        lambda one: RevocationList(
            one.issuer.hex(), one.scope, time_of(one.since * 1000), time_of(one.until * 1000), one.source
        ),
    )  # fmt: skip


@api.post(
    "/trust/lists", "Upload a revocation list.", "certificate.change", RevocationListUpload,
    body_octets=MAX_LIST + 4_096, cli="trust load file",
)  # fmt: skip
async def _load(call: Call) -> None:
    await call.services.revocation_lists.load(call.actor, call.home, octets_of(call.body.file))


async def _own_domain(call: Call, domain: str) -> None:
    if domain:
        await call.may(Scope("domain", domain.lower()))


def octets_of(file: str) -> bytes:
    """Return the octets of a file that was sent as text. Raises Invalid."""
    if "-----BEGIN" in file:
        return file.encode()
    return decoded("".join(file.split()), "the file is PEM, or base64 of DER or PKCS #7")


def _consent(one: GivenConsent, *, addresses: bool) -> Consent:
    return Consent.from_row(one, address=one.address if addresses else None)


def _authority(one: AuthorityRow) -> TrustAuthority:
    certificate = x509.load_der_x509_certificate(one.der)
    until = time_of(int(certificate.not_valid_after_utc.timestamp()) * 1000)
    return TrustAuthority.from_row(one, name=certificate.subject.rfc4514_string(), until=until)
