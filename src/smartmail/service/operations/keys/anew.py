"""NAME
    anew: values of one column that lie under a key of before, sealed under the one in use

LIMITS
    `PAGE` values at a time, opened and sealed in a thread.

SECURITY
    Plain octets are in memory only. A value goes to the place it came from: what it is bound to does not change.
"""

import asyncio
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from smartmail.domain.rekeying import SealedValue
from smartmail.formats.seal import (
    NONCE_OCTETS,
    SealError,
    SealKey,
    context,
    open_small,
    seal_small,
    unwrap_key,
    wrap_key,
)
from smartmail.ports.store_rekeying import RekeyStore
from smartmail.service.kernel.keyring import Sealer
from smartmail.service.operations.keys.columns import Column

PAGE: Final = 200


@dataclass(frozen=True, slots=True)
class Anew:
    """What became of a page. `failed`: values that open under no key."""

    changes: list[tuple[SealedValue, bytes]] = field(default_factory=list)
    octets: int = 0
    failed: int = 0


async def page_anew(
    store: RekeyStore, column: Column, owner: int, sealer: Sealer, after: tuple[object, ...] | None
) -> tuple[list[SealedValue], Anew]:  # fmt: skip
    """Seal anew what a page of an owner's values has under keys of before; return the page, shorter than PAGE at the end."""
    values = await store.sealed_values(column.where, owner, after, PAGE)
    if not values:
        return values, Anew()
    made = await asyncio.to_thread(sealed_anew, column, owner, sealer.key, sealer.others, values)
    if made.changes:
        await store.reseal_values(column.where, owner, made.changes)
    return values, made


def sealed_anew(
    column: Column, owner: int, key: SealKey, others: Sequence[SealKey], values: Sequence[SealedValue]
) -> Anew:  # fmt: skip
    """Return values of a page that do not lie under `key`, sealed under it; those that do are left."""
    changes: list[tuple[SealedValue, bytes]] = []
    failed = 0
    for value in values:
        if not value.octets:
            continue
        place = context(column.kind, owner, *column.ids(*value.facts))
        if _opens(column, key, place, value.octets) is not None:
            continue
        plain = next(filter(None, (_opens(column, one, place, value.octets) for one in others)), None)
        if plain is None:
            failed += 1
            continue
        changes.append((value, plain.sealed(key, place)))
    return Anew(changes, sum(len(value.octets) for value, _new in changes), failed)


@dataclass(frozen=True, slots=True)
class _Plain:
    octets: bytes = field(repr=False)
    wrapped: SealKey | None = None

    def sealed(self, key: SealKey, place: bytes) -> bytes:
        """Return it under a key."""
        nonce = os.urandom(NONCE_OCTETS)
        if self.wrapped is not None:
            return wrap_key(key, place, nonce, self.wrapped)
        return seal_small(key, place, nonce, self.octets)


def _opens(column: Column, key: SealKey, place: bytes, octets: bytes) -> _Plain | None:
    try:
        if column.wrapped:
            return _Plain(b"", unwrap_key(key, place, octets))
        return _Plain(open_small(key, place, octets))
    except SealError:
        return None
