"""NAME
    rotating: the master key is replaced while mail flows, on all nodes

STATES
    spreading → rewrapping → switching → settling → done (domain.keys). A node does its part of a state and says so; the
    state goes on when all have. While spreading it may be cancelled; after that it only goes forward.

STRATEGIES
    Two phases: every node has the new key, durably, before the first thing is wrapped under it; the old one goes when nothing
    lies under it. Nodes get the new key from the store, sealed under the old one. What a node wraps before it has switched
    lies under the old key still: a last look, `SETTLE_MS` after all have switched, finds it.
    Keyed hashes stay what they are: their root is kept under the new key (formats.seal.HashRoot).
    A place of backups is opened by the new key before anything is switched.

LIMITS
    A node that was seen within `NODE_LIFE` is waited for. One that comes back later has the old key only and does not start.

FAILURE
    Killed at any point: each step is found done or is done again. A node that cannot write its key, and a place of backups
    that is away, hold it up and are named.

SECURITY
    Permission `key.change` over the installation, a reason, the record of acts. The new key never leaves a node but sealed
    under the old one; at the end that is forgotten, so that the old key with a copy of the database tells nothing new.
"""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from smartmail.base import log
from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import AlreadyExists, MailError, StateMismatch, Unavailable
from smartmail.domain.keys import OPEN_ROTATION, KeyAck, KeyRotation, RotationState
from smartmail.domain.principal import Actor
from smartmail.formats.keychain import head_of, with_head
from smartmail.formats.seal import Kind, SealError
from smartmail.ports.clock import Clock
from smartmail.ports.keys import ROOT_OWNER, SECRETS_OWNER, KeeperError, KeyIdentity, MasterKeeper, WrappedKey
from smartmail.service.kernel.audit.texts import RecordTexts, given_reason
from smartmail.service.kernel.authority import Authority
from smartmail.service.kernel.clock import DAY, SECOND
from smartmail.service.kernel.places import SYSTEM
from smartmail.service.operations.keys.store import Store

NODE_LIFE: Final = DAY
SETTLE_MS: Final = 30 * SECOND
MASTER_SETTING: Final = ("system", "master-key")
ROOT_SETTING: Final = ("system", "key-root")
SECRETS_SETTING: Final = ("system", "key-secrets")
_ACTED: Final[dict[RotationState, str]] = {"spreading": "taken", "switching": "switched"}

Rekey = Callable[[KeyIdentity], Awaitable[None]]
"""Lets the places of backups be opened by another master key too. Raises MailError."""


@dataclass(frozen=True, slots=True)
class RotationView:
    """A rotation as it is shown. `waits_for`: nodes that have not done their part; `problems`: by node, why."""

    row: KeyRotation
    waits_for: tuple[str, ...]
    problems: tuple[tuple[str, str], ...]

    @property
    def percent(self) -> int:
        """Say how far it is: each state is a part, rewrapping by the keys that it has done."""
        if self.row.ended_at is not None:
            return 100
        part = OPEN_ROTATION.index(self.row.state) * 25
        inner = 25 * self.row.done // self.row.total if self.row.state == "rewrapping" and self.row.total else 0
        return min(99, part + inner)


class MasterRotation:
    """Begins, shows, and goes on. Only tests change how long it settles."""

    def __init__(
        self, store: Store, authority: Authority, texts: RecordTexts, clock: Clock, node: str,
        keeper: MasterKeeper | None, rekey: Rekey,
    ) -> None:  # fmt: skip
        self._store = store
        self._authority = authority
        self._texts = texts
        self._clock = clock
        self._node = node
        self._keeper = keeper
        self._rekey = rekey
        self._settle_ms = SETTLE_MS

    # --- administrators ---

    async def begin(self, actor: Actor, reason: str) -> KeyRotation:
        """Begin to replace the master key. Raises Forbidden, Invalid (no reason), AlreadyExists (one runs), Unavailable."""
        await self._authority.require(actor, "key.change", SYSTEM)
        keeper = self._keeper
        if keeper is None:
            raise Unavailable(detail="this process has no keeper of the master key")
        now = self._clock.now()
        try:
            if len(keeper.identities()) > 1:
                raise AlreadyExists(
                    "a master key that is going or coming still lies beside the one in use", reason="key.beside"
                )
            used = keeper.identities()[0]
            made, sealed = keeper.propose()
        except KeeperError as error:
            raise Unavailable(str(error), reason="kit.unwritten") from error
        thing = f"key:{used.id}"
        text = await self._texts.seal(None, "key.rotate", thing, now, {"reason": given_reason(reason)})
        audit = AuditRecord(now, actor.named, "key.rotate", thing, actor.origin.address, text, actor.origin.door)
        total = len(await self._store.organizations()) + 1
        row = KeyRotation(
            0, used.id, made.id, made.check, "spreading", sealed, 0, total, actor.named, now, now
        )  # fmt: skip
        return await self._store.begin_rotation(row, audit)

    async def cancel(self, actor: Actor) -> None:
        """Give up a rotation that nothing is wrapped for yet. Raises Forbidden, StateMismatch."""
        await self._authority.require(actor, "key.change", SYSTEM)
        row, now = await self.current(), self._clock.now()
        audit = AuditRecord(
            now, actor.named, "key.rotate-cancel", "key:", actor.origin.address, None, actor.origin.door
        )
        if row is None or not await self._store.turn_rotation(row.id, ["spreading"], "cancelled", now, audit):
            raise StateMismatch("it is too late: keys are wrapped under the new one", reason="key.late")

    async def current(self) -> KeyRotation | None:
        """Return the rotation that runs."""
        newest = await self._store.rotations(1)
        return newest[0] if newest and newest[0].ended_at is None else None

    async def views(self, actor: Actor, limit: int = 20) -> list[RotationView]:
        """Return rotations, the newest first. Raises Forbidden."""
        await self._authority.require(actor, "key.read", SYSTEM)
        return [await self.view(row) for row in await self._store.rotations(limit)]

    async def view(self, row: KeyRotation) -> RotationView:
        """Return how a rotation stands."""
        acks = {one.node: one for one in await self._store.key_acks(row.id)}
        wanted = _ACTED.get(row.state)
        waits = [one for one in await self._nodes() if wanted and (one not in acks or acks[one].state != wanted)]
        problems = tuple((one.node, one.problem) for one in acks.values() if one.problem)
        return RotationView(row, tuple(waits), problems)

    # --- the work ---

    async def turn(self) -> int:
        """Do what is due here; return how many states it went on. A job of every node."""
        if self._keeper is None:
            return 0
        newest = await self._store.rotations(1)
        if not newest:
            return 0
        row = newest[0]
        if row.ended_at is not None:
            self._clean(self._keeper, row)
            return 0
        steps = 0
        while row.ended_at is None:
            went = await self._step(row)
            if not went:
                break
            steps += 1
            row = (await self._store.rotations(1))[0]
        if row.ended_at is not None:
            self._clean(self._keeper, row)
        return steps

    def _clean(self, keeper: MasterKeeper, row: KeyRotation) -> None:
        """Have no key beside the one in use, when a rotation is over."""
        used = row.new_id if row.state == "done" else row.old_id
        try:
            known = keeper.identities()
            if len(known) > 1 and known[0].id == used:
                keeper.drop_others(known[0])
        except KeeperError as error:
            log.event("key.cleanup_failed", detail=str(error))

    async def _step(self, row: KeyRotation) -> bool:
        """Do this node's part, then what all wait for; say whether the state went on."""
        await self._own_part(row)
        if row.state in _ACTED and (await self.view(row)).waits_for:
            return False
        if row.state == "spreading":
            return await self._turn(row, "rewrapping")
        if row.state == "rewrapping":
            return await self._rewrap(row)
        if row.state == "switching":
            return await self._turn(row, "settling")
        return await self._settle(row)

    async def _own_part(self, row: KeyRotation) -> None:
        assert self._keeper is not None
        coming, problem = KeyIdentity(row.new_id, row.new_check), ""
        if row.state not in _ACTED:
            return
        known = {one.node: one for one in await self._store.key_acks(row.id)}.get(self._node)
        if known is not None and known.state == _ACTED[row.state]:
            return
        try:
            if row.state == "spreading":
                self._keeper.take(coming, row.sealed)
            else:
                self._keeper.promote(coming)
        except (KeeperError, SealError) as error:
            problem = str(error)
        state = (known.state if known is not None else "") if problem else _ACTED[row.state]
        ack = KeyAck(row.id, self._node, state, self._clock.now(), problem)
        if known is None or (known.state, known.problem) != (ack.state, ack.problem):
            await self._store.put_key_ack(ack)

    async def _turn(self, row: KeyRotation, state: RotationState, audit: AuditRecord | None = None) -> bool:
        turned = await self._store.turn_rotation(row.id, [row.state], state, self._clock.now(), audit)
        if turned:
            log.event("key.rotation", rotation=row.id, state=state)
        return turned

    async def _rewrap(self, row: KeyRotation) -> bool:
        """Wrap everything under the new key; the state goes on when a look at all has found nothing to wrap."""
        target = KeyIdentity(row.new_id, row.new_check)
        try:
            if await self._look(row, target):
                return True  # and look again
            await self._rekey(target)
        except (KeeperError, SealError, MailError) as error:
            await self._held_up(row, error)
            return False
        await self._store.put_setting(*MASTER_SETTING, json.dumps(list(target)))
        return await self._turn(row, "switching")

    async def _settle(self, row: KeyRotation) -> bool:
        if self._clock.now() - row.changed_at < self._settle_ms:
            return False
        try:
            if await self._look(row, KeyIdentity(row.new_id, row.new_check)):
                return True
        except (KeeperError, SealError, MailError) as error:
            await self._held_up(row, error)
            return False
        audit = AuditRecord(self._clock.now(), "system", "key.rotated", f"key:{row.old_id} key:{row.new_id}")
        return await self._turn(row, "done", audit)

    async def _held_up(self, row: KeyRotation, error: Exception) -> None:
        why = getattr(error, "detail", "") or str(error) or type(error).__name__
        log.event("key.rotation_waits", rotation=row.id, detail=why)
        known = {one.node: one for one in await self._store.key_acks(row.id)}.get(self._node)
        state = known.state if known is not None else ""
        if known is None or known.problem != why:
            await self._store.put_key_ack(KeyAck(row.id, self._node, state, self._clock.now(), why))

    async def _look(self, row: KeyRotation, target: KeyIdentity) -> int:
        """Wrap what is not under the target yet; return how much that was."""
        assert self._keeper is not None
        wrapped = int(await self._root(target)) + int(await self._secrets(target))
        done = wrapped
        everything = await self._store.organizations()
        for one in everything:
            if one.wrapped_key:  # else it was shredded
                key = WrappedKey(Kind.KEY_OF_ORGANIZATION, one.id, head_of(one.wrapped_key))
                new = self._keeper.rewrapped(key, target)
                # What hangs on the company's key lies under that key, which stays what it is.
                if new is not None and await self._store.replace_organization_key(
                    one.id, one.wrapped_key, with_head(one.wrapped_key, new)
                ):
                    wrapped += 1
            done += 1
            if done % 100 == 0:
                await self._store.count_rotation(row.id, done, len(everything) + 1)
        await self._store.count_rotation(row.id, len(everything) + 1, len(everything) + 1)
        return wrapped

    async def _root(self, target: KeyIdentity) -> bool:
        """Keep the root of the hashes under the target; say whether it was not there yet."""
        assert self._keeper is not None
        kept = await self._store.setting(*ROOT_SETTING)
        if kept is not None:
            key = WrappedKey(Kind.KEY_OF_INSTALLATION, ROOT_OWNER, bytes.fromhex(kept))
            new = self._keeper.rewrapped(key, target)
        else:
            new = self._keeper.root(target).wrapped
        if new is not None:
            await self._store.put_setting(*ROOT_SETTING, new.hex())
        return new is not None

    async def _secrets(self, target: KeyIdentity) -> bool:
        """Keep the key of secrets under the target; say whether it was not there yet."""
        assert self._keeper is not None
        kept = await self._store.setting(*SECRETS_SETTING)
        if kept is None:
            return False
        new = self._keeper.rewrapped(WrappedKey(Kind.KEY_OF_INSTALLATION, SECRETS_OWNER, bytes.fromhex(kept)), target)
        if new is not None:
            await self._store.put_setting(*SECRETS_SETTING, new.hex())
        return new is not None

    async def _nodes(self) -> list[str]:
        seen = await self._store.nodes_since(self._clock.now() - NODE_LIFE)
        return seen or [self._node]
