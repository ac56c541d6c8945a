"""Composition of keys at work."""

from smartmail.app.floor import Floor, Ports
from smartmail.ports.keys import KeyIdentity
from smartmail.service.kernel.audit.texts import RecordTexts
from smartmail.service.operations.backup.service import BackupService
from smartmail.service.operations.keys.changing import KeyChanges
from smartmail.service.operations.keys.kits import KitService
from smartmail.service.operations.keys.opening import OpeningService
from smartmail.service.operations.keys.parts import KeyParts
from smartmail.service.operations.keys.rekeying import Rekeying
from smartmail.service.operations.keys.resealing import Resealing
from smartmail.service.operations.keys.retiring import KeyRetiring
from smartmail.service.operations.keys.rotating import MasterRotation
from smartmail.service.operations.keys.shredding import Shredding


def compose_keys(ports: Ports, floor: Floor, texts: RecordTexts, backups: BackupService) -> KeyParts:
    """Make it over the ports and the floor."""
    store, clock = ports.store, ports.clock

    async def rekey(target: KeyIdentity) -> None:
        if ports.keeper is not None:
            await backups.let_open(ports.keeper, target)

    rekeying = Rekeying(store, floor.authority, floor.keyring, texts, clock)
    changes = KeyChanges(store, floor.keyring, clock)
    return KeyParts(
        MasterRotation(store, floor.authority, texts, clock, ports.node.id, ports.keeper, rekey),
        Resealing(store, floor.authority, floor.keyring, floor.blobs, clock),
        OpeningService(
            store, floor.authority, floor.proposals, floor.keyring, floor.blobs, floor.witness, clock
        ),
        KitService(store, floor.authority, texts, clock, ports.keeper),
        Shredding(store, floor.authority, floor.keyring, floor.auth, texts, clock),
        rekeying,
        KeyRetiring(store, floor.authority, clock, rekeying, changes, backups.oldest),
    )  # fmt: skip
