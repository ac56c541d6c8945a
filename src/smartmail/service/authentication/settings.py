"""Settings of authentication, read from the store and kept for some seconds.

authentication.dmarc             `obey` (default): what a domain's policy asks for is done; `watch`: it is only noted.
authentication.quarantine        `junk` (default): what a policy wants set aside goes to Junk; `hold`: it is held.
authentication.trusted-sealers   Domains whose ARC seals are believed, by blanks: lists and forwarders.
"""

from dataclasses import dataclass

from smartmail.domain.inspection import Act
from smartmail.ports.clock import Clock
from smartmail.ports.store import Store
from smartmail.proto.mailauth.domains import lookup_name
from smartmail.service.clock import SECOND

SCOPE = "system"
DMARC = "authentication.dmarc"
QUARANTINE = "authentication.quarantine"
TRUSTED_SEALERS = "authentication.trusted-sealers"
KEPT_MS = 10 * SECOND


@dataclass(frozen=True, slots=True)
class AuthenticationPolicy:
    """What the settings say."""

    obeys: bool = True
    quarantine: Act = "junk"
    trusted_sealers: frozenset[str] = frozenset()


class AuthenticationSettings:
    """Reads the settings."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._until = 0
        self._known = AuthenticationPolicy()

    async def policy(self) -> AuthenticationPolicy:
        """Return what is in force."""
        now = self._clock.now()
        if now >= self._until:
            values = await self._store.settings(SCOPE)
            self._known = AuthenticationPolicy(
                values.get(DMARC, "obey") != "watch",
                "quarantine" if values.get(QUARANTINE) == "hold" else "junk",
                frozenset(lookup_name(one) for one in values.get(TRUSTED_SEALERS, "").split()),
            )
            self._until = now + KEPT_MS
        return self._known
