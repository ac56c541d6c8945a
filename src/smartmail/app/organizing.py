"""Composition of the organisation: companies, domains, departments, titles, people, posts, look-ups."""

from smartmail.app.floor import Floor
from smartmail.ports.bus import Bus
from smartmail.ports.clock import Clock
from smartmail.ports.dns import Resolver
from smartmail.ports.store import Store
from smartmail.service.kernel.notifications import Notices
from smartmail.service.mailbox.sharing import SharingService
from smartmail.service.people.organization import (
    AbsenceService,
    CompanyService,
    DepartmentService,
    DomainService,
    Following,
    Ground,
    MergerService,
    Organizing,
    PeopleService,
    PlannedService,
    PostService,
    SearchService,
    SourceService,
    TitleService,
)
from smartmail.service.people.organization.covering import Covering
from smartmail.service.people.organization.moving import MovingService
from smartmail.service.people.organization.tree import TreeService
from smartmail.service.people.provisioning import ProvisioningService


def compose_organization(
    store: Store,
    bus: Bus,
    clock: Clock,
    resolver: Resolver | None,
    floor: Floor,
    provisioning: ProvisioningService,
    sharing: SharingService,
    notices: Notices,
) -> Organizing:
    """Return the parts over the floor."""
    ground = Ground(store, floor.authority, floor.keyring, bus, clock)
    covering = Covering(floor.proposals.independence, notices)
    absences = AbsenceService(ground, floor.auth, floor.directory.finder.absentees, covering)
    people = PeopleService(ground, floor.auth, floor.identities, provisioning, floor.addressing.stand_ins, absences)
    floor.auth.numbers_of = people.numbers
    planned = PlannedService(ground, people)
    following = Following(ground, floor.addressing.lists, floor.addressing.stand_ins)
    domains, mergers = DomainService(ground, resolver, people, following), MergerService(ground, people, planned)
    return Organizing(
        CompanyService(ground, floor.auth),
        domains,
        DepartmentService(ground, floor.addressing.lists),
        TitleService(ground),
        people,
        absences,
        mergers,
        MovingService(ground, mergers, domains, floor.proposals),
        PostService(ground, provisioning, sharing),
        planned,
        SourceService(ground, people, provisioning),
        SearchService(store, clock, bus),
        TreeService(store),
    )
