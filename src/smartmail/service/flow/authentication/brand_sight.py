"""Brand sight: of which domains' logos a company may know, because their mail came to it.

NAME        brand sight
PURPOSE     Logos are fetched once for the whole installation. Which ones are there tells who writes to its companies: each
            may know only of those who wrote to itself.
STRATEGIES  Noted when proved mail comes and when it is read, once a day for each domain; a keyed hash under the company's
            key, so that the table says nothing to who reads it. What was not noted (another key, an old store) is noted when
            the mail is read again.
LIMITS      MAX_NOTED in memory; a note is forgotten after FORGOTTEN.
Must not know what a logo is.
"""

from collections import OrderedDict
from typing import Final

from smartmail.base import log
from smartmail.domain.errors import MailError
from smartmail.domain.ids import OrganizationId
from smartmail.formats.seal import Purpose, SealError
from smartmail.ports.clock import Clock
from smartmail.ports.store_brands import BrandStore
from smartmail.service.kernel.clock import DAY
from smartmail.service.kernel.keyring import Keyring

MAX_NOTED: Final = 10_000
FORGOTTEN: Final = 400 * DAY


class BrandSight:
    """Notes and says."""

    def __init__(self, store: BrandStore, keyring: Keyring, clock: Clock) -> None:
        self._store = store
        self._keyring = keyring
        self._clock = clock
        self._noted: OrderedDict[tuple[OrganizationId, str], int] = OrderedDict()

    def is_noted(self, organization_id: OrganizationId, domain: str) -> bool:
        """Say whether this process has noted it today."""
        return self._noted.get((organization_id, domain.lower())) == self._clock.now() // DAY

    async def note(self, organization_id: OrganizationId, domain: str) -> None:
        """Note that a company has mail of a domain. What cannot be noted is noted the next time."""
        key, today = (organization_id, domain.lower()), self._clock.now() // DAY
        if self.is_noted(organization_id, domain):
            return
        try:
            mark, now = await self._mark(organization_id, domain), self._clock.now()
            await self._store.note_brand_seen(organization_id, mark, now, now - FORGOTTEN)
        except (MailError, SealError) as error:
            log.event("brand.store_failed", domain=domain, error=type(error).__name__)
            return
        self._noted[key] = today
        while len(self._noted) > MAX_NOTED:
            self._noted.popitem(last=False)

    async def sees(self, organization_id: OrganizationId, domain: str) -> bool:
        """Say whether a company has had mail of a domain."""
        try:
            mark = await self._mark(organization_id, domain)
        except SealError:
            return False
        return await self._store.brand_seen(organization_id, mark)

    async def _mark(self, organization_id: OrganizationId, domain: str) -> bytes:
        return (await self._keyring.organization(organization_id)).hash(Purpose.BRAND, domain.lower().encode())
