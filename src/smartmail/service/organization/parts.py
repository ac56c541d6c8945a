"""The parts of the organisation that callers hold, made once (app.organizing)."""

from dataclasses import dataclass

from smartmail.service.organization.absences import AbsenceService
from smartmail.service.organization.companies import CompanyService
from smartmail.service.organization.departments import DepartmentService
from smartmail.service.organization.domains import DomainService
from smartmail.service.organization.merging import MergerService
from smartmail.service.organization.moving import MovingService
from smartmail.service.organization.people import PeopleService
from smartmail.service.organization.planned import PlannedService
from smartmail.service.organization.posts import PostService
from smartmail.service.organization.searching import SearchService
from smartmail.service.organization.sources import SourceService
from smartmail.service.organization.titles import TitleService
from smartmail.service.organization.tree import TreeService


@dataclass(frozen=True, slots=True)
class Organizing:
    """`search` and `tree` are for everybody, the others are for administrators; `people`, `planned`, `absences` have work for jobs."""

    companies: CompanyService
    domains: DomainService
    departments: DepartmentService
    titles: TitleService
    people: PeopleService
    absences: AbsenceService
    mergers: MergerService
    moves: MovingService
    posts: PostService
    planned: PlannedService
    sources: SourceService
    search: SearchService
    tree: TreeService
