"""NAME
    health: whether this process lives, and whether its node is ready to serve, for balancers and whoever watches

STATES
    ready → not ready, as its checks say → draining (for good: the process is about to end)

STRATEGIES
    Ready is asked of what serving needs: the database answers, with a schema that this program knows; a volume that takes
    mail answers; the master key is there and opens what the database holds; every role of the node has a process that
    serves it; nobody is draining. All checks run at once, and one answer holds for `HOLD_MS`: whoever asks more often is
    told the same, so that asking costs no more than one look in that time. That a node is not ready holds for
    `HOLD_NOT_READY_MS` only: who waits for a node that starts or comes back shall not be told of what is past.

LIMITS
    A check that takes longer than `PATIENCE_S` has failed. Each address has a budget of questions (`ASKING`).

SECURITY
    Anybody may ask: an answer has names of checks and yes or no, never why. The reason of a change goes into the log.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol

from smartmail.base import log
from smartmail.domain.errors import MailError, RateLimited
from smartmail.formats.seal import Kind, SealError
from smartmail.ports.blobs import VolumeError
from smartmail.ports.clock import Clock
from smartmail.ports.keys import SECRETS_OWNER, Keys, WrappedKey
from smartmail.ports.processes import ProcessTable, TreeSigns
from smartmail.ports.store_nodes import NodeStore
from smartmail.ports.store_settings import SettingStore
from smartmail.service.kernel.clock import SECOND
from smartmail.service.kernel.volumes.book import VolumeBook
from smartmail.service.operations.keys.rotating import SECRETS_SETTING
from smartmail.service.protection.defence.budgets import Buckets, Budget


class _Store(NodeStore, SettingStore, Protocol): ...


HOLD_MS: Final = SECOND
HOLD_NOT_READY_MS: Final = SECOND // 10
ASKING: Final = Budget(burst=30, every_s=0.2)
"""Questions of one address: a balancer asks each second or two, for each of its own processes."""
PATIENCE_S: Final = 3.0
SILENT_MS: Final = 3 * SECOND
"""A process that gave no heartbeat for so long serves nobody: six of them are missing.

Less than the silence after which the supervisor replaces it (app.child.HUNG_S) by more than an answer is held: the new
process may be ready within a moment, and whoever asks each second would never be told.
"""


@dataclass(frozen=True, slots=True)
class Health:
    """What was found. `checks`: name → whether it is as it should be."""

    checks: Mapping[str, bool]
    reasons: Mapping[str, str] = field(default_factory=dict)
    """Name of a failed check → why, for the log of this machine alone."""

    @property
    def good(self) -> bool:
        """Say whether all checks are as they should be."""
        return all(self.checks.values())


class NotReady(Exception):
    """A check failed; the text says why, for the log."""


class HealthService:
    """Answers for the process that it runs in, and for its node."""

    def __init__(
        self, store: _Store, keys: Keys, book: VolumeBook, clock: Clock, table: ProcessTable, signs: TreeSigns,
        roles: frozenset[str],
    ) -> None:  # fmt: skip
        self._store = store
        self._keys = keys
        self._book = book
        self._clock = clock
        self._table = table
        self._signs = signs
        self._roles = roles
        self._asked: Buckets[str] = Buckets(ASKING)
        self._draining = False
        self._look: asyncio.Task[Health] | None = None
        self._looked_at = 0
        self._failed: frozenset[str] = frozenset()

    def drain(self) -> None:
        """Be ready no more: the process is about to end."""
        self._draining = True

    def spend(self, address: str) -> None:
        """Count a question. Raises RateLimited."""
        if not self._asked.take(address, self._clock.now()):
            raise RateLimited

    def live(self) -> Health:
        """Say whether this process serves: that it answers shows that its loop turns, and its parent must live."""
        return Health({"process": True, "parent": self._signs.parent_lives()})

    async def ready(self) -> Health:
        """Say whether the node can take a connection and serve it."""
        now = self._clock.now()
        old = not 0 <= now - self._looked_at < (HOLD_NOT_READY_MS if self._failed else HOLD_MS)
        if self._look is None or (old and self._look.done()):
            self._look, self._looked_at = asyncio.create_task(self._looked()), now
        # One who goes away must not end the look of the others.
        found = await asyncio.shield(self._look)
        return Health({**found.checks, "serving": not self._draining}, found.reasons)

    async def _looked(self) -> Health:
        checks = {
            "database": self._database, "volumes": self._volumes, "key": self._key, "roles": self._every_role,
        }  # fmt: skip
        said = await asyncio.gather(*(_checked(check) for check in checks.values()))
        reasons = {name: why for name, why in zip(checks, said, strict=True) if why}
        self._tell(reasons)
        return Health({name: name not in reasons for name in checks}, reasons)

    def _tell(self, reasons: Mapping[str, str]) -> None:
        if frozenset(reasons) != self._failed:
            self._failed = frozenset(reasons)
            log.event("node.ready" if not reasons else "node.not_ready", **reasons)

    # --- the checks: each raises NotReady, or what it meets ---

    async def _database(self) -> None:
        if not await self._store.knows_schema():
            raise NotReady("the schema of the database is not the one that this program knows")

    async def _volumes(self) -> None:
        taking = [volume for number, volume in self._book.items() if self._book.takes(number)]
        if not taking:
            raise NotReady("no volume takes mail")
        said = await asyncio.gather(*(volume.room() for volume in taking), return_exceptions=True)
        errors = [one for one in said if isinstance(one, BaseException)]
        if len(errors) == len(taking):
            raise errors[0]

    async def _key(self) -> None:
        if not self._signs.key_is_there():
            raise NotReady("the file of the master key cannot be read")
        wrapped = await self._store.setting(*SECRETS_SETTING)
        if wrapped is not None:
            self._keys.unwrap(WrappedKey(Kind.KEY_OF_INSTALLATION, SECRETS_OWNER, bytes.fromhex(wrapped)))

    async def _every_role(self) -> None:
        if not self._roles:
            return
        served = {
            role
            for one in await self._table.rows()
            if one.state == "ready" and one.silent_ms < SILENT_MS
            for role in one.roles
        }
        if missing := self._roles - served:
            raise NotReady(f"no process serves {', '.join(sorted(missing))}")


async def _checked(check: Callable[[], Awaitable[None]]) -> str:
    """Return why a check failed, "" when it did not."""
    try:
        async with asyncio.timeout(PATIENCE_S):
            await check()
    except TimeoutError:
        return f"no answer within {PATIENCE_S:g} s"
    except MailError as error:
        return error.detail or error.code
    except (NotReady, VolumeError, SealError, OSError) as error:
        return str(error)
    return ""
