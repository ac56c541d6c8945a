"""The store's part for templates that departments and groups share."""

from collections.abc import Sequence
from typing import Protocol

from smartmail.domain.audit import AuditRecord
from smartmail.domain.ids import OrganizationId
from smartmail.domain.policy import Scope
from smartmail.domain.team_templates import TeamTemplate


class TeamTemplateStore(Protocol):
    """Templates by the place that they belong to."""

    async def put_team_template(self, row: TeamTemplate, most: int, audit: AuditRecord) -> None:
        """Keep a template in place of an older one with its id. Raises OverQuota: the place has `most` others already."""
        ...

    async def team_template(self, template_id: int) -> TeamTemplate | None:
        """Return one."""
        ...

    async def team_templates(self, organization_id: OrganizationId, places: Sequence[Scope]) -> list[TeamTemplate]:
        """Return those of some places, by id."""
        ...

    async def drop_team_template(self, template_id: int, audit: AuditRecord) -> bool:
        """Throw one away; False when it is gone."""
        ...
