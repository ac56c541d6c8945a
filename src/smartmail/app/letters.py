"""Composition of what a company puts into its people's letters: the footer and the signature.

Mail of programs and of the webmail go through the same footers.
"""

from smartmail.app.floor import Floor, Ports
from smartmail.service.house_signatures import HouseSignatures
from smartmail.service.organization import PeopleService
from smartmail.service.outgoing.footers import Footers
from smartmail.service.saving import SavingService


def compose_letters(ports: Ports, floor: Floor, people: PeopleService) -> SavingService:
    """Return what tells a composer; what is submitted carries footers from now on."""
    floor.outgoing.shaper.footers = Footers(ports.store, floor.blobs, floor.policy)
    saving = SavingService(ports.store, floor.policy)
    saving.signatures = HouseSignatures(ports.store, people)
    return saving
