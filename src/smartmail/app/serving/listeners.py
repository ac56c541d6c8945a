"""Listeners of a process: which protocol speaks behind each, with which limits, TLS and words for who is one too many."""

import contextlib
import ipaddress
from collections.abc import Callable, Sequence
from functools import partial

from smartmail.app.node import Node
from smartmail.app.opening.mail_servers import jmap_url, mail_servers
from smartmail.app.process_tree.sockets import connections_for, raise_limit
from smartmail.app.settings import Settings
from smartmail.app.tls.old_tls import OldTls
from smartmail.app.tls.tls_contexts import ServerContexts
from smartmail.app.worker_context import WorkerContext
from smartmail.edge.imapd.session import ImapConfig, ImapSession
from smartmail.edge.net.deadlines import Deadlines
from smartmail.edge.net.limits import Limits
from smartmail.edge.net.listener import Listener
from smartmail.edge.net.wire import Endpoint, Upper
from smartmail.edge.pop3d.session import Pop3Config, Pop3Session
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
_LOOPBACK = (ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1/128"))


async def open_listeners(
    context: WorkerContext,
    node: Node,
    contexts: ServerContexts,
    old: OldTls,
    deadlines: Deadlines,
    stack: contextlib.AsyncExitStack,
) -> list[Listener]:
    """Return the listeners of a process, which do not accept yet; what they stand on ends with the stack."""
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
        "smtp": (partial(SmtpSession, services, SmtpListener("mx", mx, size, current)), False),
        "submission": (partial(SmtpSession, services, SmtpListener("submission", submission, size, clients)), False),
        "submissions": (
            partial(SmtpSession, services, SmtpListener("submission", submissions, size, implicit_tls=True)),
            True,
        ),
        "lmtp": (partial(SmtpSession, services, SmtpListener("lmtp", lmtp, size)), False),
        "imap": (partial(ImapSession, services, plain_imap), False),
        "imaps": (partial(ImapSession, services, ImapConfig(host, size, jmap_url=jmap)), True),
        "pop3": (partial(Pop3Session, services, Pop3Config(host, clients, cleartext_login=settings.bench)), False),
        "pop3s": (partial(Pop3Session, services, Pop3Config(host)), True),
        "sieve": (partial(SieveSession, services, SieveConfig(host, clients, cleartext_login=settings.bench)), False),
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
