"""LOGIN and AUTHENTICATE, and the end of what they gave: the part of an IMAP connection that knows how people prove who
they are (RFC 3501 §6.2, RFC 9051 §6.2, RFC 4959).

Must not know mailboxes.
"""

from smartmail.domain.errors import AuthFailed, MailError
from smartmail.domain.principal import Actor, Origin
from smartmail.edge.imapd.dialog import Dialog, ImapConfig
from smartmail.edge.imapd.errors import answer_of
from smartmail.edge.net import sasl
from smartmail.proto.imap import commands, events, wire
from smartmail.proto.imap.engine import Status
from smartmail.service.catalogue import Services


class LoginDialog(Dialog):
    """A Dialog that people log in to."""

    def __init__(self, services: Services, config: ImapConfig) -> None:
        super().__init__(services, config)
        self._login: sasl.SaslLogin | None = None
        self.live = sasl.LiveLogin(services.auth, services.defence.accounts, self, self.login_ended)

    def login_ended(self) -> None:
        """The login stands no more: say so; the connection ends."""
        self.engine.bye("the login is not valid any more", b"UNAVAILABLE")

    async def mechanisms(self) -> tuple[str, ...]:
        """Return the SASL names to offer on this connection now."""
        cleartext = self.config.cleartext_login and self.peer.is_loopback
        return await sasl.offered(self.services.auth, "imap", self.tls, cleartext=cleartext)

    async def offer_logins(self) -> None:
        """TLS has come, or nobody is logged in any more: what is offered may be something else now."""
        self.engine.offer_logins(await self.mechanisms())

    async def run_login(self, command: commands.Command) -> None:
        assert isinstance(command, commands.Login)
        try:
            actor = await sasl.by_password(self.services.auth, self._origin(), command.login, command.password)
        except AuthFailed as error:
            self._refuse_login(error)
        else:
            await self._logged_in(actor)

    async def run_authenticate(self, command: commands.Command) -> None:
        assert isinstance(command, commands.Authenticate)
        names = await self.mechanisms()
        self._login = sasl.begin(self.services.auth, self._origin(), self.tls, command.mechanism, names)
        if self._login is None:
            self.engine.finish(Status.NO, "that mechanism is not offered", b"CANNOT")
            return
        await self._step(command.initial)

    async def on_auth_response(self, event: events.Event) -> None:
        assert isinstance(event, events.AuthResponse)
        try:
            await self._step(event.data)
        except MailError as error:
            self.end_exchange()
            self.engine.finish(*answer_of(error))

    async def _step(self, response: bytes | None) -> None:
        assert self._login is not None
        try:
            result = await self._login.step(response)
        except AuthFailed as error:
            self._refuse_login(error)
            return
        if isinstance(result, Actor):
            await self._logged_in(result)
        else:
            self.engine.challenge(result)

    def end_exchange(self) -> None:
        """The client has given the exchange up, or it has failed."""
        self._login = None

    def forget_login(self) -> None:
        super().forget_login()
        self.live.end()
        self.run(self.offer_logins)

    def _origin(self) -> Origin:
        return Origin("imap", self.peer.host, self.peer.port, tls=self.tls is not None)

    async def _logged_in(self, actor: Actor) -> None:
        """Raises TooManyConnections."""
        await self.live.begin(actor)
        self.actor = actor
        self.end_exchange()
        self.engine.finish_login()

    def _refuse_login(self, error: AuthFailed) -> None:
        self.end_exchange()
        if error.public:
            # RFC 3501 §7.1: programs show it to the person, who has something to do.
            self.engine.write(wire.condition(b"NO", error.public, b"ALERT"))
        self.engine.finish(*answer_of(error))
