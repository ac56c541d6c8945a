"""One ManageSieve connection: engine events become calls on the filter service, results become answers.

NAME      sieved
PURPOSE   ManageSieve over proto.managesieve (4190 with STARTTLS): programs list, change, check and activate the filters
          of the account that logs in.
STATES    The engine's.
LIMITS    The engine's; number and size of scripts by service.flow.filters.
FAILURE   An error of the catalogue becomes NO with its code; anything else BYE, and only this connection ends. A
          script that does not compile is refused with every mistake's place, in the account's language (RFC 5804 §1.7,
          LANGUAGE), and nothing changes.
SECURITY  No password without TLS (loopback may be excepted for benches). A login that stands no more ends the session.
STANDARDS RFC 5804.
"""

import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from smartmail.domain.errors import AuthFailed, MailError
from smartmail.domain.filters import MAX_SCRIPT_OCTETS
from smartmail.domain.principal import Actor, Origin
from smartmail.edge.net import sasl
from smartmail.edge.net.engine import EngineProtocol
from smartmail.edge.sieved.errors import answer_of
from smartmail.proto.managesieve import events
from smartmail.proto.managesieve.engine import Config, ServerEngine
from smartmail.proto.sieve import DEFAULT_LIMITS, Problem
from smartmail.service.catalogue import Services
from smartmail.service.flow.filters.scripts import ScriptRefused


@dataclass(frozen=True, slots=True)
class SieveConfig:
    """What one ManageSieve listener offers. `tls_context` None: no STARTTLS (a proxy ends TLS)."""

    host: str
    tls_context: Callable[[], ssl.SSLContext] | None = None
    cleartext_login: bool = False


class SieveSession(EngineProtocol[events.Event]):
    """Drives a ServerEngine."""

    engine: ServerEngine

    def __init__(self, services: Services, config: SieveConfig) -> None:
        super().__init__()
        self._services = services
        self._filters = services.filters
        self._config = config
        self._actor: Actor | None = None
        self._language = ""
        self._login: sasl.SaslLogin | None = None
        self._live = sasl.LiveLogin(services.auth, services.defence.accounts, self, self._login_ended)

    # Hooks of EngineProtocol

    async def begin(self) -> None:
        config = Config(
            self._config.host, self._filters.extensions(), starttls=self._config.tls_context is not None,
            max_script=MAX_SCRIPT_OCTETS, max_redirects=DEFAULT_LIMITS.redirects,
        )  # fmt: skip
        self.engine = ServerEngine(config, tls=self.tls is not None)
        await self._greet()

    async def _greet(self) -> None:
        self.engine.offer(await self._mechanisms())
        self.engine.greet()

    def handle(self, event: events.Event) -> Awaitable[None] | None:
        handler = _HANDLERS.get(type(event))
        return handler(self, event) if handler is not None else None

    def deadline_passed(self) -> None:
        self.engine.bye("no command for too long")

    def failed(self, error: Exception) -> None:
        self.engine.bye("a fault of the server; try again", "TRYLATER")

    def say_goodbye(self) -> None:
        self.engine.bye("the server is stopping; connect again", "TRYLATER")

    def tls_started(self) -> None:
        self.engine.tls_established()
        self.run(self._greet)

    def finished(self) -> None:
        self._live.end()

    # Login

    def on_starttls(self, _event: events.Event) -> None:
        context = self._config.tls_context
        assert context is not None
        self.engine.begin_tls()
        self.start_tls(context())

    async def on_authenticate(self, event: events.Event) -> None:
        assert isinstance(event, events.Authenticate)
        names = await self._mechanisms()
        origin = Origin("sieve", self.peer.host, self.peer.port, tls=self.tls is not None)
        self._login = sasl.begin(self._services.auth, origin, self.tls, event.mechanism, names)
        await self._step(event.initial)

    async def on_response(self, event: events.Event) -> None:
        assert isinstance(event, events.AuthResponse)
        await self._step(event.data)

    def on_aborted(self, _event: events.Event) -> None:
        self._login = None

    async def _step(self, response: bytes | None) -> None:
        try:
            if self._login is None:
                # Offered when the command was read, taken back by the policy since.
                raise AuthFailed
            result, final = await self._login.step(response), None
            if isinstance(result, bytes) and self._login.admitted is not None:
                # SCRAM's last words go with the success here (RFC 5804 §2.1), so that there is no answer to wait for.
                final, result = result, await self._login.step(None)
            if isinstance(result, Actor):
                await self._logged_in(result, final)
            else:
                self.engine.challenge(result)
        except MailError as error:
            self._login = None
            self.engine.refuse(*answer_of(error))

    async def _logged_in(self, actor: Actor, final: bytes | None) -> None:
        self._login = None
        language = await self._filters.language(actor)
        await self._live.begin(actor)
        self._actor, self._language = actor, language
        self.engine.authenticated(actor.login, self._language, final)

    async def on_unauthenticate(self, _event: events.Event) -> None:
        self._live.end()
        self._actor, self._login, self._language = None, None, ""
        self.engine.offer(await self._mechanisms())
        self.engine.unauthenticated()

    async def _mechanisms(self) -> tuple[str, ...]:
        cleartext = self._config.cleartext_login and self.peer.is_loopback
        return await sasl.offered(self._services.auth, "sieve", self.tls, cleartext=cleartext)

    def _login_ended(self) -> None:
        self.engine.bye("the login is not valid any more")

    # Scripts

    async def on_work(self, event: events.Event) -> None:
        """Answer one of `events.Work`."""
        actor = self._actor
        assert actor is not None
        try:
            if not await self._services.auth.still_valid(actor):
                self._login_ended()
                return
            await self._live.command()
            await _WORK[type(event)](self, actor, event)
        except ScriptRefused as error:
            self._refuse_script(error.problems)
        except MailError as error:
            self.engine.refuse(*answer_of(error))

    def _refuse_script(self, problems: tuple[Problem, ...]) -> None:
        self.engine.refuse("\r\n".join(problem.sentence(self._language) for problem in problems))

    async def have_space(self, actor: Actor, event: events.Event) -> None:
        assert isinstance(event, events.HaveSpace)
        await self._filters.have_space(actor, actor.account_id, event.name, event.size)
        self.engine.accept()

    async def put(self, actor: Actor, event: events.Event) -> None:
        assert isinstance(event, events.PutScript)
        await self._filters.put(actor, actor.account_id, event.name, event.content)
        self.engine.accept("kept")

    async def check(self, _actor: Actor, event: events.Event) -> None:
        assert isinstance(event, events.CheckScript)
        problems = self._filters.check(event.content)
        if problems:
            self._refuse_script(problems)
        else:
            self.engine.accept("the script is right")

    async def list_all(self, actor: Actor, _event: events.Event) -> None:
        scripts = await self._filters.list_all(actor, actor.account_id)
        self.engine.list_scripts([(one.name, one.is_active) for one in scripts])

    async def get(self, actor: Actor, event: events.Event) -> None:
        assert isinstance(event, events.GetScript)
        script = await self._filters.find(actor, actor.account_id, event.name)
        self.engine.send_script(await self._filters.content(actor, actor.account_id, script.id))

    async def activate(self, actor: Actor, event: events.Event) -> None:
        assert isinstance(event, events.SetActive)
        wanted = (await self._filters.find(actor, actor.account_id, event.name)).id if event.name else None
        await self._filters.activate(actor, actor.account_id, wanted)
        self.engine.accept("active" if event.name else "no script is active")

    async def delete(self, actor: Actor, event: events.Event) -> None:
        assert isinstance(event, events.DeleteScript)
        script = await self._filters.find(actor, actor.account_id, event.name)
        await self._filters.delete(actor, actor.account_id, script.id)
        self.engine.accept("deleted")

    async def rename(self, actor: Actor, event: events.Event) -> None:
        assert isinstance(event, events.RenameScript)
        script = await self._filters.find(actor, actor.account_id, event.old)
        await self._filters.rename(actor, actor.account_id, script.id, event.new)
        self.engine.accept("renamed")

    def on_closed(self, _event: events.Event) -> None:
        self.close()


_WORK: dict[type, Callable[[SieveSession, Actor, events.Event], Awaitable[None]]] = {
    events.HaveSpace: SieveSession.have_space,
    events.PutScript: SieveSession.put,
    events.CheckScript: SieveSession.check,
    events.ListScripts: SieveSession.list_all,
    events.GetScript: SieveSession.get,
    events.SetActive: SieveSession.activate,
    events.DeleteScript: SieveSession.delete,
    events.RenameScript: SieveSession.rename,
}
_HANDLERS: dict[type, Callable[[SieveSession, events.Event], Awaitable[None] | None]] = {
    events.StartTls: SieveSession.on_starttls,
    events.Authenticate: SieveSession.on_authenticate,
    events.AuthResponse: SieveSession.on_response,
    events.AuthAborted: SieveSession.on_aborted,
    events.Unauthenticate: SieveSession.on_unauthenticate,
    events.Closed: SieveSession.on_closed,
    **dict.fromkeys(_WORK, SieveSession.on_work),
}
