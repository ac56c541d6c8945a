"""Which SASL mechanisms a door offers: one function of the door, its wire and the policy.

STRATEGIES
  Best first, as clients that do not rank them take the first that they know.
  SCRAM needs a verifier that only generated passwords have: offered beside main passwords
  it would lock everybody out whose client prefers it. So it is offered where the installation refuses main passwords.
SECURITY
  Without TLS nothing is offered that shows or derives from a secret, unless the listener allows it (loopback, benches).
"""

from dataclasses import dataclass
from typing import Final

_LOGIN_DOORS: Final = frozenset({"smtp"})
"""LOGIN is what old submission clients know; no client of another door needs it."""


@dataclass(frozen=True, slots=True)
class WireFacts:
    """What the connection has: TLS (or leave to do without), our certificate's hash, a certificate of the client."""

    tls: bool
    cleartext_allowed: bool = False
    binding: bool = False
    certificate: bool = False


def mechanisms(
    door: str, wire: WireFacts, *, open_door: bool, main_passwords: bool, app_passwords: bool, tokens: bool,
    certificates: bool,
) -> tuple[str, ...]:  # fmt: skip
    """Return the names to offer before anybody has said who they are, best first."""
    if not (wire.tls or wire.cleartext_allowed) or not open_door:
        return ()
    offered = []
    if certificates and wire.certificate and wire.tls:
        offered.append("EXTERNAL")
    if app_passwords and not main_passwords:
        offered += ["SCRAM-SHA-256-PLUS", "SCRAM-SHA-256"] if wire.binding and wire.tls else ["SCRAM-SHA-256"]
    if main_passwords or app_passwords:
        offered += ["PLAIN", "LOGIN"] if door in _LOGIN_DOORS else ["PLAIN"]
    if tokens and wire.tls:
        offered += ["OAUTHBEARER", "XOAUTH2"]
    return tuple(offered)
