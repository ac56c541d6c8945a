"""Tokens of links in digests: one recipient of one entry, one act, an end; under the organisation's key.

A token is used up by its act: what was let out or thrown away is not held any more. So nothing is stored, a token from
a copied digest does what its owner could do, once, and one that was guessed would need 2**64 tries at an open door.
"""

import base64
import binascii
import hmac
import struct
from dataclasses import dataclass

from smartmail.domain.errors import NotFound
from smartmail.domain.ids import OrganizationId, QueueEntryId
from smartmail.domain.quarantine import LINK_ACTS, HeldRow, LinkAct
from smartmail.formats.seal import HASH_OCTETS, Purpose, SealError
from smartmail.ports.clock import Clock
from smartmail.service.flow.quarantine.items import show_id
from smartmail.service.kernel.clock import DAY
from smartmail.service.kernel.keyring import Keyring

LIFETIME_DAYS = 7
_FIELDS = struct.Struct(">QQIQB")
PATH = "/quarantine/"


@dataclass(frozen=True, slots=True)
class Link:
    """What a token says."""

    item_id: str
    act: LinkAct


class Links:
    """Makes and reads tokens."""

    def __init__(self, keyring: Keyring, clock: Clock) -> None:
        self._keyring = keyring
        self._clock = clock

    async def make(self, row: HeldRow, act: LinkAct) -> str:
        """Return the token of an act on an item. Raises NotFound, SealError."""
        until = self._clock.now() + LIFETIME_DAYS * DAY
        organization_id = row.entry.organization_id
        fields = _FIELDS.pack(organization_id, row.entry.id, row.recipient.number, until, LINK_ACTS.index(act))
        return base64.urlsafe_b64encode(fields + await self._proof(organization_id, fields)).rstrip(b"=").decode()

    async def read(self, token: str) -> Link | None:
        """Return what a token says, None for one that is not ours or has run out."""
        octets = _octets(token)
        if octets is None:
            return None
        fields, proof = octets[: _FIELDS.size], octets[_FIELDS.size :]
        organization, entry, number, until, act = _FIELDS.unpack(fields)
        try:
            known = await self._proof(OrganizationId(organization), fields)
        except (NotFound, SealError):
            return None
        if not hmac.compare_digest(known, proof) or until < self._clock.now() or act >= len(LINK_ACTS):
            return None
        return Link(show_id(QueueEntryId(entry), number), LINK_ACTS[act])

    async def _proof(self, organization_id: OrganizationId, fields: bytes) -> bytes:
        if organization_id >= 1 << 63:
            raise NotFound
        keys = await self._keyring.organization(organization_id)
        return keys.hash(Purpose.QUARANTINE_LINK, fields)


def _octets(token: str) -> bytes | None:
    """Return the octets of a token in its one form: base64 of exactly the right length."""
    size = _FIELDS.size + HASH_OCTETS
    try:
        octets = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    if len(octets) != size or base64.urlsafe_b64encode(octets).rstrip(b"=").decode() != token:
        return None
    return octets
