"""Granting: who may do what with a mailbox or a whole account of somebody else (RFC 4314, RFC 9670).

Every change is one transaction on the shared account with its audit record; afterwards every process is told, so that
live sessions look again (service.kernel.rights), and whom it concerns finds a notice.
FAILURE   A notice that cannot be written is logged and forgotten: the right itself stands.
          What ends by itself gives nothing from that moment on (service.kernel.rights); ending.py takes it away.
SECURITY  Nothing crosses organisations. Sending and whole-account rights are given by the account's own person, by a
          holder of `a` on the whole account, or, for a shared account, by an administrator of the organisation.
"""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Protocol

from smartmail.base import log
from smartmail.domain.account import Account
from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import Forbidden, Invalid, MailError, NotFound, PolicyRejected
from smartmail.domain.ids import AccountId, MailboxId, ModSeq
from smartmail.domain.policy import Scope
from smartmail.domain.principal import Actor
from smartmail.domain.rights import EVERY, NO_END, NOTHING, OWN, SENDING, WHOLE_ACCOUNT, Access, Grant, Grantee
from smartmail.domain.sharing import NoticeRow
from smartmail.formats.address import normalize
from smartmail.ports.clock import Clock
from smartmail.ports.store_accounts import AccountStore
from smartmail.ports.store_directory import DirectoryStore
from smartmail.ports.store_sharing import SharingStore
from smartmail.ports.store_tx import MailTx
from smartmail.service.kernel.authority import Authority
from smartmail.service.kernel.push import Hints
from smartmail.service.kernel.rights import FRESH_MS, Rights, check
from smartmail.service.kernel.waiters import Waiter
from smartmail.service.mailbox.sharing.principals import PrincipalService
from smartmail.service.mailbox.sharing.telling import Given, ShareTelling


class _Store(AccountStore, DirectoryStore, SharingStore, Protocol): ...


MAX_GRANTS = 1_000
"""Grants per account: rights are computed over all of them."""
MAX_KEPT = 5_000
"""People whose shared accounts are kept for a moment."""
MAX_OWNERS = 20
"""People who manage a shared account and hear that a share of it has ended."""
MAX_TOLD = 500
"""People behind one grantee who get a notice of their own."""


class EndsInThePast(Invalid):
    """A share was given for a time that is over."""


@dataclass(frozen=True, slots=True)
class SharedAccount:
    """An account of somebody else that the actor can see at least one mailbox of."""

    id: AccountId
    login: str
    name: str
    kind: str
    access: Access


class SharingService:
    """Gives, takes and tells rights."""

    def __init__(
        self,
        store: _Store,
        rights: Rights,
        principals: PrincipalService,
        hints: Hints,
        clock: Clock,
        authority: Authority,
        letters: ShareTelling,
    ) -> None:
        self._authority = authority
        self._letters = letters
        self._store = store
        self._rights = rights
        self._principals = principals
        self._hints = hints
        self._clock = clock
        # By person: when looked, the news of rights until then, what was found.
        self._shared: dict[AccountId, tuple[int, int, list[SharedAccount]]] = {}

    # -- what is shared with me ------------------------------------------------------------------------------------

    async def accounts_for(self, actor: Actor, *, fresh: bool = False) -> list[SharedAccount]:
        """Return the accounts of others with a mailbox that the actor may see (`l`), by login; at most `FRESH_MS` old, or as
        they are now.
        """
        now, drops = self._clock.now(), self._rights.drops
        held = self._shared.get(actor.account_id)
        if (
            not fresh and held is not None and held[1] == drops and 0 <= now - held[0] < FRESH_MS
            and not any(one.access.ended(now) for one in held[2])
        ):  # fmt: skip
            return held[2]
        found = await self._look_for(actor, fresh=fresh)
        while len(self._shared) >= MAX_KEPT:
            del self._shared[next(iter(self._shared))]
        self._shared[actor.account_id] = now, drops, found
        return found

    async def _look_for(self, actor: Actor, *, fresh: bool) -> list[SharedAccount]:
        found: list[SharedAccount] = []
        principals = await self._rights.principals(actor)
        for account_id in await self._store.accounts_shared_with(list(principals)):
            if account_id == actor.account_id:
                continue
            try:
                access = await self._rights.access(actor, account_id, fresh=fresh)
                account = await self._store.account(account_id)
            except NotFound:
                continue
            if "l" in access.anywhere():
                found.append(SharedAccount(account.id, account.login, account.name, account.kind, access))
        return sorted(found, key=lambda one: one.login)

    async def account_named(self, actor: Actor, login: str) -> SharedAccount:
        """Return the shared account with that login (for IMAP's "Other Users/<login>"). Raises NotFound."""
        found = await self._store.resolve([normalize(login)])
        for account_id in found.values():
            access = await self._rights.access(actor, account_id)
            account = await self._store.account(account_id)
            return SharedAccount(account.id, account.login, account.name, account.kind, access)
        raise NotFound

    async def access(self, actor: Actor, account_id: AccountId) -> Access:
        """Return all that the actor may do with an account. Raises NotFound when that is nothing."""
        return await self._rights.access(actor, account_id)

    async def my_rights(
        self, actor: Actor, account_id: AccountId, mailbox_id: MailboxId = WHOLE_ACCOUNT
    ) -> frozenset[str]:
        """Return the actor's rights on a mailbox or, without one, on the whole account. Raises NotFound."""
        access = await self._rights.access(actor, account_id)
        held = access.on(mailbox_id)
        if not held:
            raise NotFound
        return held

    async def manages(self, actor: Actor, account_id: AccountId) -> bool:
        """Say whether the actor may give rights on all of an account."""
        try:
            return "a" in (await self._access(actor, account_id)).everywhere
        except NotFound:
            return False

    async def managers(self, account_id: AccountId, most: int) -> list[AccountId]:
        """Return the people to whom a grant gives the sharing of all of an account; at most so many."""
        organization = (await self._store.account(account_id)).organization_id
        found: dict[AccountId, None] = {}
        for grant in await self.standing(account_id):
            if grant.mailbox_id == WHOLE_ACCOUNT and "a" in grant.rights:
                found |= dict.fromkeys(await self._principals.reached(organization, grant.grantee))
        return list(found)[:most]

    async def still_readable(self, actor: Actor, account_id: AccountId, mailbox_id: MailboxId) -> bool:
        """Say whether the actor may still read a mailbox: cheap, for live sessions on each hint and poll."""
        try:
            return (await self._rights.access(actor, account_id)).has("r", mailbox_id)
        except NotFound:
            return False

    def watch(self, account_id: AccountId, waiter: Waiter) -> Callable[[], None]:
        """Call `waiter` when rights on the account may have changed (topic "rights"); return a function that ends it.

        A hint may be lost: look at `still_readable` also every 2 s while a foreign mailbox is open.
        """
        return self._rights.watch(account_id, waiter)

    # -- what I share ----------------------------------------------------------------------------------------------

    async def grants(self, actor: Actor, account_id: AccountId, mailbox_id: MailboxId | None = None) -> list[Grant]:
        """Return the grants on one mailbox (`WHOLE_ACCOUNT`: those on all of it), or every one (None). Needs `a`.
        Raises NotFound, Forbidden.
        """
        grants = await self.standing(account_id)
        if mailbox_id is not None:
            await self._require_admin(actor, account_id, mailbox_id)
            return [one for one in grants if one.mailbox_id == mailbox_id]
        access = await self._access(actor, account_id)
        if "a" not in access.anywhere():
            raise Forbidden
        return [one for one in grants if access.has("a", one.mailbox_id)]

    async def standing(self, account_id: AccountId) -> list[Grant]:
        """Return the grants of an account that have not ended; whoever asks must be let to know them."""
        now = self._clock.now()
        return [one for one in await self._store.grants(account_id) if not one.ended(now)]

    async def share(
        self, actor: Actor, account_id: AccountId, mailbox_id: MailboxId, grantee: Grantee, rights: Iterable[str],
        ends_at: int | None = None, *, quiet: bool = False,
    ) -> None:  # fmt: skip
        """Give the grantee exactly these rights on a mailbox or, with `WHOLE_ACCOUNT`, on all; none takes them away.

        They end by themselves at `ends_at`; 0: they do not; None: when those that are there do. At the latest when the
        actor's own right to share does. `quiet`: whom it concerns gets no letter.
        Raises Invalid (unknown rights, sending on a mailbox, the account itself), EndsInThePast, NotFound (mailbox, grantee,
        account), Forbidden, PolicyRejected (anyone).
        """
        wanted = frozenset(rights)
        if wanted and ends_at and ends_at <= self._clock.now():
            raise EndsInThePast("a share ends in the future")
        await self._require_admin(actor, account_id, mailbox_id)
        if not wanted <= EVERY:
            raise Invalid("unknown right", reason="share.right")
        if wanted & SENDING and mailbox_id != WHOLE_ACCOUNT:
            raise Invalid("sending is a right on the whole account", reason="share.sending")
        if wanted & SENDING and grantee.kind == "anyone":
            raise Invalid("sending is given to accounts and groups", reason="share.sendto")
        account = await self._store.account(account_id)
        if wanted:
            await self._check_grantee(account, grantee)
        latest = await self._holds_until(actor, account_id, mailbox_id) if wanted else NO_END
        now_given, before = await self._write(actor, account, mailbox_id, grantee, wanted, ends_at, latest)
        self.tell(account_id)
        if before.rights != wanted:
            await self._notify(actor.account_id, account, mailbox_id, grantee, before.rights, wanted)
        if not quiet and wanted and (wanted - before.rights or now_given.ends_at != before.ends_at):
            await self._letters.given(Given(actor.account_id, now_given))

    def together(self) -> AbstractAsyncContextManager[None]:
        """Tell people of all that is shared with them inside in one letter each."""
        return self._letters.together()

    async def state(self, actor: Actor, account_id: AccountId) -> ModSeq:
        """Return the modseq at which grants of the account last changed. Needs `a`. Raises NotFound, Forbidden."""
        if "a" not in (await self._access(actor, account_id)).anywhere():
            raise Forbidden
        return await self._store.grants_state(account_id)

    async def revoke(self, actor: Actor, account_id: AccountId, mailbox_id: MailboxId, grantee: Grantee) -> None:
        """Take a grant away. Raises as `share`."""
        await self.share(actor, account_id, mailbox_id, grantee, NOTHING)

    async def set_seen_per_person(
        self, actor: Actor, account_id: AccountId, mailbox_id: MailboxId, *, on: bool
    ) -> None:
        """Say whether \\Seen and star in a mailbox are each person's own. Needs `a`. Raises NotFound, Forbidden."""
        await self._require_admin(actor, account_id, mailbox_id)
        record = self._record(actor, "share.per_person", f"mailbox:{account_id}/{mailbox_id} {'on' if on else 'off'}")

        async def body(tx: MailTx) -> None:
            await tx.set_personal(mailbox_id, personal=on)
            await tx.audit(record)

        await self._store.write(account_id, body)
        self.tell(account_id)

    async def seen_per_person(self, actor: Actor, account_id: AccountId) -> frozenset[MailboxId]:
        """Return the mailboxes in which \\Seen and star are each person's own. Raises NotFound."""
        await self._rights.require(actor, account_id, "l")
        return frozenset(await self._store.personal_mailboxes(account_id))

    # -- whom to share with ----------------------------------------------------------------------------------------

    async def named(self, actor: Actor, name: str) -> Grantee:
        """Return whom a text names: a login address, `group:<name>`, `anyone` … (see principals.py). Raises NotFound."""
        return await self._principals.named(actor, name)

    async def name_of(self, actor: Actor, grantee: Grantee) -> str:
        """Return the text that names a grantee. Raises NotFound for one that has gone."""
        return await self._principals.name_of(actor.organization_id, grantee)

    async def readers(self, account_id: AccountId, most: int) -> list[AccountId]:
        """Return the account and those whom a grant to read names, one by one or by group, department or office; at most
        so many. Whom "anyone" means is not told: it is the whole company.
        """
        organization = (await self._store.account(account_id)).organization_id
        found = {account_id: None}
        for grantee in dict.fromkeys(one.grantee for one in await self.standing(account_id) if "r" in one.rights):
            found |= dict.fromkeys(await self._principals.reached(organization, grantee))
            if len(found) >= most:
                break
        return list(found)[:most]

    # -- notices ---------------------------------------------------------------------------------------------------

    async def notices(self, actor: Actor) -> list[NoticeRow]:
        """Return what others changed about the actor's rights, oldest first (RFC 9670 §3 ShareNotification)."""
        return await self._store.notices(actor.account_id)

    async def dismiss(self, actor: Actor, ids: Sequence[int]) -> list[int]:
        """Remove notices; return those that existed."""

        async def body(tx: MailTx) -> list[int]:
            return await tx.drop_notices(ids)

        gone = await self._store.write(actor.account_id, body)
        self._hints.account_changed(actor.account_id)
        return gone

    async def announce(self, people: Iterable[AccountId]) -> None:
        """Tell these people's clients, as with a notice, that something about shares is another: a request to use one."""
        await self._to_each(people, lambda tx: tx.touch_notices())

    # -- inside ----------------------------------------------------------------------------------------------------

    def tell(self, account_id: AccountId) -> None:
        """Tell every process that rights on the account changed, and that its mailboxes did."""
        self._rights.changed(account_id)
        self._hints.account_changed(account_id)

    async def _access(self, actor: Actor, account_id: AccountId) -> Access:
        """Return the actor's access; an administrator administers shared accounts of the organisation."""
        if actor.account_id != account_id and await self._administers(actor, account_id):
            return OWN
        return await self._rights.access(actor, account_id)

    async def _administers(self, actor: Actor, account_id: AccountId) -> bool:
        """Say whether an account is shared, and the actor administers it."""
        if not await self._authority.may(actor, "account.change", Scope("account", str(int(account_id)))):
            return False
        return (await self._store.account(account_id)).kind == "shared"

    async def _require_admin(self, actor: Actor, account_id: AccountId, mailbox_id: MailboxId) -> None:
        access = await self._access(actor, account_id)
        if mailbox_id == WHOLE_ACCOUNT:
            if "a" not in access.everywhere:
                raise Forbidden
        else:
            check(access, "a", mailbox_id)

    async def _holds_until(self, actor: Actor, account_id: AccountId, mailbox_id: MailboxId) -> int:
        """Return when the actor's right to share ends: what they give ends then at the latest, else nobody's time would
        hold who may share.
        """
        if actor.account_id == account_id or await self._administers(actor, account_id):
            return NO_END
        principals = await self._rights.principals(actor)
        ends = [
            one.ends_at for one in await self.standing(account_id)
            if "a" in one.rights and one.grantee in principals and one.mailbox_id in {mailbox_id, WHOLE_ACCOUNT}
        ]  # fmt: skip
        return NO_END if NO_END in ends else max(ends, default=NO_END)

    async def _check_grantee(self, account: Account, grantee: Grantee) -> None:
        """Refuse whom the account may not be shared with. Raises NotFound, Invalid, PolicyRejected."""
        if grantee == Grantee("account", account.id):
            raise Invalid("an account is not shared with itself", reason="share.itself")
        if not await self._principals.exists(account.organization_id, grantee):
            raise NotFound
        if grantee.kind == "anyone" and not await self._rights.anyone_allowed(account):
            raise PolicyRejected("sharing with everybody is switched off", reason="share.everybody")

    async def _write(
        self, actor: Actor, account: Account, mailbox_id: MailboxId, grantee: Grantee, wanted: frozenset[str],
        ends_at: int | None, latest: int,
    ) -> tuple[Grant, Grant]:  # fmt: skip
        """Return what is held now and was until now. `latest`: when the actor's own right to share ends. Raises Invalid."""
        grants = await self._store.grants(account.id)
        if wanted and len(grants) >= MAX_GRANTS:
            raise Invalid(f"at most {MAX_GRANTS} grants", reason="count.most", most=MAX_GRANTS)
        held = next((one for one in grants if one.mailbox_id == mailbox_id and one.grantee == grantee), None)
        over = held is not None and held.ended(self._clock.now())
        if ends_at is None and (held is None or over):
            # Given anew: the old end is not one of what is given now.
            ends_at = NO_END
        if latest and ends_at is not None:
            ends_at = min(ends_at or latest, latest)
        kept = held.ends_at if held is not None else NO_END
        until = kept if ends_at is None else ends_at
        record = self._record(
            actor, "share.set" if wanted else "share.revoke",
            f"mailbox:{account.id}/{mailbox_id} {grantee.kind}:{grantee.id} {show(wanted)}{show_end(until) if wanted else ''}",
        )  # fmt: skip

        async def body(tx: MailTx) -> tuple[Grant, Grant]:
            before = await tx.set_grant(mailbox_id, grantee, wanted, ends_at)
            if before != wanted or (wanted and until != kept):
                await tx.audit(record)
            given = Grant(account.id, mailbox_id, grantee, wanted, ends_at=until)
            return given, replace(given, rights=NOTHING if over else before, ends_at=kept)

        return await self._store.write(account.id, body)

    async def end(self, grant: Grant) -> bool:
        """Take a grant away whose time is over, in the name of the house; say whether it was there. Raises NotFound."""
        account = await self._store.account(grant.account_id)
        record = AuditRecord(
            self._clock.now(), "system", "share.end",
            f"mailbox:{account.id}/{grant.mailbox_id} {grant.grantee.kind}:{grant.grantee.id} {show(grant.rights)}",
        )  # fmt: skip

        async def body(tx: MailTx) -> bool:
            if not await tx.end_grant(grant):
                return False
            await tx.audit(record)
            return True

        if not await self._store.write(account.id, body):
            return False
        self.tell(account.id)
        await self._notify(account.id, account, grant.mailbox_id, grant.grantee, grant.rights, NOTHING)
        await self._letters.ended(grant, await self.managers(account.id, MAX_OWNERS))
        return True

    def _record(self, actor: Actor, action: str, what: str) -> AuditRecord:
        return AuditRecord(
            self._clock.now(), f"account:{actor.account_id}", action, what, actor.origin.address, door=actor.origin.door
        )

    async def _notify(
        self, by: AccountId, account: Account, mailbox_id: MailboxId, grantee: Grantee,
        old: frozenset[str], new: frozenset[str],
    ) -> None:  # fmt: skip
        notice = NoticeRow(0, by, account.id, mailbox_id, old, new, self._clock.now())

        async def body(tx: MailTx) -> None:
            await tx.add_notice(notice)
            if (old ^ new) & SENDING:
                await tx.touch_senders()

        reached = await self._principals.reached(account.organization_id, grantee)
        await self._to_each((one for one in reached[:MAX_TOLD] if one not in {by, account.id}), body)

    async def _to_each(self, people: Iterable[AccountId], body: Callable[[MailTx], Awaitable[None]]) -> None:
        for one in people:
            try:
                await self._store.write(one, body)
            except MailError as error:
                log.event("share.notify_failed", account=one, error=error.code)
            else:
                self._hints.account_changed(one)


def show_end(ends_at: int) -> str:
    """Return the moment at which a grant ends as the audit says it; nothing for one that does not."""
    return f" until:{datetime.fromtimestamp(ends_at // 1000, UTC):%Y-%m-%dT%H:%M:%SZ}" if ends_at else ""


def show(rights: Iterable[str]) -> str:
    """Return rights as one word, sending ones after the letters."""
    letters = [one for one in rights if len(one) == 1]
    longer = sorted(one for one in rights if len(one) > 1)
    return "+".join(["".join(sorted(letters, key="lrswipkxtea".index)), *longer]) or "-"
