"""Templates that departments and groups share (ports.store_team_templates.TeamTemplateStore)."""

from collections.abc import Sequence

from smartmail.adapters.sql.declared import changed, optional
from smartmail.adapters.sql.recorded import add_audit
from smartmail.adapters.sql.session import OnDatabase, Session
from smartmail.adapters.sql.shape import Parts, Shape
from smartmail.adapters.sql.transactions import in_change
from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import OverQuota
from smartmail.domain.ids import OrganizationId
from smartmail.domain.policy import Scope
from smartmail.domain.team_templates import TeamTemplate
from smartmail.ports.store_team_templates import TeamTemplateStore

_COLUMNS = Shape(TeamTemplate, place=Parts(Scope, "level, place"))
_TEAM_TEMPLATE_VALUES = _COLUMNS.values(
    "id, organization_id, place.level, place.subject, author_id, sealed, changed_at"
)
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


class SqlTeamTemplates(OnDatabase):
    """ports.store_team_templates.TeamTemplateStore."""

    @in_change
    async def put_team_template(self, session: Session, row: TeamTemplate, most: int, audit: AuditRecord) -> None:
        held = await session.row(_COUNT, row.organization_id, row.place.level, row.place.subject, row.id)
        if held is not None and held[0] >= most:
            raise OverQuota(f"at most {most} templates in one place")
        await session.run(_PUT, *_TEAM_TEMPLATE_VALUES(row))
        await add_audit(session, audit)

    team_template = optional(TeamTemplateStore.team_template, _COLUMNS, _ONE)

    async def team_templates(self, organization_id: OrganizationId, places: Sequence[Scope]) -> list[TeamTemplate]:
        found = []
        for level in _SHARED:
            subjects = [one.subject for one in places if one.level == level]
            rows = await self._db.rows(_SOME, organization_id, level, subjects) if subjects else []
            found += [_COLUMNS.of(row) for row in rows]
        return sorted(found, key=lambda one: one.id)

    drop_team_template = changed(TeamTemplateStore.drop_team_template, _DROP)
