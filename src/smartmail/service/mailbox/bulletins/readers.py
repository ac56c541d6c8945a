"""Whom bulletins are for: people of a place, and their devices.

STRATEGIES  Devices are noted for a bulletin in one transaction, once it is in force; whom it is for is asked again when it is
            sent, and who has seen it by then is spared.
FAILURE     A bulletin that could not be noted is noted by the next look.
"""

from collections.abc import Collection
from typing import Protocol

from smartmail.domain.account import Account
from smartmail.domain.bulletins import Bulletin
from smartmail.domain.principal import Actor
from smartmail.formats.address import split_address
from smartmail.ports.clock import Clock
from smartmail.ports.store_accounts import AccountStore
from smartmail.ports.store_bulletins import BulletinStore
from smartmail.ports.store_directory import DirectoryStore, DomainStore
from smartmail.ports.store_organization import OrganizationStore
from smartmail.ports.store_policy import GroupStore
from smartmail.ports.store_push import PushStore
from smartmail.service.kernel.places import Places
from smartmail.service.mailbox.bulletins.board import BulletinBoard


class _Store(AccountStore, DirectoryStore, DomainStore, GroupStore, OrganizationStore, PushStore, Protocol):
    @property
    def bulletins(self) -> BulletinStore: ...


async def people_of(store: _Store, row: Bulletin, now: int) -> list[Account]:
    """Return the persons who lie in a bulletin's place and can sign in, by login."""
    place = row.place
    inside = await Places(store).members([place])
    found = []
    for one in await store.accounts(row.organization_id):
        if one.kind != "person" or not one.may("login", now):
            continue
        if (
            place.level == "organization"
            or (place.level == "domain" and split_address(one.login)[1] == place.subject)
            or one.id in inside
        ):
            found.append(one)
    return sorted(found, key=lambda one: one.login)


class BulletinNews:
    """Which devices have yet to hear of which bulletins."""

    def __init__(self, store: _Store, board: BulletinBoard, clock: Clock) -> None:
        self._store = store
        self._board = board
        self._clock = clock

    async def spread(self) -> None:
        """Note new bulletins for the devices of their readers. Raises Unavailable."""
        now = self._clock.now()
        for row in await self._store.bulletins.unspread(now):
            await self._store.spread_bulletin(row.id, [one.id for one in await people_of(self._store, row, now)])

    async def unseen(self, actor: Actor, bulletins: Collection[int]) -> str:
        """Return the state of those of some bulletins that the actor has not seen yet; "" for none of them."""
        return await self._board.news(actor, bulletins)
