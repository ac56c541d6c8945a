"""Local volumes and several nodes: a node joins those that live only when its local volumes are proven to be theirs.

A directory of one machine holds mail that no other node could read, and a copy of it looks the same for a while: the
identity of a volume is copied along. So each node that serves writes a sign of life into every local volume, again with
each beat of its name (app.node_name). Who joins looks for the signs of those that were there before: one that goes on under
its eyes was written by that node into this very directory. That is so for a directory that all nodes mount (NFS), and for
no copy (ADR 78).

STATES   of another node that was there first: unproven → proven (its sign goes on in every local volume)
                                                        → gone (it is silent: nobody has to be joined)
FAILURE  A directory that cannot be written: no sign, so that nobody else joins; the node itself goes on.
"""

import asyncio
import json
import os
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Final, Protocol

from smartmail.adapters.clock import DatabaseClock
from smartmail.app.opening.volume_places import has_place
from smartmail.app.settings import Settings
from smartmail.app.worker_context import CannotStartError
from smartmail.domain.cluster import NodeClaim, VolumeRow
from smartmail.ports.store_nodes import LeaseStore, NodeStore
from smartmail.ports.store_volumes import VolumeStore


class _Store(LeaseStore, NodeStore, VolumeStore, Protocol): ...


PROOF_MS: Final = 20_000
"""How long a node that lives may take to show a sign: four of its beats."""
_IDENTITY: Final = "volume"
_LONGEST: Final = 200


def local_places(settings: Settings, rows: Iterable[VolumeRow]) -> list[str]:
    """Return the directories of the local volumes that are in use."""
    local = [row for row in rows if row.kind == "local" and row.state != "removed"]
    return [json.loads(row.config)["path"] if has_place(row) else settings.volume_path for row in local]


def show_signs(places: Sequence[str], place: str, holder: str, moment: int) -> None:
    """Write, into each volume that is there, that the holder of a name lives at `moment`."""
    for path in places:
        # In place, not renamed: a directory that another machine has cached would show the file of before.
        with suppress(OSError):
            os.stat(os.path.join(path, _IDENTITY))
            descriptor = os.open(_sign(path, place), os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
            try:
                os.pwrite(descriptor, f"{holder} {moment:020d}\n".encode("ascii"), 0)
                os.fsync(descriptor)
            finally:
                os.close(descriptor)


def _sign(path: str, place: str) -> str:
    return os.path.join(path, f"node-{place}.sign")


def _seen(path: str, claim: NodeClaim) -> str:
    """Return the sign of a node in a directory, "" where this start of it has none."""
    try:
        descriptor = os.open(_sign(path, claim.place), os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        return ""
    try:
        said = os.read(descriptor, _LONGEST).decode("ascii", "replace")
    except OSError:
        return ""
    finally:
        os.close(descriptor)
    return said if said.startswith(f"{claim.holder} ") else ""


class _Joining:
    """Looks at the nodes that were there before, again and again."""

    def __init__(self, places: Sequence[str]) -> None:
        self._places = places
        self._signs: dict[tuple[str, str], str] = {}
        self._first: dict[str, NodeClaim] = {}
        self._since: dict[str, int] = {}
        self._proven: set[tuple[str, str]] = set()

    def unproven(self, others: Sequence[NodeClaim]) -> list[NodeClaim]:
        """Look once; return the nodes whose sign has not gone on in every directory since the first look."""
        for other in others:
            for path in self._places:
                key, sign = (other.holder, path), _seen(path, other)
                if sign and sign != self._signs.setdefault(key, sign):
                    self._proven.add(key)
        return [one for one in others if any((one.holder, path) not in self._proven for path in self._places)]

    def strangers(self, unproven: Sequence[NodeClaim], now: int) -> list[NodeClaim]:
        """Return those of them that live and had their time to show a sign."""
        for one in unproven:
            self._first.setdefault(one.holder, one)
            self._since.setdefault(one.holder, now)
        return [
            one
            for one in unproven
            if one.seen_at > self._first[one.holder].seen_at and now - self._since[one.holder] >= PROOF_MS
        ]


async def require_shared_volumes(
    settings: Settings, store: _Store, clock: DatabaseClock, holder: str, silent_ms: int, pause_s: float = 1.0
) -> None:
    """Let the node that holds its name as `holder` join those that hold theirs for longer. Raises CannotStartError where
    one of them lives and a local volume is not proven to be one that both have; the name is given up then.
    """
    joining = _Joining(local_places(settings, await store.volumes()))
    while True:
        now = await store.moment()
        await store.hold_node(settings.file.node, holder, now, clock.skew())
        others = _before(await store.node_claims(now - silent_ms), holder)
        unproven = await asyncio.to_thread(joining.unproven, others)
        if not unproven:
            return
        if strangers := joining.strangers(unproven, now):
            await store.hold_node(settings.file.node, holder, now - silent_ms - 1, clock.skew())
            raise CannotStartError(_not_shared(strangers, local_places(settings, await store.volumes())))
        await asyncio.sleep(pause_s)


def _before(claims: Sequence[NodeClaim], holder: str) -> list[NodeClaim]:
    """Return the claims of others that are older than ours: of two that start at once, one has nobody to join."""
    ours = next((one for one in claims if one.holder == holder), None)
    if ours is None:
        return []
    return [
        one for one in claims if one.place != ours.place and (one.claimed_at, one.holder) < (ours.claimed_at, holder)
    ]


def _not_shared(others: Sequence[NodeClaim], places: Sequence[str]) -> str:
    names = ", ".join(f'"{one.name}"' for one in others)
    return (
        f"Another node ({names}) serves on this database, and mail lies in a local directory ({', '.join(places)}) that is not "
        "proven to be the one that it uses: each node would write mail that the other cannot read. Move mail to a bucket first "
        "(on the node that serves: ./smartmail volume add --kind s3, then volume drain and volume detach for the local one), "
        "or mount the very same directory on all nodes (NFS; a copy will not do) and start again."
    )
