"""One SASL login at one door: the mechanism's words, the auth service's judgement.

NAME        sasl
PURPOSE     What every door that has AUTH does alike: which mechanisms it offers, and an exchange from the first
            response to an Actor. Framing (base64, `*`, continuation lines) is the protocol engine's.
            And what follows: a connection ends when its login does.
STATES      Octets to send as a challenge, again and again, until there is an Actor or AuthFailed is raised.
FAILURE     AuthFailed for everything that is wrong with the claim; other MailErrors (store away) pass through.
SECURITY    A name that does not exist gets as many messages as one that does. Nothing of the claim is logged but the
            name.
"""

import asyncio
import secrets
from collections.abc import Callable
from typing import Protocol

from smartmail.base import log
from smartmail.domain.errors import AuthFailed, MailError
from smartmail.domain.principal import Actor, Door, Origin
from smartmail.edge.net.peer import TlsInfo
from smartmail.edge.net.wire import Wire as Connection
from smartmail.formats.address import normalize
from smartmail.proto.sasl import (
    Certificate,
    Challenge,
    Credentials,
    KeysWanted,
    Mechanism,
    Outcome,
    Proved,
    Scram,
    Token,
    Wire,
    server_mechanism,
)
from smartmail.service.identity.auth import AuthService, WireFacts
from smartmail.service.protection.defence.accounts import AccountBudgets, AccountUse

PLUS = "SCRAM-SHA-256-PLUS"
USUAL = frozenset({"tls-exporter", "tls-unique"})
"""Bindings of which programs that can bind know at least one. Where we have neither, -PLUS is not offered: such a program
would choose it and fail."""
NONCE_OCTETS = 18
NAME_CHARACTERS = 320
"""Characters of a claimed name that are logged: the longest address has 64 + 1 + 255."""
GRACE_S = 1.0
"""How long a handler may go on after its login has ended: a large message that is being sent is cut off then."""


class Session(Protocol):
    """What `LiveLogin` needs of a connection (EngineProtocol)."""

    wire: Connection
    octets_in: int

    def run(self, job: Callable[[], None]) -> None: ...
    def close(self) -> None: ...


class LiveLogin:
    """Ends one connection as soon as its login stands no more: `farewell` says why through the engine. Counts what the
    account does on it.
    """

    def __init__(
        self, auth: AuthService, accounts: AccountBudgets, session: Session, farewell: Callable[[], None]
    ) -> None:
        self._auth = auth
        self._accounts = accounts
        self._use: AccountUse | None = None
        self._counted = (0, 0)
        self._session = session
        self._farewell = farewell
        self._unwatch: Callable[[], None] | None = None
        self._timer: asyncio.TimerHandle | None = None

    async def begin(self, actor: Actor) -> None:
        """The connection has logged in. Raises TooManyConnections: it may not."""
        self.end()
        self._counted = self._octets()
        self._use = await self._accounts.enter(actor)
        self._session.wire.trust(actor.account_id)
        self._unwatch = self._auth.watch(actor, self._ended)

    def end(self) -> None:
        """Nobody is logged in any more, or the connection has gone."""
        unwatch, self._unwatch = self._unwatch, None
        timer, self._timer = self._timer, None
        if unwatch is not None:
            unwatch()
        if timer is not None:
            timer.cancel()
        use, self._use = self._use, None
        if use is not None:
            read, written = self._since()
            use.leave(read=read, written=written)

    async def command(self) -> None:
        """Whoever has logged in gives a command. Raises AccountBusy: it is to be refused."""
        if self._use is not None:
            read, written = self._since()
            await self._use.command(read=read, written=written)

    async def note(self) -> None:
        """Count a command that is not refused for the sake of the one before it."""
        if self._use is not None:
            await self._use.note(1)

    def _octets(self) -> tuple[int, int]:
        return self._session.wire.octets_out, self._session.octets_in

    def _since(self) -> tuple[int, int]:
        """Return the octets that went out and came in since this was asked last."""
        (out, came), self._counted = self._counted, self._octets()
        return self._counted[0] - out, self._counted[1] - came

    def _ended(self) -> None:
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(GRACE_S, self._session.wire.abort)
            self._session.run(self._say)

    def _say(self) -> None:
        self._farewell()
        self._session.close()


async def offered(auth: AuthService, door: Door, tls: TlsInfo | None, *, cleartext: bool = False) -> tuple[str, ...]:
    """Return the names to offer on a connection, best first; none where a login would show secrets to the network.

    `cleartext`: the listener takes logins without TLS (loopback, tests).
    """
    facts = WireFacts(
        tls=tls is not None, cleartext_allowed=cleartext, binding=tls is not None and not USUAL.isdisjoint(tls.bindings),
        certificate=bool(tls and tls.certificate),
    )  # fmt: skip
    return await auth.mechanisms(door, facts)


async def by_password(auth: AuthService, origin: Origin, login: str, password: str) -> Actor:
    """Log in where a protocol has its own words for name and password (IMAP LOGIN, POP3 PASS). Raises AuthFailed."""
    try:
        actor = await auth.login(login, password, origin)
    except MailError as error:
        _failed(origin, login[:NAME_CHARACTERS], error)
        raise
    _succeeded(actor)
    return actor


def _failed(origin: Origin, login: str, error: MailError) -> None:
    log.event("auth.failed", door=origin.door, login=login, peer=origin.address, code=error.code)


def _succeeded(actor: Actor) -> None:
    log.event("auth.ok", door=actor.origin.door, account=actor.account_id, peer=actor.origin.address)


class SaslLogin:
    """One exchange. Made by `begin`."""

    __slots__ = ("_admitted", "_auth", "_mechanism", "_origin", "_tls", "login")

    def __init__(self, auth: AuthService, origin: Origin, tls: TlsInfo | None, mechanism: Mechanism) -> None:
        self._auth = auth
        self._origin = origin
        self._tls = tls
        self._mechanism = mechanism
        self._admitted: Actor | None = None
        self.login = ""  # the name that the client gave, once it has

    @property
    def admitted(self) -> Actor | None:
        """Who has logged in while the mechanism's last words, which `step` returned, are still to be said.

        A door that says them with the success (RFC 5804 §2.1) then calls `step(None)`.
        """
        return self._admitted

    async def step(self, response: bytes | None) -> bytes | Actor:
        """Take a response (None: the command had none) and return the next challenge, or who has logged in.

        Raises AuthFailed; with a public text where the client's owner has to act (IMAP's ALERT).
        """
        try:
            result = await self._step(response)
        except MailError as error:
            _failed(self._origin, self.login, error)
            raise
        if isinstance(result, Actor):
            _succeeded(result)
        return result

    async def _step(self, response: bytes | None) -> bytes | Actor:
        if self._admitted is not None:
            # SCRAM's last message was ours; the client answers it with nothing (RFC 4422 §5 item 2a).
            if response:
                raise AuthFailed
            return self._admitted
        return await self._judge(self._mechanism.step(response))

    async def _judge(self, outcome: Outcome) -> bytes | Actor:
        match outcome:
            case Challenge(data):
                return data
            case Credentials(authzid, authcid, password):
                self._claim(authzid, authcid)
                return await self._auth.login(authcid, password, self._origin)
            case KeysWanted(authzid, authcid):
                self._claim(authzid, authcid)
                return await self._scram(authcid)
            case Proved(_, authcid, number, final):
                self._admitted = await self._auth.login_scram(authcid, number, self._origin)
                return final
            case Token(authzid, token):
                return await self._by_token(authzid, token)
            case Certificate(authzid):
                return await self._by_certificate(authzid)
            case _:
                return await self._failed()

    def _claim(self, authzid: str, authcid: str) -> None:
        self.login = authcid[:NAME_CHARACTERS]
        # Nobody acts as somebody else here: shared accounts are opened as oneself.
        if authzid and normalize(authzid) != normalize(authcid):
            raise AuthFailed

    async def _scram(self, authcid: str) -> bytes:
        offer = await self._auth.scram_offer(authcid)
        assert isinstance(self._mechanism, Scram)
        return self._mechanism.keys(offer.salt, offer.iterations, offer.keys).data

    async def _by_token(self, authzid: str, token: str) -> bytes | Actor:
        self.login = authzid[:NAME_CHARACTERS]
        try:
            return await self._auth.login_token(token, self._origin, claimed=authzid)
        except AuthFailed:
            told = self._mechanism.refuse()
            if isinstance(told, Challenge):
                return told.data
            raise

    async def _by_certificate(self, authzid: str) -> Actor:
        self.login = authzid[:NAME_CHARACTERS]
        if self._tls is None or not self._tls.certificate:
            raise AuthFailed
        return await self._auth.login_certificate(self._tls.certificate, self._origin, claimed=authzid)

    async def _failed(self) -> Actor:
        if isinstance(self._mechanism, Scram) and self.login:
            # A wrong proof is a wrong secret: recorded as one.
            return await self._auth.login_scram(self.login, None, self._origin)
        raise AuthFailed


def begin(
    auth: AuthService, origin: Origin, tls: TlsInfo | None, name: str, names: tuple[str, ...]
) -> SaslLogin | None:
    """Start an exchange of the mechanism that the client named; None when it is not among the `names` offered."""
    if name.upper() not in names:
        return None
    bindings = tls.bindings if tls is not None else {}
    wire = Wire(secrets.token_urlsafe(NONCE_OCTETS), bindings, plus_offered=PLUS in names)
    mechanism = server_mechanism(name, wire)
    return None if mechanism is None else SaslLogin(auth, origin, tls, mechanism)
