"""The organisation: companies, their domains, department trees, titles, people, posts, and looking them up.

- `CompanyService` (companies.py): make, rename, close companies; whose directory a company sees beside its own.
- `DomainService` (domains.py): claims on domains, their proof, new names for whole domains.
- `OpeningService` (opening.py): a company with domain and first administrator at once.
- `DepartmentService` (departments.py), `TitleService` (titles.py): the tree, the tables of 직위·직책·직급·호칭.
- `PeopleService` (people.py): one person: seats, numbers, names, logins, the way to another company.
- `MergerService` (merging.py), `Following` (following.py): companies that become one, lists of renamed domains.
- `MovingService` (moving.py): both as acts that may need two persons.
- `PostService` (posts.py): 직책메일.
- `AbsenceService` (absences.py): 휴직, 파견, 복직.
- `PlannedService` (planned.py): changes for a day to come.
- `SourceService` (sources.py): whole lists of people from a file or another system: plan a difference, apply it.
- `SearchService` (searching.py): look-ups while somebody types.

Companies of one installation are outside to each other: nothing here reaches from one into another but `transfer` and
what `CompanyService.set_sight` opens. Read domain.organization first. Must not know how it is shown.
"""

from smartmail.service.people.organization.absences import AbsenceService, AbsenceShown
from smartmail.service.people.organization.companies import CompanyService
from smartmail.service.people.organization.departments import DepartmentService
from smartmail.service.people.organization.domains import DomainService
from smartmail.service.people.organization.following import Following
from smartmail.service.people.organization.ground import Ground
from smartmail.service.people.organization.merging import MergerPlan, MergerService
from smartmail.service.people.organization.opening import CompanyShown, Opened, Opening, OpeningService
from smartmail.service.people.organization.parts import Organizing
from smartmail.service.people.organization.people import PeopleService, PersonCard
from smartmail.service.people.organization.planned import PlannedService
from smartmail.service.people.organization.posts import PostService
from smartmail.service.people.organization.searching import SearchService
from smartmail.service.people.organization.sources import Applied, Difference, SourceService
from smartmail.service.people.organization.titles import TitleService

__all__ = [
    "AbsenceService", "AbsenceShown", "Applied", "CompanyService", "CompanyShown", "DepartmentService", "Difference", "DomainService",
    "Following", "Ground", "MergerPlan", "MergerService", "Opened", "Opening", "OpeningService", "Organizing", "PeopleService", "PersonCard", "PlannedService", "PostService", "SearchService", "SourceService", "TitleService",
]  # fmt: skip
