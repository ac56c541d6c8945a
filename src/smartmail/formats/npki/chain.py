"""From a certificate to an authority of a list: the way there, and what every certificate on it must say (RFC 5280 §6).

STRATEGIES  All ways of at most MAX_ABOVE authorities are tried by name and signature; the first without a fault counts, else
            the first fault. Authorities that are not self-signed only help on the way: a way ends at a root of the list.
            Purposes are judged by the leaf's own policy names: mappings are not followed and anyPolicy matches nothing, so
            that policy constraints on the way can only be kept.
SECURITY    What a certificate brings along vouches for nothing. SHA-1 in a signature on the way is refused; a root's own is
            no proof of anything and is not looked at. Name constraints are not understood: whoever has them is refused.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import ExtendedKeyUsageOID, ExtensionOID

from smartmail.formats.npki.names import Family, is_under, policies_of
from smartmail.formats.npki.reasons import Refusal

MAX_ABOVE: Final = 4
MAX_WAYS: Final = 50
_WEAK: Final = (hashes.SHA1, hashes.MD5)
_UNDERSTOOD: Final = frozenset({
    ExtensionOID.BASIC_CONSTRAINTS, ExtensionOID.KEY_USAGE, ExtensionOID.CERTIFICATE_POLICIES,
    ExtensionOID.SUBJECT_ALTERNATIVE_NAME, ExtensionOID.ISSUER_ALTERNATIVE_NAME, ExtensionOID.EXTENDED_KEY_USAGE,
    ExtensionOID.AUTHORITY_KEY_IDENTIFIER, ExtensionOID.SUBJECT_KEY_IDENTIFIER, ExtensionOID.CRL_DISTRIBUTION_POINTS,
    ExtensionOID.AUTHORITY_INFORMATION_ACCESS, ExtensionOID.POLICY_CONSTRAINTS, ExtensionOID.POLICY_MAPPINGS,
    ExtensionOID.INHIBIT_ANY_POLICY,
})  # fmt: skip
_UNREADABLE: Final = (
    ValueError, TypeError, UnsupportedAlgorithm, x509.DuplicateExtension, x509.UnsupportedGeneralNameType,
)  # fmt: skip
_LOGIN_PURPOSES: Final = frozenset({
    ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.EMAIL_PROTECTION, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE,
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Listed:
    """An authority of a list, and whose it is."""

    certificate: x509.Certificate
    family: Family = "other"

    @property
    def root(self) -> bool:
        """Say whether it vouches for itself."""
        return self.certificate.subject == self.certificate.issuer


@dataclass(frozen=True, slots=True)
class TrustList:
    """What counts. `policies`: family → policy names that may log in (`1.2.3` or `1.2.3.*`); none given means all."""

    authorities: tuple[Listed, ...] = ()
    policies: tuple[tuple[Family, tuple[str, ...]], ...] = ()

    def allowed(self, family: Family) -> tuple[str, ...]:
        """Return the policy names that count in a family."""
        return dict(self.policies).get(family, ())


@dataclass(frozen=True, slots=True)
class Chain:
    """The leaf, then who vouches for whom, a root of the list at the end."""

    certificates: tuple[x509.Certificate, ...]
    family: Family

    @property
    def leaf(self) -> x509.Certificate:
        """The certificate that somebody logs in with."""
        return self.certificates[0]

    @property
    def issuer(self) -> x509.Certificate:
        """Who vouches for it."""
        return self.certificates[1]


def trusted_chain(leaf: x509.Certificate, others: Sequence[x509.Certificate], trust: TrustList, now: int) -> Chain:
    """Return a way from a leaf to a root of the list on which nothing is wrong; `now` in seconds of Unix time.

    Raises Refusal: not_yet_valid, expired, unknown_root, chain_weak, chain_expired, not_authority, key_usage, policy.
    """
    if not is_readable(leaf):
        raise Refusal("structure", "the certificate cannot be read")
    others = [one for one in others if is_readable(one)]
    moment = datetime.fromtimestamp(now, UTC)
    if moment < leaf.not_valid_before_utc:
        raise Refusal("not_yet_valid", leaf.not_valid_before_utc.isoformat())
    if moment > leaf.not_valid_after_utc:
        raise Refusal("expired", leaf.not_valid_after_utc.isoformat())
    first: Refusal | None = None
    for count, chain in enumerate(_ways((leaf,), others, trust)):
        try:
            _require_way(chain, moment)
            _require_leaf(chain, trust)
            return chain
        except Refusal as refusal:
            first = first or refusal
        if count >= MAX_WAYS:
            break
    raise first or Refusal("unknown_root", leaf.issuer.rfc4514_string()[:200])


def is_readable(certificate: x509.Certificate) -> bool:
    """Say whether names, dates, key and extensions can be read: the library reads them when they are asked for."""
    try:
        names = certificate.subject.rfc4514_string(), certificate.issuer.rfc4514_string()
        _ = names, certificate.not_valid_before_utc, certificate.not_valid_after_utc, certificate.extensions
        certificate.public_key()
    except _UNREADABLE:
        return False
    return True


def _ways(
    so_far: tuple[x509.Certificate, ...], others: Sequence[x509.Certificate], trust: TrustList
) -> Iterator[Chain]:
    last = so_far[-1]
    if len(so_far) > MAX_ABOVE:
        return
    for one in trust.authorities:
        if one.root and _vouches(one.certificate, last):
            yield Chain((*so_far, one.certificate), one.family)
    helpers = [one.certificate for one in trust.authorities if not one.root]
    for helper in (*helpers, *others):
        if helper not in so_far and helper.subject != helper.issuer and _vouches(helper, last):
            yield from _ways((*so_far, helper), others, trust)


def _vouches(issuer: x509.Certificate, certificate: x509.Certificate) -> bool:
    if issuer.subject != certificate.issuer:
        return False
    if isinstance(_hash_of(certificate), _WEAK):
        return True  # the library checks none such; `_require_way` refuses the way, whoever signed
    try:
        certificate.verify_directly_issued_by(issuer)
    except (InvalidSignature, ValueError, TypeError, UnsupportedAlgorithm):
        return False
    return True


def _require_way(chain: Chain, moment: datetime) -> None:
    for certificate in chain.certificates[:-1]:
        if isinstance(_hash_of(certificate), _WEAK):
            raise Refusal("chain_weak", certificate.subject.rfc4514_string()[:200])
    for below, authority in enumerate(chain.certificates[1:]):
        name = authority.subject.rfc4514_string()[:200]
        if not authority.not_valid_before_utc <= moment <= authority.not_valid_after_utc:
            raise Refusal("chain_expired", name)
        _require_authority(authority, below, name)


def _hash_of(certificate: x509.Certificate) -> hashes.HashAlgorithm | None:
    try:
        return certificate.signature_hash_algorithm
    except UnsupportedAlgorithm:
        return hashes.SHA1()  # noqa: S303 -- what nobody knows counts as weak


def _require_authority(authority: x509.Certificate, below: int, name: str) -> None:
    """`below`: how many authorities stand between it and the leaf (RFC 5280 §4.2.1.9)."""
    extensions = _extensions(authority, "not_authority")
    try:
        constraints = extensions.get_extension_for_class(x509.BasicConstraints).value
    except x509.ExtensionNotFound:
        raise Refusal("not_authority", name) from None
    if not constraints.ca or (constraints.path_length is not None and below > constraints.path_length):
        raise Refusal("not_authority", name)
    try:
        if not extensions.get_extension_for_class(x509.KeyUsage).value.key_cert_sign:
            raise Refusal("not_authority", name)
    except x509.ExtensionNotFound:
        pass


def _require_leaf(chain: Chain, trust: TrustList) -> None:
    extensions = _extensions(chain.leaf, "key_usage")
    try:
        usage = extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        raise Refusal("key_usage", "it says no use of its key") from None
    if not usage.digital_signature:
        raise Refusal("key_usage", "not for signatures")
    try:
        purposes = extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
        if not any(one in _LOGIN_PURPOSES for one in purposes):
            raise Refusal("key_usage", "not for logins")
    except x509.ExtensionNotFound:
        pass
    allowed = trust.allowed(chain.family)
    policies = policies_of(chain.leaf)
    if allowed and not any(is_under(one, rule) for one in policies for rule in allowed):
        raise Refusal("policy", ", ".join(policies)[:200])


def _extensions(certificate: x509.Certificate, reason: str) -> x509.Extensions:
    """Return the extensions; one that is critical and not understood refuses (RFC 5280 §4.2)."""
    found = certificate.extensions
    for one in found:
        strange = one.oid == ExtensionOID.NAME_CONSTRAINTS or (one.critical and one.oid not in _UNDERSTOOD)
        if strange:
            raise Refusal("not_authority" if reason == "not_authority" else "key_usage", one.oid.dotted_string)
    return found
