"""What the catalogue of services has about keys."""

from dataclasses import dataclass

from smartmail.service.operations.keys.kits import KitService
from smartmail.service.operations.keys.opening import OpeningService
from smartmail.service.operations.keys.rekeying import Rekeying
from smartmail.service.operations.keys.resealing import Resealing
from smartmail.service.operations.keys.retiring import KeyRetiring
from smartmail.service.operations.keys.rotating import MasterRotation
from smartmail.service.operations.keys.shredding import Shredding


@dataclass(frozen=True, slots=True)
class KeyParts:
    """The master key, keys of companies and accounts, originals sealed anew, originals that two persons open."""

    rotation: MasterRotation
    resealing: Resealing
    openings: OpeningService
    kits: KitService
    shredding: Shredding
    rekeying: Rekeying
    retiring: KeyRetiring
