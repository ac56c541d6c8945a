"""Templates that departments and groups share (ports.store_team_templates.TeamTemplateStore)."""

# ruff: noqa: S608 (statements are made of this module's own column list only)

from collections.abc import Sequence

from smartmail.adapters.sql.config import add_audit, recorded
from smartmail.adapters.sql.session import Database, Session
from smartmail.adapters.sql.shape import Parts, Shape
from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import OverQuota
from smartmail.domain.ids import OrganizationId
from smartmail.domain.policy import Scope
from smartmail.domain.team_templates import TeamTemplate

_COLUMNS = Shape(TeamTemplate, place=Parts(Scope, "level, place"))
_PUT = f"""insert into team_template ({_COLUMNS}) values ($1, $2, $3, $4, $5, $6, $7)
    on conflict (id) do update set level = excluded.level, place = excluded.place, sealed = excluded.sealed,
    changed_at = excluded.changed_at"""
_COUNT = """select count(*)::bigint from team_template where organization_id = $1 and level = $2 and place = $3
    and id <> $4"""
_ONE = f"select {_COLUMNS} from team_template where id = $1"
_SOME = f"""select {_COLUMNS} from team_template where organization_id = $1 and level = $2 and place = any($3)
    order by id"""
_DROP = "delete from team_template where id = $1 returning id"
_SHARED = ("department", "group")


class SqlTeamTemplates:
    """ports.store_team_templates.TeamTemplateStore."""

    _db: Database

    async def put_team_template(self, row: TeamTemplate, most: int, audit: AuditRecord) -> None:
        async def work(session: Session) -> None:
            held = await session.row(_COUNT, row.organization_id, row.place.level, row.place.subject, row.id)
            if held is not None and held[0] >= most:
                raise OverQuota(f"at most {most} templates in one place")
            await session.run(
                _PUT, row.id, row.organization_id, row.place.level, row.place.subject, row.author_id, row.sealed,
                row.changed_at,
            )  # fmt: skip
            await add_audit(session, audit, None)

        await self._db.change(0, work)

    async def team_template(self, template_id: int) -> TeamTemplate | None:
        row = await self._db.row(_ONE, template_id)
        return None if row is None else _COLUMNS.of(row)

    async def team_templates(self, organization_id: OrganizationId, places: Sequence[Scope]) -> list[TeamTemplate]:
        found = []
        for level in _SHARED:
            subjects = [one.subject for one in places if one.level == level]
            rows = await self._db.rows(_SOME, organization_id, level, subjects) if subjects else []
            found += [_COLUMNS.of(row) for row in rows]
        return sorted(found, key=lambda one: one.id)

    async def drop_team_template(self, template_id: int, audit: AuditRecord) -> bool:
        return await self._db.change(0, lambda session: recorded(session, audit, None, _DROP, template_id))
