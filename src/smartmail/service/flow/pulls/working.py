"""The jobs that bring mail in: each process takes pulls that are due, a few at a time.

STRATEGIES  A pull is leased by its row; the lease is kept while the work goes on, so that what a dead process held is taken over
            after `LEASE_MS`.
LIMITS      `BESIDE` pulls of a process at a time.
FAILURE     A pull that fails says why and waits longer each time, up to `LONGEST_MS`; our own full mailbox and a filter that puts
            off do not make it wait longer. A login that was refused `LOGINS` times waits for its person: providers shut
            out who goes on trying.
SECURITY    `pull.allowed` is asked at the beginning and each `LOOK_S` while octets come: what is turned off ends within two
            seconds, and so does a pull that was changed, stopped or taken away.
"""

from typing import Final

from smartmail.base import log
from smartmail.domain.errors import MailError
from smartmail.domain.pulls import PullEnd, PullFailed, PullReason, PullRow
from smartmail.formats.seal import SealError
from smartmail.policy import knobs
from smartmail.policy.deciding import PolicyView
from smartmail.service.flow.pulls.texts import OpenPull, open_pull, seal_said
from smartmail.service.flow.pulls.turning import Turn, TurnParts
from smartmail.service.kernel.clock import HOUR, MINUTE, SECOND
from smartmail.service.kernel.keyring import Keyring
from smartmail.service.kernel.leased_work import LeasedJob, LeasedWork, WorkEnded, growing_pause, while_held
from smartmail.service.kernel.policy import PolicyService

LEASE_MS: Final = 30 * SECOND
LOOK_S: Final = 0.5
BESIDE: Final = 4
LONGEST_MS: Final = 12 * HOUR
LOGINS: Final = 5
SOON_MS: Final = 2 * SECOND
NEVER: Final = 1 << 62
"""The next time of a pull that waits for its person."""
_OURS: Final[frozenset[PullReason]] = frozenset({"full", "later", "policy"})


class PullWork(LeasedJob):
    """The jobs."""

    def __init__(self, parts: TurnParts, keyring: Keyring, policy: PolicyService) -> None:
        self._parts = parts
        self._store = parts.store
        self._clock = parts.clock
        self._keyring = keyring
        self._policy = policy
        self._leased = LeasedWork(parts.clock, BESIDE, LEASE_MS, parts.store.lease_pull, self._do)

    async def _do(self, row: PullRow, worker: str) -> None:
        async def keep() -> bool:
            kept = await self._store.keep_pull(row.id, worker, self._clock.now() + LEASE_MS)
            return kept and await self._policy.value_of_id(row.account_id, knobs.PULL)

        try:
            await while_held(self._work(row, worker), keep, LOOK_S)
        except WorkEnded:
            # Policy turned it off; where the pull was changed or is gone this says nothing.
            end = PullEnd("policy", b"", 0, self._clock.now() + MINUTE, row.pulled_at)
            await self._store.end_pull(row.id, worker, end)
        except MailError as error:
            # Its lease ends; it is taken over.
            log.event("job.failed", job="mail-fetch", error=type(error).__name__, detail=error.detail)

    async def _work(self, row: PullRow, worker: str) -> None:
        try:
            account = await self._store.account(row.account_id)
            keys = await self._keyring.account(account)
            pull = open_pull(keys, row)
        except (MailError, SealError):
            # Its person or their key is gone: nobody could read what would come of it.
            await self._store.drop_pull(row.id)
            return
        policy = await self._policy.of(account)
        turn = Turn(self._parts, account, keys, pull, worker, may_remove=policy[knobs.PULL_DELETE])
        failed: PullFailed | None = None
        try:
            _require(policy, pull, lets_in=account.may("login", self._clock.now()))
            await turn.run()
        except PullFailed as error:
            failed = error
        except MailError as error:
            failed = PullFailed("later", error.code)
        except Exception as error:
            log.event("job.failed", job="mail-fetch", error=type(error).__name__, detail="")
            failed = PullFailed("protocol")
        said = seal_said(keys, row.id, failed.said) if failed else b""
        await self._store.end_pull(
            row.id, worker, self._end(pull, failed, said, policy[knobs.PULL_MINUTES] * MINUTE, is_more=turn.is_more)
        )

    def _end(self, pull: OpenPull, failed: PullFailed | None, said: bytes, pause: int, *, is_more: bool) -> PullEnd:
        now, row = self._clock.now(), pull.row
        # Not all at the same minute: providers count connections.
        pause += int.from_bytes(self._clock.random(2)) * pause // (10 << 16)
        if failed is None:
            return PullEnd("", b"", 0, now + (SOON_MS if is_more else pause), now)
        if failed.reason in _OURS:
            return PullEnd(failed.reason, said, 0, now + pause, row.pulled_at)
        failures = row.failures + 1
        if failed.reason == "login" and failures >= LOGINS:
            return PullEnd("login", said, failures, NEVER, row.pulled_at)
        return PullEnd(failed.reason, said, failures, now + growing_pause(pause, failures, LONGEST_MS), row.pulled_at)


def _require(policy: PolicyView, pull: OpenPull, *, lets_in: bool) -> None:
    """Raise PullFailed where policy is against it, or the person is let in no more."""
    if not policy[knobs.PULL] or not lets_in:
        raise PullFailed("policy")
    if pull.text.security == "plain" and not policy[knobs.PULL_PLAIN]:
        raise PullFailed("no-tls")
