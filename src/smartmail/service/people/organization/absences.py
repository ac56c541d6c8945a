"""People who are away for a while (휴직, 파견) and come back (복직): now, or as a planned change on its day (BR-4).

STRATEGIES  Being away is a row and, where the doors are shut, the state `suspended`: what a suspended account may is one
            table already. Going and returning are one commit each with the planned change that says so. An absence with an
            end is over at that moment for mail (service.flow.addressing.absentees); a job gives the account back at most a
            minute later.
SECURITY    Permission account.change over the account; a substitute is an active person of the same company, and a foreign
            one is answered like none. Nobody lets mail go to themselves (covering). What is typed is sealed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, get_args

from smartmail.base import log
from smartmail.domain.absence import Absence, AbsenceKind, AbsenceText, AbsentMail, Away
from smartmail.domain.account import Account
from smartmail.domain.errors import Invalid, MailError, NotFound, StateMismatch
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.principal import SYSTEM_ORIGIN, Actor
from smartmail.service.flow.addressing.absentees import Absentees
from smartmail.service.identity.auth import AuthService
from smartmail.service.people.organization.covering import Covering
from smartmail.service.people.organization.ground import Ground
from smartmail.service.people.organization.store import Store

MAX_TEXT: Final = 2_000
PAGE: Final = 100
NO_SUBSTITUTE: Final = "the substitute is no active person of the company"


@dataclass(frozen=True, slots=True)
class AbsenceShown:
    """An absence, opened."""

    row: Absence
    text: AbsenceText
    substitute: str


class AbsenceService:
    """Lets people be away and come back; shows who is."""

    def __init__(self, ground: Ground[Store], auth: AuthService, absentees: Absentees, covering: Covering) -> None:
        self._ground = ground
        self._store = ground.store
        self._auth = auth
        self._absentees = absentees
        self.covering = covering

    async def check(self, actor: Actor, account: Account, away: Away, at: int) -> None:
        """Raise Invalid unless somebody can be away like that from a time on, Forbidden where their mail would go to the
        actor.
        """
        if account.kind != "person":
            raise Invalid("only a person is away", reason="absence.person")
        if away.kind not in get_args(AbsenceKind) or away.mail not in get_args(AbsentMail):
            raise Invalid(
                "say leave or secondment, and what is done with mail: keep, forward or answer", reason="absence.form"
            )
        if away.until and away.until <= at:
            raise Invalid("the end lies before the begin", reason="end.first")
        if away.mail == "forward" and not away.substitute:
            raise Invalid("name who gets the mail", reason="absence.whom")
        for text in (away.answer, away.place, away.reason):
            if len(text) > MAX_TEXT or not all(one.isprintable() or one in "\r\n\t" for one in text):
                raise Invalid(f"a text has at most {MAX_TEXT} characters", reason="text.long", most=MAX_TEXT)
        if away.substitute:
            await self._check_substitute(account, AccountId(away.substitute))
        if away.mail == "forward":
            await self.covering.check(actor, AccountId(away.substitute))

    async def _check_substitute(self, account: Account, substitute: AccountId) -> None:
        try:
            found = await self._store.account(substitute)
        except NotFound:
            raise Invalid(NO_SUBSTITUTE, reason="absence.substitute") from None
        is_here = found.organization_id == account.organization_id and found.kind == "person" and found.id != account.id
        if not is_here or not found.may("receive", self._ground.clock.now()):
            raise Invalid(NO_SUBSTITUTE, reason="absence.substitute")

    async def go(self, actor: Actor, account_id: AccountId, away: Away, planned: int = 0) -> Account:
        """Let somebody be away from now on, or otherwise than before. Whoever calls has asked for rights.

        Raises Invalid, Forbidden (the last administrator), StateMismatch (the planned change waits no more).
        """
        account, now = await self._store.account(account_id), self._ground.clock.now()
        await self.check(actor, account, away, now)
        known = await self._store.absence(account_id)
        if account.state not in {"active", "dormant"} and not (known is not None and known.shut):
            raise Invalid(f"an account that is {account.state} does not go away", reason="account.state")
        sealed = await self._absentees.seal(account, AbsenceText(away.answer, away.place, away.reason))
        row = Absence(
            account_id, account.organization_id, away.kind, known.since if known else now, away.until, away.mail,
            AccountId(away.substitute), away.shut, actor.named, sealed,
        )  # fmt: skip
        # Before the row: mail that comes between both finds nobody away, and is kept as always.
        await self._absentees.note_use()
        forwards = away.mail == "forward"
        thing = f"account:{account_id} account:{away.substitute}" if forwards else f"account:{account_id}"
        record = self._ground.record(actor, f"person.away-{away.kind}", thing)
        changed = self._changed(await self._store.put_absence(row, record, planned=planned))
        if forwards:
            await self.covering.tell(actor, account, await self._store.account(AccountId(away.substitute)))
        return changed

    async def back(self, actor: Actor, account_id: AccountId, planned: int = 0) -> Account:
        """Let somebody be back. Whoever calls has asked for rights. Raises Invalid (not away), StateMismatch."""
        record = self._ground.record(actor, "person.return", f"account:{account_id}")
        try:
            return self._changed(await self._store.end_absence(account_id, record, planned=planned))
        except NotFound:
            raise Invalid("they are not away", reason="absence.here") from None

    def _changed(self, account: Account) -> Account:
        self._auth.changed(account)
        self._ground.tell(account.organization_id)
        return account

    async def shown(self, row: Absence) -> AbsenceShown:
        """Open one."""
        substitute = (await self._store.account(row.substitute_id)).login if row.substitute_id else ""
        return AbsenceShown(row, await self._absentees.text(row), substitute)

    async def of(self, account_id: AccountId) -> AbsenceShown | None:
        """Return how somebody is away. Whoever calls has asked for rights."""
        row = await self._store.absence(account_id)
        return None if row is None else await self.shown(row)

    async def list_all(self, actor: Actor, organization_id: OrganizationId) -> Sequence[AbsenceShown]:
        """Return who of a company is away. Raises Forbidden, NotFound."""
        await self._ground.company(actor, "account.read", organization_id)
        return [await self.shown(row) for row in await self._store.absences(organization_id)]

    async def turn(self) -> int:
        """Let those be back whose absence is over; return how many. A job's work."""
        done = 0
        for row in await self._store.over_absences(self._ground.clock.now(), PAGE):
            house = Actor(AccountId(0), row.organization_id, "", is_admin=True, origin=SYSTEM_ORIGIN)
            try:
                await self.back(house, row.account_id)
            except (Invalid, StateMismatch):
                continue  # somebody was faster
            except MailError as error:
                log.event("person.absence_end_failed", account=row.account_id, error=type(error).__name__)
                continue
            done += 1
        return done
