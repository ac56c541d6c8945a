"""Composition of what a company puts into its people's letters: the footer and the signature.

Mail of programs and of the webmail go through the same footers.
"""

from smartmail.app.floor import Floor, Ports
from smartmail.service.flow.outgoing.footers import Footers
from smartmail.service.people.house_signatures import HouseSignatures
from smartmail.service.people.organization import PeopleService
from smartmail.service.people.saving import SavingService


def compose_letters(ports: Ports, floor: Floor, people: PeopleService) -> SavingService:
    """Return what tells a composer; what is submitted carries footers from now on."""
    floor.outgoing.shaper.footers = Footers(ports.store, floor.blobs, floor.policy)
    saving = SavingService(ports.store, floor.policy)
    saving.signatures = HouseSignatures(ports.store, people)
    return saving
