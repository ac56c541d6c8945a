"""Letters to begin with that a department or a group shares (팀 템플릿). What they say is sealed."""

from dataclasses import dataclass, field

from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.policy import Scope


@dataclass(frozen=True, slots=True)
class TeamTemplate:
    """One template as the store keeps it. `place`: whose it is; `sealed` is a service.people.team_templates.TemplateText."""

    id: int
    organization_id: OrganizationId
    place: Scope
    author_id: AccountId
    sealed: bytes = field(repr=False)
    changed_at: int
