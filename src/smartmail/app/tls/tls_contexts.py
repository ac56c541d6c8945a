"""The TLS contexts of a process: one for each kind of door, and by name (SNI, RFC 6066 §3) one for each certificate.

NAME      tls contexts
PURPOSE   Doors ask for `current`, `clients` or `web` at each new connection; the handshake then chooses by the name that
          the client asks for. What is replaced serves connections on that have begun with it: none is dropped.
STATES    The node's own certificate (app.certificates), and those of the store (`learn`).
FAILURE   A certificate that cannot be loaded is left out and logged; the node's own is always there.
SECURITY  Keys reach OpenSSL through memory that has no name on disk, for its interface takes files only.
"""

import os
import ssl
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

from smartmail.app.settings import Settings
from smartmail.app.tls.certificates import ask_for_certificates, files, new_context, server_context
from smartmail.app.tls.old_tls import loosen
from smartmail.app.worker_context import CannotStartError
from smartmail.base import log
from smartmail.domain.certificate import ServedCertificate
from smartmail.edge.net.tls import bind_certificate

Kind = Literal["mail", "clients", "web", "proof"]
_ALPN: dict[Kind, tuple[str, ...]] = {"mail": (), "clients": (), "web": ("http/1.1",), "proof": ("http/1.1",)}


@dataclass(slots=True)
class _Doors:
    """One kind of door: the context that connections begin with, and those that names lead to."""

    first: ssl.SSLContext
    usual: str
    named: dict[str, ssl.SSLContext]

    def find(self, name: str | None) -> ssl.SSLContext | None:
        """Return the context for a name: its own, that of a wildcard above it, or that of our usual name."""
        return (self._of(name) if name else None) or self._of(self.usual)

    def _of(self, name: str) -> ssl.SSLContext | None:
        name = name.lower().rstrip(".")
        return self.named.get(name) or self.named.get(f"*.{name.partition('.')[2]}")


class ServerContexts:
    """The current contexts of a process; `reload` picks up renewed files for connections made from then on."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._doors: dict[Kind, _Doors] = {}
        self._served: tuple[ServedCertificate, ...] = ()
        self._trusted: tuple[bytes, ...] = ()
        self._old: dict[Kind, tuple[ssl.SSLContext, ssl.SSLContext]] = {}
        self.reload()

    def reload(self) -> None:
        """Read the files again. On failure the old contexts stay and CannotStartError is raised."""
        place, authority = files(self._settings), self._settings.file.tls.client_authority
        names = self._settings.file.names
        fresh: dict[Kind, _Doors] = {
            "mail": _Doors(server_context(place), names.mail, {}),
            "clients": _Doors(server_context(place, client_authority=authority), names.mail, {}),
            "web": _Doors(server_context(place, alpn=_ALPN["web"]), names.app, {}),
            "proof": _Doors(server_context(place, alpn=_ALPN["proof"]), names.app, {}),
        }
        _ask_for_any(fresh["proof"].first, self._trusted)
        for doors in fresh.values():
            doors.first.sni_callback = _chooser(doors)
        self._doors = fresh
        self._name(self._served)

    def learn(self, served: Iterable[ServedCertificate]) -> bool:
        """Serve these certificates by their names from now on; return whether that is a change."""
        wanted = tuple(sorted(served, key=lambda one: (one.row.until, one.row.id)))
        if [one.row.id for one in wanted] == [one.row.id for one in self._served]:
            return False
        self._name(wanted)
        self._served = wanted
        return True

    def trust(self, authorities: Iterable[bytes]) -> None:
        """Ask browsers at the door of proofs for certificates of these authorities (DER) from now on."""
        wanted = tuple(sorted(set(authorities)))
        if wanted != self._trusted:
            self._trusted = wanted
            self.reload()

    def old(self, context: ssl.SSLContext) -> ssl.SSLContext:
        """Return the twin of a door's context that also speaks TLS 1.0 and 1.1 (app.old_tls), made when first asked for.

        The handshake goes on to the context of the name that the client asks for; versions and ciphers stay those of the
        context that it began with.
        """
        kind = next((one for one, doors in self._doors.items() if doors.first is context), None)
        if kind is None:
            return context
        strict, twin = self._old.get(kind, (None, context))
        if strict is not context:
            authority = self._settings.file.tls.client_authority if kind == "clients" else ""
            twin = loosen(server_context(files(self._settings), alpn=_ALPN[kind], client_authority=authority))
            twin.sni_callback = _chooser(self._doors[kind])
            self._old[kind] = context, twin
        return twin

    def _name(self, served: Iterable[ServedCertificate]) -> None:
        # A handshake that changes its context by the name judges what the client shows by the new one.
        authority = self._settings.file.tls.client_authority
        for kind, doors in self._doors.items():
            named: dict[str, ssl.SSLContext] = {}
            for one in served:  # what lasts longest comes last and wins
                context = _loaded(one, kind, authority if kind == "clients" else "")
                if context is not None:
                    if kind == "proof":
                        _ask_for_any(context, self._trusted)
                    named.update(dict.fromkeys(one.row.names, context))
            doors.named = named

    def current(self) -> ssl.SSLContext:
        """Return the context for mail servers. They bring certificates of any authority, so none is asked for."""
        return self._doors["mail"].first

    def clients(self) -> ssl.SSLContext:
        """Return the context for doors that people log in to with a mail program."""
        return self._doors["clients"].first

    def web(self) -> ssl.SSLContext:
        """Return the context for HTTPS."""
        return self._doors["web"].first

    def proof(self) -> ssl.SSLContext:
        """Return the context for the port where a browser shows a certificate (KA-7)."""
        return self._doors["proof"].first


def _ask_for_any(context: ssl.SSLContext, authorities: Iterable[bytes]) -> None:
    """Let a client show a certificate of one of these (DER), or none. What it is good for is judged by the service."""
    listed = False
    for one in authorities:
        try:
            context.load_verify_locations(cadata=one)
            listed = True
        except ssl.SSLError as error:
            log.event("certificate.unreadable", id=0, error=error.reason or type(error).__name__)
    if listed:
        # An authority on the way is enough, as the administrator listed it; the service wants the whole way.
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        context.verify_mode = ssl.CERT_OPTIONAL


def _chooser(doors: _Doors) -> Callable[[ssl.SSLObject | ssl.SSLSocket, str | None, ssl.SSLContext], None]:
    def choose(handshake: ssl.SSLObject | ssl.SSLSocket, name: str | None, _context: ssl.SSLContext) -> None:
        # A name that nobody serves, or none, goes on with what we usually show: RFC 6066 §3 lets it.
        found = doors.find(name)
        if found is not None:
            handshake.context = found

    return choose


def _loaded(one: ServedCertificate, kind: Kind, authority: str) -> ssl.SSLContext | None:
    context = new_context(_ALPN[kind])
    try:
        with _file(one.chain + one.key) as path:
            context.load_cert_chain(path)
        bind_certificate(context, one.chain)
        if authority:
            ask_for_certificates(context, authority)
    except (OSError, ssl.SSLError, ValueError, CannotStartError) as error:
        log.event("certificate.unreadable", id=one.row.id, error=type(error).__name__)
        return None
    return context


@contextmanager
def _file(octets: bytes) -> Iterator[str]:
    """Give octets a path for as long as it takes to read them."""
    if hasattr(os, "memfd_create"):
        descriptor = os.memfd_create("tls", os.MFD_CLOEXEC)
        try:
            os.write(descriptor, octets)
            yield f"/proc/self/fd/{descriptor}"
        finally:
            os.close(descriptor)
        return
    with tempfile.NamedTemporaryFile(mode="wb") as file:
        file.write(octets)
        file.flush()
        yield file.name
