"""The way out: all kinds of tables that the import reads again.

SECURITY  `export.run` over the company, a reason of ten characters, kept sealed in the record of the export; when that cannot
          be recorded there is no export (KA-44). Columns that a role does not show stay empty. No passwords.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from smartmail.domain.audit import AuditRecord
from smartmail.domain.authority import Mask
from smartmail.domain.directory_import import TableKind
from smartmail.domain.ids import OrganizationId
from smartmail.domain.policy import Scope
from smartmail.domain.principal import Actor
from smartmail.formats import csv_table
from smartmail.ports.store_audit import AuditLog
from smartmail.service.kernel.audit.texts import RecordTexts, given_reason
from smartmail.service.people.directory_import.columns import FIELDS, SECRETS
from smartmail.service.people.directory_import.working import TableWork
from smartmail.service.people.organization import Ground

_MASKED: Final[Mapping[Mask, tuple[str, ...]]] = {
    "phone": ("mobile", "phone", "extension"), "birthday": ("birthday",), "employee-number": ("employee_number",),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ExportedTable:
    """A file that was taken."""

    kind: TableKind
    rows: int
    octets: bytes = field(repr=False)


class DirectoryExportService:
    """Makes tables."""

    def __init__(self, ground: Ground[AuditLog], works: Mapping[TableKind, TableWork], texts: RecordTexts) -> None:
        self._ground = ground
        self._works = works
        self._texts = texts

    async def export(
        self, actor: Actor, organization_id: OrganizationId, kind: TableKind, reason: str
    ) -> ExportedTable:
        """Return a table of what there is. Raises Invalid (no reason), Forbidden, NotFound, Unavailable."""
        scope = Scope("organization", str(organization_id))
        await self._ground.authority.require(actor, "export.run", scope)
        why = given_reason(reason)
        rows = await self._works[kind].rows(actor, organization_id)
        masks = await self._ground.authority.masks(actor, "export.run", scope)
        hidden = {name for mask in masks for name in _MASKED.get(mask, ())}
        header = [name for name in FIELDS[kind] if name not in SECRETS]
        await self._note(actor, organization_id, kind, len(rows), why)
        return ExportedTable(kind, len(rows), csv_table.write(header, [_shown(header, row, hidden) for row in rows]))

    async def _note(self, actor: Actor, home: OrganizationId, kind: TableKind, count: int, why: str) -> None:
        action, now = "directory.export", self._ground.clock.now()
        thing = f"organization:{home} kind:{kind} count:{count}"
        # Where it is chained: with what the actor is of, as service.kernel.audit.homes says.
        own = actor.organization_id if actor.account_id else None
        sealed = await self._texts.seal(own, action, thing, now, {"reason": why})
        await self._ground.store.audit(
            AuditRecord(now, actor.named, action, thing, actor.origin.address, sealed, actor.origin.door)
        )


def _shown(header: Sequence[str], row: Sequence[str], hidden: set[str]) -> list[str]:
    return ["" if name in hidden else cell for name, cell in zip(header, row, strict=True)]
