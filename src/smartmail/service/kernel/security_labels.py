"""The table of security labels (보안등급) of each company, read by every exit and changed by administrators.

A setting of the company. A process reads it again after KEPT_MS; a company without labels costs one look in that time.
Must not know messages.
"""

from typing import Final

import msgspec

from smartmail.domain.audit import AuditRecord
from smartmail.domain.ids import OrganizationId
from smartmail.domain.policy import Scope
from smartmail.domain.principal import Actor
from smartmail.domain.security_labels import SecurityLabel, check
from smartmail.ports.clock import Clock
from smartmail.ports.store_settings import SettingStore
from smartmail.service.kernel.authority import Authority
from smartmail.service.kernel.clock import SECOND

SCOPE: Final = "security-labels"
KEPT_MS: Final = 5 * SECOND
Labels = tuple[SecurityLabel, ...]


class SecurityLabels:
    """Reads and changes tables of labels."""

    def __init__(self, store: SettingStore, authority: Authority, clock: Clock) -> None:
        self._store = store
        self._authority = authority
        self._clock = clock
        self._known: dict[OrganizationId, tuple[int, Labels]] = {}

    async def of(self, organization_id: OrganizationId) -> Labels:
        """Return a company's labels, the lowest first."""
        now = self._clock.now()
        until, labels = self._known.get(organization_id, (0, ()))
        if now >= until:
            text = await self._store.setting(SCOPE, str(int(organization_id)))
            labels = () if text is None else msgspec.json.decode(text, type=Labels)
            self._known[organization_id] = (now + KEPT_MS, labels)
        return labels

    async def replace(self, actor: Actor, organization_id: OrganizationId, labels: Labels) -> Labels:
        """Set a company's labels as a whole; return them in their order. Raises Forbidden, Invalid."""
        await self._authority.require(actor, "policy.change", Scope("organization", str(int(organization_id))))
        ordered = tuple(sorted(labels, key=lambda one: one.rank))
        check(ordered)
        text = msgspec.json.encode(ordered).decode() if ordered else None
        told = " ".join(f"{one.rank}:{one.id}:{one.outside}" for one in ordered) or "none"
        record = AuditRecord(
            self._clock.now(), actor.named, "security-label.replace", f"organization:{organization_id} {told}",
            actor.origin.address, door=actor.origin.door,
        )  # fmt: skip
        await self._store.put_setting(SCOPE, str(int(organization_id)), text, audit=record)
        self._known.pop(organization_id, None)
        return ordered
