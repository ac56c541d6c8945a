"""The free text of records: reasons, and what was there before a change and after it. Sealed for the place it stands in.

Text of an organisation's records lies under the organisation's key and goes with it; that of the installation's under one
that only this installation can make. The chain goes over the sealed octets, so it holds when nobody can read them.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Final

from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import Invalid, NotFound
from smartmail.domain.ids import OrganizationId
from smartmail.domain.records import REASON_LEAST
from smartmail.formats.seal import ID_OCTETS, Kind, Purpose, SealError, SealKey
from smartmail.ports.clock import Clock
from smartmail.service.kernel.keyring import Keyring, Sealer

MAX_TEXT: Final = 64 << 10


class RecordTexts:
    """Seals and opens what records say in words."""

    def __init__(self, keyring: Keyring, clock: Clock) -> None:
        self._keyring = keyring
        self._clock = clock

    async def seal(
        self, home: OrganizationId | None, action: str, thing: str, at: int, text: Mapping[str, Any]
    ) -> bytes:
        """Return sealed text (`reason`, `before`, `after` …) for a record of this action on this object at this time."""
        plain = json.dumps(text, ensure_ascii=False, sort_keys=True).encode()[:MAX_TEXT]
        return (await self._sealer(home)).seal(Kind.AUDIT_TEXT, plain, at, _slot(action, thing))

    async def open(self, home: OrganizationId | None, record: AuditRecord) -> dict[str, Any]:
        """Return the text of a record; nothing where it has none, another service sealed it, or its key is gone."""
        if record.sealed_detail is None:
            return {}
        try:
            sealer = await self._sealer(home)
            plain = sealer.open(Kind.AUDIT_TEXT, record.sealed_detail, record.at, _slot(record.action, record.object))
            found = json.loads(plain)
        except (SealError, ValueError, NotFound):
            return {}
        return found if isinstance(found, dict) else {}

    async def _sealer(self, home: OrganizationId | None) -> Sealer:
        if home:
            return await self._keyring.organization(home)
        return Sealer(SealKey(self._keyring.installation_mac(Purpose.RECORDS, b"texts")), 0, self._clock)


def given_reason(text: str) -> str:
    """Return a reason that says something. Raises Invalid (KA-44)."""
    reason = " ".join(text.split())
    if len(reason) < REASON_LEAST:
        raise Invalid(
            f"a reason of at least {REASON_LEAST} characters is needed", reason="why.least", least=REASON_LEAST
        )
    return reason[:1000]


def _slot(action: str, thing: str) -> bytes:
    return hashlib.sha256(f"{action}\n{thing}".encode()).digest()[:ID_OCTETS]
