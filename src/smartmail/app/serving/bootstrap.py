"""Composition: from settings and sockets to listeners that serve.

`prepare` runs once before the processes of a node start; `run_worker` is the life of one process.
"""

import asyncio
import contextlib
import importlib
import ipaddress
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from smartmail.app.cluster.node_lease import NodeLease
from smartmail.app.cluster.node_name import claim_name, hold_name, join_nodes, require_name
from smartmail.app.node import Node, open_node
from smartmail.app.process_tree.sockets import connections_for, raise_limit
from smartmail.app.serving.looking_back import look_back
from smartmail.app.serving.loops import acknowledge, either, follow_volumes, leave, measure_process, show
from smartmail.app.serving.mail_servers import jmap_url, mail_servers
from smartmail.app.serving.seed import open_founding_door, seed_bench, seed_demo
from smartmail.app.serving.taking_over import only_one, take_back, worker_prefix
from smartmail.app.settings import Settings
from smartmail.app.tls.old_tls import OldTls
from smartmail.app.tls.tls_contexts import ServerContexts
from smartmail.app.worker_context import CannotStartYetError, Prepared, WorkerContext
from smartmail.base import log
from smartmail.domain.errors import MailError, StorageFull
from smartmail.edge.imapd.session import ImapConfig, ImapSession
from smartmail.edge.net.deadlines import Deadlines
from smartmail.edge.net.limits import Limits
from smartmail.edge.net.listener import Listener
from smartmail.edge.net.wire import Endpoint, Upper
from smartmail.edge.pop3d.session import Pop3Config, Pop3Session
from smartmail.edge.relay.agent import RelayAgent, RelayConfig
from smartmail.edge.sieved.session import SieveConfig, SieveSession
from smartmail.edge.smtpd.session import Listener as SmtpListener
from smartmail.edge.smtpd.session import SmtpSession
from smartmail.proto.smtp.config import ServerConfig
from smartmail.service.protection.defence import DefenceService

MAX_MESSAGE_OCTETS = 100 << 20
"""Largest message by SMTP and APPEND; a setting of the policy issue replaces it."""
MECHANISMS = ("PLAIN", "LOGIN")
_SMTP_BUSY = b"421 4.7.0 Too many connections from your network; try again later\r\n"
_IMAP_BUSY = b"* BYE [UNAVAILABLE] too many connections from your network; try again in a minute\r\n"
_POP3_BUSY = b"-ERR [SYS/TEMP] too many connections from your network; try again in a minute\r\n"
_WEB_TEXT = b"Too many connections from your network; try again in a minute.\n"
# RFC 9110 §15.6.4 and §10.2.3
_WEB_BUSY = (
    b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 60\r\ncontent-type: text/plain; charset=utf-8\r\n"
    b"content-length: %d\r\nconnection: close\r\n\r\n%s"
) % (len(_WEB_TEXT), _WEB_TEXT)
_REFUSALS = {
    "smtp": _SMTP_BUSY,
    "lmtp": _SMTP_BUSY,
    "submission": _SMTP_BUSY,
    "submissions": _SMTP_BUSY,
    "imap": _IMAP_BUSY,
    "imaps": _IMAP_BUSY,
    "pop3": _POP3_BUSY,
    "pop3s": _POP3_BUSY,
    "http": _WEB_BUSY,
    "https": _WEB_BUSY,
    "https-certificate": _WEB_BUSY,
    "sieve": b'BYE (TRYLATER) "too many connections from your network"\r\n',
}
_LOOK_S = 15.0
"""How often a process looks for certificates that nobody told it of."""
# Imported where they are needed, so that a process without the role does not carry them.
_LATER = (
    "smartmail.edge.httpd.app",
    "smartmail.edge.net.http",
    "smartmail.edge.jobs.indexer",
    "smartmail.edge.jobs.loops",
    "smartmail.edge.jobs.pushing",
)
_LOOPBACK = (ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1/128"))


def preload() -> None:
    """Import what processes import only when they serve: for the one that they are forked from."""
    for name in _LATER:
        importlib.import_module(name)


async def prepare(settings: Settings) -> Prepared:
    """Make what the first start needs: keys, database, volume, certificate, door of the set-up. Raises CannotStartError."""
    notes: list[str] = []
    link: str | None = None
    try:
        async with open_node(settings, first_start=True) as node:
            if not settings.uses_sqlite:
                await claim_name(settings, node.store, node.clock)
                await join_nodes(settings, node.store, node.clock)
            notes += await look_back(node)
            try:
                link = await _seed(settings, node, notes)
            except StorageFull:
                # A node that has served must come back on a full disk: mail can be read, and senders wait.
                if not await node.services.directory.accounts():
                    raise
                notes.append("The disk is full: mail can be read, and is refused with 452 until there is space.")
    except StorageFull as error:
        raise CannotStartYetError(f"No space is left for {settings.directory}. Free some.") from error
    return Prepared(link, tuple(notes))


async def _seed(settings: Settings, node: Node, notes: list[str]) -> str | None:
    """Put in what the first start needs; return the address of the set-up. Raises StorageFull."""
    if settings.demo:
        notes += await seed_demo(node)
    if settings.bench:
        notes += await seed_bench(node)
    return None if settings.demo or settings.bench else await open_founding_door(node)


async def run_worker(context: WorkerContext) -> None:
    """Serve the roles of one process until it is told to stop, then drain."""
    lock = only_one(context)
    try:
        await _serve(context)
    finally:
        lock.release()
    log.event("process.stopped")


async def _serve(context: WorkerContext) -> None:
    async with open_node(context.settings, process=worker_prefix(context)) as node:
        lease = NodeLease(alone=context.settings.uses_sqlite)
        if not context.settings.uses_sqlite:
            await require_name(context.settings, node.store, node.clock, lease)
        await take_back(context, node)
        contexts = ServerContexts(context.settings)
        context.reload.add(contexts.reload)
        deadlines = Deadlines(asyncio.get_running_loop())
        async with contextlib.AsyncExitStack() as stack:
            contexts.learn(await node.services.certificates.served())
            contexts.trust(await _proof_authorities(context, node))
            old = OldTls(node.clock, contexts.old)
            old.learn(await node.services.transport.rules.inward())
            listeners = await _listeners(context, node, contexts, old, deadlines, stack)
            await show(context, node)
            workers = [asyncio.create_task(work) for work in _background(context, node, lease)]
            workers.append(asyncio.create_task(_watch_tls(context, node, contexts, old)))
            workers.append(asyncio.create_task(acknowledge(context, node)))
            workers.append(asyncio.create_task(follow_volumes(context, node)))
            workers.append(asyncio.create_task(hold_name(context, node, lease)))
            workers.append(asyncio.create_task(measure_process(context, node)))
            for listener in listeners:
                listener.start()
            context.ready()
            log.event("process.started", roles=sorted(context.roles))
            await _until_stopped(context.stopping, workers)
            node.services.health.drain()
            drain_s = context.settings.file.drain_s
            await asyncio.gather(*(listener.drain(drain_s) for listener in listeners))
            await asyncio.gather(*workers, return_exceptions=True)
            await leave(context, node)


async def _until_stopped(stopping: asyncio.Event, workers: Sequence["asyncio.Task[None]"]) -> None:
    """Wait for the stop; a background loop that ends before it is an error that ends the process."""
    stop = asyncio.create_task(_wait(stopping))
    done, _pending = await asyncio.wait([stop, *workers], return_when=asyncio.FIRST_COMPLETED)
    for task in done:
        if task is not stop:
            task.result()
    await stop


async def _wait(event: asyncio.Event) -> None:
    await event.wait()


async def _watch_tls(context: WorkerContext, node: Node, contexts: ServerContexts, old: OldTls) -> None:
    """Serve what changed in the list of certificates, without touching connections; a lost hint costs seconds.

    Exceptions for old TLS are read with them, and tell of their changes too.
    """
    changed = asyncio.Event()
    ends = [
        told(changed.set) for told in (node.services.certificates.on_change, node.services.transport.rules.on_change)
    ]
    try:
        while not context.stopping.is_set():
            await either(changed, context.stopping, _LOOK_S)
            changed.clear()
            with contextlib.suppress(MailError):  # the store is away: what is served stays
                if contexts.learn(await node.services.certificates.served()):
                    log.event("certificate.served")
                old.learn(await node.services.transport.rules.inward())
                contexts.trust(await _proof_authorities(context, node))
    finally:
        for end in ends:
            end()


async def _proof_authorities(context: WorkerContext, node: Node) -> set[bytes]:
    """Return whose certificates browsers may show here; none where that door is shut."""
    return await node.services.trust_lists.everywhere() if "https-certificate" in context.listeners else set()


def _background(context: WorkerContext, node: Node, lease: NodeLease) -> list[Coroutine[Any, Any, None]]:
    """Return the loops of the roles that listen to nothing."""
    host = context.settings.file.names.mail
    worker = node.clock.new_worker()
    loops: list[Coroutine[Any, Any, None]] = []
    if context.roles & {"relay", "delivery"}:
        config = RelayConfig(host, worker, term=lease.term)
        loops.append(RelayAgent(node.services, config).run(context.stopping))
    if "jobs" in context.roles:
        from smartmail.edge.jobs.indexer import Indexer
        from smartmail.edge.jobs.loops import JobConfig, Jobs
        from smartmail.edge.jobs.pushing import Pushing

        loops.append(Jobs(node.services, JobConfig(worker)).run(context.stopping))
        loops.append(Indexer(node.services, worker.rpartition("/")[0]).run(context.stopping))
        loops.append(Pushing(node.services, worker).run(context.stopping))
    return loops


async def _listeners(
    context: WorkerContext,
    node: Node,
    contexts: ServerContexts,
    old: OldTls,
    deadlines: Deadlines,
    stack: contextlib.AsyncExitStack,
) -> list[Listener]:
    settings = context.settings
    proxies = tuple(ipaddress.ip_network(one) for one in settings.file.trusted_proxies)
    room = connections_for(raise_limit())
    limits = Limits(room, exempt=_LOOPBACK) if settings.bench else Limits(room)
    await node.services.defence.ready()
    makers = await _makers(settings, node, contexts, stack, set(context.listeners))
    found = []
    for name, sockets in context.listeners.items():
        make, implicit_tls = makers[name]
        asked = {"https": contexts.web, "https-certificate": contexts.proof}.get(name, contexts.clients)
        tls = asked if implicit_tls else None
        endpoint = Endpoint(
            name, make, tls=tls, refusal=_REFUSALS.get(name, b""), proxy_from=proxies, limits=limits,
            guard=node.services.defence.admit, choose_tls=old.choose,
            room=None if settings.bench else node.services.defence.room, refused=node.services.defence.refused,
        )  # fmt: skip
        found.append(Listener(endpoint, sockets, deadlines))
    defence = node.services.defence
    defence.on_ban(lambda: _expel(found, defence))
    return found


def _expel(listeners: Sequence[Listener], defence: DefenceService) -> None:
    for listener in listeners:
        listener.expel(defence.is_banned)


async def _makers(
    settings: Settings,
    node: Node,
    contexts: ServerContexts,
    stack: contextlib.AsyncExitStack,
    wanted: set[str],
) -> dict[str, tuple[Callable[[], Upper], bool]]:
    """Return listener name → (factory of connections, whether TLS comes first)."""
    services, host = node.services, settings.file.names.mail

    def smtp(listener: SmtpListener) -> Callable[[], Upper]:
        return lambda: SmtpSession(services, listener)

    def imap(config: ImapConfig) -> Callable[[], Upper]:
        return lambda: ImapSession(services, config)

    def pop3(config: Pop3Config) -> Callable[[], Upper]:
        return lambda: Pop3Session(services, config)

    def sieve(config: SieveConfig) -> Callable[[], Upper]:
        return lambda: SieveSession(services, config)

    size = MAX_MESSAGE_OCTETS
    mx = ServerConfig(host, size=size, starttls=True)
    submission = ServerConfig(
        host, size=size, starttls=True, mechanisms=MECHANISMS, auth_required=True, auth_cleartext=settings.bench
    )
    submissions = ServerConfig(host, size=size, mechanisms=MECHANISMS, auth_required=True)
    lmtp = ServerConfig(host, protocol="lmtp", size=size)
    current, clients = contexts.current, contexts.clients
    jmap = jmap_url(settings)
    plain_imap = ImapConfig(host, size, tls_context=clients, cleartext_login=settings.bench, jmap_url=jmap)
    makers: dict[str, tuple[Callable[[], Upper], bool]] = {
        "smtp": (smtp(SmtpListener("mx", mx, size, current)), False),
        "submission": (smtp(SmtpListener("submission", submission, size, clients)), False),
        "submissions": (smtp(SmtpListener("submission", submissions, size, implicit_tls=True)), True),
        "lmtp": (smtp(SmtpListener("lmtp", lmtp, size)), False),
        "imap": (imap(plain_imap), False),
        "imaps": (imap(ImapConfig(host, size, jmap_url=jmap)), True),
        "pop3": (pop3(Pop3Config(host, clients, cleartext_login=settings.bench)), False),
        "pop3s": (pop3(Pop3Config(host)), True),
        "sieve": (sieve(SieveConfig(host, clients, cleartext_login=settings.bench)), False),
    }
    if wanted & {"https", "https-certificate", "http"}:
        web, redirect, proof = await _web(settings, node, stack)
        makers |= {"https": (web, True), "http": (redirect, False), "https-certificate": (proof, True)}
    return makers


async def _web(settings: Settings, node: Node, stack: contextlib.AsyncExitStack) -> tuple[Callable[[], Upper], ...]:
    """Start the web application, the one that only redirects, and the one for certificates; stop them with the stack."""
    from smartmail.edge.httpd.app import WebConfig, make_app, make_certificate_app, make_redirect
    from smartmail.edge.net.http import HttpHost

    port = settings.ports()["https"] or 443
    config = WebConfig(
        settings.file.names.app, settings.file.names.admin, settings.file.names.content, port,
        servers=mail_servers(settings), certificate_port=settings.ports()["https-certificate"],
    )  # fmt: skip
    hosts = [HttpHost(make(node.services, config)) for make in (make_app, make_redirect, make_certificate_app)]
    for host in hosts:
        await host.start()
        stack.push_async_callback(host.stop)
    return tuple(host.make for host in hosts)
