"""Asking to use a shared account, and answering that (공용 메일함 참여 요청).

A person asks for a shared account of the company, as what, and says why. Whoever manages the account (`a` on all of it)
or administers it gives that or less, or declines; both sides are told by mail. What is given is a grant like any other.
Each change of a request moves the state of ShareNotification of who asked and of who may answer: their screens look again.
SECURITY  Policy of the shared account says whether it may be asked for (`sharing.ask`); one that may not, or lies in
          another company, answers like none. Why is sealed under the company's key. Who decided is told to who asked.
LIMITS    MOST requests of a person, and for an account, wait; they are forgotten after KEPT. MOST_OFFERS are told.
FAILURE   A grant that is refused leaves the request waiting. A process that dies between the two leaves it accepted
          without a grant: whoever asked asks again. Mail that cannot be written is logged alone.
"""

from dataclasses import dataclass, replace
from typing import Final, Protocol

import msgspec

from smartmail.base import log
from smartmail.base.i18n import translate
from smartmail.domain.account import Account
from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import Forbidden, Invalid, MailError, NotFound, StateMismatch
from smartmail.domain.ids import AccountId
from smartmail.domain.principal import Actor
from smartmail.domain.rights import NO_END, SENDING, SHARE_ROLES, WHOLE_ACCOUNT, Grantee, share_role
from smartmail.domain.share_requests import ASKED_ROLES, AskedRole, ShareRequest
from smartmail.formats.address import split_address
from smartmail.formats.seal import Kind
from smartmail.policy import knobs
from smartmail.ports.clock import Clock
from smartmail.ports.store_accounts import AccountStore
from smartmail.ports.store_directory import DirectoryStore
from smartmail.ports.store_share_requests import ShareRequestStore
from smartmail.service.kernel.clock import DAY
from smartmail.service.kernel.keyring import Keyring
from smartmail.service.kernel.notifications import Notices
from smartmail.service.kernel.policy import PolicyService
from smartmail.service.kernel.push import Hints
from smartmail.service.mailbox.sharing import SharingService


class _Store(AccountStore, DirectoryStore, ShareRequestStore, Protocol): ...


MOST: Final = 20
MOST_OFFERS: Final = 1_000
MOST_TOLD: Final = 20
"""People who hear by mail that somebody asks."""
MOST_ANNOUNCED: Final = 100
"""People who manage an account and whose open screens hear of its requests."""
KEPT: Final = 30 * DAY
MAX_REASON: Final = 500


class RequestText(msgspec.Struct, frozen=True, array_like=True):
    """What a person wrote."""

    reason: str


@dataclass(frozen=True, slots=True)
class Offer:
    """A shared account that the actor may ask for. `role`: what they hold on all of it now, "" for nothing."""

    account: Account
    role: str


@dataclass(frozen=True, slots=True)
class HeldRequest:
    """A request, opened, with the people in it. `may_decide`: the reader answers it."""

    row: ShareRequest
    account: Account
    person: Account
    reason: str
    decider: str
    may_decide: bool


class ShareRequestService:
    """Takes requests and carries out what is decided."""

    def __init__(
        self, store: _Store, sharing: SharingService, policy: PolicyService, keyring: Keyring, notices: Notices,
        hints: Hints, clock: Clock,
    ) -> None:  # fmt: skip
        self._store = store
        self._sharing = sharing
        self._policy = policy
        self._keyring = keyring
        self._notices = notices
        self._hints = hints
        self._clock = clock

    async def offers(self, actor: Actor) -> list[Offer]:
        """Return the shared accounts that the actor may ask for, by name."""
        person = await self._store.account(actor.account_id)
        found = []
        for account in await self._store.accounts(actor.organization_id):
            if account.kind != "shared" or not await self._may_be_asked(person, account):
                continue
            found.append(Offer(account, await self._held(actor, account.id)))
            if len(found) == MOST_OFFERS:
                break
        return sorted(found, key=lambda one: (one.account.name, one.account.login))

    async def listed(self, actor: Actor) -> list[HeldRequest]:
        """Return the actor's own requests and those that they may answer, the newest first."""
        rows = await self._store.share_requests(actor.organization_id, self._clock.now() - KEPT)
        manages: dict[AccountId, bool] = {}
        found = []
        for row in rows:
            if row.account_id not in manages:
                manages[row.account_id] = await self._sharing.manages(actor, row.account_id)
            if row.person_id == actor.account_id or manages[row.account_id]:
                opened = await self._open(actor, row, manages=manages[row.account_id])
                found += [opened] if opened is not None else []
        return found

    async def ask(self, actor: Actor, account_id: AccountId, role: AskedRole, reason: str) -> ShareRequest:
        """Ask for an account, in place of what was asked before. Raises NotFound, Invalid, OverQuota."""
        reason = " ".join(reason.split())
        if role not in ASKED_ROLES or len(reason) > MAX_REASON:
            raise Invalid(f"one of the roles, and at most {MAX_REASON} characters")
        person, account = await self._store.account(actor.account_id), await self._store.account(account_id)
        if account.kind != "shared" or not await self._may_be_asked(person, account):
            raise NotFound
        if await self._holds(actor, account_id, role):
            raise Invalid("this is held already")
        number, now = self._clock.new_id(), self._clock.now()
        keys = await self._keyring.organization(actor.organization_id)
        sealed = keys.seal(Kind.SHARE_REQUEST, msgspec.msgpack.encode(RequestText(reason)), number)
        row = ShareRequest(number, actor.organization_id, account_id, person.id, role, "waiting", now, sealed)
        asked = [(one.person_id, one.account_id) for one in await self._store.share_requests(
            actor.organization_id, now - KEPT) if one.state == "waiting"]  # fmt: skip
        await self._store.put_share_request(row, MOST, now - KEPT, self._record(actor, "share.ask", row, role))
        await self._announce(row)
        # Who asks again while nobody has answered changes what is asked for; mail about it has gone out.
        if (person.id, account_id) in asked:
            return row
        words = {"account": account.login, "person": f"{person.name} <{person.login}>", "reason": reason or "-"}
        for reader in await self._managers(account):
            if reader.id != person.id:
                await self._tell(reader, "asked", role, **words)
        return row

    async def accept(self, actor: Actor, request_id: int, role: AskedRole | None, sending: str) -> None:
        """Give what was asked for (None) or less, with the right to send ("", sendAs, sendOnBehalf) beside it; what the
        person holds already stays. Raises NotFound, Forbidden, Invalid, StateMismatch (somebody else decided), PolicyRejected.
        """
        row = await self._decidable(actor, request_id)
        role = role or row.role
        if role not in ASKED_ROLES or sending not in {"", *SENDING}:
            raise Invalid("one of the roles")
        if ASKED_ROLES.index(role) > ASKED_ROLES.index(row.role):
            raise Invalid("not more than was asked for")
        done = replace(row, role=role, state="accepted", decided_at=self._clock.now(), decided_by=actor.account_id)
        if not await self._store.move_share_request(done, "waiting", self._record(actor, "share.accept", row, role)):
            raise StateMismatch
        grantee = Grantee("account", row.person_id)
        held: frozenset[str] = frozenset().union(
            *(one.rights for one in await self._sharing.standing(row.account_id)
              if one.grantee == grantee and one.mailbox_id == WHOLE_ACCOUNT)
        )  # fmt: skip
        rights = held | SHARE_ROLES[role] | ({sending} if sending else frozenset())
        try:
            await self._sharing.share(actor, row.account_id, WHOLE_ACCOUNT, grantee, rights, NO_END, quiet=True)
        except MailError:
            await self._store.move_share_request(row, "accepted", None)
            raise
        await self._answer(done)

    async def decline(self, actor: Actor, request_id: int) -> None:
        """Give nothing. Raises NotFound, Forbidden, StateMismatch."""
        row = await self._decidable(actor, request_id)
        done = replace(row, state="declined", decided_at=self._clock.now(), decided_by=actor.account_id)
        record = self._record(actor, "share.decline", row, row.role)
        if not await self._store.move_share_request(done, "waiting", record):
            raise StateMismatch
        await self._answer(done)

    async def withdraw(self, actor: Actor, request_id: int) -> None:
        """Forget a request of one's own, decided or not. Raises NotFound."""
        row = await self._store.share_request(request_id)
        if row is None or row.person_id != actor.account_id:
            raise NotFound
        if not await self._store.drop_share_request(row.id, self._record(actor, "share.withdraw", row, row.role)):
            raise NotFound
        await self._announce(row)

    # -- inside ----------------------------------------------------------------------------------------------------

    async def _may_be_asked(self, person: Account, account: Account) -> bool:
        if account.organization_id != person.organization_id or account.id == person.id or not account.may("shown"):
            return False
        policy = await self._policy.of(account)
        same = split_address(account.login)[1] == split_address(person.login)[1]
        return policy[knobs.SHARING_ASK] and (same or policy[knobs.SHARING_BETWEEN_DOMAINS])

    async def _held(self, actor: Actor, account_id: AccountId) -> str:
        try:
            everywhere = (await self._sharing.access(actor, account_id)).everywhere
        except NotFound:
            return ""
        return share_role(everywhere) if everywhere - SENDING else ""

    async def _holds(self, actor: Actor, account_id: AccountId, role: AskedRole) -> bool:
        try:
            return (await self._sharing.access(actor, account_id)).everywhere >= SHARE_ROLES[role]
        except NotFound:
            return False

    async def _open(self, actor: Actor, row: ShareRequest, *, manages: bool) -> HeldRequest | None:
        try:
            account, person = await self._store.account(row.account_id), await self._store.account(row.person_id)
            decider = (await self._store.account(row.decided_by)).name if row.decided_by else ""
        except NotFound:
            return None
        if {account.organization_id, person.organization_id} != {actor.organization_id}:
            return None
        keys = await self._keyring.organization(row.organization_id)
        text = msgspec.msgpack.decode(keys.open(Kind.SHARE_REQUEST, row.sealed, row.id), type=RequestText)
        may = manages and row.state == "waiting" and row.person_id != actor.account_id
        return HeldRequest(row, account, person, text.reason, decider, may)

    async def _decidable(self, actor: Actor, request_id: int) -> ShareRequest:
        row = await self._store.share_request(request_id)
        if row is None or row.organization_id != actor.organization_id:
            raise NotFound
        if row.person_id == actor.account_id:
            raise Forbidden
        if not await self._sharing.manages(actor, row.account_id):
            raise NotFound
        if row.state != "waiting":
            raise StateMismatch
        return row

    async def _managers(self, account: Account) -> list[Account]:
        """Return who manages an account, or where nobody does, who administers the company."""
        people: dict[AccountId, Account] = {}
        for one in await self._sharing.managers(account.id, MOST_TOLD):
            found = await self._store.account(one)
            if found.may("login"):
                people[one] = found
        if people:
            return list(people.values())
        return (await self._store.administrators(account.organization_id))[:MOST_TOLD]

    async def _announce(self, row: ShareRequest) -> None:
        """Tell the screens of who asked and of who may answer that a request is another."""
        people = [row.person_id, *await self._sharing.managers(row.account_id, MOST_ANNOUNCED)]
        people += [one.id for one in await self._store.administrators(row.organization_id)]
        await self._sharing.announce(dict.fromkeys(people))

    async def _answer(self, row: ShareRequest) -> None:
        await self._announce(row)
        account, person = await self._store.account(row.account_id), await self._store.account(row.person_id)
        decider = await self._store.account(row.decided_by)
        await self._tell(person, row.state, row.role, account=account.login, person=decider.name)

    async def _tell(self, reader: Account, kind: str, role: str, **words: str) -> None:
        language = reader.language or "ko"
        words["role"] = translate(language, f"sharing.role.{role}")
        try:
            await self._notices.send(
                reader,
                translate(language, f"sharing.{kind}.subject", **words),
                translate(language, f"sharing.{kind}.text", **words),
            )
        except MailError as error:
            log.event("share.notify_failed", account=reader.id, error=error.code)
        self._hints.queue_changed()

    def _record(self, actor: Actor, action: str, row: ShareRequest, role: str) -> AuditRecord:
        about = f"mailbox:{row.account_id}/0 account:{row.person_id} {role}"
        return AuditRecord(self._clock.now(), actor.named, action, about, actor.origin.address, door=actor.origin.door)
