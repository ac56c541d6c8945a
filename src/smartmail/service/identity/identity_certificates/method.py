"""The kind of second factor "certificate": what is asked, and the judgement in the order of KA-4.

STRATEGIES  structure → signature → line and nonce → validity → chain → uses → purposes → revocation → binding → identity. The
            first that fails is the reason; it is logged with its detail, the page hears the word alone.
STATES      none: what was enrolled comes in opened (`Asked.held`), what must be kept goes out (`Proved`, `NewFactor`).
LIMITS      QUESTIONS nonces a minute and account, counted in the store for all processes (KA-6).
SECURITY    A key counts, not a name: the SHA-256 of its public half is what a login is found by. A renewed certificate (other
            key, same subject and issuer) takes the place of the old one only where the organisation says so and the
            identity number was proved; else an administrator resets and it is enrolled anew.
            A certificate shown in the handshake (KA-7) has proved its key there; everything after the line is judged alike.
STANDARDS   KA-2 … KA-7; RFC 5280, RFC 5652, RFC 6960, RFC 8446 §4.4.2.
"""

import base64
import binascii
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

from smartmail.base import log
from smartmail.domain.account import Account
from smartmail.domain.errors import RateLimited
from smartmail.domain.factors import FactorKind
from smartmail.domain.identity_certificates import CertificateRule
from smartmail.formats.npki import proof
from smartmail.formats.npki.chain import Chain, trusted_chain
from smartmail.formats.npki.names import identity_of, proves_identity
from smartmail.formats.npki.reasons import Refusal
from smartmail.policy import knobs
from smartmail.ports.store_identity_certificates import IdentityCertificateStore
from smartmail.service.identity.factors.methods import Asked, Held, NewFactor, Proved, Refused
from smartmail.service.identity.identity_certificates.standing import StandingCheck
from smartmail.service.identity.identity_certificates.trust import TrustLists
from smartmail.service.kernel.clock import MINUTE
from smartmail.service.kernel.policy import PolicyService

QUESTIONS: Final = 10
SHOWN: Final = "shown"
"""Name of the answer that is a certificate out of a handshake, with what came along: a tuple of DER octets."""


class Bound(msgspec.Struct, frozen=True):
    """What is kept of an enrolled certificate, sealed. Names as RFC 4514 writes them; `until` in seconds."""

    subject: str
    issuer: str
    serial: str
    until: int
    identity: bool


@dataclass(frozen=True, slots=True)
class _Judged:
    chain: Chain
    rule: CertificateRule
    lookup: bytes
    bound: Bound


class CertificateMethod:
    """service.identity.factors.methods.FactorMethod."""

    def __init__(
        self, store: IdentityCertificateStore, trust: TrustLists, standing: StandingCheck, policy: PolicyService
    ) -> None:
        self._store = store
        self._trust = trust
        self._standing = standing
        self._policy = policy

    @property
    def kind(self) -> FactorKind:
        return "certificate"

    async def ask(self, asked: Asked) -> Mapping[str, object]:
        """Return the parts of the line to sign, and whether the identity number will be asked for."""
        if await self._store.count_certificate_question(asked.account.id, asked.now // MINUTE) > QUESTIONS:
            raise RateLimited(f"at most {QUESTIONS} tries in a minute", reason="calls.many")
        _trust, rules = await self._trust.of(asked.account)
        return {
            "origin": asked.base,
            "account": asked.account.login,
            "nonce": proof.nonce_text(asked.nonce),
            "time": asked.asked_at // 1000,
            "identity": any(rule.identity for rule in rules.values() if rule.enabled),
        }

    async def begin(self, asked: Asked) -> tuple[Mapping[str, object], bytes]:
        """An enrolment asks for the same line: possession is proved once."""
        return await self.ask(asked), b""

    async def check(self, asked: Asked, response: Mapping[str, object]) -> Proved:
        """Judge an answer. Raises Refused with `certificate.<reason>`."""
        try:
            judged = await self._judge(asked, response)
            known = next((one for one in asked.held if one.lookup == judged.lookup), None)
            if known is not None:
                _require_identity(judged, needed=judged.rule.identity)
                return Proved(known.id)
            return self._renewed(asked.held, judged)
        except Refusal as refusal:
            raise _told(refusal, asked.account) from None

    async def finish(self, asked: Asked, response: Mapping[str, object]) -> NewFactor:
        """Enrol what has just signed. Raises Refused."""
        try:
            judged = await self._judge(asked, response)
            _require_identity(judged, needed=judged.rule.identity)
        except Refusal as refusal:
            raise _told(refusal, asked.account) from None
        return NewFactor(msgspec.json.encode(judged.bound), judged.lookup, label=_label(judged.chain.leaf))

    async def _judge(self, asked: Asked, response: Mapping[str, object]) -> _Judged:
        leaf, others = _shown(response) or _signed(asked, response)
        trust, rules = await self._trust.of(asked.account)
        chain = trusted_chain(leaf, others, trust, asked.now // 1000)
        policy = await self._policy.of(asked.account)
        await self._standing.require_good(
            asked.account.organization_id,
            chain,
            policy[knobs.CERTIFICATE_REVOCATION],
            policy[knobs.CERTIFICATE_SOFT_HOURS],
        )
        shown = proves_identity(identity_of(chain.leaf), _octets(response.get("identity") or ""))
        return _Judged(chain, rules[chain.family], key_hash(chain.leaf), _bound(chain.leaf, identity=shown))

    def _renewed(self, held: tuple[Held, ...], judged: _Judged) -> Proved:
        """KA-2: same subject and issuer under a new key."""
        for one in held:
            old = msgspec.json.decode(one.data, type=Bound)
            if (old.subject, old.issuer) == (judged.bound.subject, judged.bound.issuer):
                if not judged.rule.rebind:
                    raise Refusal("renewal_waits", "renewal by itself is off")
                if not judged.bound.identity:
                    raise Refusal("renewal_waits", "the identity number was not proved")
                return Proved(one.id, data=msgspec.json.encode(judged.bound), lookup=judged.lookup)
        raise Refusal("not_bound", judged.bound.serial)


def _require_identity(judged: _Judged, *, needed: bool) -> None:
    if needed and not judged.bound.identity:
        raise Refusal("identity")


def _told(refusal: Refusal, account: Account) -> Refused:
    log.event("certificate.refused", account=account.id, reason=refusal.reason, detail=refusal.detail)
    return Refused(f"certificate.{refusal.reason}")


def _shown(response: Mapping[str, object]) -> tuple[x509.Certificate, Sequence[x509.Certificate]] | None:
    """Return what a handshake proved the possession of: octets under this name, which no JSON can hold."""
    octets = response.get(SHOWN)
    if not isinstance(octets, tuple):
        return None
    try:
        leaf, *others = (x509.load_der_x509_certificate(one) for one in octets)
    except ValueError as error:
        raise Refusal("structure", str(error)[:100]) from None
    return leaf, others


def _signed(asked: Asked, response: Mapping[str, object]) -> tuple[x509.Certificate, Sequence[x509.Certificate]]:
    found = _read(response)
    question = proof.Question(asked.base, asked.account.login, asked.nonce, asked.asked_at // 1000, asked.now // 1000)
    proof.require_line(found, question)
    return found.certificate, found.others


def _read(response: Mapping[str, object]) -> proof.Proof:
    """{cms} or {line, certificate, signature}, all but the line in base64."""
    if "cms" in response:
        return proof.read_cms(_octets(response["cms"]))
    line = response.get("line")
    if not isinstance(line, str) or len(line) > 2000:
        raise Refusal("structure", "neither cms nor line")
    return proof.read_raw(line, _octets(response.get("certificate")), _octets(response.get("signature")))


def _octets(value: object) -> bytes:
    if not isinstance(value, str) or len(value) > 2 * proof.MAX_OCTETS:
        raise Refusal("structure", "not base64")
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        raise Refusal("structure", "not base64") from None


def key_hash(certificate: x509.Certificate) -> bytes:
    """Return SHA-256 of a certificate's public key (SubjectPublicKeyInfo)."""
    key = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(key).digest()


def _bound(leaf: x509.Certificate, *, identity: bool) -> Bound:
    return Bound(
        leaf.subject.rfc4514_string(), leaf.issuer.rfc4514_string(), f"{leaf.serial_number:x}",
        int(leaf.not_valid_after_utc.timestamp()), identity,
    )  # fmt: skip


def _label(leaf: x509.Certificate) -> str:
    names = leaf.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    issuers = leaf.issuer.get_attributes_for_oid(NameOID.ORGANIZATION_NAME) or leaf.issuer.get_attributes_for_oid(
        NameOID.COMMON_NAME
    )
    return " · ".join(str(one[0].value) for one in (names, issuers) if one)[:100]
