"""Proposals: acts that need two persons are kept, decided by another administrator, and done once."""

import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

import msgspec

from smartmail.base import log
from smartmail.domain.account import Account
from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import AlreadyExists, Forbidden, Invalid, MailError, NotFound
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.policy import Scope
from smartmail.domain.principal import Actor, Origin
from smartmail.domain.proposals import ProposalRow, ProposalState, ProposalText
from smartmail.formats.seal import Kind, SealError
from smartmail.policy import knobs
from smartmail.ports.clock import Clock
from smartmail.ports.store_accounts import AccountStore
from smartmail.ports.store_proposals import ProposalStore
from smartmail.service.kernel.authority import Authority
from smartmail.service.kernel.clock import HOUR, MINUTE
from smartmail.service.kernel.independence import Independence
from smartmail.service.kernel.keyring import Keyring
from smartmail.service.kernel.policy import PolicyService
from smartmail.service.kernel.proposals.acts import Act, Acts, packed, unpacked
from smartmail.service.kernel.proposals.telling import ProposalNotices, named_act
from smartmail.service.kernel.proposals.witnessing import Witnesses


class _Store(AccountStore, ProposalStore, Protocol): ...


LEASE: Final = 15 * MINUTE
"""How long one process may be at an act before another one thinks it dead."""
MAX_REASON: Final = 1000
WAITED: Final = "waiting-time"
"""Who decided, where nobody else could."""
INTERRUPTED: Final = "interrupted"

Strong = Callable[[Actor], Awaitable[None]]
"""Raises Forbidden unless the actor has proved itself lately (step-up)."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A proposal, opened. `arguments` as plain values; `result`: what came of it."""

    row: ProposalRow
    arguments: dict[str, Any]
    reason: str
    note: str = ""
    result: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What `do` came to: done with a result, or a proposal that waits."""

    result: str = ""
    proposal: Proposal | None = None

    @property
    def waits(self) -> bool:
        """Whether another administrator, or time, is asked first."""
        return self.proposal is not None


class ProposalService:
    """Takes, shows, decides and does. `strong`: a proof that is minutes old, asked of who proposes and of who consents."""

    def __init__(
        self, store: _Store, keyring: Keyring, authority: Authority, policy: PolicyService, notices: ProposalNotices,
        independence: Independence, witnesses: Witnesses, clock: Clock, strong: Strong,
    ) -> None:  # fmt: skip
        self._store = store
        self._keyring = keyring
        self._authority = authority
        self._policy = policy
        self._clock = clock
        self.notices = notices
        self.independence = independence
        self.witnesses = witnesses
        witnesses.stops("proposal", self._objected)
        self.acts = Acts()
        self.strong = strong

    # --- asking ---

    def add(self, act: Act[Any]) -> None:
        """Add an act that may need two persons. Raises ValueError where its name is taken."""
        self.acts.add(act)

    async def needs_consent(self, actor: Actor, name: str, organization_id: OrganizationId | None) -> bool:
        """Say whether an act waits for another administrator. The command line has the master key: it does not."""
        if actor.origin.door == "cli" or organization_id is None:
            return False
        return self.acts.get(name).kind in await self._policy.value_of_place(organization_id, knobs.ADMIN_TWO_PERSON)

    async def do(self, actor: Actor, name: str, arguments: msgspec.Struct, reason: str) -> Outcome:
        """Do an act at once, or let it wait where two persons are needed for it.

        Raises Forbidden, NotFound, Invalid (no reason, not possible), and what the act raises.
        """
        act = self.acts.get(name)
        organization_id = await self._authority.require(actor, act.permission, act.scope(arguments))
        if await self.needs_consent(actor, name, organization_id):
            return Outcome(proposal=await self.propose(actor, name, arguments, reason))
        await self.strong(actor)
        if act.check is not None:
            await act.check(actor, arguments)
        return Outcome(await act.run(actor, arguments, self._clock.new_id()))

    async def propose(self, actor: Actor, name: str, arguments: msgspec.Struct, reason: str) -> Proposal:
        """Let an act wait for another administrator, or for time where there is none.

        Raises Forbidden (also where witnesses have been silenced), NotFound, Invalid (no reason, not possible).
        """
        act = self.acts.get(name)
        if not isinstance(arguments, act.arguments):
            raise Invalid(f"{name} takes other arguments", reason="act.unknown")
        scope = act.scope(arguments)
        organization_id = await self._authority.require(actor, act.permission, scope)
        if organization_id is None:
            raise Invalid("what concerns the whole installation is done on the command line", reason="act.console")
        await self.strong(actor)
        words = reason.strip()[:MAX_REASON]
        if not words:
            raise Invalid("say why: it goes into the audit", reason="why.needed")
        if act.check is not None:
            await act.check(actor, arguments)
        able = await self._deciders(organization_id, act, scope)
        others = await self.independence.independent(actor.account_id, able)
        witnesses = [] if others else await self.witnesses.gather(organization_id, actor.account_id)
        row = await self._kept(actor, act, scope, organization_id, ProposalText(packed(arguments), words), bool(others))
        await (self.notices.asked(row, others) if others else self._announce(actor, row, witnesses))
        return await self._opened(row)

    async def _announce(self, actor: Actor, row: ProposalRow, witnesses: Sequence[Account]) -> None:
        """Say that it happens by itself: to its author, and to who could be against it."""
        await self.notices.waits(row)
        await self.witnesses.tell(
            witnesses, "proposal", row.id, row.due_at or row.expires_at,
            lambda language: {"act": named_act(language, row.act), "who": actor.login or actor.named},
        )  # fmt: skip

    async def _kept(
        self, actor: Actor, act: Act[Any], scope: Scope, organization_id: OrganizationId, text: ProposalText,
        consent: bool,
    ) -> ProposalRow:  # fmt: skip
        policy = await self._policy.of_place(organization_id, "")
        now, key = self._clock.now(), self._clock.new_id()
        due = None if consent else now + policy[knobs.ADMIN_SOLE_WAIT_HOURS] * HOUR
        keys = await self._keyring.organization(organization_id)
        row = ProposalRow(
            0, key, organization_id, act.name, scope, "waiting", AccountId(actor.account_id), actor.named,
            keys.seal(Kind.PROPOSAL, msgspec.msgpack.encode(text), key), now,
            (due or now) + policy[knobs.ADMIN_CONSENT_HOURS] * HOUR, due,
        )  # fmt: skip
        return await self._store.add_proposal(row, self._record(actor.named, "made", row, actor.origin))

    async def _deciders(self, organization_id: OrganizationId, act: Act[Any], scope: Scope) -> list[Account]:
        return await self._authority.holders(organization_id, act.permission, scope)

    # --- showing ---

    async def list_all(self, actor: Actor, state: ProposalState | None = "waiting", limit: int = 200) -> list[Proposal]:
        """Return the proposals that an actor may see, the newest first: its own, and those it could decide."""
        own = None if actor.origin.door == "cli" else actor.organization_id
        rows = await self._store.proposals(own, state, limit)
        return [await self._opened(row) for row in rows if await self._sees(actor, row)]

    async def get(self, actor: Actor, proposal_id: int) -> Proposal:
        """Return one. Raises NotFound: not there, or nothing that the actor could decide."""
        return await self._opened(await self._row(actor, proposal_id))

    async def _row(self, actor: Actor, proposal_id: int) -> ProposalRow:
        row = await self._store.proposal(proposal_id)
        if not await self._sees(actor, row):
            raise NotFound
        return row

    async def _sees(self, actor: Actor, row: ProposalRow) -> bool:
        if actor.origin.door == "cli":
            return True
        if actor.organization_id != row.organization_id:
            return False
        if actor.account_id and actor.account_id == row.author:
            return True
        act = self.acts.find(row.act)
        return act is not None and await self._authority.may(actor, act.permission, row.scope)

    # --- deciding ---

    async def confirm(self, actor: Actor, proposal_id: int, note: str = "") -> Proposal:
        """Consent, which does the act. Returns the proposal as it ended: done or failed.

        Raises NotFound, Forbidden (one's own; tied to its author; no longer allowed to its author), AlreadyExists (decided
        or expired).
        """
        row = await self._row(actor, proposal_id)
        if row.author == actor.account_id:  # the command line is account 0, and so is what it proposed
            raise Forbidden("another administrator has to consent", reason="consent.other")
        act = self.acts.get(row.act)
        await self._authority.require(actor, act.permission, row.scope)
        if actor.by == "key":
            raise Forbidden("a person has to consent: sign in for this", reason="consent.person")
        await self.independence.require(row.author, AccountId(actor.account_id))
        await self.strong(actor)
        await self._require_author(act, row)
        await self._decide(actor.named, "running", "confirmed", row, actor.origin, note)
        return await self._perform(row)

    async def refuse(self, actor: Actor, proposal_id: int, note: str = "") -> Proposal:
        """Say no. Raises NotFound, Forbidden (one's own: withdraw it), AlreadyExists (decided or expired)."""
        row = await self._row(actor, proposal_id)
        if row.author == actor.account_id:
            raise Forbidden("withdraw it instead", reason="consent.withdraw")
        await self._authority.require(actor, self.acts.get(row.act).permission, row.scope)
        await self._decide(actor.named, "refused", "refused", row, actor.origin, note)
        return await self._told(proposal_id)

    async def withdraw(self, actor: Actor, proposal_id: int) -> Proposal:
        """Take back one's own. Raises NotFound, Forbidden (somebody else's), AlreadyExists (decided or expired)."""
        row = await self._row(actor, proposal_id)
        if row.author != actor.account_id and actor.origin.door != "cli":
            raise Forbidden("only who proposed it takes it back", reason="consent.author")
        await self._decide(actor.named, "withdrawn", "withdrawn", row, actor.origin)
        return await self._opened(await self._store.proposal(proposal_id))

    async def _objected(self, proposal_id: int, witness: Account) -> None:
        """A witness is against it: that is a refusal."""
        row = await self._store.proposal(proposal_id)
        await self._decide(f"account:{witness.id}", "refused", "objected", row)
        await self._told(proposal_id)

    async def _decide(
        self, by: str, state: ProposalState, word: str, row: ProposalRow, origin: Origin | None = None, note: str = ""
    ) -> None:
        record = self._record(by, word, row, origin, await self._sealed_note(row, note))
        lease = self._clock.now() + LEASE if state == "running" else None
        worker = "" if lease is None else self._clock.new_worker()
        if not await self._store.decide_proposal(row.id, state, record, lease_until=lease, worker=worker):
            raise AlreadyExists("it is decided already, or its time is over", reason="consent.over")

    async def _told(self, proposal_id: int) -> Proposal:
        row = await self._store.proposal(proposal_id)
        await self.notices.ended(row)
        return await self._opened(row)

    # --- doing ---

    async def turn(self) -> int:
        """End what nobody decided in time, do what is due, take up what a dead process left; return how many. A job."""
        turned = 0
        for row in await self._store.due_proposals(self._clock.now()):
            try:
                turned += await self._turn(row)
            except (MailError, SealError) as error:
                log.event("proposal.failed", proposal=row.id, error=type(error).__name__)
        return turned

    async def _turn(self, row: ProposalRow) -> int:
        now = self._clock.now()
        if row.state == "waiting" and row.expires_at <= now:
            await self._decide("system", "expired", "expired", row)
            await self._told(row.id)
        elif row.state == "waiting" and self.acts.find(row.act) is not None:
            await self._decide(WAITED, "running", "due", row)
            await self._perform(row)
        elif row.state == "running" and await self._store.lease_proposal(
            row.id, now, now + LEASE, self._clock.new_worker()
        ):
            act = self.acts.find(row.act)
            if act is not None and act.repeatable:
                await self._perform(row)
            else:
                await self._end(row, "failed", INTERRUPTED)
        else:
            return 0
        return 1

    async def _perform(self, row: ProposalRow) -> Proposal:
        """Do a running one. Whatever it raises is its result: it has ended."""
        act = self.acts.get(row.act)
        try:
            author = await self._require_author(act, row)
            arguments = unpacked(act, (await self._text(row)).arguments)
            result = await act.run(author, arguments, row.key)
        except MailError as error:
            return await self._end(row, "failed", f"{error.code}: {error.public}" if error.public else error.code)
        except Exception as error:
            log.event("proposal.failed", proposal=row.id, error=type(error).__name__)
            await self._end(row, "failed", type(error).__name__)
            raise
        return await self._end(row, "done", result)

    async def _require_author(self, act: Act[Any], row: ProposalRow) -> Actor:
        """Return who proposed, with the rights of now. Raises Forbidden where the author may not any more."""
        author = Actor(AccountId(0), OrganizationId(0), "", is_admin=True, origin=Origin("cli"))
        if row.author:
            try:
                account = await self._store.account(row.author)
            except NotFound:
                raise Forbidden("its author is gone", reason="consent.gone") from None
            author = Actor(
                account.id, account.organization_id, account.login, account.is_admin, Origin("admin"),
                account.auth_epoch, by="session",
            )  # fmt: skip
        try:
            await self._authority.require(author, act.permission, row.scope)
        except (Forbidden, NotFound):
            raise Forbidden("its author may not do this any more", reason="consent.norights") from None
        return author

    async def _end(self, row: ProposalRow, state: ProposalState, result: str) -> Proposal:
        keys = await self._keyring.organization(row.organization_id)
        sealed = keys.seal(Kind.PROPOSAL, json.dumps({"result": result}).encode(), row.key, 1)
        await self._store.end_proposal(row.id, state, sealed, self._record(row.named, state, row))
        return await self._told(row.id)

    # --- sealed ---

    async def _text(self, row: ProposalRow) -> ProposalText:
        keys = await self._keyring.organization(row.organization_id)
        return msgspec.msgpack.decode(keys.open(Kind.PROPOSAL, row.sealed, row.key), type=ProposalText)

    async def _opened(self, row: ProposalRow) -> Proposal:
        keys = await self._keyring.organization(row.organization_id)
        text, result = await self._text(row), ""
        if row.sealed_result is not None:
            result = str(json.loads(keys.open(Kind.PROPOSAL, row.sealed_result, row.key, 1))["result"])
        return Proposal(row, json.loads(text.arguments), text.reason, text.note, result)

    async def _sealed_note(self, row: ProposalRow, note: str) -> bytes | None:
        if not note.strip():
            return None
        keys = await self._keyring.organization(row.organization_id)
        return keys.seal_text(Kind.AUDIT_TEXT, note.strip()[:MAX_REASON], row.key)

    def _record(
        self, by: str, word: str, row: ProposalRow, origin: Origin | None = None, detail: bytes | None = None
    ) -> AuditRecord:
        about = f"proposal:{row.key:x} act:{row.act} {row.scope.level}:{row.scope.subject}"
        address, door = ("", "") if origin is None else (origin.address, origin.door)
        return AuditRecord(self._clock.now(), by, f"proposal.{word}", about, address, detail, door)

    async def acts_of(self, actor: Actor) -> Sequence[str]:
        """Return the names of the acts that an actor has the permission for anywhere."""
        return [one for one in self.acts.names() if await self._authority.reach(actor, self.acts.get(one).permission)]
