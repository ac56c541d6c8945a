"""Offices: what somebody decides, administers, answers for, sits on, and how they prove who they are."""

from contextlib import suppress
from dataclasses import replace

from smartmail.domain.account import Account
from smartmail.domain.account_life import Choice, Holding
from smartmail.domain.authority import COMPANY
from smartmail.domain.errors import AlreadyExists, NotFound
from smartmail.domain.ids import AccountId
from smartmail.domain.organization import Step, Wanted
from smartmail.domain.principal import SYSTEM_ORIGIN, Actor
from smartmail.service.people.account_life.holdings.base import HoldingType, holding

MAX_REVIEWS = 1_000


class Credentials(HoldingType):
    """App passwords, tokens of programs, certificates. They go with the commit by which the account leaves."""

    async def find(self, account: Account) -> list[Holding]:
        """Return those that are there."""
        rows = await self._store.credentials(account.id)
        return [holding("credential", row.id, f"{row.kind} {row.id}", "end") for row in rows]

    async def settle(self, account: Account, one: Holding, choice: Choice, successor: Account | None) -> None:
        """Remove it."""
        await self._store.delete_credential(account.id, int(one.thing))


class Proposals(HoldingType):
    """Acts that somebody proposed and that wait for a second person."""

    async def find(self, account: Account) -> list[Holding]:
        """Return those that wait."""
        rows = await self._store.proposals(account.organization_id, "waiting", 1_000)
        return [
            holding("proposal", row.id, f"{row.act} {row.id}", "end") for row in rows if row.author == account.id
        ]  # fmt: skip

    async def settle(self, account: Account, one: Holding, choice: Choice, successor: Account | None) -> None:
        """Take it back."""
        with suppress(NotFound, AlreadyExists):
            author = Actor(account.id, account.organization_id, account.login, is_admin=True, origin=SYSTEM_ORIGIN)
            await self._means.proposals.withdraw(author, int(one.thing))


class Roles(HoldingType):
    """Administrative roles. They are not handed over: whoever appoints decides anew, by the rules for that."""

    async def find(self, account: Account) -> list[Holding]:
        """Return appointments, and the mark of a company's administrators."""
        marked = [holding("role", COMPANY, COMPANY, "end")] if account.is_admin else []
        return marked + [
            holding("role", one.id, f"{one.role}, {one.scope.level} {one.scope.subject}", "end")
            for one in await self._store.appointments(account.organization_id, account.id)
        ]

    async def settle(self, account: Account, one: Holding, choice: Choice, successor: Account | None) -> None:
        """End it."""
        record = self._ground.record(self.house(account), "role.leave", f"account:{account.id}")
        if one.thing == COMPANY:
            await self._store.set_administrator(account.id, (), record, administrator=False)
        else:
            with suppress(NotFound):
                await self._store.dismiss(int(one.thing), record)
        self._ground.authority.changed(account.id)


class Groups(HoldingType):
    """Groups of policy."""

    async def find(self, account: Account) -> list[Holding]:
        """Return them."""
        rows = await self._store.groups_of(account.id)
        return [holding("group", row.id, row.name, "end") for row in rows]

    async def settle(self, account: Account, one: Holding, choice: Choice, successor: Account | None) -> None:
        """Leave it."""
        record = self._ground.record(self.house(account), "group.leave", f"group:{one.thing} account:{account.id}")
        with suppress(NotFound):
            await self._store.set_member(int(one.thing), account.id, record, member=False)
        self._ground.tell(account.organization_id)


class Reviews(HoldingType):
    """Monthly reviews of records that wait for a signature."""

    async def find(self, account: Account) -> list[Holding]:
        """Return them."""
        rows = await self._store.reviews(account.organization_id, MAX_REVIEWS)
        mine = [row for row in rows if row.reviewer == account.id and row.signed_at is None]
        return [holding("review", row.month, row.month, "hand", "hold") for row in mine]

    async def settle(self, account: Account, one: Holding, choice: Choice, successor: Account | None) -> None:
        """Give it to the successor; without one whoever may sign reviews is alarmed when it is late."""
        if choice == "hand" and successor is not None:
            record = self._ground.record(self.house(account), "review.assign", f"month:{one.thing}")
            await self._store.set_reviewer(account.organization_id, one.thing, successor.id, record)


class Sponsored(HoldingType):
    """Temporary accounts that somebody answers for: the successor must take over, or they stop (BR-5)."""

    async def find(self, account: Account) -> list[Holding]:
        """Return them."""
        found = []
        for one in await self._store.sponsorships(account.organization_id, sponsor=account.id):
            login = (await self._store.account(one.account_id)).login
            found.append(holding("sponsored", one.account_id, login, "hand", "end"))
        return found

    async def settle(self, account: Account, one: Holding, choice: Choice, successor: Account | None) -> None:
        """Ask the manager, else the successor, to take over; `end`: it stops now."""
        heir = None if choice == "end" else await self._means.temporary.manager_of(account) or successor
        await self._means.temporary.abandon(AccountId(int(one.thing)), heir)


class Substitutes(HoldingType):
    """People who are away and for whom somebody stands in."""

    async def find(self, account: Account) -> list[Holding]:
        """Return them."""
        found = []
        for row in await self._store.substituted(account.id):
            login = (await self._store.account(row.account_id)).login
            found.append(holding("substitute", row.account_id, login, "hand", "end"))
        return found

    async def settle(self, account: Account, one: Holding, choice: Choice, successor: Account | None) -> None:
        """Let the successor stand in; without one the mail waits for its person alone."""
        row = await self._store.absence(AccountId(int(one.thing)))
        if row is None or row.substitute_id != account.id:
            return
        heir = successor.id if successor is not None and choice == "hand" and successor.id != row.account_id else 0
        mail = "keep" if row.mail == "forward" and not heir else row.mail
        record = self._ground.record(self.house(account), "person.substitute", f"account:{row.account_id}")
        await self._store.put_absence(replace(row, substitute_id=AccountId(heir), mail=mail), record)


class Seats(HoldingType):
    """Seats in departments; posts (직책메일) follow them and keep their history."""

    async def find(self, account: Account) -> list[Holding]:
        """Return them."""
        rows = await self._store.seats(account.organization_id, account.id)
        names = {one.id: one.name for one in await self._store.departments(account.organization_id)} if rows else {}
        return [holding("seat", row.department_id, names.get(row.department_id, ""), "end") for row in rows]

    async def settle(self, account: Account, one: Holding, choice: Choice, successor: Account | None) -> None:
        """Sit nowhere."""
        wanted = Wanted(login=account.login, seats=())
        await self._means.people.perform(self.house(account), Step(kind="change", account_id=account.id, wanted=wanted))
