"""Leavers who are taken on again (재입사, BR-4).

STRATEGIES  As long as their data are there it is the same account, with the same UIDs. Once these were destroyed it is a new
            one: of the old one nothing is left but its number, and the addresses that were kept from others are given to
            the same person before their time. What a killed run has done is found done by the next one.
SECURITY    Permission account.change over the old account, and over the company for a new one. Nothing that was handed over
            comes back, no secret, no role; they get in by an invitation.
"""

from typing import Final

from smartmail.domain.account import Account
from smartmail.domain.errors import AlreadyExists, Invalid
from smartmail.domain.ids import AccountId
from smartmail.domain.organization import Step, Wanted
from smartmail.domain.principal import Actor
from smartmail.formats.address import normalize, split_address
from smartmail.service.flow.directory import NewPerson
from smartmail.service.people.account_life.ground import LifeGround
from smartmail.service.people.account_life.leaving import LeaverService
from smartmail.service.people.account_life.store import Store
from smartmail.service.people.organization import PeopleService
from smartmail.service.people.provisioning import ProvisioningService

KEPT_MONTHS: Final = 6


class RehireService:
    """Lets leavers be back."""

    def __init__(
        self,
        ground: LifeGround[Store],
        leavers: LeaverService,
        people: PeopleService,
        provisioning: ProvisioningService,
    ) -> None:
        self._ground = ground
        self._store = ground.store
        self._leavers = leavers
        self._people = people
        self._provisioning = provisioning

    async def rehire(self, actor: Actor, step: Step, planned: int = 0) -> Account:
        """Let somebody be back as a step says. Whoever calls has asked for rights.

        Raises Invalid (they are here, or went to another company), NotFound (domain), AlreadyExists (login, number).
        """
        before = await self._store.account(AccountId(step.account_id))
        login = normalize(step.login) if step.login else before.login.partition("/")[0]
        if before.state == "closed" and not before.wrapped_key:
            account = await self._anew(actor, before, login, step.wanted, repeat=planned > 0)
        else:
            account = await self._again(actor, before, repeat=planned > 0)
            if login != account.login:
                rename = Step(kind="rename", account_id=account.id, login=login, months=KEPT_MONTHS)
                account = await self._people.perform(actor, rename)
        if step.wanted is not None:
            account = await self._people.perform(actor, Step(kind="change", account_id=account.id, wanted=step.wanted))
        if planned:
            record = self._ground.record(actor, "person.rehire", f"account:{before.id} account:{account.id}")
            await self._store.end_change(planned, "done", "", record)
        self._ground.changed(account)
        return account

    async def _again(self, actor: Actor, before: Account, *, repeat: bool) -> Account:
        """Return the same account, open."""
        if before.state == "leaving":
            return await self._leavers.restore(actor, before.id)
        if before.state != "closed":
            if repeat:
                return before
            raise Invalid("they are here", reason="rehire.here")
        if before.login not in await self._store.addresses(before.id):
            raise Invalid("they went to another company: transfer them back", reason="person.moved")
        # The door is opened to them as by any other way: who does that is no second person beside them.
        await self._store.audit(self._ground.record(actor, "account.reopen", f"account:{before.id}"))
        record = self._ground.record(actor, "person.rehire", f"account:{before.id}")
        return await self._store.set_account_state(before.id, "active", record)

    async def _anew(self, actor: Actor, before: Account, login: str, wanted: Wanted | None, *, repeat: bool) -> Account:
        """Return a new account for somebody of whose old one nothing is left."""
        domain = await self._store.domain(split_address(login)[1])
        if domain is None or domain.organization_id != before.organization_id:
            raise Invalid(f"{login} is in no domain of this company", reason="domain.foreign", name=login)
        await self._ground.company(actor, "account.change", before.organization_id)
        if wanted is None or not wanted.name:
            raise Invalid("say their name: of the old account nothing is left", reason="rehire.names")
        record = self._ground.record(actor, "person.rehire", f"account:{before.id}")
        await self._store.release_leaver(before.id, record)
        try:
            person = NewPerson(login, wanted.name, wanted.language)
            return await self._provisioning.person(person, None, by=actor.named)
        except AlreadyExists:
            owner = (await self._store.resolve([login])).get(login)
            made = await self._store.account(owner) if owner is not None and repeat else None
            if made is None or made.login != login or made.name != wanted.name or made.messages:
                raise
            return made
