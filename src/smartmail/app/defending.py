"""Composition of defence: its parts share one snapshot of bans and one heap of background work."""

from smartmail.ports.bus import Bus
from smartmail.ports.clock import Clock
from smartmail.ports.geo import Geo
from smartmail.ports.store import Store
from smartmail.service.kernel.authority import Authority
from smartmail.service.kernel.keyring import Keyring
from smartmail.service.kernel.notifications import Notices
from smartmail.service.kernel.policy import PolicyService
from smartmail.service.kernel.push import Hints
from smartmail.service.kernel.sealed_blobs import SealedBlobs
from smartmail.service.protection.defence import DefenceService
from smartmail.service.protection.defence.accounts import AccountBudgets
from smartmail.service.protection.defence.background import Background
from smartmail.service.protection.defence.bans import Bans
from smartmail.service.protection.defence.bombs import BombWatch
from smartmail.service.protection.defence.greylist import Greylist
from smartmail.service.protection.defence.known import KnownPlaces
from smartmail.service.protection.defence.logins import LoginGuard
from smartmail.service.protection.defence.sending import SendingWatch
from smartmail.service.protection.defence.service import Parts
from smartmail.service.protection.defence.strikes import Strikes


def compose_defence(
    store: Store,
    keyring: Keyring,
    blobs: SealedBlobs,
    hints: Hints,
    bus: Bus,
    clock: Clock,
    host: str,
    geo: Geo,
    authority: Authority,
    policy: PolicyService,
) -> DefenceService:
    """Return the service; its parts go to logins, delivery, submission and the chain of inspectors."""
    background = Background()
    bans = Bans(store, keyring, bus, clock)
    strikes = Strikes(store, bans, bus, clock, background)
    places = KnownPlaces(store, clock, background)
    greylist = Greylist(store, keyring, bans, clock, background)
    notices = Notices(store, keyring, blobs, hints, clock, host)
    return DefenceService(
        store,
        clock,
        Parts(
            bans,
            strikes,
            greylist,
            LoginGuard(store, bans, strikes, clock, background, places),
            SendingWatch(store, keyring, bans, notices, hints, bus, clock, geo, background, policy),
            BombWatch(store, keyring, policy, greylist, bus, clock, background),
            AccountBudgets(policy, bus, clock),
            places,
        ),
        authority,
    )
