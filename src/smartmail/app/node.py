"""A node opened: store, keys, volumes, bus and the services over them.

The only module that names adapters. Worker processes and commands open a node the same way; what they do with it is
bootstrap's and the commands' business.
"""

import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass

from smartmail.adapters.anchors import AnchorDirectory, HeadFile
from smartmail.adapters.backup import DirectoryNodeFiles
from smartmail.adapters.bus import open_bus
from smartmail.adapters.clock import DatabaseClock
from smartmail.adapters.extraction.children import BODY_LIMITS, ParsingChildren
from smartmail.adapters.keys.master import MasterKeyError
from smartmail.adapters.keys.ring import KeyRing
from smartmail.adapters.serving import ServingFiles
from smartmail.adapters.siem import TlsCollector
from smartmail.adapters.sql import DatabaseAway, SqlStore, open_postgres, open_sqlite
from smartmail.adapters.versions import VersionDirectory
from smartmail.app.children import parsing_child
from smartmail.app.installation import HOME, INSTALLER, vendor_key
from smartmail.app.kept_names import KeptNames
from smartmail.app.opening import common_passwords
from smartmail.app.opening.backing import NodeBackupHost, backup_plan
from smartmail.app.opening.mail_servers import mail_servers
from smartmail.app.opening.master_keys import MasterKeys, open_master_keys
from smartmail.app.opening.outgoing_clients import open_picture_web, open_pull_source, open_resolver, open_web
from smartmail.app.opening.rehearsing import ChildRehearser
from smartmail.app.opening.restore_journal import require_no_restore
from smartmail.app.opening.volume_places import open_volumes
from smartmail.app.papers.updating import LOCK
from smartmail.app.process_tree.process_table import OwnTree, SupervisorTable
from smartmail.app.process_tree.supervisor import SERVING, VERSIONS
from smartmail.app.settings import Settings, SettingsError, secret
from smartmail.app.wiring.ports import Operating, Ports
from smartmail.app.wiring.services import compose_services
from smartmail.app.worker_context import CannotStartError, CannotStartYetError
from smartmail.domain.cluster import NodeRow, VolumeKind
from smartmail.domain.errors import Unavailable
from smartmail.domain.host_names import HostNames
from smartmail.formats.seal import SealError
from smartmail.ports.bus import Bus
from smartmail.ports.keys import WrongMasterKey
from smartmail.service.catalogue import Services
from smartmail.service.kernel.volumes.book import VolumeBook

_ROOM_OCTETS = 1 << 20


@dataclass(frozen=True, slots=True)
class Node:
    """What a process works with."""

    settings: Settings
    store: SqlStore
    clock: DatabaseClock
    keys: KeyRing
    volumes: VolumeBook
    bus: Bus
    services: Services


@asynccontextmanager
async def open_node(settings: Settings, *, first_start: bool = False, process: str = "") -> AsyncIterator[Node]:
    """Open everything that a process needs and close it at the end. Raises CannotStartError.

    `process`: how its names in leases begin (app.taking_over), "" for a command.
    """
    require_no_restore(settings)
    clock = DatabaseClock(far=not settings.uses_sqlite, process=process)
    async with AsyncExitStack() as stack:
        store = await _open_store(settings, clock)
        stack.push_async_callback(store.close)
        if not settings.uses_sqlite:
            await clock.measure(store.moment)
        masters = await _open_keys(settings, store, first_start=first_start)
        volumes = await open_volumes(settings, store, masters.ring, clock)
        stack.push_async_callback(volumes.close)
        address = None if settings.uses_sqlite else secret(settings.file.database.url)
        bus = await open_bus(os.path.join(settings.directory, "run"), address, settings.file.node)
        stack.push_async_callback(bus.close)
        volumes.listen(bus)
        common_passwords.load(settings.directory)
        services = compose_services(_ports(settings, stack, store, masters, volumes, bus, clock))
        yield Node(settings, store, clock, masters.ring, volumes, bus, services)
        await services.witness.settle()
        await services.auth.settle()
        await services.tracer.settle()
        for job in services.jobs:
            await job.stop()


def _ports(
    settings: Settings, stack: AsyncExitStack, store: SqlStore, masters: MasterKeys, volumes: VolumeBook, bus: Bus,
    clock: DatabaseClock,
) -> Ports:  # fmt: skip
    """Return what services need from outside; what is opened for it is closed with the stack."""
    file, directory, resolver = settings.file, settings.directory, open_resolver(settings.file.dns)
    web, plain = open_web(file, resolver), open_web(file, resolver, plain=True)
    pictures = open_picture_web(file, resolver)
    extractor = ParsingChildren(parsing_child.command(), parsing_child.environment())
    # Of their own: somebody who opens a mail does not wait for attachments of others.
    bodies = ParsingChildren(parsing_child.command(), parsing_child.environment(), BODY_LIMITS)
    for close in (pictures.close, plain.close, web.close, bodies.close, extractor.close):
        stack.push_async_callback(close)
    return Ports(
        store=store, keys=masters.ring, keeper=masters.keeper, volumes=volumes, bus=bus, clock=clock, host=file.names.mail,
        site=f"https://{file.names.app}", node=_node_row(settings), resolver=resolver, http=web, plain_http=plain,
        picture_http=pictures, extractor=extractor, dissector=extractor, portraits=extractor, layouts=extractor,
        bodies=bodies, inspects=not settings.bench, serving=ServingFiles(os.path.join(directory, SERVING)),
        versions=VersionDirectory(os.path.join(directory, VERSIONS), str(HOME / LOCK), str(INSTALLER)), vendor_key=vendor_key(),
        anchor_place=AnchorDirectory(file.anchors or os.path.join(directory, "anchors")),
        head_place=HeadFile(settings.key_file + ".heads"), collector=TlsCollector(file.outgoing.networks),
        backup_plan=backup_plan(file.backup),
        operating=Operating(
            SupervisorTable(os.path.join(directory, "run")), NodeBackupHost(), ChildRehearser(settings),
            DirectoryNodeFiles(directory, settings.config_file), open_pull_source(file, resolver),
            OwnTree(settings.key_file), mail_servers(settings), _names(settings),
        ),
    )  # fmt: skip


async def _open_store(settings: Settings, clock: DatabaseClock) -> SqlStore:
    try:
        if settings.uses_sqlite:
            os.makedirs(settings.directory, mode=0o700, exist_ok=True)
            return await open_sqlite(os.path.join(settings.directory, "smartmail.db"))
        return await open_postgres(
            secret(settings.file.database.url), now=clock.now, connections=settings.file.database.pool,
            clock_fault=clock.fault,
        )  # fmt: skip
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


async def _open_keys(settings: Settings, store: SqlStore, *, first_start: bool) -> MasterKeys:
    try:
        return await open_master_keys(settings, store, first_start=first_start)
    except (MasterKeyError, WrongMasterKey, SealError, SettingsError, OSError) as error:
        raise CannotStartError(str(error)) from error


def _names(settings: Settings) -> KeptNames:
    names = settings.file.names
    current = HostNames(names.mail, names.app, names.admin, names.content)
    return KeptNames(settings.directory, current, settings.named)


def _node_row(settings: Settings) -> NodeRow:
    kind: VolumeKind = "s3" if settings.file.volume.s3 else "local"
    return NodeRow(settings.file.node, 0, 0, " ".join(settings.roles), kind)
