"""Who may see and change the contacts of an account, and how many there may be.

SECURITY   A person's contacts are their own: rights on their mail give none on them. Of a shared account whoever may read all
           of its mail sees its contacts, whoever may file everywhere changes them. Policy of the person who asks may close it all.
"""

from typing import Final

from smartmail.domain.audit import AuditRecord
from smartmail.domain.contacts import CardRoom
from smartmail.domain.errors import Forbidden, OverQuota
from smartmail.domain.ids import AccountId
from smartmail.domain.principal import Actor
from smartmail.policy import knobs
from smartmail.policy.deciding import PolicyView
from smartmail.ports.clock import Clock
from smartmail.ports.store_accounts import AccountStore
from smartmail.ports.store_tx import MailTx
from smartmail.service.kernel.policy import PolicyService
from smartmail.service.kernel.rights import Rights

READING: Final = frozenset("r")
CHANGING: Final = frozenset("wi")


class ContactGate:
    """Asked before every look and act."""

    def __init__(self, store: AccountStore, rights: Rights, policy: PolicyService, clock: Clock) -> None:
        self._store = store
        self._rights = rights
        self._policy = policy
        self._clock = clock

    async def offered(self, actor: Actor) -> bool:
        """Say whether policy lets a person have contacts."""
        return await self._policy.value_of_id(actor.account_id, knobs.CONTACTS)

    async def reads(self, actor: Actor, account_id: AccountId) -> None:
        """Raise NotFound, Forbidden."""
        await self._require(actor, account_id, READING)

    async def changes(self, actor: Actor, account_id: AccountId) -> None:
        """Raise NotFound, Forbidden."""
        await self._require(actor, account_id, READING | CHANGING)

    async def may_change(self, actor: Actor, account_id: AccountId) -> bool:
        """Say whether somebody who may see them may change them as well."""
        if actor.account_id == account_id:
            return True
        return (await self._rights.access(actor, account_id)).everywhere >= CHANGING

    async def takes_out(self, actor: Actor, account_id: AccountId) -> None:
        """Raise Forbidden where policy lets nobody take whole tables out."""
        await self.reads(actor, account_id)
        if not await self._policy.value_of_id(actor.account_id, knobs.EXPORT):
            raise Forbidden("contacts may not be saved here")

    async def bounds(self, account_id: AccountId) -> PolicyView:
        """Return what policy says of the account that holds them."""
        return await self._policy.of_id(account_id)

    def noted(self, actor: Actor, action: str, thing: str) -> AuditRecord:
        """Return the record of an act."""
        return AuditRecord(self._clock.now(), actor.named, action, thing, actor.origin.address, None, actor.origin.door)

    async def _require(self, actor: Actor, account_id: AccountId, rights: frozenset[str]) -> None:
        access = await self._rights.access(actor, account_id)
        if actor.account_id != account_id:
            kind = (await self._store.account(account_id)).kind
            if kind != "shared" or not access.everywhere >= rights:
                raise Forbidden
        if not await self.offered(actor):
            raise Forbidden("contacts are not kept here")


def check_room(room: CardRoom, policy: PolicyView) -> None:
    """Raise OverQuota where there are more than policy lets."""
    if room.cards > policy[knobs.CONTACTS_MAX_CARDS] or room.octets > policy[knobs.CONTACTS_MAX_OCTETS]:
        raise OverQuota("there is no room for more contacts")


async def note_for_others(tx: MailTx, actor: Actor, account_id: AccountId, record: AuditRecord) -> None:
    """Note an act on an account that several people work in; what a person does with their own cards is not recorded."""
    if actor.account_id != account_id:
        await tx.audit(record)
