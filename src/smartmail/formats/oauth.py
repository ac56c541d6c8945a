"""What OAuth requests look like: redirect URIs of native programs, proofs of possession, scopes, metadata.

STANDARDS RFC 6749 §3.1.2, §3.3; RFC 7636 (PKCE); RFC 8252 §7 (native programs); RFC 8414 §2 (metadata).
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import SplitResult, urlsplit

MAX_REDIRECTS: Final = 10
MAX_URI: Final = 500
MAX_SCOPE: Final = 1_000
_VERIFIER: Final = re.compile(r"[A-Za-z0-9._~-]{43,128}")
_CHALLENGE: Final = re.compile(r"[A-Za-z0-9_-]{43}")
_SCHEME: Final = re.compile(r"[a-z][a-z0-9+-]*(?:\.[a-z0-9+-]+)+")
_NETLOC: Final = re.compile(r"[A-Za-z0-9.-]*(?::[0-9]{0,5})?|\[[0-9a-fA-F:.]+\](?::[0-9]{0,5})?")
"""It stands in a content policy, where `;` and `,` would begin something else."""
_LOOPBACK: Final = frozenset({"127.0.0.1", "[::1]", "localhost"})


def is_redirect(uri: str) -> bool:
    """Say whether a native program may be answered there: loopback, an own scheme with a dot in its name, or https.

    RFC 8252 §7.1–7.3. No fragment, no name and password, nothing that is no ASCII.
    """
    if not uri or len(uri) > MAX_URI or not uri.isascii() or not uri.isprintable() or " " in uri or "#" in uri:
        return False
    parts = _split(uri)
    if parts is None or _NETLOC.fullmatch(parts.netloc) is None or "\\" in uri:
        return False
    if parts.scheme == "http":
        return _host(parts) in _LOOPBACK
    if parts.scheme == "https":
        return bool(parts.hostname)
    return _SCHEME.fullmatch(parts.scheme) is not None


def is_same_redirect(registered: str, asked: str) -> bool:
    """Say whether an answer may go where a request asks: exactly the registered place, on loopback at any port (§7.3)."""
    if registered == asked:
        return True
    one, other = _split(registered), _split(asked)
    if one is None or other is None or not is_redirect(asked) or one.scheme != "http":
        return False
    return (one.scheme, _host(one), one.path, one.query) == (other.scheme, _host(other), other.path, other.query)


def _split(uri: str) -> SplitResult | None:
    try:
        parts = urlsplit(uri)
        _ = parts.port  # raises for what is no port
    except ValueError:
        return None
    return parts


def _host(parts: SplitResult) -> str:
    host = parts.hostname or ""
    return f"[{host}]" if ":" in host else host


def form_source(uri: str) -> str:
    """Return what a page's policy must allow its form to lead to (CSP form-action), for a redirect URI."""
    parts = urlsplit(uri)
    return f"{parts.scheme}://{parts.netloc}" if parts.scheme in {"http", "https"} else f"{parts.scheme}:"


def is_challenge(text: str) -> bool:
    """Say whether a text can be an S256 challenge (RFC 7636 §4.2)."""
    return _CHALLENGE.fullmatch(text) is not None


def proves(verifier: str, challenge: str) -> bool:
    """Say whether a verifier is that of a challenge (RFC 7636 §4.6)."""
    if _VERIFIER.fullmatch(verifier) is None:
        return False
    digest = hashlib.sha256(verifier.encode()).digest()
    return hmac.compare_digest(base64.urlsafe_b64encode(digest).rstrip(b"=").decode(), challenge)


def scopes_of(text: str, known: Sequence[str]) -> tuple[str, ...]:
    """Return the scopes of a request that are known, in the order that they are known in (RFC 6749 §3.3)."""
    asked = set(text[:MAX_SCOPE].split(" "))
    return tuple(one for one in known if one in asked)


def metadata(issuer: str, scopes: Sequence[str]) -> dict[str, Any]:
    """Return what a program reads first (RFC 8414 §2)."""
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/oauth/authorize",
        "token_endpoint": f"{issuer}/oauth/token",
        "revocation_endpoint": f"{issuer}/oauth/revoke",
        "registration_endpoint": f"{issuer}/oauth/register",
        "scopes_supported": list(scopes),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "token_endpoint_auth_methods_supported": ["none"],
        "revocation_endpoint_auth_methods_supported": ["none"],
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": True,
    }
