"""Which backups are kept, and clearing away what no kept one needs.

STRATEGIES  The newest backup of each of the last days, weeks and months that have one; the newest of all always. Parts and
            packs that no kept manifest names go; packs younger than `YOUNG` stay: a run that was cut goes on with them.
            Keys live `KEYS_KEPT`, the newest always: what was shredded is out of reach of every backup after that.
FAILURE     Where a manifest cannot be read nothing but keys is cleared away: it may need anything.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from smartmail.domain.backup import Keeping, Manifest
from smartmail.formats.seal import Kind, SealError
from smartmail.service.kernel.clock import DAY
from smartmail.service.operations.backup.sealed_place import SealedPlace

KEYS_KEPT: Final = 7 * DAY
YOUNG: Final = 2 * DAY


def kept(names: Sequence[str], keeping: Keeping) -> set[str]:
    """Return which of the backups (named by their time in milliseconds) are kept."""
    newest_first = sorted(names, reverse=True)
    found = set(newest_first[:1])
    for count, slot in ((keeping.days, _day), (keeping.weeks, _week), (keeping.months, _month)):
        slots: dict[str, str] = {}
        for name in newest_first:
            slots.setdefault(slot(_time(name)), name)
        found.update(list(slots.values())[:count])
    return found


async def clear(place: SealedPlace, keeping: Keeping, now: int) -> int:
    """Give up backups that are not kept, and what only they needed; return how many went. Raises PlaceError."""
    await clear_keys(place, now)
    names = await place.manifest_names()
    stay = kept(names, keeping)
    try:
        manifests = [await place.manifest(name) for name in names if name in stay]
    except SealError:
        return 0
    for name in names:
        if name not in stay:
            await place.drop_manifest(name)
    await _clear_objects(place, manifests, now)
    return len(names) - len(stay)


async def clear_keys(place: SealedPlace, now: int) -> None:
    """Remove key files that are older than `KEYS_KEPT`, but the newest. Raises PlaceError."""
    for name in (await place.names(Kind.BACKUP_KEYS))[:-1]:
        if int(name.partition("-")[0]) < now - KEYS_KEPT:
            await place.drop(Kind.BACKUP_KEYS, name)


async def _clear_objects(place: SealedPlace, manifests: Sequence[Manifest], now: int) -> None:
    parts = {part.id for one in manifests for part in one.parts}
    packs = {pack for one in manifests for pack in one.packs}
    files = {one.files for one in manifests}
    kinds = (
        (Kind.BACKUP_PART, parts), (Kind.BACKUP_INDEX, packs), (Kind.BACKUP_PACK, packs), (Kind.BACKUP_FILES, files),
    )  # fmt: skip
    for kind, needed in kinds:
        for name in await place.older(kind, (now - YOUNG) // 1000):
            if name not in needed:
                await place.drop(kind, name)


def _time(name: str) -> datetime:
    return datetime.fromtimestamp(int(name) / 1000, UTC)


def _day(at: datetime) -> str:
    return f"{at:%Y-%m-%d}"


def _week(at: datetime) -> str:
    return f"{at:%G-%V}"


def _month(at: datetime) -> str:
    return f"{at:%Y-%m}"
