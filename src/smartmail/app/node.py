"""A node opened: store, keys, volumes, bus and the services over them.

The only module that names adapters. Worker processes and commands open a node the same way; what they do with it is
bootstrap's and the commands' business.
"""

import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from smartmail.adapters.bus import open_bus
from smartmail.adapters.clock import SystemClock
from smartmail.adapters.extraction.children import ParsingChildren
from smartmail.adapters.keys.master import MasterKeyError, load_or_create
from smartmail.adapters.keys.ring import KeyRing
from smartmail.adapters.sql import DatabaseAway, open_postgres, open_sqlite
from smartmail.app import parsing_child
from smartmail.app.composing import compose_services
from smartmail.app.settings import Settings, secret
from smartmail.app.transporting import open_resolver, open_web
from smartmail.app.worker_context import CannotStartError, CannotStartYetError
from smartmail.base import log
from smartmail.domain.cluster import NodeRow, VolumeKind, VolumeRow
from smartmail.domain.errors import Unavailable
from smartmail.domain.ids import VolumeId
from smartmail.ports.blobs import Volume, VolumeFailed, VolumeUnavailable
from smartmail.ports.bus import Bus
from smartmail.ports.keys import KeyIdentity, WrongMasterKey
from smartmail.ports.store import Store
from smartmail.service.catalogue import Services

SYSTEM = "system"
KEY_SETTING = "master-key"
_ROOM_OCTETS = 1 << 20


@dataclass(frozen=True, slots=True)
class Node:
    """What a process works with."""

    settings: Settings
    store: Store
    clock: SystemClock
    keys: KeyRing
    volumes: dict[VolumeId, Volume]
    bus: Bus
    services: Services


@asynccontextmanager
async def open_node(settings: Settings, *, first_start: bool = False) -> AsyncIterator[Node]:
    """Open everything that a process needs and close it at the end. Raises CannotStartError."""
    store = await _open_store(settings)
    try:
        keys = await _open_keys(settings, store, first_start=first_start)
        volumes = await _open_volumes(settings, store)
        address = None if settings.uses_sqlite else secret(settings.file.database.url)
        bus = await open_bus(os.path.join(settings.directory, "run"), address, settings.file.node)
        resolver = open_resolver(settings.file.dns)
        web = open_web(settings.file, resolver)
        extractor = ParsingChildren(parsing_child.command(), parsing_child.environment())
        try:
            clock = SystemClock()
            services = compose_services(
                store=store, keys=keys, volumes=volumes, bus=bus, clock=clock, host=settings.file.names.mail,
                resolver=resolver,
                node=_node_row(settings), http=web, extractor=extractor, dissector=extractor, site=f"https://{settings.file.names.app}",
            )  # fmt: skip
            yield Node(settings, store, clock, keys, volumes, bus, services)
            await services.auth.settle()
            await services.tracer.settle()
        finally:
            await extractor.close()
            await web.close()
            await bus.close()
            for volume in volumes.values():
                await volume.close()
    finally:
        await store.close()


async def _open_store(settings: Settings) -> Store:
    try:
        if settings.uses_sqlite:
            os.makedirs(settings.directory, mode=0o700, exist_ok=True)
            return await open_sqlite(os.path.join(settings.directory, "smartmail.db"))
        return await open_postgres(secret(settings.file.database.url), connections=settings.file.database.pool)
    except PermissionError as error:
        raise CannotStartError(
            f"{settings.directory} is not writable: {error}. Give this user the right to write."
        ) from error
    except (Unavailable, OSError) as error:
        # What the driver says is in the detail; it is for this administrator, not for a peer.
        why = error.detail or str(error) if isinstance(error, Unavailable) else str(error)
        if settings.uses_sqlite and _is_full(settings.directory):
            raise CannotStartYetError(f"No space is left for {settings.directory} ({why}). Free some.") from error
        if isinstance(error, DatabaseAway):
            raise CannotStartYetError(
                f"The database does not answer ({why}). Start it, or mend its address."
            ) from error
        raise CannotStartError(f"The database cannot be opened: {why}") from error


def _is_full(directory: str) -> bool:
    """Whether too little space is left for SQLite to open its files (its shared index alone takes 32 KiB)."""
    with suppress(OSError):
        status = os.statvfs(directory)
        return status.f_bavail * status.f_frsize < _ROOM_OCTETS
    return False


async def _open_keys(settings: Settings, store: Store, *, first_start: bool) -> KeyRing:
    kept = await store.setting(SYSTEM, KEY_SETTING)
    try:
        master = load_or_create(settings.key_file, settings.directory, first_start=first_start and kept is None)
        keys = KeyRing(master)
        if kept is not None:
            keys.require(KeyIdentity(*json.loads(kept)))
    except (MasterKeyError, WrongMasterKey, OSError) as error:
        raise CannotStartError(str(error)) from error
    if kept is None:
        await store.put_setting(SYSTEM, KEY_SETTING, json.dumps(list(keys.identity)))
    return keys


async def _open_volumes(settings: Settings, store: Store) -> dict[VolumeId, Volume]:
    """Open the node's volume and check that it is the one that the store knows."""
    try:
        volume = _volume(settings)
        identity = await volume.identity()
    except (VolumeUnavailable, OSError) as error:
        raise CannotStartError(f"The volume cannot be opened: {error}. Check path or bucket and its rights.") from error
    row = await _volume_row(store, "s3" if settings.file.volume.s3 else "local", identity)
    return {row.id: volume}


async def _volume_row(store: Store, kind: str, identity: str) -> VolumeRow:
    rows = await store.volumes()
    for row in rows:
        if json.loads(row.config)["identity"] == identity:
            return row
    if rows:
        raise CannotStartError(
            "This node's volume is not the one that the database knows. Nodes that share a database share a volume: "
            "point [volume] at the same bucket, or put the volume's directory back."
        )
    return await store.add_volume(kind, json.dumps({"identity": identity}), 1)


def _volume(settings: Settings) -> Volume:
    s3 = settings.file.volume.s3
    if s3 is None:
        from smartmail.adapters.volumes.packs import PackVolume

        return PackVolume(settings.volume_path, on_failure=_end_process)
    from smartmail.adapters.volumes.objects import ObjectVolume, S3Settings, connect

    return ObjectVolume(
        connect(
            S3Settings(
                bucket=s3.bucket, endpoint=s3.endpoint, region=s3.region, prefix=s3.prefix,
                access_key=secret(s3.access_key), secret_key=secret(s3.secret_key),
            )
        )
    )  # fmt: skip


def _node_row(settings: Settings) -> NodeRow:
    kind: VolumeKind = "s3" if settings.file.volume.s3 else "local"
    return NodeRow(settings.file.node, 0, 0, " ".join(settings.roles), kind)


def _end_process(error: VolumeFailed) -> None:
    """A failed sync leaves the disk unknown: end at once, the supervisor starts us anew (docs/adr)."""
    log.event("volume.failed", detail=str(error))
    os._exit(74)
