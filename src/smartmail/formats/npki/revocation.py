"""Whether a certificate was revoked: questions and answers of OCSP (RFC 6960), lists (RFC 5280 §5).

FAILURE   `NoAnswerError`: what came is no answer to this question, or not by who may give it. Nothing of it counts.
SECURITY  Signed by the issuer, or (OCSP) by somebody whom the issuer named for it (RFC 6960 §4.2.2.2); SHA-1 does not count.
          A list that covers other certificates, some reasons or other issuers only is no answer.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal
from urllib.parse import unquote

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID

SKEW_S: Final = 300
FRESH_S: Final = 3600
"""How long an answer without an end of its own is fresh."""
_WEAK: Final = ("sha1", "md5")
_DIRECTORY: Final = re.compile(r"ldaps?://[^/]*/([^?]*)", re.IGNORECASE)
State = Literal["good", "revoked"]


class NoAnswerError(Exception):
    """The text is for the log."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What somebody says who may: since when it is so said, and until when. Seconds of Unix time."""

    state: State
    since: int
    until: int


def ocsp_urls(certificate: x509.Certificate) -> list[str]:
    """Return where the certificate's responders are."""
    try:
        found = certificate.extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    except (x509.ExtensionNotFound, ValueError):
        return []
    return [
        one.access_location.value
        for one in found
        if one.access_method == AuthorityInformationAccessOID.OCSP
        and isinstance(one.access_location, x509.UniformResourceIdentifier)
    ]


def list_urls(certificate: x509.Certificate) -> list[str]:
    """Return where the certificate's lists lie: by HTTP alone; those in directories (ldap:) are loaded by file."""
    return [url for url in _points(certificate) if url.startswith(("http://", "https://"))]


def ask(certificate: x509.Certificate, issuer: x509.Certificate, nonce: bytes) -> bytes:
    """Return a question for a responder."""
    # RFC 5019 §2.1.1: the hash names the certificate, it protects nothing; many responders know SHA-1 alone.
    builder = ocsp.OCSPRequestBuilder().add_certificate(certificate, issuer, hashes.SHA1())  # noqa: S303
    return builder.add_extension(x509.OCSPNonce(nonce), critical=False).build().public_bytes(Encoding.DER)


def read_answer(
    der: bytes, certificate: x509.Certificate, issuer: x509.Certificate, nonce: bytes, now: int
) -> Standing:
    """Return what a responder says. Raises NoAnswerError."""
    try:
        return _read_answer(ocsp.load_der_ocsp_response(der), certificate, issuer, nonce, now)
    except (ValueError, TypeError, UnsupportedAlgorithm, x509.ExtensionNotFound) as error:
        raise NoAnswerError(f"unreadable: {type(error).__name__}") from None


def _read_answer(
    answer: ocsp.OCSPResponse, certificate: x509.Certificate, issuer: x509.Certificate, nonce: bytes, now: int
) -> Standing:
    if answer.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL:
        raise NoAnswerError(f"the responder says {answer.response_status.name}")
    request = ocsp.load_der_ocsp_request(ask(certificate, issuer, nonce))
    same = (answer.serial_number, answer.issuer_name_hash, answer.issuer_key_hash)
    if not isinstance(answer.hash_algorithm, hashes.SHA1):
        raise NoAnswerError("named by another hash than asked")
    if same != (request.serial_number, request.issuer_name_hash, request.issuer_key_hash):
        raise NoAnswerError("about another certificate")
    given = _nonce(answer)
    if given is not None and given != nonce:
        raise NoAnswerError("an answer to another question")
    _require_signature(answer, issuer, now)
    since, end = _seconds(answer.this_update_utc), answer.next_update_utc
    until = since + FRESH_S if end is None else _seconds(end)
    if since > now + SKEW_S:
        raise NoAnswerError("from the future")
    if answer.certificate_status is ocsp.OCSPCertStatus.REVOKED:
        return Standing("revoked", since, until)
    if answer.certificate_status is not ocsp.OCSPCertStatus.GOOD:
        raise NoAnswerError("the responder does not know it")
    return Standing("good", since, until)


def _nonce(answer: ocsp.OCSPResponse) -> bytes | None:
    try:
        return answer.extensions.get_extension_for_class(x509.OCSPNonce).value.nonce
    except x509.ExtensionNotFound:
        return None


def _require_signature(answer: ocsp.OCSPResponse, issuer: x509.Certificate, now: int) -> None:
    algorithm = answer.signature_hash_algorithm
    if algorithm is None or algorithm.name in _WEAK:
        raise NoAnswerError("signed with a weak hash")
    moment = datetime.fromtimestamp(now, UTC)
    for signer in (issuer, *(one for one in answer.certificates if _is_named(one, issuer, moment))):
        if _signed(signer.public_key(), answer.signature, answer.tbs_response_bytes, algorithm):
            return
    raise NoAnswerError("signed by nobody who may")


def _is_named(signer: x509.Certificate, issuer: x509.Certificate, moment: datetime) -> bool:
    """RFC 6960 §4.2.2.2: issued by the very issuer, for signing answers, valid now."""
    try:
        signer.verify_directly_issued_by(issuer)
        purposes = signer.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except (InvalidSignature, ValueError, TypeError, UnsupportedAlgorithm, x509.ExtensionNotFound):
        return False
    valid = signer.not_valid_before_utc <= moment <= signer.not_valid_after_utc
    return valid and ExtendedKeyUsageOID.OCSP_SIGNING in purposes


def _signed(key: object, signature: bytes, octets: bytes, algorithm: hashes.HashAlgorithm) -> bool:
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, octets, padding.PKCS1v15(), algorithm)
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, octets, ec.ECDSA(algorithm))
        else:
            return False
    except InvalidSignature:
        return False
    return True


def read_list(
    listed: x509.CertificateRevocationList, certificate: x509.Certificate, issuer: x509.Certificate
) -> Standing:
    """Return what a list says of a certificate. Raises NoAnswerError when it says nothing."""
    if listed.issuer != certificate.issuer or not is_signed_by(listed, issuer):
        raise NoAnswerError("another issuer's list")
    _require_cover(listed, certificate)
    since, end = _seconds(listed.last_update_utc), listed.next_update_utc
    until = since + FRESH_S if end is None else _seconds(end)
    entry = listed.get_revoked_certificate_by_serial_number(certificate.serial_number)
    return Standing("good" if entry is None else "revoked", since, until)


def is_signed_by(listed: x509.CertificateRevocationList, issuer: x509.Certificate) -> bool:
    """Say whether a list is its issuer's."""
    algorithm = listed.signature_hash_algorithm
    if algorithm is None or algorithm.name in _WEAK or listed.issuer != issuer.subject:
        return False
    try:
        key: Any = issuer.public_key()  # one that signs nothing raises
        return listed.is_signature_valid(key)
    except (TypeError, ValueError, UnsupportedAlgorithm):
        return False


def _require_cover(listed: x509.CertificateRevocationList, certificate: x509.Certificate) -> None:
    """RFC 5280 §5.2.5: lists of one issuer may be split by distribution point."""
    try:
        scope = listed.extensions.get_extension_for_class(x509.IssuingDistributionPoint).value
    except x509.ExtensionNotFound:
        return
    if scope.indirect_crl or scope.only_some_reasons or scope.only_contains_attribute_certs:
        raise NoAnswerError("a list of another kind")
    authority = _is_authority(certificate)
    if (scope.only_contains_ca_certs and not authority) or (scope.only_contains_user_certs and authority):
        raise NoAnswerError("a list of other certificates")
    names = {_place(one) for one in _names(scope.full_name)}
    if names and not names & {_place(one) for one in _points(certificate)}:
        raise NoAnswerError("a list for another distribution point")


def _is_authority(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False


def _points(certificate: x509.Certificate) -> list[str]:
    try:
        found = certificate.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    except (x509.ExtensionNotFound, ValueError):
        return []
    return [name for point in found for name in sorted(_names(point.full_name))]


def _names(names: Any) -> set[str]:
    found = set()
    for one in names or ():
        value = one.value
        found.add(value if isinstance(value, str) else value.rfc4514_string() if isinstance(value, x509.Name) else "")
    return found - {""}


def _place(name: str) -> str:
    """Return a distribution point's name in one form: one of a directory may stand as a name or as its URL (RFC 4516)."""
    match = _DIRECTORY.match(name)
    text = unquote(match[1]) if match else name
    return "".join(text.lower().split())


def scope_of(listed: x509.CertificateRevocationList) -> str:
    """Return what tells the lists of one issuer apart: the distribution point that a list is for, "" for all."""
    try:
        scope = listed.extensions.get_extension_for_class(x509.IssuingDistributionPoint)
    except x509.ExtensionNotFound:
        return ""
    return " ".join(sorted(_names(scope.value.full_name)))


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())
