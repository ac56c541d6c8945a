"""Composition of account life: states, leavers, temporary accounts, dormancy, and who asks them on mail's way."""

from smartmail.app.floor import Floor, Ports
from smartmail.service.catalogue import PersonalServices, RecordServices
from smartmail.service.governance.governing import GovernanceService
from smartmail.service.kernel.notifications import Notices
from smartmail.service.operations.keys.shredding import Shredding
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
from smartmail.service.people.organization import PeopleService
from smartmail.service.people.provisioning import ProvisioningService


def compose_account_life(
    ports: Ports, floor: Floor, people: PeopleService, governing: GovernanceService, records: RecordServices,
    personal: PersonalServices, provisioning: ProvisioningService, notices: Notices,
) -> AccountLife:  # fmt: skip
    """Return the parts over the floor."""
    texts = records.record_texts
    ground = LifeGround(
        ports.store, floor.authority, floor.keyring, ports.bus, ports.clock, floor.auth, floor.policy, texts, notices,
        floor.hints,
    )  # fmt: skip
    states = StateChanges(ground)
    temporary = TemporaryService(ground, people, governing)
    transfers = Transfers(ground, personal.exports, personal.imports)
    means = Means(ground, floor.addressing, people, floor.rights, floor.proposals, temporary, transfers)
    leavers = LeaverService(means, records.destructions)
    people.departure = leavers
    floor.directory.farewell = leavers.farewell
    floor.proving.factors.wake = states.wake
    rehiring = RehireService(ground, leavers, people, provisioning)
    people.rehire = rehiring.rehire
    shredding = Shredding(ports.store, floor.authority, floor.keyring, floor.auth, texts, ports.clock)
    wholes = WholeDestruction(ports.store, floor.authority, floor.proposals, shredding)
    return AccountLife(states, leavers, temporary, DormancyService(ground), rehiring, wholes)
