"""What a person does with pulls: add one, try it, change it, have it run now, take it away.

NAME      pull book
LIMITS    `pull.most` of an account; `LOOKS` tries in `LOOKS_MS`, for a try says what lies behind a name and a password.
SECURITY  One's own account only; foreign pulls answer like absent ones. Policy is asked at each act. A program with a
          password of its own gets nothing: this is for the person. A password goes in and never comes out again; with another
          host, port, protocol or login it must be given anew, or whoever sits at a screen that was left could have it sent
          to themselves. Each act is on record, with the host.
"""

import asyncio
from collections import defaultdict, deque
from dataclasses import dataclass, replace
from typing import Final

from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import Forbidden, Invalid, NotFound, PolicyRejected, RateLimited
from smartmail.domain.ids import AccountId
from smartmail.domain.principal import Actor
from smartmail.domain.pulls import ID_OCTETS, PullFailed, PullReason, PullRow
from smartmail.formats.seal import SealError
from smartmail.policy import knobs
from smartmail.policy.deciding import PolicyView
from smartmail.ports.clock import Clock
from smartmail.ports.pull_source import PullSource
from smartmail.ports.store_pulls import PullStore
from smartmail.service.flow.pulls.checking import PullChecks
from smartmail.service.flow.pulls.texts import OpenPull, PullText, open_pull, seal_pull
from smartmail.service.identity.factors.step_up import PROGRAMS
from smartmail.service.kernel.audit.texts import RecordTexts
from smartmail.service.kernel.clock import SECOND
from smartmail.service.kernel.keyring import Keyring
from smartmail.service.kernel.policy import PolicyService

LOOKS: Final = 10
LOOKS_MS: Final = 60 * SECOND
LOOK_S: Final = 60.0


@dataclass(frozen=True, slots=True)
class PullLook:
    """What a try found: why it failed and what was said, or folders and how many messages lie in the one that is named."""

    reason: PullReason = ""
    said: str = ""
    folders: tuple[str, ...] = ()
    messages: int = 0
    tls: str = ""


class PullBook:
    """The person's part."""

    def __init__(
        self, store: PullStore, keyring: Keyring, policy: PolicyService, checks: PullChecks, source: PullSource,
        texts: RecordTexts, clock: Clock,
    ) -> None:  # fmt: skip
        self._store = store
        self._keyring = keyring
        self._policy = policy
        self._checks = checks
        self._source = source
        self._texts = texts
        self._clock = clock
        self._looks: defaultdict[AccountId, deque[int]] = defaultdict(deque)

    async def told(self, actor: Actor) -> dict[str, object]:
        """Return what a page must know to offer nothing that would be refused."""
        policy = await self._policy.of_id(actor.account_id)
        return {
            "mayPull": policy[knobs.PULL] and actor.by not in PROGRAMS, "maxPulls": policy[knobs.PULL_MOST],
            "pullMinutes": policy[knobs.PULL_MINUTES], "mayDeleteOriginals": policy[knobs.PULL_DELETE],
            "mayPullPlain": policy[knobs.PULL_PLAIN],
        }  # fmt: skip

    async def list_all(self, actor: Actor) -> list[OpenPull]:
        """Return the actor's own, the oldest first; those whose text does not open are left out."""
        keys, found = await self._keyring.account_by_id(actor.account_id), []
        for row in await self._store.pulls(actor.account_id):
            try:
                found.append(open_pull(keys, row))
            except SealError:
                continue
        return found

    async def own(self, actor: Actor, pull_id: bytes) -> OpenPull:
        """Return one of the actor's. Raises NotFound."""
        row = await self._store.pull(pull_id)
        if row is None or row.account_id != actor.account_id:
            raise NotFound
        return open_pull(await self._keyring.account_by_id(actor.account_id), row)

    async def look(self, actor: Actor, text: PullText) -> PullLook:
        """Try a wish without keeping it. Raises PolicyRejected, Forbidden, Invalid, RateLimited."""
        policy = await self._may(actor)
        text = await self._checks.checked(actor, policy, text)
        self._count_look(actor.account_id)
        try:
            async with asyncio.timeout(LOOK_S):
                return await self._looked(text)
        except TimeoutError:
            return PullLook("unreachable")

    async def _looked(self, text: PullText) -> PullLook:
        try:
            session = await self._source.open(text.place)
        except PullFailed as error:
            return PullLook(error.reason, error.said)
        try:
            folders = tuple(await session.mailboxes())
            found = PullLook("", "", folders, len(await session.items(text.since)), session.tls)
            await session.finish(())
        except PullFailed as error:
            return PullLook(error.reason, error.said)
        finally:
            session.abort()
        return found

    def _count_look(self, account_id: AccountId) -> None:
        now, looks = self._clock.now(), self._looks[account_id]
        while looks and looks[0] <= now - LOOKS_MS:
            looks.popleft()
        if len(looks) >= LOOKS:
            raise RateLimited("too many tries; wait a minute")
        looks.append(now)

    async def add(self, actor: Actor, text: PullText) -> OpenPull:
        """Add one; it runs at once. Raises PolicyRejected, Forbidden, Invalid, RateLimited (one too many)."""
        policy = await self._may(actor)
        text = await self._checks.checked(actor, policy, text)
        keys, now = await self._keyring.account_by_id(actor.account_id), self._clock.now()
        pull_id = self._clock.random(ID_OCTETS)
        row = PullRow(
            pull_id, actor.account_id, actor.organization_id, seal_pull(keys, pull_id, text), enabled=True,
            created_at=now, changed_at=now, next_at=now,
        )  # fmt: skip
        await self._store.add_pull(row, policy[knobs.PULL_MOST], await self._record(actor, "pull.add", row, text))
        return OpenPull(row, text)

    async def change(
        self, actor: Actor, pull_id: bytes, text: PullText, *, enabled: bool, has_password: bool
    ) -> OpenPull:
        """Change one; `has_password`: it was given with the change. Raises as `add`, NotFound."""
        one, policy = await self.own(actor, pull_id), await self._may(actor)
        text = await self._checks.checked(actor, policy, text)
        before, after = one.text, text
        reached = (before.protocol, before.host, before.port, before.security, before.login)
        if not has_password and reached != (after.protocol, after.host, after.port, after.security, after.login):
            raise Invalid("password: give it again for another server or login")
        keys, now = await self._keyring.account_by_id(actor.account_id), self._clock.now()
        row = replace(
            one.row, sealed=seal_pull(keys, pull_id, text), enabled=enabled, changed_at=now, next_at=now, reason="",
            sealed_said=b"", failures=0,
        )  # fmt: skip
        record = await self._record(actor, "pull.change", row, text)
        if not await self._store.change_pull(row, record, forget=before.source != after.source):
            raise NotFound
        return OpenPull(replace(row, worker="", leased_until=0), text)

    async def now(self, actor: Actor, pull_id: bytes) -> None:
        """Have one run at once. Raises NotFound, PolicyRejected, Forbidden, Invalid (it is off)."""
        one = await self.own(actor, pull_id)
        await self._may(actor)
        if not one.row.enabled:
            raise Invalid("switch it on first")
        now = self._clock.now()
        if one.row.leased_until > now:
            return
        row = replace(one.row, next_at=now, reason="", sealed_said=b"", failures=0)
        await self._store.change_pull(row, await self._record(actor, "pull.now", row, one.text))

    async def drop(self, actor: Actor, pull_id: bytes) -> None:
        """Take one away; what it brought stays. Raises NotFound."""
        one = await self.own(actor, pull_id)
        await self._store.drop_pull(pull_id, await self._record(actor, "pull.drop", one.row, one.text))

    async def _may(self, actor: Actor) -> PolicyView:
        policy = await self._policy.of_id(actor.account_id)
        if actor.by in PROGRAMS:
            raise Forbidden("sign in as a person for this")
        if not policy[knobs.PULL]:
            raise PolicyRejected("mail of other providers may not be brought in; ask an administrator")
        return policy

    async def _record(self, actor: Actor, action: str, row: PullRow, text: PullText) -> AuditRecord:
        now, thing = self._clock.now(), f"pull:{row.id.hex()}"
        facts = {"host": text.host, "protocol": text.protocol, "security": text.security, "remove": text.remove}
        sealed = await self._texts.seal(actor.organization_id, action, thing, now, facts)
        return AuditRecord(now, actor.named, action, thing, actor.origin.address, sealed, actor.origin.door)
