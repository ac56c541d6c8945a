"""Composition of invitations: calendars in mail and the answers to them, over the floor."""

from smartmail.app.floor import Floor, Ports
from smartmail.service.flow.invitations import InvitationService


def compose_invitations(ports: Ports, floor: Floor) -> InvitationService:
    """Return the service."""
    return InvitationService(
        ports.store, floor.keyring, floor.reading, floor.messages, floor.mailboxes, floor.identities,
        floor.submissions, ports.clock, ports.host,
    )  # fmt: skip
