"""People: companies and who is in them, joiners and leavers, directories that are brought in and out."""

from smartmail.app.wiring.flow.outgoing import Outbound
from smartmail.app.wiring.governance import Governance
from smartmail.app.wiring.identity import Identity
from smartmail.app.wiring.kernel import Kernel
from smartmail.app.wiring.mailbox import Files, Mailbox, Sharing
from smartmail.app.wiring.operations import AdminApi, Care, Records
from smartmail.app.wiring.ports import Ports
from smartmail.app.wiring.upcalls import Upcalls
from smartmail.domain.directory_import import TableKind
from smartmail.service.kernel.clock import DAY, MINUTE, SECOND
from smartmail.service.kernel.jobs import Job
from smartmail.service.operations.records import WholeDestruction
from smartmail.service.people.account_life import (
    AccountLife,
    DormancyService,
    LeaverService,
    RehireService,
    StateChanges,
    TemporaryService,
)
from smartmail.service.people.account_life.ground import LifeGround
from smartmail.service.people.account_life.holdings import Means
from smartmail.service.people.account_life.transfers import Transfers
from smartmail.service.people.administration import AdministrationService
from smartmail.service.people.directory_import import (
    IMPORT,
    UNDO,
    DirectoryExportService,
    DirectoryImports,
    DirectoryImportService,
    work_of,
)
from smartmail.service.people.directory_import.aliases import AliasWork
from smartmail.service.people.directory_import.departments import DepartmentWork
from smartmail.service.people.directory_import.domains import DomainWork
from smartmail.service.people.directory_import.groups import GroupWork
from smartmail.service.people.directory_import.lists import ListWork
from smartmail.service.people.directory_import.people import PeopleWork
from smartmail.service.people.directory_import.people_planning import PeopleParts
from smartmail.service.people.directory_import.shared_accounts import SharedWork
from smartmail.service.people.directory_import.working import TableWork
from smartmail.service.people.domain_records import DomainRecords
from smartmail.service.people.founding import FoundingService
from smartmail.service.people.house_signatures import HouseSignatures
from smartmail.service.people.organization import (
    AbsenceService,
    CompanyService,
    DepartmentService,
    DomainService,
    Following,
    Ground,
    MergerService,
    OpeningService,
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
from smartmail.service.people.organization.people import Departure
from smartmail.service.people.organization.tree import TreeService
from smartmail.service.people.photographs import PhotographService
from smartmail.service.people.provisioned import ProvisionedService
from smartmail.service.people.provisioning import ProvisioningService
from smartmail.service.people.saving import SavingService
from smartmail.service.people.team_templates import TeamTemplateService


class Directory:
    """The organisation: companies, domains, departments, titles, people, posts."""

    def __init__(
        self, ports: Ports, kernel: Kernel, identity: Identity, mailbox: Mailbox, sharing: Sharing, outbound: Outbound,
        upcalls: Upcalls,
    ) -> None:  # fmt: skip
        store, clock, auth = ports.store, ports.clock, identity.auth
        lists, stand_ins = outbound.addressing.lists, outbound.addressing.stand_ins
        self.ground = ground = Ground(store, kernel.authority, kernel.keyring, ports.bus, clock)
        self.provisioning = ProvisioningService(
            store, clock, outbound.directory, mailbox.mailboxes, mailbox.identities, auth, kernel.policy, mailbox.quotas
        )
        self.administration = AdministrationService(store, auth, outbound.signing, clock, kernel.authority)
        covering = Covering(kernel.independence, kernel.notices)
        absences = AbsenceService(ground, auth, outbound.directory.finder.absentees, covering)
        departure = Departure(upcalls.leaving, upcalls.settle, upcalls.rehire)
        people = PeopleService(
            ground, auth, mailbox.identities, self.provisioning, stand_ins, absences, departure
        )  # fmt: skip
        planned, companies = PlannedService(ground, people), CompanyService(ground, auth)
        domains = DomainService(ground, ports.resolver, people, Following(ground, lists, stand_ins))
        mergers = MergerService(ground, people, planned)
        self.organization = Organizing(
            companies, domains, DepartmentService(ground, lists), TitleService(ground), people, absences, mergers,
            MovingService(ground, mergers, domains, identity.proposals),
            PostService(ground, self.provisioning, sharing.sharing), planned,
            SourceService(ground, people, self.provisioning), SearchService(store, clock, ports.bus), TreeService(store, store),
        )  # fmt: skip
        self.opening = OpeningService(ground, companies, auth, self.provisioning, outbound.signing.keys)
        self.founding = FoundingService(
            store, clock, kernel.authority, auth, kernel.policy, outbound.directory, self.provisioning, outbound.signing.keys,
            mailbox.mailboxes, mailbox.messages, mailbox.identities, outbound.submissions,
        )  # fmt: skip
        self.domain_records = DomainRecords(
            store, outbound.signing.keys, outbound.transport, ports.resolver, clock, kernel.names,
            ports.operating.servers, outbound.addressing.systems,
        )  # fmt: skip
        self.photographs = PhotographService(
            store, kernel.keyring, kernel.authority, kernel.policy, clock, ports.portraits
        )  # fmt: skip
        self.saving = SavingService(
            store, kernel.policy, HouseSignatures(store, people), outbound.security_labels,
            outbound.submissions.foreseeing,
        )  # fmt: skip
        self.team_templates = TeamTemplateService(store, kernel.keyring, kernel.policy, kernel.authority, clock)
        kernel.jobs += (
            Job("planned-changes", 20 * SECOND, planned.apply_due),
            Job("absences", 20 * SECOND, absences.turn),
            Job("address-ends", MINUTE, people.end_addresses),
            Job("domain-records", 5 * MINUTE, self.domain_records.look_again),
        )


class Life:
    """Account life: states, leavers, temporary accounts, dormancy."""

    def __init__(
        self, ports: Ports, kernel: Kernel, identity: Identity, files: Files, outbound: Outbound, governance: Governance,
        records: Records, care: Care, directory: Directory, upcalls: Upcalls,
    ) -> None:  # fmt: skip
        people = directory.organization.people
        ground = LifeGround(
            ports.store, kernel.authority, kernel.keyring, ports.bus, ports.clock, identity.auth, kernel.policy,
            kernel.record_texts, kernel.notices, kernel.hints,
        )  # fmt: skip
        states, temporary = StateChanges(ground), TemporaryService(ground, people, governance.governing)
        transfers = Transfers(ground, files.exports, files.imports)
        means = Means(ground, outbound.addressing, people, kernel.rights, identity.proposals, temporary, transfers)
        leavers = LeaverService(means, records.destructions)
        rehiring = RehireService(ground, leavers, people, directory.provisioning)
        wholes = WholeDestruction(ports.store, kernel.authority, identity.proposals, care.keys.shredding)
        self.account_life = AccountLife(states, leavers, temporary, DormancyService(ground), rehiring, wholes)
        upcalls.wake.bind(states.wake)
        upcalls.numbers_of.bind(people.numbers)
        upcalls.close_reason.bind(leavers.farewell)
        upcalls.leaving.bind(lambda actor, old, new, along: leavers.leaving(actor, old, new, along=along))
        upcalls.settle.bind(leavers.settle)
        upcalls.rehire.bind(rehiring.rehire)
        kernel.jobs += (
            Job("leavers", 20 * SECOND, leavers.turn),
            # Looks at everybody: once a day.
            Job("dormancy", DAY, self.account_life.dormancy.turn),
        )


class Imports:
    """Directories brought in and out as tables; long work of administrators does imports."""

    def __init__(
        self, kernel: Kernel, sharing: Sharing, outbound: Outbound, governance: Governance, api: AdminApi,
        directory: Directory,
    ) -> None:  # fmt: skip
        ground, organization, addressing = directory.ground, directory.organization, outbound.addressing
        provisioning, administration = directory.provisioning, directory.administration
        parts = PeopleParts(
            ground, organization.people, organization.sources, provisioning, administration, kernel.policy,
            organization.departments,
        )  # fmt: skip
        works: dict[TableKind, TableWork] = {
            "people": PeopleWork(parts),
            "departments": DepartmentWork(ground, organization.departments),
            "groups": GroupWork(ground, governance.governing),
            "aliases": AliasWork(ground, addressing.stand_ins),
            "domains": DomainWork(ground, organization.domains),
            "lists": ListWork(ground, addressing.stand_ins, addressing.lists),
            "shared": SharedWork(ground, organization.people, provisioning, sharing.sharing),
        }
        imports = DirectoryImportService(ground, works, administration)
        api.admin_api.jobs.register(IMPORT, work_of(imports, "run"))
        api.admin_api.jobs.register(UNDO, work_of(imports, "undo"))
        provisioned = ProvisionedService(ground, organization.people, administration, governance.governing)
        self.directory_imports = DirectoryImports(
            imports, DirectoryExportService(ground, works, kernel.record_texts), provisioned
        )
