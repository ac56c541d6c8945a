"""Alarms before a certificate runs out: 30, 7 and 1 days, each told once, to the log and to administrators by mail."""

import msgspec

from smartmail.base import log
from smartmail.base.i18n import translate
from smartmail.domain.certificate import CertificateRow
from smartmail.domain.errors import MailError
from smartmail.ports.clock import Clock
from smartmail.ports.store_settings import SettingStore
from smartmail.service.flow.certificates.keeping import CertificateService
from smartmail.service.kernel.clock import DAY
from smartmail.service.kernel.notifications import Notices

SCOPE = "certificate-alarms"
STEPS = (1, 7, 30)
"""Days that are left."""


class AlarmService:
    """Looks once in a while; what was told is kept, so that nobody is told twice."""

    def __init__(self, store: SettingStore, certificates: CertificateService, notices: Notices, clock: Clock) -> None:
        self._store = store
        self._certificates = certificates
        self._notices = notices
        self._clock = clock

    async def ring(self) -> int:
        """Tell of what runs out soon; return how many alarms rang. A job's work."""
        now, rang = self._clock.now(), 0
        told = await self._store.settings(SCOPE)
        rows = await self._certificates.rows()
        for row in rows:
            step = next((one for one in STEPS if row.until - now <= one * DAY), None)
            if step is None or step >= _last(told.get(row.id)):
                continue
            await self._store.put_setting(SCOPE, row.id, msgspec.json.encode(step).decode())
            await self._tell(row, max(0, (row.until - now) // DAY))
            rang += 1
        for gone in told.keys() - {row.id for row in rows}:
            await self._store.put_setting(SCOPE, gone, None)
        return rang

    async def _tell(self, row: CertificateRow, days: int) -> None:
        log.event("certificate.expiring", host=row.names[0], days=days)
        for reader in await self._notices.administrators():
            language = reader.language or "ko"
            facts = {"name": row.names[0], "days": str(days), "names": ", ".join(row.names)}
            subject = translate(language, "certificate.expiring.subject", **facts)
            try:
                await self._notices.send(reader, subject, translate(language, "certificate.expiring.text", **facts))
            except MailError as error:
                log.event("certificate.notify_failed", error=type(error).__name__)


def _last(text: str | None) -> int:
    return STEPS[-1] + 1 if text is None else int(msgspec.json.decode(text))
