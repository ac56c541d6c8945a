"""Rotation of signing keys by itself: a new key when the one in use is old, used when the world sees its record.

NAME      key rotation
STATES    per domain and kind: active key young → nothing; old → another one is made and administrators get its record;
          its record seen for `SETTLED` → it signs and the old one is retired; retired for a week → removed.
LIMITS    Off where the knob `signing.rotate-days` is 0: a record has to be published by hand, so nobody is surprised.
          Who does not publish is reminded every `REMIND`; the old key signs on, mail never leaves unsigned for it.
FAILURE   A name service that does not answer: looked at again with the next turn.
SECURITY  As in service.flow.signing_keys. Each act is in the record of acts.
STANDARDS RFC 6376 §3.1, §5.2 (keys change by selectors).
"""

from datetime import UTC, datetime
from typing import Final, Protocol

from smartmail.base import log
from smartmail.base.i18n import translate
from smartmail.domain.account import DomainRow
from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import MailError
from smartmail.domain.signing import SigningKeyRow
from smartmail.policy import knobs
from smartmail.ports.clock import Clock
from smartmail.ports.store_audit import AuditLog
from smartmail.ports.store_directory import DomainStore
from smartmail.ports.store_settings import SettingStore, SigningKeyStore
from smartmail.proto.mailauth.keys import KeyKind
from smartmail.service.flow.signing_keys import KEPT_AFTER, KeyRecord, SigningKeys
from smartmail.service.kernel.clock import DAY
from smartmail.service.kernel.notifications import Notices
from smartmail.service.kernel.policy import PolicyService


class _Store(AuditLog, DomainStore, SettingStore, SigningKeyStore, Protocol): ...


SETTLED: Final = DAY
"""Name servers remember for hours that there was no such record (RFC 2308 §5)."""
REMIND: Final = 14 * DAY
_SCOPE: Final = "key-rotation"
_KINDS: Final[tuple[KeyKind, ...]] = ("rsa", "ed25519")


class KeyRotation:
    """Looks at all domains; a job's work."""

    def __init__(self, store: _Store, keys: SigningKeys, policy: PolicyService, notices: Notices, clock: Clock) -> None:
        self._store = store
        self._keys = keys
        self._policy = policy
        self._notices = notices
        self._clock = clock

    async def turn(self) -> int:
        """Do what is due; return how many acts."""
        acts = 0
        for domain in await self._store.domains():
            days = (await self._policy.of_place(domain.organization_id, domain.name))[knobs.SIGNING_ROTATE_DAYS]
            if days:
                rows = await self._store.dkim_keys(domain.name)
                acts += await self._remove_old(domain, rows)
                for kind in _KINDS:
                    acts += await self._kind(domain, kind, [row for row in rows if row.kind == kind], days)
        return acts

    async def _kind(self, domain: DomainRow, kind: KeyKind, rows: list[SigningKeyRow], days: int) -> int:
        active = next((row for row in rows if row.state == "active"), None)
        if active is None:
            return 0
        waiting = [row for row in rows if row.state == "published"]
        if waiting:
            return await self._use(domain, max(waiting, key=lambda row: row.created_at))
        if self._clock.now() - active.changed_at < days * DAY:
            return 0
        made = await self._keys.create(domain.name, domain.organization_id, self._selector(rows), kind)
        await self._record(domain, "domain.dkim-rotate", made.row.selector)
        await self._tell(domain, made)
        return 1

    async def _use(self, domain: DomainRow, row: SigningKeyRow) -> int:
        record = await self._of(domain, row.selector)
        if record is None:
            return 0
        if await self._keys.check(record) == "published":
            if self._clock.now() - row.created_at < SETTLED:
                return 0
            await self._keys.activate(domain.name, row.selector)
            await self._record(domain, "domain.dkim-activate", row.selector)
            await self._store.put_setting(_SCOPE, f"{domain.name}/{row.selector}", None)
            return 1
        told = await self._store.setting(_SCOPE, f"{domain.name}/{row.selector}")
        if self._clock.now() - int(told or row.created_at) >= REMIND:
            await self._tell(domain, record)
            return 1
        return 0

    async def _remove_old(self, domain: DomainRow, rows: list[SigningKeyRow]) -> int:
        old = [row for row in rows if row.state == "retired" and self._clock.now() - row.changed_at >= KEPT_AFTER]
        for row in old:
            await self._keys.remove(domain.name, row.selector)
            await self._record(domain, "domain.dkim-remove", row.selector)
        return len(old)

    async def _of(self, domain: DomainRow, selector: str) -> KeyRecord | None:
        records = await self._keys.records(domain.name, domain.organization_id)
        return next((one for one in records if one.row.selector == selector), None)

    def _selector(self, rows: list[SigningKeyRow]) -> str:
        """Return a name that no key of the domain had: the month, and a letter where it has one already."""
        month = f"sm{datetime.fromtimestamp(self._clock.now() / 1000, UTC):%Y%m}{rows[0].kind[0]}"
        taken = {row.selector for row in rows}
        return next(name for name in (month, *(f"{month}{n}" for n in range(2, len(rows) + 3))) if name not in taken)

    async def _record(self, domain: DomainRow, action: str, selector: str) -> None:
        log.event("signing.rotated", domain=domain.name, selector=selector, action=action)
        await self._store.audit(
            AuditRecord(self._clock.now(), "system", action, f"domain:{domain.name} selector:{selector}")
        )

    async def _tell(self, domain: DomainRow, record: KeyRecord) -> None:
        """Send administrators the record that is to be published."""
        await self._store.put_setting(_SCOPE, f"{domain.name}/{record.row.selector}", str(self._clock.now()))
        for reader in await self._notices.administrators(domain.organization_id):
            language = reader.language or "ko"
            facts = {"domain": domain.name, "name": record.name, "text": record.text}
            try:
                await self._notices.send(
                    reader,
                    translate(language, "signing.rotation.subject", **facts),
                    translate(language, "signing.rotation.text", **facts),
                )
            except MailError as error:
                log.event("signing.notify_failed", error=type(error).__name__)
