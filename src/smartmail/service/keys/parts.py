"""What the catalogue of services has about keys."""

from dataclasses import dataclass

from smartmail.service.keys.kits import KitService
from smartmail.service.keys.opening import OpeningService
from smartmail.service.keys.rekeying import Rekeying
from smartmail.service.keys.resealing import Resealing
from smartmail.service.keys.retiring import KeyRetiring
from smartmail.service.keys.rotating import MasterRotation
from smartmail.service.keys.shredding import Shredding


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
