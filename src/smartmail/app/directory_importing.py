"""Composition of imports and exports of directories."""

from smartmail.app.floor import Floor, Ports
from smartmail.domain.directory_import import TableKind
from smartmail.service.governance.governing import GovernanceService
from smartmail.service.kernel.audit.texts import RecordTexts
from smartmail.service.mailbox.sharing.granting import SharingService
from smartmail.service.operations.admin_jobs import JobService
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
from smartmail.service.people.organization import Ground, Organizing
from smartmail.service.people.provisioned import ProvisionedService
from smartmail.service.people.provisioning import ProvisioningService


def compose_directory_imports(
    ports: Ports,
    floor: Floor,
    organization: Organizing,
    provisioning: ProvisioningService,
    administration: AdministrationService,
    governing: GovernanceService,
    texts: RecordTexts,
    jobs: JobService,
    sharing: SharingService,
) -> DirectoryImports:
    """Return the way in and the way out, and let long work of administrators do imports."""
    ground = Ground(ports.store, floor.authority, floor.keyring, ports.bus, ports.clock)
    people = PeopleParts(ground, organization.people, organization.sources, provisioning, administration, floor.policy)
    works: dict[TableKind, TableWork] = {
        "people": PeopleWork(people),
        "departments": DepartmentWork(ground, organization.departments),
        "groups": GroupWork(ground, governing),
        "aliases": AliasWork(ground, floor.addressing.stand_ins),
        "domains": DomainWork(ground, organization.domains),
        "lists": ListWork(ground, floor.addressing.stand_ins, floor.addressing.lists),
        "shared": SharedWork(ground, organization.people, provisioning, sharing),
    }
    imports = DirectoryImportService(ground, works, administration)
    jobs.register(IMPORT, work_of(imports, "run"))
    jobs.register(UNDO, work_of(imports, "undo"))
    provisioned = ProvisionedService(ground, organization.people, administration, governing)
    return DirectoryImports(imports, DirectoryExportService(ground, works, texts), provisioned)
