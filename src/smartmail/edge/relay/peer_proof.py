"""Whether a peer proves what the terms demand: TLS contexts, and the judgement over its certificate after the handshake.

By DANE the handshake takes any certificate and the chain is compared with the records (formats.tlsa); otherwise OpenSSL
judges the chain and we the names. SECURITY: nothing went over the wire but the hello before this has said yes.
"""

import ssl
import warnings
from functools import lru_cache
from typing import Any

from cryptography import x509

from smartmail.domain.transport import HostTerms, PolicyKind, TlsVersion
from smartmail.formats.tls_names import any_covers, dns_names
from smartmail.formats.tlsa import disagreement

# X509_V_ERR_CERT_NOT_YET_VALID and X509_V_ERR_CERT_HAS_EXPIRED of OpenSSL.
_OUT_OF_TIME = frozenset({9, 10})
_MINIMUM = {"1.0": ssl.TLSVersion.TLSv1, "1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}


def client_context(terms: HostTerms) -> ssl.SSLContext:
    """Return the context for a connection."""
    return _context(bool(terms.names) and not terms.tlsa, terms.minimum, terms.authorities)


@lru_cache(maxsize=16)
def _context(judged: bool, minimum: TlsVersion, authorities: str) -> ssl.SSLContext:
    """Reading the system's authorities takes longer than a handshake, so that contexts are kept."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_REQUIRED if judged else ssl.CERT_NONE
    if judged:
        context.load_default_certs(ssl.Purpose.SERVER_AUTH)
        if authorities:
            context.load_verify_locations(cadata=authorities)
    with warnings.catch_warnings():
        # Old TLS is for dated exceptions only; that it is old is what they are for.
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = _MINIMUM[minimum]
    if minimum == "1.0":
        context.set_ciphers("DEFAULT:@SECLEVEL=0")
    return context


def peer_fault(terms: HostTerms, session: Any, now: int) -> str:
    """Return what the peer's certificate fails to prove, in a word of RFC 8460 §4.3; "" when the terms are met."""
    if terms.tlsa:
        return disagreement(terms.tlsa, peer_chain(session), terms.names, now)
    if not terms.names:
        return ""
    chain = peer_chain(session)
    try:
        claimed = dns_names(x509.load_der_x509_certificate(chain[0])) if chain else []
    except ValueError:
        return "validation-failure"
    fits = any_covers(claimed, terms.names) or (terms.patterns and any_covers(terms.names, claimed))
    return "" if fits else "certificate-host-mismatch"


def proven_by(terms: HostTerms) -> PolicyKind:
    """Return what a peer that met the terms was proven by."""
    if terms.tlsa:
        return "dane"
    return terms.kind if terms.names else "none"


def peer_chain(session: Any) -> list[bytes]:
    """Return the certificates that a peer sent, its own first, as DER."""
    if hasattr(session, "get_unverified_chain"):
        return [bytes(one) for one in session.get_unverified_chain() or ()]
    # Python before 3.13 has it under the hood only.
    inner = getattr(session, "_sslobj", None)
    found = inner.get_unverified_chain() if inner is not None else None
    return [ssl.PEM_cert_to_DER_cert(one.public_bytes()) for one in found or ()]


def handshake_fault(error: BaseException) -> str:
    """Return the word of RFC 8460 §4.3 for a handshake that failed."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return "certificate-expired" if error.verify_code in _OUT_OF_TIME else "certificate-not-trusted"
    return "validation-failure"


def handshake_words(error: BaseException) -> str:
    """Return what went wrong, for the log and the sender."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"{handshake_fault(error)} ({error.verify_message})"
    return str(getattr(error, "reason", None) or type(error).__name__)
