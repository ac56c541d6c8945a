"""Leavers (퇴직): one act after which nobody gets in, nothing goes out, and nothing that they held is left alone (BR-3).

NAME        leaving
PURPOSE     Show what somebody holds with what will be done with it; do it now or on a day to come; restore; destroy.
STATES      planned → running (doors shut, mail held) → done (all settled) → destroyed | restored. Each by one commit.
STRATEGIES  A saga: the first commit shuts the account, keeps its addresses and holds what was planned. Then everything that
            is still held is found and settled, kind by kind; what a killed process left is found again by the job, because
            it is looked for anew and settling twice is settling once. Mail goes to the successor from the first commit on.
LIMITS      Data are kept for `leaver.days`, addresses for `leaver.address-months`; a reader (the manager) may read the
            mailbox for `leaver.read-days`, and never longer than the data are there.
FAILURE     A holding that cannot be settled now (StateMismatch, the store is away) keeps the leaver `running`; the others
            are settled all the same and the next turn of the job goes on.
SECURITY    Permission account.change over the account; choices and reasons are sealed. The last administrator stays.
            Destruction asks service.operations.records (holds, two persons, register).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, get_args

import msgspec

from smartmail.base import log
from smartmail.domain.account import Account
from smartmail.domain.account_life import Choice, Holding, HoldingKind, LeavingRow, LeavingText
from smartmail.domain.errors import Invalid, MailError, NotFound, StateMismatch
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.policy import Scope
from smartmail.domain.principal import Actor
from smartmail.domain.rights import NO_END, NOTHING, WHOLE_ACCOUNT, Grantee
from smartmail.formats.seal import Kind, SealError
from smartmail.policy import knobs
from smartmail.ports.store_tx import MailTx
from smartmail.service.kernel.clock import DAY
from smartmail.service.operations.records import DestructionService
from smartmail.service.people.account_life.ground import house, typed
from smartmail.service.people.account_life.holdings import Means, every
from smartmail.service.people.account_life.transfers import Transfer
from smartmail.service.people.organization.ground import MONTH

READS: Final = frozenset("lr")
"""Look and read: no mark, nothing moved, nothing sent."""
PAGE: Final = 500
NOBODY: Final = AccountId(0)
GROUND: Final = "leaver"
BY_ADDRESS: Final = frozenset({"list-owner", "list-moderator", "list-member", "alias"})
"""Kinds in which a person is named by an address, not by an id that nobody gets again."""


@dataclass(frozen=True, slots=True)
class Leave:
    """How somebody leaves. `choices`: kind of holding → what is done, instead of the usual. `answer`: what who writes to
    a leaver without a successor reads. `effective_at` None: now. `reader`: reads the mailbox for a while.
    """

    successor: AccountId = NOBODY
    reader: AccountId = NOBODY
    choices: Mapping[str, str] = field(default_factory=dict)
    answer: str = ""
    reason: str = ""
    effective_at: int | None = None


class LeaverService:
    """Lets people leave."""

    def __init__(self, means: Means, destructions: DestructionService) -> None:
        self._means = means
        self._ground = means.ground
        self._store = means.ground.store
        self._destructions = destructions
        self._kinds = every(means)

    async def holdings(self, actor: Actor, account_id: AccountId) -> list[Holding]:
        """Return all that somebody holds. Raises Forbidden, NotFound."""
        account = await self._ground.may_change(actor, account_id)
        return [one for kind in self._kinds for one in await kind.find(account)]

    async def leave(self, actor: Actor, account_id: AccountId, how: Leave) -> LeavingRow:
        """Let somebody leave, now or on a day to come; return how far it is. Raises Forbidden, NotFound, Invalid,
        AlreadyExists (they are leaving).
        """
        account = await self._ground.may_change(actor, account_id)
        row = await self._planned(actor, account, how)
        record = await self._ground.why(actor, "leaver.plan", account, typed(how.reason))
        await self._store.plan_leaving(row, record)
        if row.effective_at <= self._ground.clock.now():
            try:
                await self._run(row)
            except MailError:
                # Nothing of it has happened: whoever tries again finds no half plan.
                await self._store.drop_plan(
                    account_id, self._ground.record(actor, "leaver.cancel", f"account:{account_id}")
                )
                raise
        found = await self._store.leaving(account_id)
        assert found is not None
        return found

    async def cancel(self, actor: Actor, account_id: AccountId) -> None:
        """Take a plan back that has not begun. Raises NotFound, Forbidden."""
        await self._ground.may_change(actor, account_id)
        record = self._ground.record(actor, "leaver.cancel", f"account:{account_id}")
        if not await self._store.drop_plan(account_id, record):
            raise NotFound("they are not about to leave")

    async def restore(self, actor: Actor, account_id: AccountId, reason: str = "") -> Account:
        """Let a leaver be back with all mail, UIDs and addresses; what was handed over stays where it is, and they get
        in by an invitation. Raises Invalid (they did not leave, or it is too late), Forbidden, NotFound.
        """
        account = await self._ground.may_change(actor, account_id)
        row = await self._store.leaving(account_id)
        record = await self._ground.why(actor, "leaver.restore", account, typed(reason))
        try:
            restored = await self._store.restore_leaver(account_id, record)
        except StateMismatch:
            raise Invalid(
                "this account is not that of a leaver who can be restored", reason="leaving.norestore"
            ) from None
        if row is not None and row.reader_id:
            await self._grant(row, NOTHING)
        self._ground.changed(restored)
        return restored

    async def list_all(self, actor: Actor, organization_id: OrganizationId) -> list[LeavingRow]:
        """Return a company's leavers. Raises Forbidden, NotFound."""
        await self._ground.company(actor, "account.read", organization_id)
        return await self._store.leavings(organization_id)

    async def text(self, row: LeavingRow) -> LeavingText:
        """Return what was chosen and typed."""
        keys = await self._ground.keyring.organization(row.organization_id)
        try:
            return msgspec.msgpack.decode(keys.open(Kind.LEAVING, row.sealed, row.account_id), type=LeavingText)
        except SealError:
            return LeavingText()

    async def farewell(self, address: str) -> str:
        """Return what who writes to an address reads when a leaver had it and nobody follows, "" for no such address."""
        for one in await self._store.left_addresses([address]):
            row = await self._store.leaving(one.account_id)
            return "" if row is None else (await self.text(row)).answer
        return ""

    # --- the job ---

    async def turn(self) -> int:
        """Go on with leavers, end what is over, free addresses; return how much was done."""
        now, done = self._ground.clock.now(), 0
        for row in await self._store.due_leavings(now):
            done += await self._quietly(row, self._run)
        for row in await self._store.read_leavings(now):
            done += await self._quietly(row, self._end_reading)
        for row in await self._store.over_leavings(now):
            done += await self._quietly(row, self._destroy)
        done += await self._store.free_addresses(now, PAGE)
        for company in await self._store.organizations():
            months = await self._ground.policy.value_of_place(company.id, knobs.LEAVER_ADDRESS_MONTHS)
            done += await self._store.free_retired(company.id, now - months * MONTH, PAGE)
        return done

    async def _quietly(self, row: LeavingRow, work: object) -> int:
        assert callable(work)
        try:
            await work(row)
        except MailError as error:
            log.event("leaver.step_failed", account=row.account_id, error=type(error).__name__, detail=error.detail)
            return 0
        return 1

    # --- how it is done ---

    async def _planned(self, actor: Actor, account: Account, how: Leave) -> LeavingRow:
        for one in {how.successor, how.reader} - {NOBODY}:
            await self._ground.colleague(account, one)
        await self._means.people.check_heir(actor, account.id, how.successor)
        if account.state in {"leaving", "closed"} or account.kind != "person":
            raise Invalid("only a person who is there leaves", reason="leaving.person")
        _check_choices(how.choices)
        now = self._ground.clock.now()
        at = now if how.effective_at is None else max(now, how.effective_at)
        policy = await self._ground.policy.of(account)
        destroy_at = at + policy[knobs.LEAVER_DAYS] * DAY
        reads = how.reader and policy[knobs.LEAVER_READ_DAYS]
        read_until = min(destroy_at, at + policy[knobs.LEAVER_READ_DAYS] * DAY) if reads else 0
        keys = await self._ground.keyring.organization(account.organization_id)
        text = LeavingText(dict(how.choices), typed(how.answer), typed(how.reason))
        sealed = keys.seal(Kind.LEAVING, msgspec.msgpack.encode(text), account.id)
        return LeavingRow(
            account.id, account.organization_id, "planned", at, how.successor, how.reader if reads else NOBODY,
            read_until, destroy_at, actor.named, sealed,
        )  # fmt: skip

    async def _run(self, row: LeavingRow) -> None:
        """Shut the account, then settle what is held. May be done again."""
        went = await self._means.transfers.of(await self._store.account(row.account_id))
        if went is not None:
            await self._run_transfer(row, went)
            return
        policy = await self._ground.policy.of_id(row.account_id)
        kept = row.effective_at + policy[knobs.LEAVER_ADDRESS_MONTHS] * MONTH
        record = self._ground.record(house(row.organization_id), "leaver.begin", f"account:{row.account_id}")
        account = await self._store.begin_leaving(row.account_id, kept, record)
        self._ground.changed(account)
        self._means.rights.changed()
        if await self._settle(account, row):
            await self._grant(row, READS if row.reader_id and row.read_until else NOTHING)
            await self._store.move_leaving(row.account_id, "running", "done")
            log.event("leaver.done", account=row.account_id)

    async def _run_transfer(self, row: LeavingRow, went: Transfer) -> None:
        """Settle what somebody had in the company that they left for another one; then their mailbox goes along."""
        account = await self._store.account(row.account_id)
        if not await self._settle(account, row):
            return
        # What nobody else answers for goes to an administrator now: the address leads to another company.
        await self._let_go(account, row)
        if went.along:
            await self._means.transfers.carry(account, went.target)
        await self._store.move_leaving(row.account_id, "running", "done")
        log.event("leaver.done", account=row.account_id)

    async def leaving(self, actor: Actor, old: Account, target: AccountId, *, along: bool) -> LeavingRow:
        """Return the leaver that somebody is for the company which they leave for another one."""
        return await self._means.transfers.leaving(actor, old, target, along=along)

    async def settle(self, account_id: AccountId) -> None:
        """Go on with somebody who was just transferred; what cannot be done now is the job's."""
        row = await self._store.leaving(account_id)
        if row is not None and row.state == "running":
            await self._quietly(row, self._run)

    async def _settle(self, account: Account, row: LeavingRow) -> bool:
        """Settle everything that is still held; say whether nothing was left for another time."""
        text, whole = await self.text(row), True
        successor = await self._store.account(row.successor_id) if row.successor_id else None
        for kind in self._kinds:
            for one in await kind.find(account):
                choice = _choice(one, text.choices, successor)
                if choice == "hold":
                    continue
                try:
                    await kind.settle(account, one, choice, successor if choice == "hand" else None)
                except MailError as error:
                    whole = False
                    log.event("leaver.handover_failed", account=account.id, kind=one.kind, error=type(error).__name__)
        return whole

    async def _let_go(self, account: Account, row: LeavingRow) -> None:
        """End also what was left as it is, where it names addresses: whoever gets one of them must find nothing there."""
        heir = await self._store.account(row.successor_id) if row.successor_id else None
        if heir is None or not heir.may("login", self._ground.clock.now()):
            scope = Scope("organization", str(int(account.organization_id)))
            able = await self._ground.authority.holders(account.organization_id, "account.change", scope)
            heir = next(iter(able), None)
        for kind in self._kinds:
            for one in await kind.find(account):
                if one.kind in BY_ADDRESS:
                    await kind.settle(account, one, "end" if "end" in one.choices else "hand", heir)

    async def _grant(self, row: LeavingRow, rights: frozenset[str]) -> None:
        """Let the reader read, or no longer."""
        if not row.reader_id:
            return
        action = "leaver.reader" if rights else "leaver.reader-end"
        record = self._ground.record(house(row.organization_id), action, f"account:{row.account_id}")

        async def body(tx: MailTx) -> None:
            before = await tx.set_grant(WHOLE_ACCOUNT, Grantee("account", row.reader_id), rights, NO_END)
            if before != rights:
                await tx.audit(record)

        await self._store.write(row.account_id, body)
        self._means.rights.changed(row.account_id)

    async def _end_reading(self, row: LeavingRow) -> None:
        await self._grant(row, NOTHING)
        await self._store.end_reading(row.account_id)

    async def _destroy(self, row: LeavingRow) -> None:
        account = await self._store.account(row.account_id)
        actor = house(row.organization_id)
        if account.state == "leaving":
            if await self._store.holds(account.id):
                return  # a legal hold keeps it: asked again at the next turn
            await self._let_go(account, row)
            record = self._ground.record(actor, "account.close", f"account:{account.id}")
            self._ground.changed(await self._store.set_account_state(account.id, "closed", record))
        account = await self._store.account(row.account_id)
        if account.wrapped_key:
            await self._destructions.destroy_account(actor, account.id, GROUND, "the days after leaving are over")
        if not (await self._store.account(row.account_id)).wrapped_key:
            await self._store.move_leaving(row.account_id, "done", "destroyed")


def _check_choices(choices: Mapping[str, str]) -> None:
    wrong = [
        kind for kind, choice in choices.items() if kind not in get_args(HoldingKind) or choice not in get_args(Choice)
    ]
    if wrong:
        raise Invalid(
            f"{wrong[0]}: say hand, end or hold for a kind of {', '.join(get_args(HoldingKind))}",
            reason="leaving.handover",
        )


def _choice(one: Holding, choices: Mapping[str, str], successor: Account | None) -> Choice:
    """Return what is done with a holding: as chosen, else as usual; nothing is handed to nobody."""
    wanted = choices.get(one.kind, "")
    allowed = [each for each in one.choices if each != "hand" or successor is not None or one.kind == "sponsored"]
    if wanted == "hold":
        # Mail that waits and secrets are never kept: they would go on acting for somebody who is not there.
        return "hold" if one.kind not in {"planned-mail", "credential", "approval", "role"} else "end"
    return next((each for each in allowed if each == wanted), allowed[0] if allowed else "hold")
