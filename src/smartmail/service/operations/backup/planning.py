"""Where backups go and when, as an administrator has set it; else as the node file says.

STRATEGIES  One setting of the installation. A place is tried before it is kept: an object is written, read and removed, and
            the backup key of this installation must open what lies there.
FAILURE     A place that does not answer is not kept: Invalid with what it said.
SECURITY    `backup.run` over the installation. What opens a bucket lies sealed under a key of the installation and is never
            shown again; it is used only where it was given for: another endpoint, bucket or user asks for it anew. Paths
            and names of buckets lie open, like those of volumes.
"""

import hashlib
from dataclasses import dataclass, field
from typing import Final

import msgspec

from smartmail.domain.audit import AuditRecord
from smartmail.domain.backup import Keeping
from smartmail.domain.errors import Invalid, Unavailable
from smartmail.domain.principal import Actor
from smartmail.formats.seal import ID_OCTETS, Kind, Purpose, SealError
from smartmail.ports.backup import BackupHost, BackupPlace, ObjectMissing, PlaceError, PlaceSpec
from smartmail.ports.clock import Clock
from smartmail.ports.keys import Keys
from smartmail.ports.store_settings import SettingStore
from smartmail.service.kernel.authority import Authority
from smartmail.service.kernel.keyring import Keyring, Sealer
from smartmail.service.kernel.places import SYSTEM
from smartmail.service.operations.backup.sealed_place import open_place

SCOPE: Final = "backup"
PLAN: Final = "plan"
REHEARSE_DAYS: Final = 7
_TRIED: Final = b"SmartMail tries this place"


@dataclass(frozen=True, slots=True)
class BackupPlan:
    """Where backups go and when: the node file's section. `hour` counts in UTC; `rate` bounds octets a second, 0 does not.
    `rehearse_days`: how often a backup is restored into a sandbox by itself, 0 for never. `spec` says where the place is
    to who opens it elsewhere, None for the one of the node file; `words` to people.
    """

    place: BackupPlace | None = None
    hour: int | None = None
    keeping: Keeping = field(default_factory=Keeping)
    rate: int = 0
    rehearse_days: int = REHEARSE_DAYS
    spec: PlaceSpec | None = None
    words: str = ""


class Wish(msgspec.Struct, frozen=True):
    """What an administrator sets. `directory` or `bucket`; `secret` "" keeps the one that there is. `hour` -1: by hand."""

    directory: str = ""
    bucket: str = ""
    endpoint: str = ""
    region: str = "us-east-1"
    prefix: str = ""
    access_key: str = ""
    hour: int = 18
    keep_days: int = 7
    keep_weeks: int = 4
    keep_months: int = 12
    rate: int = 0
    rehearse_days: int = REHEARSE_DAYS


class _Kept(msgspec.Struct, frozen=True):
    wish: Wish
    sealed: str = ""


class BackupPlans:
    """Keeps and opens it."""

    def __init__(
        self,
        store: SettingStore,
        keys: Keys,
        keyring: Keyring,
        authority: Authority,
        clock: Clock,
        host: BackupHost | None,
    ) -> None:
        self._store = store
        self._keys = keys
        self._keyring = keyring
        self._authority = authority
        self._clock = clock
        self._host = host

    async def wish(self, actor: Actor) -> Wish | None:
        """Return what was set, None where the node file counts. Raises Forbidden."""
        await self._authority.require(actor, "backup.read", SYSTEM)
        kept = await self._kept()
        return None if kept is None else kept.wish

    async def chosen(self) -> BackupPlan | None:
        """Return the plan that was set, None where the node file counts. Raises Unavailable: its place cannot be opened."""
        kept = await self._kept()
        if kept is None or self._host is None:
            return None
        try:
            secret = self._opened(kept)
            return _plan(kept.wish, self._host, secret)
        except SealError as error:
            raise Unavailable(
                "what opens the place of backups does not open: set it anew", reason="backup.secret"
            ) from error
        except PlaceError as error:
            raise Unavailable(str(error), reason="backup.unreachable") from error

    async def set(self, actor: Actor, wish: Wish | None, secret: str = "") -> None:
        """Set the plan, or let the node file count again (None). Raises Forbidden, Invalid, Unavailable."""
        await self._authority.require(actor, "backup.run", SYSTEM)
        text = None
        if wish is not None:
            before = await self._kept()
            if not secret and before is not None and before.sealed and wish.bucket:
                if _place_of(before.wish) != _place_of(wish):
                    raise Invalid(
                        "another endpoint, region, bucket or access key: give the secret key again",
                        reason="backup.secretagain",
                    )
                secret = self._opened(before)
            if self._host is None:
                raise Unavailable(detail="this process opens no places for backups")
            await self._try(wish, self._host, secret)
            text = msgspec.json.encode(_Kept(wish, self._sealed(wish, secret))).decode()
        record = AuditRecord(
            self._clock.now(), actor.named, "backup.plan", "installation", actor.origin.address, door=actor.origin.door
        )
        await self._store.put_setting(SCOPE, PLAN, text, audit=record)

    async def _kept(self) -> _Kept | None:
        text = await self._store.setting(SCOPE, PLAN)
        return None if text is None else msgspec.json.decode(text, type=_Kept)

    async def _try(self, wish: Wish, host: BackupHost, secret: str) -> None:
        if bool(wish.directory) == bool(wish.bucket):
            raise Invalid("give a directory or a bucket, one of them", reason="backup.place")
        if wish.directory and (not wish.directory.startswith("/") or "\0" in wish.directory):
            raise Invalid("directory is a path from / on", reason="path.form")
        name = f"trial-{self._clock.random(8).hex()}"
        try:
            place = host.open(_spec(wish, secret))
            await place.put(name, _TRIED)
            said = await place.get(name)
            await place.delete(name)
        except PlaceError as error:
            raise Invalid(str(error), reason="backup.unreachable") from error
        if said != _TRIED:
            raise Invalid("the place gave back something else than was written", reason="backup.otherback")
        try:
            await open_place(place, self._keys, self._clock, make=False)
        except ObjectMissing:
            return  # nothing was kept there before
        except PlaceError as error:
            raise Invalid(str(error), reason="backup.unreachable") from error
        except SealError as error:
            raise Invalid(f"backups of another installation lie there: {error}", reason="backup.foreign") from error

    def _sealed(self, wish: Wish, secret: str) -> str:
        octets = secret.encode("utf-8")
        return self._sealer().seal(Kind.VOLUME_SECRET, octets, _bound(wish)).hex() if secret else ""

    def _opened(self, kept: _Kept) -> str:
        if not kept.sealed:
            return ""
        return self._sealer().open(Kind.VOLUME_SECRET, bytes.fromhex(kept.sealed), _bound(kept.wish)).decode("utf-8")

    def _sealer(self) -> Sealer:
        # A key of its own: what is sealed for a place of backups opens nothing of a volume.
        return self._keyring.secrets(Purpose.BACKUP)


def _place_of(wish: Wish) -> tuple[str, ...]:
    """Return for whom and where a secret was given."""
    return wish.endpoint, wish.region, wish.bucket, wish.access_key


def _bound(wish: Wish) -> bytes:
    """Return what binds a secret to its place: who changes the place in the store alone has nothing that opens it."""
    return hashlib.sha256("\0".join(_place_of(wish)).encode()).digest()[:ID_OCTETS]


def _spec(wish: Wish, secret: str) -> PlaceSpec:
    if wish.directory:
        return PlaceSpec("directory", {"path": wish.directory})
    config = {
        "bucket": wish.bucket, "endpoint": wish.endpoint, "region": wish.region, "prefix": wish.prefix,
        "access": wish.access_key,
    }  # fmt: skip
    return PlaceSpec("s3", config, secret)


def _plan(wish: Wish, host: BackupHost, secret: str) -> BackupPlan:
    spec = _spec(wish, secret)
    return BackupPlan(
        host.open(spec), wish.hour if wish.hour >= 0 else None,
        Keeping(wish.keep_days, wish.keep_weeks, wish.keep_months), wish.rate, wish.rehearse_days, spec,
        wish.directory or f"s3://{wish.bucket}/{wish.prefix}",
    )  # fmt: skip
