"""Second factors as their owner manages them, and as an administrator resets them.

SECURITY    An enrolment asks for the password again, and for the second factor where there is one already (step-up). Ten
            recovery codes come with the first. A reset asks an administrator for a reason, which is kept sealed in the
            audit; it ends every session and login of the account.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from smartmail.domain.account import Account
from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import AuthFailed, Forbidden, Invalid, NotFound
from smartmail.domain.factors import FactorKind, FactorRow
from smartmail.domain.ids import AccountId
from smartmail.domain.policy import Scope
from smartmail.domain.principal import Actor
from smartmail.formats.seal import Kind, SealError
from smartmail.policy import knobs
from smartmail.ports.clock import Clock
from smartmail.service.identity.auth import AuthService
from smartmail.service.identity.factors.challenges import Challenges, Page, slot
from smartmail.service.identity.factors.methods import NewFactor, Refused
from smartmail.service.identity.factors.notices import FactorNotices
from smartmail.service.identity.factors.recovery import RecoveryMethod
from smartmail.service.identity.factors.step_up import PROGRAMS, StepUp
from smartmail.service.identity.factors.store import Store
from smartmail.service.kernel.authority import Authority
from smartmail.service.kernel.keyring import Keyring
from smartmail.service.kernel.policy import PolicyService

MAX_FACTORS: Final = 20
MAX_LABEL: Final = 100
REASON_LEAST: Final = 10
REASON_MOST: Final = 1000


@dataclass(frozen=True, slots=True)
class FactorInfo:
    """A factor as its owner and administrators see it. Milliseconds."""

    id: int
    kind: FactorKind
    label: str
    created_at: int
    last_used_at: int | None


@dataclass(frozen=True, slots=True)
class Enrolled:
    """A factor just enrolled, and with the first one the recovery codes: shown this once."""

    info: FactorInfo
    recovery: tuple[str, ...] = field(default=(), repr=False)


class Enrolment:
    """Makes, lists and removes second factors."""

    def __init__(
        self, store: Store, clock: Clock, keyring: Keyring, policy: PolicyService, auth: AuthService, authority: Authority,
        challenges: Challenges, recovery: RecoveryMethod, step_up: StepUp, notices: FactorNotices,
    ) -> None:  # fmt: skip
        self._store = store
        self._clock = clock
        self._keyring = keyring
        self._policy = policy
        self._auth = auth
        self._authority = authority
        self._challenges = challenges
        self._recovery = recovery
        self._step_up = step_up
        self._notices = notices

    async def list(self, actor: Actor, account_id: AccountId | None = None) -> tuple[list[FactorInfo], int]:
        """Return the factors of the actor's account, or of another that it administers, and how many recovery codes are
        left. Raises Forbidden, NotFound.
        """
        account = await self._account(actor, account_id)
        rows = await self._store.factors(account.id)
        return [await self._info(account, row) for row in rows], await self._store.recovery_codes(account.id)

    async def begin(self, actor: Actor, kind: str, password: str, page: Page) -> tuple[str, Mapping[str, object]]:
        """Begin to enrol; return the token of the challenge and what the page needs.

        Raises Forbidden (wrong password, a kind that policy does not allow, a program), ProofNeeded (step-up).
        """
        account = await self._own(actor)
        if kind not in await self._policy.value(account, knobs.SECOND_FACTOR_KINDS):
            raise Forbidden("policy does not allow this kind of second factor", reason="factor.policy")
        held = await self._store.factors(account.id)
        if len(held) >= MAX_FACTORS:
            raise Forbidden(
                f"an account has at most {MAX_FACTORS} second factors", reason="count.most", most=MAX_FACTORS
            )
        if held:
            await self._step_up.require(actor)
        try:
            await self._auth.login(account.login, password, page.origin)
        except AuthFailed:
            raise Forbidden("the password is not right", reason="password.wrong") from None
        token, row = await self._challenges.open(account, "enrol", actor.session_id)
        return token, await self._challenges.begin(row, account, kind, page)

    async def finish(
        self, actor: Actor, token: str, kind: str, label: str, response: Mapping[str, object], page: Page
    ) -> Enrolled:
        """Enrol after a proof of possession. Raises AuthFailed (reason), Invalid, AlreadyExists."""
        account = await self._own(actor)
        row = await self._challenges.attempt(token, "enrol")
        if row.account_id != account.id or row.session_hash is None or row.session_hash.hex() != actor.session_id:
            raise AuthFailed(reason="ended")
        method = self._challenges.method(kind)
        try:
            made = await method.finish(await self._challenges.finished(row, account, kind, page), response)
        except Refused as refused:
            raise AuthFailed(refused.public, reason=refused.reason.partition(".")[2] or refused.reason) from None
        if not await self._store.end_challenge(row.token_hash):
            raise AuthFailed(reason="ended")
        first = not await self._store.factors(account.id)
        kept = await self._keep(actor, account, method.kind, made, label)
        codes = await self._new_codes(actor, account) if first else ()
        await self._auth.prove_session(actor, method.kind)
        self._auth.changed(account)
        await self._notices.changed(account, page, "factor_added")
        return Enrolled(await self._info(account, kept), codes)

    async def remove(self, actor: Actor, factor_id: int, page: Page) -> None:
        """Remove one of the actor's own. Raises ProofNeeded, NotFound, Forbidden (policy asks for one)."""
        account = await self._own(actor)
        rows = await self._store.factors(account.id)
        if factor_id not in {row.id for row in rows}:
            raise NotFound
        await self._step_up.require(actor)
        if len(rows) == 1 and await self._policy.value(account, knobs.SECOND_FACTOR_REQUIRED) in {
            "required",
            "outside-office",
        }:
            raise Forbidden("your organisation asks for a second factor: enrol another one first", reason="factor.last")
        await self._store.drop_factors(
            account.id, [factor_id], self._record(actor, "factor.remove", account, factor_id)
        )
        self._auth.changed(account)
        await self._notices.changed(account, page, "factor_removed")

    async def new_codes(self, actor: Actor, page: Page) -> tuple[str, ...]:
        """Make ten recovery codes in place of all others. Raises ProofNeeded, Forbidden (no second factor)."""
        account = await self._own(actor)
        await self._step_up.require(actor)
        if not await self._store.factors(account.id):
            raise Forbidden("there is no second factor to recover", reason="factor.norecover")
        codes = await self._new_codes(actor, account)
        await self._notices.changed(account, page, "codes")
        return codes

    async def reset(
        self, actor: Actor, account_id: AccountId, reason: str, kinds: Sequence[FactorKind] | None = None, *,
        proved: bool = False,
    ) -> int:  # fmt: skip
        """Remove an account's second factors (of some kinds) as an administrator; return how many. `proved`: the actor's own
        proof was asked for already (`resetting`).

        Raises Forbidden, NotFound, ProofNeeded, Invalid (no reason).
        """
        await self._authority.require(actor, "account.secrets", Scope("account", str(account_id)))
        if not proved:
            await self._step_up.require(actor)
        text = self.checked_reason(reason)
        account = await self._store.account(account_id)
        ids = [row.id for row in await self._store.factors(account_id) if kinds is None or row.kind in kinds]
        record = self._record(actor, "factor.reset", account, 0)
        sealer = await self._keyring.organization(account.organization_id)
        sealed = sealer.seal_text(Kind.AUDIT_TEXT, text, account.id.to_bytes(16), record.at)
        record = replace(record, sealed_detail=sealed)
        gone = await self._store.drop_factors(account_id, ids, record)
        if gone:
            self._auth.changed(await self._store.update_account(account_id, raise_epoch=True))
            await self._notices.changed(account, Page(actor.origin, ""), "factor_reset")
        return gone

    @staticmethod
    def checked_reason(reason: str) -> str:
        """Return a reason as it is kept. Raises Invalid."""
        text = " ".join(reason.split())
        if not REASON_LEAST <= len(text) <= REASON_MOST:
            raise Invalid(
                f"say why, in {REASON_LEAST} to {REASON_MOST} characters",
                reason="why.range",
                least=REASON_LEAST,
                most=REASON_MOST,
            )
        return text

    async def _keep(self, actor: Actor, account: Account, kind: FactorKind, made: NewFactor, label: str) -> FactorRow:
        text = " ".join(label.split())[:MAX_LABEL] or made.label or kind
        sealer, now = await self._keyring.account(account), self._clock.now()
        row = FactorRow(
            0, account.id, kind, sealer.seal(Kind.FACTOR, made.data, *slot(kind, now)),
            sealer.seal_text(Kind.FACTOR_LABEL, text, now), now, made.lookup, made.counter,
        )  # fmt: skip
        return await self._store.add_factor(row, self._record(actor, f"factor.new.{kind}", account, 0))

    async def _new_codes(self, actor: Actor, account: Account) -> tuple[str, ...]:
        codes, hashes = self._recovery.new_codes(account.id)
        await self._store.put_recovery_codes(account.id, hashes, self._record(actor, "factor.codes", account, 0))
        return tuple(codes)

    async def _info(self, account: Account, row: FactorRow) -> FactorInfo:
        try:
            sealer = await self._keyring.account(account)
            label = sealer.open_text(Kind.FACTOR_LABEL, row.sealed_label, row.created_at)
        except SealError:
            label = ""
        return FactorInfo(row.id, row.kind, label, row.created_at, row.last_used_at)

    async def _own(self, actor: Actor) -> Account:
        if actor.by in PROGRAMS:
            raise Forbidden("sign in as a person to manage second factors", reason="consent.person")
        return await self._store.account(actor.account_id)

    async def _account(self, actor: Actor, account_id: AccountId | None) -> Account:
        if account_id is None or account_id == actor.account_id:
            return await self._own(actor)
        await self._authority.require(actor, "account.read", Scope("account", str(account_id)))
        return await self._store.account(account_id)

    def _record(self, actor: Actor, action: str, account: Account, factor_id: int) -> AuditRecord:
        about = f"account:{account.id}" + (f" factor:{factor_id}" if factor_id else "")
        return AuditRecord(self._clock.now(), actor.named, action, about, actor.origin.address, door=actor.origin.door)
