"""The parts of the organisation that callers hold, made once (app.wiring.people)."""

from dataclasses import dataclass

from smartmail.service.people.organization.absences import AbsenceService
from smartmail.service.people.organization.companies import CompanyService
from smartmail.service.people.organization.departments import DepartmentService
from smartmail.service.people.organization.domains import DomainService
from smartmail.service.people.organization.merging import MergerService
from smartmail.service.people.organization.moving import MovingService
from smartmail.service.people.organization.people import PeopleService
from smartmail.service.people.organization.planned import PlannedService
from smartmail.service.people.organization.posts import PostService
from smartmail.service.people.organization.searching import SearchService
from smartmail.service.people.organization.sources import SourceService
from smartmail.service.people.organization.titles import TitleService
from smartmail.service.people.organization.tree import TreeService


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
