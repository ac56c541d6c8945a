"""Settings of authentication, read from the store and kept for some seconds.

authentication.dmarc             `obey` (default): what a domain's policy asks for is done; `watch`: it is only noted.
authentication.quarantine        `junk` (default): what a policy wants set aside goes to Junk; `hold`: it is held.
authentication.trusted-sealers   Domains whose ARC seals are believed, by blanks: lists and forwarders.
authentication.reports           `send` (default): DMARC aggregate reports to domains that ask for them; `off`: none.
"""

from dataclasses import dataclass

from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import Invalid
from smartmail.domain.inspection import Act
from smartmail.ports.clock import Clock
from smartmail.ports.store_settings import SettingStore
from smartmail.proto.mailauth.domains import is_well_formed, lookup_name
from smartmail.service.kernel.clock import SECOND

SCOPE = "system"
PREFIX = "authentication."
CHOICES: dict[str, tuple[str, ...]] = {
    "dmarc": ("obey", "watch"),
    "quarantine": ("junk", "hold"),
    "trusted-sealers": (),
    "reports": ("send", "off"),
}
"""Settings by their names and the values that they take, the default first; none for a list of domains."""
KEPT_MS = 10 * SECOND


@dataclass(frozen=True, slots=True)
class AuthenticationPolicy:
    """What the settings say."""

    obeys: bool = True
    quarantine: Act = "junk"
    trusted_sealers: frozenset[str] = frozenset()


class AuthenticationSettings:
    """Reads the settings."""

    def __init__(self, store: SettingStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._until = 0
        self._known = AuthenticationPolicy()

    async def policy(self) -> AuthenticationPolicy:
        """Return what is in force."""
        now = self._clock.now()
        if now >= self._until:
            values = await self.values()
            self._known = AuthenticationPolicy(
                values["dmarc"] != "watch",
                "quarantine" if values["quarantine"] == "hold" else "junk",
                frozenset(lookup_name(one) for one in values["trusted-sealers"].split()),
            )
            self._until = now + KEPT_MS
        return self._known

    async def values(self) -> dict[str, str]:
        """Return all settings by name."""
        kept = await self._store.settings(SCOPE)
        return {name: kept.get(PREFIX + name, allowed[0] if allowed else "") for name, allowed in CHOICES.items()}

    async def put(self, name: str, value: str, *, who: str) -> None:
        """Change a setting, "" for its default. Raises Invalid."""
        allowed = CHOICES[name]
        if allowed and value and value not in allowed:
            raise Invalid(f"{name} is one of: {', '.join(allowed)}", reason="knob.choice")
        if not allowed:
            domains = [lookup_name(one) for one in value.replace(",", " ").split()]
            wrong = [one for one in domains if not is_well_formed(one) or "." not in one]
            if wrong:
                raise Invalid(f"{wrong[0]} is no domain", reason="domain.form", domain=wrong[0])
            value = " ".join(sorted(set(domains)))
        record = AuditRecord(self._clock.now(), who, "authentication.setting", f"setting:{PREFIX}{name}")
        await self._store.put_setting(SCOPE, PREFIX + name, value or None, audit=record)
        self._until = 0
