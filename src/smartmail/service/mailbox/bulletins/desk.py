"""The desk: administrators make bulletins, change and end them, and learn who has not read one.

STRATEGIES  A bulletin belongs to a place (company, domain, department with all below it, group), and whoever has
            `bulletin.change` over that place may make it: so a department's own administrator speaks to that department
            and nobody else. Where the place is gone, the company's administrators have what was said to it.
SECURITY    What lies outside of what the actor administers answers like what is not there. Each act is recorded; the list
            of who has not read one leaves with a reason, recorded before a byte goes.
LIMITS      MOST in one company, DAYS from first to last.
FAILURE     A hint that is lost costs minutes: readers look by themselves.
"""

from dataclasses import dataclass, replace
from typing import Final, Protocol

from smartmail.base.i18n import translate
from smartmail.domain.account import Account
from smartmail.domain.audit import AuditRecord
from smartmail.domain.authority import Permission
from smartmail.domain.bulletins import AT_SIGN_IN, SHOWN_IN, Bulletin
from smartmail.domain.errors import Invalid, NotFound
from smartmail.domain.ids import OrganizationId
from smartmail.domain.policy import Scope
from smartmail.domain.principal import Actor
from smartmail.formats import csv_table
from smartmail.formats.audit_chain import timestamp
from smartmail.ports.bus import Bus
from smartmail.ports.clock import Clock
from smartmail.ports.store_accounts import AccountStore
from smartmail.ports.store_audit import AuditLog
from smartmail.ports.store_bulletins import BulletinStore
from smartmail.ports.store_directory import DirectoryStore, DomainStore
from smartmail.ports.store_organization import OrganizationStore
from smartmail.ports.store_policy import GroupStore
from smartmail.ports.store_push import PushStore
from smartmail.service.kernel.audit.texts import RecordTexts, given_reason
from smartmail.service.kernel.authority import Authority
from smartmail.service.kernel.clock import DAY
from smartmail.service.mailbox.bulletins.board import TOPIC
from smartmail.service.mailbox.bulletins.readers import people_of
from smartmail.service.mailbox.bulletins.texts import BulletinText, BulletinTexts


class _Store(AccountStore, AuditLog, DirectoryStore, DomainStore, GroupStore, OrganizationStore, PushStore, Protocol):
    @property
    def bulletins(self) -> BulletinStore: ...


MOST: Final = 500
DAYS: Final = 366


@dataclass(frozen=True, slots=True)
class BulletinWish:
    """A bulletin as somebody wants it. Times in milliseconds."""

    place: Scope
    text: BulletinText
    shown_from: int
    shown_until: int
    pinned: bool = True
    popup: bool = False
    must_read: bool = False
    at_sign_in: bool = False


@dataclass(frozen=True, slots=True)
class HeldBulletin:
    """A bulletin, opened; `place_name`: whom it is for, in words; `shown`: whether it is now."""

    row: Bulletin
    text: BulletinText
    place_name: str
    shown: bool


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody whom a bulletin is for; `read_at` 0: has not read it."""

    account: Account
    read_at: int


class BulletinDesk:
    """What administrators do with bulletins."""

    def __init__(
        self, store: _Store, texts: BulletinTexts, authority: Authority, records: RecordTexts, bus: Bus, clock: Clock
    ) -> None:
        self._store = store
        self._texts = texts
        self._authority = authority
        self._records = records
        self._bus = bus
        self._clock = clock

    async def list_all(self, actor: Actor, home: OrganizationId) -> list[HeldBulletin]:
        """Return those of a company that the actor administers, the newest first. Raises Forbidden."""
        await self._authority.organization(actor, "bulletin.read")
        rows = await self._store.bulletins.of_organization(home)
        seen = {one: await self._may(actor, "bulletin.read", one, home) for one in {row.place for row in rows}}
        return [await self._held(row) for row in rows if seen[row.place]]

    async def get(self, actor: Actor, bulletin_id: int) -> HeldBulletin:
        """Return one. Raises Forbidden, NotFound."""
        return await self._held(await self._own(actor, "bulletin.read", bulletin_id))

    async def make(self, actor: Actor, wish: BulletinWish) -> HeldBulletin:
        """Publish one. Raises Forbidden, NotFound (the place), Invalid, OverQuota."""
        home = await self._home(actor, wish.place)
        return await self._put(actor, self._clock.new_id(), home, actor.named, wish, "bulletin.make")

    async def change(self, actor: Actor, bulletin_id: int, wish: BulletinWish, *, anew: bool = False) -> HeldBulletin:
        """Put another in its place. `anew`: everybody is shown it and asked for it again.

        Raises Forbidden, NotFound, Invalid.
        """
        row = await self._own(actor, "bulletin.change", bulletin_id)
        home = await self._home(actor, wish.place) if wish.place != row.place else row.organization_id
        if home != row.organization_id:
            raise Invalid("a bulletin stays in its company", reason="bulletin.company")
        return await self._put(actor, row.id, home, row.author, wish, "bulletin.change", anew=anew)

    async def end(self, actor: Actor, bulletin_id: int) -> HeldBulletin:
        """Show it no more; who read it stays known. Raises Forbidden, NotFound."""
        row, now = await self._own(actor, "bulletin.change", bulletin_id), self._clock.now()
        if row.shown_until > now:
            row = replace(row, shown_from=min(row.shown_from, now), shown_until=now, changed_at=now)
            await self._store.bulletins.put(row, MOST, self._record(actor, "bulletin.end", row.id))
            self._tell(row.organization_id)
        return await self._held(row)

    async def drop(self, actor: Actor, bulletin_id: int) -> None:
        """Throw it away with the record of who read it. Raises Forbidden, NotFound."""
        row = await self._own(actor, "bulletin.change", bulletin_id)
        if not await self._store.bulletins.drop(row.id, self._record(actor, "bulletin.drop", row.id)):
            raise NotFound
        self._tell(row.organization_id)

    async def readers(self, actor: Actor, bulletin_id: int) -> list[Reader]:
        """Return whom one is for, by login. Raises Forbidden, NotFound."""
        return await self._readers(await self._own(actor, "bulletin.read", bulletin_id))

    async def unread_table(self, actor: Actor, bulletin_id: int, reason: str, language: str) -> bytes:
        """Return who has not read one as CSV. Raises Forbidden, NotFound, Invalid (no reason)."""
        row = await self._own(actor, "bulletin.read", bulletin_id)
        why, now = given_reason(reason), self._clock.now()
        found = [one.account for one in await self._readers(row) if not one.read_at]
        about = f"bulletin:{row.id:x} count:{len(found)}"
        home = actor.organization_id if actor.account_id else None
        sealed = await self._records.seal(home, "bulletin.export", about, now, {"reason": why})
        await self._store.audit(
            AuditRecord(now, actor.named, "bulletin.export", about, actor.origin.address, sealed, actor.origin.door)
        )
        title, until = (await self._texts.open(row)).title, timestamp(row.shown_until)
        header = [
            translate(language, f"bulletin.column.{one}") for one in ("name", "department", "address", "title", "until")
        ]
        return csv_table.write(header, [(one.name, one.department, one.login, title, until) for one in found])

    # --- how ---

    async def _readers(self, row: Bulletin) -> list[Reader]:
        read = {one.account_id: one.read_at for one in await self._store.bulletins.marks(row.id)}
        return [Reader(one, read.get(one.id, 0)) for one in await people_of(self._store, row, self._clock.now())]

    async def _home(self, actor: Actor, place: Scope) -> OrganizationId:
        """Return the company that a place lies in, where the actor may speak. Raises Forbidden, NotFound, Invalid."""
        if place.level not in SHOWN_IN:
            raise Invalid(f"a bulletin is for a place of one of {', '.join(SHOWN_IN)}", reason="bulletin.place")
        home = await self._authority.require(actor, "bulletin.change", place, "there is no such place")
        assert home is not None
        return home

    async def _own(self, actor: Actor, permission: Permission, bulletin_id: int) -> Bulletin:
        own = await self._authority.organization(actor, permission)
        row = await self._store.bulletins.one(bulletin_id)
        if row is None or own not in {None, row.organization_id}:
            raise NotFound
        if not await self._may(actor, permission, row.place, row.organization_id):
            raise NotFound
        return row

    async def _may(self, actor: Actor, permission: Permission, place: Scope, home: OrganizationId) -> bool:
        """Say whether the actor administers a place, or the company where the place is gone."""
        try:
            await self._authority.place(place)
        except NotFound:
            place = Scope("organization", str(int(home)))
        return await self._authority.may(actor, permission, place)

    async def _put(
        self, actor: Actor, number: int, home: OrganizationId, author: str, wish: BulletinWish, act: str, *,
        anew: bool = False,
    ) -> HeldBulletin:  # fmt: skip
        if not wish.shown_from < wish.shown_until <= wish.shown_from + DAYS * DAY:
            raise Invalid(
                f"a bulletin is shown from one time until a later one, {DAYS} days at most",
                reason="bulletin.time",
                most=DAYS,
            )
        if wish.at_sign_in and wish.place.level not in AT_SIGN_IN:
            raise Invalid("the sign-in page shows bulletins of a company or a domain only", reason="bulletin.signin")
        sealed = await self._texts.seal(home, number, wish.text)
        row = Bulletin(
            number, home, wish.place, author, sealed, wish.shown_from, wish.shown_until, wish.pinned, wish.popup,
            wish.must_read, self._clock.now(), wish.at_sign_in,
        )  # fmt: skip
        await self._store.bulletins.put(row, MOST, self._record(actor, act, number), anew=anew)
        self._tell(home)
        return await self._held(row)

    async def _held(self, row: Bulletin) -> HeldBulletin:
        name = await self._texts.place_name(row.place)
        return HeldBulletin(row, await self._texts.open(row), name, row.in_force(self._clock.now()))

    def _tell(self, home: OrganizationId) -> None:
        self._bus.publish(TOPIC, str(int(home)))

    def _record(self, actor: Actor, action: str, number: int) -> AuditRecord:
        about = f"bulletin:{number:x}"
        return AuditRecord(self._clock.now(), actor.named, action, about, actor.origin.address, door=actor.origin.door)
