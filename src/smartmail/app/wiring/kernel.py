"""The kernel: keys, bodies, policy, rights, records of looks, notices; what every floor stands on."""

from dataclasses import replace

from smartmail.app.wiring.ports import Ports
from smartmail.service.kernel.agreement import Agreement
from smartmail.service.kernel.appearance import AppearanceService
from smartmail.service.kernel.audit import Witness
from smartmail.service.kernel.audit.texts import RecordTexts
from smartmail.service.kernel.authority import Authority
from smartmail.service.kernel.clock import SECOND
from smartmail.service.kernel.host_names import NameBook
from smartmail.service.kernel.independence import Independence
from smartmail.service.kernel.jobs import Job, when_due
from smartmail.service.kernel.keyring import Keyring
from smartmail.service.kernel.metadata import MetadataService
from smartmail.service.kernel.notifications import Notices
from smartmail.service.kernel.policy import PolicyService
from smartmail.service.kernel.push import Hints
from smartmail.service.kernel.rights import Rights
from smartmail.service.kernel.sealed_blobs import SealedBlobs
from smartmail.service.kernel.states import StateService
from smartmail.service.kernel.volumes.administering import VolumeService
from smartmail.service.kernel.volumes.moving import VolumeMover
from smartmail.service.kernel.volumes.parts import VolumeParts
from smartmail.service.kernel.volumes.watching import VolumeWatch


class Kernel:
    """Made over the ports alone."""

    def __init__(self, ports: Ports) -> None:
        store, clock, bus = ports.store, ports.clock, ports.bus
        self.keyring = Keyring(ports.keys, store, clock)
        self.blobs = SealedBlobs(ports.volumes, clock, store)
        self.hints = Hints(bus)
        self.policy = PolicyService(store, clock, bus)
        self.agreement = Agreement(store, clock, bus)
        self.rights = Rights(store, clock, bus, self.policy)
        self.authority = Authority(store, clock, bus, self.policy)
        self.independence = Independence(store, self.policy, clock)
        self.notices = Notices(store, self.keyring, self.blobs, self.hints, clock, ports.host)
        place = ports.operating.names
        site = ports.site.removeprefix("https://").partition(":")[0] or ports.host
        self.names = NameBook(store, replace(place.current(), mail=ports.host, app=site), place.fixed())
        self.record_texts = RecordTexts(self.keyring, clock)
        self.witness = Witness(store, clock)
        self.metadata = MetadataService(store, self.rights, self.keyring)
        self.states = StateService(store, self.rights)
        self.appearance = AppearanceService(store, self.keyring, self.authority, clock, self.agreement)
        book = self.blobs.book
        self.volumes = VolumeParts(
            book, VolumeMover(store, book, clock), VolumeWatch(store, book, clock),
            VolumeService(store, self.authority, book, clock, ports.node.id),
        )  # fmt: skip
        self.jobs: list[Job] = [
            when_due("volume-work", "volume-works", self.volumes.mover.turn),
            Job("volumes", 5 * SECOND, self.volumes.watch.turn),
        ]
        """What runs by itself of all floors: each adds its own."""
