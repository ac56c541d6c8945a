"""Proof of identity: logins of every door, credentials, web sessions, one-time links, the record of all of it.

STRATEGIES
  Whether a proved credential opens a door is judged in one place (base), for new logins and for live ones. A verified
  password is remembered for ten minutes as an HMAC under a key of the process, and forgotten when the account's
  authentication epoch rises (AR-11).
SECURITY
  Unknown name, wrong secret, closed account and closed door take the same time and give the same error.
Must not know protocols: SASL and cookies belong to the edge.
"""

from smartmail.service.identity.auth.base import ALL_MAIL
from smartmail.service.identity.auth.credentials import (
    MIN_PASSWORD,
    TOKEN_PREFIX,
    CredentialInfo,
    Credentials,
    NewSecret,
)
from smartmail.service.identity.auth.logins import REMEMBER_MS, STANDING_MS, ScramOffer
from smartmail.service.identity.auth.sessions import SessionInfo, Sessions
from smartmail.service.kernel.clock import DAY
from smartmail.service.kernel.policy import WireFacts

SESSION_MS = 14 * DAY
"""How long a browser keeps the cookie of a session; the session itself ends when policy says."""


class AuthService(Credentials, Sessions):
    """Logins, credentials and sessions of every door."""


__all__ = [
    "ALL_MAIL", "MIN_PASSWORD", "REMEMBER_MS", "SESSION_MS", "STANDING_MS", "TOKEN_PREFIX", "AuthService",
    "CredentialInfo", "NewSecret", "ScramOffer", "SessionInfo", "WireFacts",
]  # fmt: skip
