"""The line that a certificate signs to log somebody in, and the reading of what a page sends.

    SmartMail-Login-v1|<origin>|<account>|<nonce, base64url>|<seconds of Unix time>

Signed as CMS SignedData with content inside (RFC 5652), or as the bare RSA signature over the line (RFC 8017, PKCS #1 v1.5).

SECURITY  SHA-256 and up; RSA of 2,048 bits and up. Signed attributes must name content type, digest and time, so that no
          signature over attributes can be shown as one over content (RFC 5652 §11). One signer.
"""

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from asn1crypto import cms
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils

from smartmail.formats.npki.reasons import Refusal

VERSION: Final = "SmartMail-Login-v1"
LIFE_S: Final = 120
MAX_OCTETS: Final = 65_536
MAX_CERTIFICATES: Final = 8
LEAST_RSA_BITS: Final = 2048
_HASHES: Final[dict[str, type[hashes.HashAlgorithm]]] = {
    "sha256": hashes.SHA256, "sha384": hashes.SHA384, "sha512": hashes.SHA512,
}  # fmt: skip
_RSA_NAMES: Final = frozenset({"rsassa_pkcs1v15", "sha256_rsa", "sha384_rsa", "sha512_rsa"})
_UNREADABLE = (
    ValueError,
    TypeError,
    KeyError,
    AttributeError,
    RecursionError,
    UnsupportedAlgorithm,
    x509.InvalidVersion,
)


@dataclass(frozen=True, slots=True)
class Proof:
    """A line whose signature is good, and by whom; `others` are certificates that came along and vouch for nothing."""

    line: str
    certificate: x509.Certificate
    others: tuple[x509.Certificate, ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """What must have been signed. `nonce`: empty when it was used up. Seconds of Unix time."""

    origin: str
    account: str
    nonce: bytes
    asked_at: int
    now: int


def nonce_text(nonce: bytes) -> str:
    """Return a nonce as it stands in the line (RFC 4648 §5, without padding)."""
    return base64.urlsafe_b64encode(nonce).rstrip(b"=").decode()


def line_of(origin: str, account: str, nonce: str, seconds: int) -> str:
    """Return the line to sign."""
    return f"{VERSION}|{origin}|{account}|{nonce}|{seconds}"


def read_cms(der: bytes) -> Proof:
    """Read SignedData and check its signature. Raises Refusal: structure, weak_algorithm, signature."""
    if len(der) > MAX_OCTETS:
        raise Refusal("structure", "too large")
    try:
        info = cms.ContentInfo.load(der, strict=True)
        data = info["content"]
        certificates = _certificates(data)
        signers, content = list(data["signer_infos"]), data["encap_content_info"]["content"].native
        if info["content_type"].native != "signed_data" or len(signers) != 1 or not isinstance(content, bytes):
            raise Refusal("structure", "not one signature over one line")
        signer = signers[0]
        leaf = next((one for one in certificates if _is_of(signer["sid"], one)), None)
        if leaf is None:
            raise Refusal("structure", "the signer's certificate is not there")
        _check_signer(signer, data, content, leaf)
        others = tuple(one for one in certificates if one != leaf)
        return Proof(content.decode("ascii"), leaf, others)
    except _UNREADABLE as error:
        raise Refusal("structure", type(error).__name__) from None


def read_raw(line: str, certificate: bytes, signature: bytes, others: Sequence[bytes] = ()) -> Proof:
    """Read a line with its bare signature. Raises Refusal."""
    try:
        leaf = x509.load_der_x509_certificate(certificate)
        behind = tuple(x509.load_der_x509_certificate(one) for one in others[:MAX_CERTIFICATES])
        octets = line.encode("ascii")
        _verify(leaf.public_key(), signature, hashlib.sha256(octets).digest(), "sha256")
    except _UNREADABLE as error:
        raise Refusal("structure", type(error).__name__) from None
    return Proof(line, leaf, behind)


def require_line(proof: Proof, question: Question) -> None:
    """Raise Refusal unless the line is the one that was asked for: structure, origin, account, nonce_…"""
    parts = proof.line.split("|")
    if len(parts) != 5 or parts[0] != VERSION or not (parts[4].isdecimal() and len(parts[4]) <= 12):
        raise Refusal("structure", "not the line of a login")
    _version, origin, account, nonce, seconds = parts
    if origin != question.origin:
        raise Refusal("origin", origin[:200])
    if account != question.account:
        raise Refusal("account")
    if not question.nonce:
        raise Refusal("nonce_replayed")
    if nonce != nonce_text(question.nonce):
        raise Refusal("nonce_unknown")
    if question.now - question.asked_at > LIFE_S or abs(int(seconds) - question.asked_at) > LIFE_S:
        raise Refusal("nonce_expired")


def _certificates(data: Any) -> list[x509.Certificate]:
    entries = list(data["certificates"] or ())
    if len(entries) > MAX_CERTIFICATES:
        raise Refusal("structure", "too many certificates")
    return [x509.load_der_x509_certificate(one.chosen.dump()) for one in entries]


def _is_of(sid: Any, certificate: x509.Certificate) -> bool:
    if sid.name == "issuer_and_serial_number":
        same = certificate.serial_number == sid.chosen["serial_number"].native
        return bool(same and certificate.issuer.public_bytes() == sid.chosen["issuer"].dump())
    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
    except x509.ExtensionNotFound:
        return False
    return bool(found == sid.chosen.native)


def _check_signer(signer: Any, data: Any, content: bytes, leaf: x509.Certificate) -> None:
    name = signer["digest_algorithm"]["algorithm"].native
    if name not in _HASHES:
        raise Refusal("weak_algorithm", str(name))
    signed = signer["signature_algorithm"]["algorithm"].native
    if isinstance(leaf.public_key(), rsa.RSAPublicKey) and signed not in _RSA_NAMES:
        raise Refusal("weak_algorithm", str(signed))
    attributes = signer["signed_attrs"]
    if not attributes.native or _attribute(attributes, "signing_time") is None:
        raise Refusal("structure", "signed attributes are missing")
    if _attribute(attributes, "content_type") != data["encap_content_info"]["content_type"].native:
        raise Refusal("structure", "another content type")
    if _attribute(attributes, "message_digest") != hashlib.new(name, content).digest():
        raise Refusal("signature", "over something else")
    # RFC 5652 §5.4: signed is the DER of the attributes as a SET, whatever tag they wear in the object.
    octets = attributes.untag().dump(force=True)
    _verify(leaf.public_key(), signer["signature"].native, hashlib.new(name, octets).digest(), name)


def _attribute(attributes: Any, name: str) -> Any:
    values = [one["values"].native for one in attributes if one["type"].native == name]
    return values[0][0] if len(values) == 1 and len(values[0]) == 1 else None


def _verify(key: object, signature: bytes, digest: bytes, name: str) -> None:
    algorithm = utils.Prehashed(_HASHES[name]())
    try:
        if isinstance(key, rsa.RSAPublicKey):
            if key.key_size < LEAST_RSA_BITS:
                raise Refusal("weak_algorithm", f"RSA of {key.key_size} bits")
            key.verify(signature, digest, padding.PKCS1v15(), algorithm)
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, digest, ec.ECDSA(algorithm))
        else:
            raise Refusal("weak_algorithm", type(key).__name__)
    except InvalidSignature:
        raise Refusal("signature") from None
