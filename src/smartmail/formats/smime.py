"""S/MIME signatures: which messages carry one, and whether it holds.

NAME        smime
PURPOSE     From a message's table of parts, the octets that were signed and the CMS object beside them, to a verdict with
            reasons. Pure: octets, time and trusted roots come in; nothing is fetched, no store is asked.
LIMITS      MAX_SIGNERS signers, MAX_CERTIFICATES certificates, MAX_CHAIN links; the callers bound the octets.
FAILURE     Any octets give a `Judgement`; what cannot be read is a fault named `malformed`.
SECURITY    A signature counts only for the address in From (RFC 8550 §3): a good signature of somebody else is a fault.
            SHA-1 and MD5 do not count. A chain ends at a root that was given, never at what the message brings along.
STANDARDS   RFC 8551 (messages), RFC 8550, RFC 5280 (certificates), RFC 5652 (CMS), RFC 8419 (Ed25519), RFC 4056 (PSS).
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal

from asn1crypto import cms
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa, utils
from cryptography.x509 import verification
from cryptography.x509.oid import ExtendedKeyUsageOID, ExtensionOID, NameOID

from smartmail.formats.address import normalize
from smartmail.formats.mime.parts import Part

MAX_SIGNERS: Final = 5
MAX_CERTIFICATES: Final = 50
MAX_CHAIN: Final = 8
MAX_SIGNATURE_OCTETS: Final = 1 << 20
"""Of a detached signature as DER: certificates and signatures only."""

Form = Literal["detached", "opaque", "encrypted"]
Fault = Literal[
    "malformed", "changed", "signature", "algorithm", "certificate", "address", "untrusted", "validity", "usage", "revoked",
]  # fmt: skip
_SIGNATURE_TYPES: Final = frozenset({"application/pkcs7-signature", "application/x-pkcs7-signature"})
_MIME_TYPES: Final = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})
_HASHES: Final[dict[str, type[hashes.HashAlgorithm]]] = {
    "sha256": hashes.SHA256, "sha384": hashes.SHA384, "sha512": hashes.SHA512,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Judgement:
    """What became of a signature: no faults means that it holds. `address`: the certificate's, as far as one was found."""

    faults: tuple[Fault, ...] = ()
    address: str = ""
    issuer: str = ""
    serial: str = ""

    @property
    def good(self) -> bool:
        """Say whether the signature holds."""
        return not self.faults


@dataclass(frozen=True, slots=True)
class Trust:
    """Roots that count, and lists of what was revoked (each already known to be its issuer's or not: it is checked)."""

    roots: tuple[x509.Certificate, ...] = ()
    revocations: tuple[x509.CertificateRevocationList, ...] = ()


def form_of(parts: Sequence[Part]) -> Form | None:
    """Return how a message is signed or sealed as a whole, None when it is not S/MIME.

    `opaque` may turn out to be encrypted: only the CMS object tells (`is_signed`).
    """
    if not parts:
        return None
    top = parts[0]
    if top.type in _MIME_TYPES:
        return "encrypted" if "enveloped" in top.name.lower() else "opaque"
    below = [part for part in parts if part.parent == 0]
    if top.type == "multipart/signed" and len(below) == 2 and below[1].type in _SIGNATURE_TYPES:
        return "detached"
    return None


def signed_range(parts: Sequence[Part]) -> tuple[int, int]:
    """Return the octets [start, end) that a detached signature covers: the first part with its header (RFC 1847 §2.1)."""
    first = next(part for part in parts if part.parent == 0)
    return first.header_start, first.body_end


def signature_part(parts: Sequence[Part]) -> Part:
    """Return the part that holds the CMS object."""
    top = parts[0]
    return top if top.type in _MIME_TYPES else [part for part in parts if part.parent == 0][1]


def is_signed(der: bytes) -> bool:
    """Say whether a CMS object is signed data rather than encrypted or compressed."""
    try:
        return bool(cms.ContentInfo.load(der)["content_type"].native == "signed_data")
    except (ValueError, TypeError, KeyError):
        return False


class ContentHashes:
    """Digests of the signed octets, taken while they are read; one pass for all algorithms that count."""

    def __init__(self) -> None:
        self._running = {name: hashlib.new(name) for name in _HASHES}

    def feed(self, octets: bytes) -> None:
        """Take octets, in order."""
        for one in self._running.values():
            one.update(octets)

    def finish(self) -> dict[str, bytes]:
        """Return algorithm → digest."""
        return {name: one.digest() for name, one in self._running.items()}


def judge(der: bytes, digests: dict[str, bytes] | None, senders: Sequence[str], trust: Trust, at: int) -> Judgement:
    """Judge signed data. `digests` are those of detached content, None for content inside; `at`: Unix time in seconds
    for which certificates must be valid. The first signer whose signature is by a sender's certificate counts.
    """
    try:
        data = cms.ContentInfo.load(der)["content"]
        signers = list(data["signer_infos"])[:MAX_SIGNERS]
        certificates = [
            one for entry in list(data["certificates"] or ())[:MAX_CERTIFICATES] if (one := _certificate(entry))
        ]
        digests = digests if digests is not None else _inner(data)
    except (ValueError, TypeError, KeyError, RecursionError):
        return Judgement(("malformed",))
    if not signers:
        return Judgement(("malformed",))
    found = [_judge_signer(one, data, certificates, digests, senders, trust, at) for one in signers]
    return min(found, key=lambda one: len(one.faults))


def _inner(data: Any) -> dict[str, bytes]:
    content = data["encap_content_info"]["content"].native
    running = ContentHashes()
    running.feed(content if isinstance(content, bytes) else b"")
    return running.finish()


def _certificate(entry: Any) -> x509.Certificate | None:
    try:
        return x509.load_der_x509_certificate(entry.chosen.dump())
    except (ValueError, TypeError, AttributeError, UnsupportedAlgorithm):
        return None


def _judge_signer(
    signer: Any,
    data: Any,
    certificates: Sequence[x509.Certificate],
    digests: dict[str, bytes],
    senders: Sequence[str],
    trust: Trust,
    at: int,
) -> Judgement:
    try:
        certificate = _signers_certificate(signer["sid"], certificates)
        if certificate is None:
            return Judgement(("certificate",))
        faults = _signature_faults(signer, data, certificate, digests)
        faults += _certificate_faults(certificate, certificates, senders, trust, at)
        addresses = _addresses(certificate)
        wanted = {normalize(one) for one in senders}
        address = next((one for one in addresses if one in wanted), addresses[0] if addresses else "")
        issuer = certificate.issuer.rfc4514_string()[:200]
        return Judgement(tuple(dict.fromkeys(faults)), address, issuer, f"{certificate.serial_number:x}")
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, UnsupportedAlgorithm):
        return Judgement(("malformed",))


def _signers_certificate(sid: Any, certificates: Sequence[x509.Certificate]) -> x509.Certificate | None:
    for one in certificates:
        if sid.name == "issuer_and_serial_number":
            same = one.serial_number == sid.chosen["serial_number"].native
            if same and one.issuer.public_bytes() == sid.chosen["issuer"].dump():
                return one
        elif _key_id(one) == sid.chosen.native:
            return one
    return None


def _key_id(certificate: x509.Certificate) -> bytes | None:
    try:
        return certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
    except (x509.ExtensionNotFound, ValueError):
        return None


# -- the signature itself -------------------------------------------------------------------------------------------


def _signature_faults(signer: Any, data: Any, certificate: x509.Certificate, digests: dict[str, bytes]) -> list[Fault]:
    digest_name = signer["digest_algorithm"]["algorithm"].native
    content_digest = digests.get(digest_name)
    if content_digest is None:
        return ["algorithm"]
    attributes = signer["signed_attrs"]
    if attributes.native:
        if _attribute(attributes, "message_digest") != content_digest:
            return ["changed"]
        if _attribute(attributes, "content_type") != data["encap_content_info"]["content_type"].native:
            return ["malformed"]
        # RFC 5652 §5.4: signed is the DER of the attributes as a SET, whatever tag they wear in the object.
        octets = attributes.untag().dump(force=True)
        signed = hashlib.new(digest_name, octets).digest()
    else:
        octets, signed = b"", content_digest
    return _check(signer, certificate.public_key(), digest_name, signed, octets)


def _attribute(attributes: Any, name: str) -> Any:
    values = [one["values"].native for one in attributes if one["type"].native == name]
    return values[0][0] if len(values) == 1 and len(values[0]) == 1 else None


def _check(signer: Any, key: Any, digest_name: str, digest: bytes, octets: bytes) -> list[Fault]:
    signature = signer["signature"].native
    algorithm = utils.Prehashed(_HASHES[digest_name]())
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, digest, _padding(signer, digest_name), algorithm)
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, digest, ec.ECDSA(algorithm))
        elif isinstance(key, ed25519.Ed25519PublicKey) and octets:
            key.verify(signature, octets)
        else:
            return ["algorithm"]
    except InvalidSignature:
        return ["signature"]
    return []


def _padding(signer: Any, digest_name: str) -> padding.AsymmetricPadding:
    if signer["signature_algorithm"]["algorithm"].native != "rsassa_pss":
        return padding.PKCS1v15()
    salt = int(signer["signature_algorithm"]["parameters"]["salt_length"].native)
    return padding.PSS(padding.MGF1(_HASHES[digest_name]()), salt)


# -- the certificate ------------------------------------------------------------------------------------------------


def _certificate_faults(
    certificate: x509.Certificate,
    others: Sequence[x509.Certificate],
    senders: Sequence[str],
    trust: Trust,
    at: int,
) -> list[Fault]:
    faults: list[Fault] = []
    if not {normalize(one) for one in senders} & set(_addresses(certificate)):
        faults.append("address")
    if not _may_sign(certificate):
        faults.append("usage")
    moment = datetime.fromtimestamp(at, UTC)
    if not certificate.not_valid_before_utc <= moment <= certificate.not_valid_after_utc:
        faults.append("validity")
    elif not _chained(certificate, others, trust, moment):
        faults.append("untrusted")
    if any(_revokes(one, certificate, (*others, *trust.roots), moment) for one in trust.revocations):
        faults.append("revoked")
    return faults


def _addresses(certificate: x509.Certificate) -> list[str]:
    """Return the addresses that a certificate is for (RFC 8550 §3): alternative names, else those of the subject."""
    found: list[str] = []
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        found = names.get_values_for_type(x509.RFC822Name)
    except (x509.ExtensionNotFound, ValueError):
        pass
    if not found:
        subject = certificate.subject.get_attributes_for_oid(NameOID.EMAIL_ADDRESS)
        found = [str(one.value) for one in subject]
    return [normalize(one) for one in found]


def _may_sign(certificate: x509.Certificate) -> bool:
    """RFC 8550 §4.4.2, §4.4.4: what limits a key must allow signing, and mail; no limit allows both."""
    extensions = certificate.extensions
    try:
        usage = extensions.get_extension_for_class(x509.KeyUsage).value
        if not (usage.digital_signature or usage.content_commitment):
            return False
    except x509.ExtensionNotFound:
        pass
    try:
        purposes = extensions.get_extension_for_oid(ExtensionOID.EXTENDED_KEY_USAGE).value
    except x509.ExtensionNotFound:
        return True
    allowed = {ExtendedKeyUsageOID.EMAIL_PROTECTION, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE}
    return isinstance(purposes, x509.ExtendedKeyUsage) and any(one in allowed for one in purposes)


_AUTHORITY: Final = verification.ExtensionPolicy.permit_all().require_present(
    x509.BasicConstraints, verification.Criticality.AGNOSTIC, None
)
_END: Final = verification.ExtensionPolicy.permit_all()


def _chained(certificate: x509.Certificate, others: Sequence[x509.Certificate], trust: Trust, moment: datetime) -> bool:
    if not trust.roots:
        return False
    policy = verification.PolicyBuilder().store(verification.Store(list(trust.roots)))
    policy = policy.time(moment).max_chain_depth(MAX_CHAIN).extension_policies(ca_policy=_AUTHORITY, ee_policy=_END)
    try:
        policy.build_client_verifier().verify(certificate, [one for one in others if one != certificate])
    except (verification.VerificationError, ValueError):
        return False
    return True


def _revokes(
    listed: x509.CertificateRevocationList,
    certificate: x509.Certificate,
    issuers: Sequence[x509.Certificate],
    moment: datetime,
) -> bool:
    """Whether a list, signed by the certificate's issuer, named it by that time."""
    if listed.issuer != certificate.issuer:
        return False
    entry = listed.get_revoked_certificate_by_serial_number(certificate.serial_number)
    if entry is None or entry.revocation_date_utc > moment:
        return False
    return any(one.subject == listed.issuer and _signed_by(listed, one) for one in issuers)


def _signed_by(listed: x509.CertificateRevocationList, issuer: x509.Certificate) -> bool:
    try:
        key: Any = issuer.public_key()  # one that signs nothing raises
        return listed.is_signature_valid(key)
    except (TypeError, ValueError, UnsupportedAlgorithm):
        return False
