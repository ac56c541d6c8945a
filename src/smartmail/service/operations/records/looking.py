"""Who looked at a person's messages (누가 내 메일함을 봤는가), shown to that person; and investigations, which delay it.

STRATEGIES  The rows are access records (service.kernel.audit.witness) on the person's account, as they are chained.
SECURITY    Only the own account is asked about. Looks of an investigation are hidden while it lasts: it needs two people, a
            reason and an end at most MAX_DAYS away, and hides only what those two do. When it is over everything shows.
Must not know how it is shown.
"""

from dataclasses import dataclass
from typing import Final, Protocol

from smartmail.domain.audit import ACCESS, AuditLink, AuditQuery, AuditRecord, AuditRow
from smartmail.domain.errors import Forbidden, Invalid, NotFound
from smartmail.domain.ids import AccountId
from smartmail.domain.policy import Scope
from smartmail.domain.principal import Actor
from smartmail.domain.records import Investigation
from smartmail.formats.seal import Kind
from smartmail.ports.clock import Clock
from smartmail.ports.store_accounts import AccountStore
from smartmail.ports.store_audit import AuditStore
from smartmail.ports.store_records import RecordStore
from smartmail.service.kernel import rights
from smartmail.service.kernel.audit.texts import given_reason
from smartmail.service.kernel.authority import Authority
from smartmail.service.kernel.clock import DAY
from smartmail.service.kernel.independence import Independence
from smartmail.service.kernel.keyring import Keyring


class _Store(AccountStore, AuditStore, RecordStore, Protocol): ...


MAX_DAYS: Final = 365
MOST: Final = 500
SCANNED: Final = 5_000


@dataclass(frozen=True, slots=True)
class Look:
    """One row: at `at` (milliseconds) `name` did `act` (list, read, delete, export) with `count` messages.

    `name` is the login of a colleague, or "cli" for the command line of the administrators. `ids` at most fifty.
    """

    id: int
    at: int
    name: str
    act: str
    count: int
    ids: tuple[int, ...]
    address: str
    country: str
    door: str


class LookService:
    """Answers the person; keeps investigations."""

    def __init__(
        self, store: _Store, authority: Authority, independence: Independence, keyring: Keyring, clock: Clock
    ) -> None:
        self._store = store
        self._authority = authority
        self._independence = independence
        self._keyring = keyring
        self._clock = clock
        self._names: dict[str, str] = {}

    async def looks(
        self, actor: Actor, account_id: AccountId, *, before: int | None = None, limit: int = 100
    ) -> list[Look]:
        """Return who looked, newest first, up to a time. Raises NotFound for anybody but the account's own person."""
        rights.require(actor, account_id)
        account = await self._store.account(account_id)
        query = AuditQuery(kind="access", account_id=account_id, until=before, limit=SCANNED)
        links = await self._store.find_links(account.organization_id, query)
        hidden = [one for one in await self._store.investigations(account_id=account_id) if self._hides(one)]
        shown = [link for link in links if not any(_covers(one, link) for one in hidden)]
        found = await self._store.records_of(shown[: max(1, min(limit, MOST))])
        return [await self._look(link, row) for link, row in found if row is not None]

    def _hides(self, one: Investigation) -> bool:
        return one.confirmed_at is not None and self._clock.now() < one.until

    async def _look(self, link: AuditLink, row: AuditRow) -> Look:
        words = dict(word.partition(":")[::2] for word in row.record.object.split())
        ids = tuple(int(one) for one in words.get("ids", "").split(",") if one.isdecimal())
        act = row.record.action.removeprefix(ACCESS)
        return Look(
            link.seq, row.record.at, await self._name(row.record.actor), act, int(words.get("count", "1")), ids,
            row.record.address, link.facts.country, row.door,
        )  # fmt: skip

    async def _name(self, actor: str) -> str:
        kind, _, number = actor.partition(":")
        if kind != "account" or not number.isdecimal():
            return actor
        if actor not in self._names:
            try:
                self._names[actor] = (await self._store.account(AccountId(int(number)))).login
            except NotFound:
                return actor
        return self._names[actor]

    # --- investigations ---

    async def propose(self, actor: Actor, account_id: AccountId, until: int, reason: str) -> int:
        """Ask that the own looks into an account stay hidden until a time; return its number.

        It counts when somebody else has confirmed it. Raises Invalid, Forbidden, NotFound.
        """
        home = await self._authority.require(actor, "investigation.run", Scope("account", str(account_id)))
        now = self._clock.now()
        if home is None or not now < until <= now + MAX_DAYS * DAY:
            raise Invalid(f"an investigation ends within {MAX_DAYS} days", reason="exception.days", most=MAX_DAYS)
        sealer = await self._keyring.organization(home)
        sealed = sealer.seal_text(Kind.INVESTIGATION, given_reason(reason), account_id, now)
        one = Investigation(0, home, account_id, now, until, actor.named, "", None, sealed)
        # The record must not tell the account's person: it names the account in a word that is no one's home.
        record = self._record(actor, "investigation.propose", f"organization:{home}")
        return await self._store.add_investigation(one, record)

    async def confirm(self, actor: Actor, number: int) -> None:
        """Confirm what somebody else has proposed. Raises Forbidden (the same person, or one tied to it), NotFound."""
        one = next((one for one in await self._store.investigations() if one.id == number), None)
        if one is None:
            raise NotFound
        await self._authority.require(actor, "investigation.run", Scope("account", str(one.account_id)))
        record = self._record(actor, "investigation.confirm", f"organization:{one.organization_id}")
        if actor.named == one.proposed_by:
            raise Forbidden("somebody else must confirm it", reason="consent.other")
        await self._independence.require(_author_of(one), actor.account_id)
        if not await self._store.confirm_investigation(number, actor.named, self._clock.now(), record):
            raise NotFound

    async def investigations(self, actor: Actor) -> list[tuple[Investigation, str]]:
        """Return investigations with their reasons: of the own organisation, or all for the command line."""
        home = None if actor.origin.door == "cli" else actor.organization_id
        scope = Scope("organization", str(home)) if home else Scope("system")
        await self._authority.require(actor, "investigation.run", scope)
        found = []
        for one in await self._store.investigations(home):
            sealer = await self._keyring.organization(one.organization_id)
            found.append((one, sealer.open_text(Kind.INVESTIGATION, one.sealed_reason, one.account_id, one.since)))
        return found

    def _record(self, actor: Actor, action: str, thing: str) -> AuditRecord:
        return AuditRecord(self._clock.now(), actor.named, action, thing, actor.origin.address, None, actor.origin.door)


def _author_of(one: Investigation) -> AccountId:
    """Return who proposed it, 0 for who is no account."""
    kind, _, number = one.proposed_by.partition(":")
    return AccountId(int(number) if kind == "account" and number.isdecimal() else 0)


def _covers(one: Investigation, link: AuditLink) -> bool:
    facts = link.facts
    return facts.actor in {one.proposed_by, one.confirmed_by} and one.since <= facts.at < one.until
