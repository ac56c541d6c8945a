"""NAME
    book: the volumes that this process has open, and which of them takes the next blob

STATES
    What the rows of the store say, and for a while what this process has met itself: a
    volume that had no room or did not answer is asked last.

STRATEGIES
    The set follows the rows while the process runs: `refresh` opens what was added and closes what was removed; a hint
    says when, and a look every some seconds finds what no hint told. A reader that meets a volume it does not know
    refreshes first. New blobs are spread by weight (smooth weighted round robin: no random numbers, no bursts).

LIMITS
    A volume that cannot be opened is tried again `RETRY_MS` later.

FAILURE
    A volume that is not there is left out: what lies in it is unavailable, all else goes on.

SECURITY
    What opens a bucket lies sealed in its row, under a key of the installation, bound to the volume's identity.
"""

import asyncio
import json
from collections.abc import Collection, Iterator, Mapping
from typing import Final

from smartmail.base import log
from smartmail.domain.cluster import VolumeRow, VolumeState
from smartmail.domain.errors import MailError
from smartmail.domain.ids import VolumeId
from smartmail.domain.volumes import takes_blobs
from smartmail.formats.seal import Kind, Purpose, SealError, SealKey
from smartmail.ports.blobs import Volume, VolumeError, VolumeHost
from smartmail.ports.bus import Bus
from smartmail.ports.clock import Clock
from smartmail.ports.store_volumes import VolumeStore
from smartmail.service.kernel.clock import SECOND
from smartmail.service.kernel.keyring import Keyring, Sealer

TOPIC: Final = "volumes"
RETRY_MS: Final = 5 * SECOND
SHUN_MS: Final = 5 * SECOND
CLOSED: Final[frozenset[VolumeState]] = frozenset({"removed", "offline"})
CLOSE_AFTER_S: Final = 5.0


class VolumeSecrets:
    """Seals and opens what opens buckets."""

    def __init__(self, keyring: Keyring, clock: Clock) -> None:
        self._keyring = keyring
        self._clock = clock

    def seal(self, identity: str, secret: str) -> bytes:
        """Return it sealed; nothing stays nothing."""
        octets = secret.encode("utf-8")
        return self._sealer().seal(Kind.VOLUME_SECRET, octets, bytes.fromhex(identity)) if secret else b""

    def _before(self) -> Sealer:
        """What secrets were sealed with before the installation had a key for them."""
        return Sealer(SealKey(self._keyring.installation_mac(Purpose.VOLUME, b"secrets")), 0, self._clock)

    def open(self, row: VolumeRow) -> str:
        """Return what opens the volume, "" where nothing is needed. Raises SealError."""
        if not row.sealed:
            return ""
        identity = bytes.fromhex(json.loads(row.config)["identity"])
        try:
            return self._sealer().open(Kind.VOLUME_SECRET, row.sealed, identity).decode("utf-8")
        except SealError:
            return self._before().open(Kind.VOLUME_SECRET, row.sealed, identity).decode("utf-8")

    def _sealer(self) -> Sealer:
        return self._keyring.secrets(Purpose.VOLUME)


class VolumeBook(Mapping[VolumeId, Volume]):
    """The open volumes by id. Iterating is over the set of that moment."""

    def __init__(
        self,
        opened: Mapping[VolumeId, Volume],
        store: VolumeStore | None = None,
        bus: Bus | None = None,
        clock: Clock | None = None,
        host: VolumeHost | None = None,
        secrets: VolumeSecrets | None = None,
    ) -> None:
        """Begin with volumes that are open. Without store and host the set stays as it is."""
        self._open = dict(opened)
        self._rows = {one: VolumeRow(one, "local", "online", "{}", 1) for one in opened}
        self._store = store
        self._bus = bus
        self._clock = clock
        self.host = host
        self.secrets = secrets
        self._due: dict[VolumeId, int] = {}  # of the smooth round robin
        self._shunned: dict[VolumeId, int] = {}
        self._failed: dict[VolumeId, int] = {}
        self._asked = 0
        self._lock = asyncio.Lock()
        self._closing: set[asyncio.Task[None]] = set()

    @classmethod
    def of(cls, volumes: Mapping[VolumeId, Volume]) -> "VolumeBook":
        """Return a book over volumes that stay."""
        return volumes if isinstance(volumes, cls) else cls(volumes)

    def __getitem__(self, volume_id: VolumeId) -> Volume:
        return self._open[volume_id]

    def __iter__(self) -> Iterator[VolumeId]:
        return iter(tuple(self._open))

    def __len__(self) -> int:
        return len(self._open)

    def listen(self, bus: Bus) -> None:
        """Tell changes over this bus from now on."""
        self._bus = bus

    @property
    def rows(self) -> Mapping[VolumeId, VolumeRow]:
        """Return the rows as they were last read."""
        return self._rows

    # --- following the rows ---

    async def refresh(self) -> bool:
        """Read the rows and follow them; say whether the set or a row has changed. Raises Unavailable (the store)."""
        if self._store is None:
            return False
        async with self._lock:
            rows = {row.id: row for row in await self._store.volumes()}
            changed = rows != self._rows
            self._rows = rows
            for row in rows.values():
                if row.id in self._open and row.state in CLOSED:
                    self._close(row.id)
                elif row.id not in self._open and row.state not in CLOSED:
                    changed |= await self._try(row)
            return changed

    async def find(self, volume_id: VolumeId) -> Volume | None:
        """Return a volume, looking for it once a second at most when it is not known."""
        if volume_id not in self._open and self._clock is not None and self._clock.now() - self._asked >= SECOND:
            self._asked = self._clock.now()
            await self.refresh()
        return self._open.get(volume_id)

    async def _try(self, row: VolumeRow) -> bool:
        assert self._clock is not None
        if self.host is None or "identity" not in json.loads(row.config):
            return False
        if self._clock.now() < self._failed.get(row.id, 0):
            return False
        try:
            secret = self.secrets.open(row) if self.secrets else ""
            self._open[row.id] = await self.host.open(row, secret)
        except (VolumeError, SealError, OSError) as error:
            if row.id not in self._failed:
                log.event("volume.away", volume=row.id, detail=str(error))
            self._failed[row.id] = self._clock.now() + RETRY_MS
            return False
        self._failed.pop(row.id, None)
        return True

    def _close(self, volume_id: VolumeId) -> None:
        async def close(volume: Volume) -> None:
            # Whoever was reading when it was taken out has read by then.
            await asyncio.sleep(CLOSE_AFTER_S)
            await volume.close()

        task = asyncio.create_task(close(self._open.pop(volume_id)))
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    async def close(self) -> None:
        """Close all volumes."""
        for task in list(self._closing):
            task.cancel()
        for volume in self._open.values():
            await volume.close()

    # --- placing ---

    def takes(self, volume_id: VolumeId) -> bool:
        """Say whether a blob that is on its way there may still end there."""
        row = self._rows.get(volume_id)
        return volume_id in self._open and row is not None and row.state in {"online", "full"} and not row.read_only

    def several(self) -> bool:
        """Say whether a blob that one volume refuses could go to another."""
        return sum(1 for one in self._open if self._placeable(one)) > 1

    def next(self, tried: Collection[VolumeId] = ()) -> VolumeId | None:
        """Return the volume for the next blob: by weight among those that take blobs; after them those that had no room
        or did not answer a moment ago, for they may have healed. None when all were tried.
        """
        left = [one for one in self._open if one not in tried and self._placeable(one)]
        sound = [one for one in left if takes_blobs(self._rows[one]) and not self._is_shunned(one)]
        return self._by_weight(sound) if sound else min(left, default=None)

    def _placeable(self, volume_id: VolumeId) -> bool:
        return self.takes(volume_id) and self._rows[volume_id].weight > 0

    def _by_weight(self, among: list[VolumeId]) -> VolumeId:
        if len(among) == 1:
            return among[0]
        weights = {one: self._rows[one].weight for one in among}
        for one, weight in weights.items():
            self._due[one] = self._due.get(one, 0) + weight
        chosen = max(among, key=lambda one: self._due[one])
        self._due[chosen] -= sum(weights.values())
        return chosen

    def _is_shunned(self, volume_id: VolumeId) -> bool:
        return self._clock is not None and self._clock.now() < self._shunned.get(volume_id, 0)

    async def met(self, volume_id: VolumeId, *, full: bool) -> None:
        """Note that a volume had no room, or did not answer. A full one is marked for all processes at once."""
        if self._store is None or self._clock is None:
            return
        self._shunned[volume_id] = self._clock.now() + SHUN_MS
        row = self._rows.get(volume_id)
        if full and row is not None and row.state == "online":
            await self.turn(row, "full")

    async def turn(self, row: VolumeRow, state: VolumeState) -> bool:
        """Change a volume's state from what its row says, here and in the store, and tell all processes. The store may
        lie on the disk that is full: then others learn it when they meet it.
        """
        assert self._store is not None
        try:
            if not await self._store.turn_volume(row.id, [row.state], state):
                return False
        except MailError:
            return False
        log.event("volume.state", volume=row.id, before=row.state, state=state)
        self.tell()
        await self.refresh()
        return True

    def tell(self) -> None:
        """Tell all processes to look at the rows."""
        if self._bus is not None:
            self._bus.publish(TOPIC, "")
