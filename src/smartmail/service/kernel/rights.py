"""The one door for rights: every service asks here before it touches an account (AR-10).

An account is its own person's; everybody else has what grants give (RFC 4314 letters), inside one organisation only and
as far as policy lets them count: to everybody (`sharing.anyone`), to other domains (`sharing.between-domains`). What a person has no right on does not exist for them (NotFound); where some right is held but not this one: Forbidden.

STATES    `Rights` keeps the access of (account, person) for at most `FRESH_MS`, never beyond the moment at which a grant
          in it ends by itself, and drops it on a hint about rights, groups or policy: a revocation holds in every process after that time at the latest, also when the hint was
          lost.
          Every call also notes who is at work on the account, for the stories of its mail (ports.acting).
SECURITY  Own account: decided without any read. Groups, domain and department of the actor are looked up with the grants,
          never carried along.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Protocol

from smartmail.domain.account import Account
from smartmail.domain.changes import Changes
from smartmail.domain.errors import Forbidden, NotFound
from smartmail.domain.ids import NO_PARENT, AccountId, BlobId, MailboxId, MessageId, ModSeq
from smartmail.domain.message import Placement
from smartmail.domain.principal import Actor
from smartmail.domain.rights import OWN, OWNER, SENDING, Access, Grantee, effective, named
from smartmail.formats.address import split_address
from smartmail.policy import knobs
from smartmail.ports.acting import act_on
from smartmail.ports.bus import Bus
from smartmail.ports.clock import Clock
from smartmail.ports.store_accounts import AccountStore
from smartmail.ports.store_mail import MailReads
from smartmail.ports.store_organization import OrganizationStore
from smartmail.ports.store_policy import GroupStore
from smartmail.ports.store_sharing import SharingStore
from smartmail.service.kernel.policy import TOPIC as POLICY_TOPIC
from smartmail.service.kernel.policy import PolicyService
from smartmail.service.kernel.waiters import Waiter, Waiters


class _Store(AccountStore, GroupStore, MailReads, OrganizationStore, SharingStore, Protocol): ...


TOPIC = "rights"
EVERY_ACCOUNT = "*"
"""Payload when groups or policy changed: whoever's access may differ."""
FRESH_MS = 1_500
MAX_KEPT = 20_000
"""Accesses kept per process, some 500 octets each."""


def mailbox_rights(actor: Actor, account_id: AccountId) -> frozenset[str]:
    """Return the actor's rights as an account's own person."""
    return OWNER if actor.account_id == account_id else frozenset()


def require(actor: Actor, account_id: AccountId, rights: str = "") -> None:
    """For what is never shared (scripts, devices, settings): raise NotFound for anybody but the account's own person."""
    act_on(account_id, actor)
    held = mailbox_rights(actor, account_id)
    if not held or not set(rights) <= held:
        raise NotFound


class Rights:
    """Answers what an actor may do with accounts and mailboxes."""

    def __init__(self, store: _Store, clock: Clock, bus: Bus, policy: PolicyService) -> None:
        self._store = store
        self._clock = clock
        self._bus = bus
        self._policy = policy
        self._kept: dict[tuple[AccountId, AccountId], tuple[int, Access | None]] = {}
        self._drops = 0
        self._waiters = Waiters()
        bus.subscribe(TOPIC, self._heard)
        # Groups belong to policy: who joins or leaves one is told there.
        bus.subscribe(POLICY_TOPIC, lambda _payload: self._heard(EVERY_ACCOUNT))

    @property
    def drops(self) -> int:
        """Return a number that rises with each news of rights: for what others keep that follows from them."""
        return self._drops

    async def require(
        self, actor: Actor, account_id: AccountId, rights: Iterable[str], mailbox_id: MailboxId | None = None
    ) -> None:
        """Let pass who holds all the rights on the mailbox, or without one: each of them on some mailbox of the account.
        Raises NotFound, Forbidden.
        """
        act_on(account_id, actor)
        if actor.account_id == account_id:
            return
        check(await self.access(actor, account_id), rights, mailbox_id)

    async def require_whole(self, actor: Actor, account_id: AccountId, rights: Iterable[str]) -> None:
        """Let pass who holds the rights on the whole account. Raises NotFound, Forbidden."""
        act_on(account_id, actor)
        if actor.account_id == account_id:
            return
        access = await self.access(actor, account_id)
        if not access.everywhere.issuperset(rights):
            raise Forbidden

    async def require_place(self, actor: Actor, account_id: AccountId, rights: str, parent_id: MailboxId) -> None:
        """Let pass who holds the rights on a parent mailbox; at the root they must be held on the whole account."""
        if parent_id == NO_PARENT:
            await self.require_whole(actor, account_id, rights)
        else:
            await self.require(actor, account_id, rights, parent_id)

    async def require_kind(self, actor: Actor, account_id: AccountId, kind: str) -> Access:
        """Return the access of who may learn of objects of a kind: "mailbox", "message" … Raises NotFound, Forbidden."""
        access = await self.access(actor, account_id)
        held = access.anywhere()
        if kind in {"identity", "submission"}:
            if actor.account_id != account_id and not access.everywhere & SENDING:
                raise Forbidden
        elif kind == "notice" and actor.account_id != account_id:
            # What others changed about a person's rights is the person's own.
            raise Forbidden
        elif kind in {"address_book", "contact"}:
            if "r" not in access.everywhere:
                raise Forbidden
        elif ("l" if kind == "mailbox" else "r") not in held:
            raise Forbidden
        return access

    async def access(self, actor: Actor, account_id: AccountId, *, fresh: bool = False) -> Access:
        """Return all that the actor may do with an account; `fresh`: as it is in the store. Raises NotFound when that is nothing."""
        act_on(account_id, actor)
        if actor.account_id == account_id:
            return OWN
        key = (account_id, actor.account_id)
        held = self._kept.get(key)
        now = self._clock.now()
        if fresh or held is None or not 0 <= now - held[0] < FRESH_MS or (held[1] is not None and held[1].ended(now)):
            held = await self._load(actor, account_id)
        if held[1] is None:
            raise NotFound
        return held[1]

    async def _load(self, actor: Actor, account_id: AccountId) -> tuple[int, Access | None]:
        drops, now = self._drops, self._clock.now()
        held = now, await self._look_up(actor, account_id, now)
        if drops == self._drops:
            # Else it may have been read before the change that was hinted at.
            while len(self._kept) >= MAX_KEPT:
                del self._kept[next(iter(self._kept))]
            self._kept[account_id, actor.account_id] = held
        return held

    async def _look_up(self, actor: Actor, account_id: AccountId, now: int) -> Access | None:
        try:
            account = await self._store.account(account_id)
        except NotFound:
            return None
        if account.organization_id != actor.organization_id or account.state == "closed":
            return None
        grants = await self._store.grants(account_id)
        if not grants:
            return None
        person = await self._person(actor)
        if person is None or not await self._may_share(account, person):
            return None
        personal = frozenset(await self._store.personal_mailboxes(account_id))
        principals = await self._principals(person)
        if not await self.anyone_allowed(account):
            principals = frozenset(one for one in principals if one.kind != "anyone")
        found = effective(grants, principals, personal, await self._store.grants_state(account_id), now)
        return found if found.anywhere() else None

    async def _person(self, actor: Actor) -> Account | None:
        try:
            person = await self._store.account(actor.account_id)
        except NotFound:
            return None
        return (
            person
            if person.may("login", self._clock.now()) and person.organization_id == actor.organization_id
            else None
        )

    async def _may_share(self, account: Account, person: Account) -> bool:
        """Say whether policy lets an account be shared with a person: it may keep domains apart."""
        if split_address(account.login)[1] == split_address(person.login)[1]:
            return True
        return await self._policy.value(account, knobs.SHARING_BETWEEN_DOMAINS)

    async def principals(self, actor: Actor) -> frozenset[Grantee]:
        """Return everything a grant may name to reach the actor."""
        person = await self._person(actor)
        return await self._principals(person) if person is not None else frozenset()

    async def _principals(self, person: Account) -> frozenset[Grantee]:
        organization = person.organization_id
        found = {
            Grantee("account", person.id),
            Grantee("anyone", organization),
            named("domain", organization, split_address(person.login)[1]),
        }
        standing = await self._store.standing(person.id)
        found.update(named("department", organization, code) for code in standing.departments)
        found.update(Grantee("post", one) for one in standing.posts)
        found.update(Grantee("group", one.id) for one in await self._store.groups_of(person.id))
        return frozenset(found)

    async def anyone_allowed(self, account: Account) -> bool:
        """Say whether policy lets grants of an account to the whole organisation count."""
        return await self._policy.value(account, knobs.SHARING_ANYONE)

    async def seen_state(self, account_id: AccountId, access: Access, right: str, state: ModSeq) -> ModSeq:
        """Return an account's state of a kind as who holds `right` sees it. What they may not see moves nothing: to them
        the state is that of the mailboxes where they hold the right. What was told before a change of rights is void.
        """
        if right in access.everywhere:
            return max(state, access.since)
        rows = await self._store.mailboxes(account_id)
        return max([access.since, *(row.highest_modseq for row in rows if access.has(right, row.id))])

    # -- messages and blobs ----------------------------------------------------------------------------------------

    async def visible(
        self, actor: Actor, account_id: AccountId, message_ids: Sequence[MessageId], right: str = "r"
    ) -> Sequence[MessageId]:
        """Return those messages of which some placement lies where the right is held, in the order asked."""
        act_on(account_id, actor)
        if actor.account_id == account_id:
            return message_ids
        access = await self.access(actor, account_id)
        if right in access.everywhere:
            return message_ids
        if right not in access.anywhere():
            raise Forbidden
        placements = await self._store.placements(account_id, message_ids)
        seen = {one.message_id for one in placements if access.has(right, one.mailbox_id)}
        return [one for one in message_ids if one in seen]

    async def require_blob(self, actor: Actor, account_id: AccountId, blob_id: BlobId) -> None:
        """Let pass who may read a message that refers to the blob, or may add to the account and it is an upload.
        Raises NotFound.
        """
        if actor.account_id == account_id:
            return
        access = await self.access(actor, account_id)
        held = [row.id for row in await self._store.blob_messages(account_id, blob_id)]
        if held and "r" in access.anywhere() and await self.visible(actor, account_id, held):
            return
        if "i" not in access.anywhere() or not await self._store.is_upload(account_id, blob_id):
            raise NotFound

    # -- news ------------------------------------------------------------------------------------------------------

    def changed(self, account_id: AccountId | None = None) -> None:
        """Tell every process that rights on an account, or on any, have changed."""
        self._bus.publish(TOPIC, EVERY_ACCOUNT if account_id is None else str(account_id))

    def watch(self, account_id: AccountId, waiter: Waiter) -> Callable[[], None]:
        """Call `waiter` when rights on the account may have changed; return a function that ends it."""
        return self._waiters.watch(account_id, waiter)

    def _heard(self, payload: str) -> None:
        self._drops += 1
        if payload == EVERY_ACCOUNT:
            self._kept.clear()
            self._waiters.call_all()
        elif payload.isdigit():
            account_id = int(payload)
            for key in [key for key in self._kept if key[0] == account_id]:
                del self._kept[key]
            self._waiters.call(account_id)


def since_when(placements: Iterable[Placement], access: Access) -> dict[int, ModSeq]:
    """Return for each message that may be read since which modseq it lies where it may."""
    found: dict[int, ModSeq] = {}
    for one in placements:
        if access.has("r", one.mailbox_id):
            found[one.message_id] = min(found.get(one.message_id, one.created_modseq), one.created_modseq)
    return found


def within(changes: Changes, seen: ModSeq, since: ModSeq) -> Changes:
    """Return changes up to the state that the actor sees (`Rights.seen_state`, asked before the log was)."""
    if changes.more and changes.until < seen:
        return changes
    return replace(changes, until=max(seen, since), more=False)


def check(access: Access, rights: Iterable[str], mailbox_id: MailboxId | None = None) -> None:
    """Raise NotFound where nothing is held, Forbidden where one of the rights is missing."""
    held = access.anywhere() if mailbox_id is None else access.on(mailbox_id)
    if not held:
        raise NotFound
    if not held.issuperset(rights):
        raise Forbidden
