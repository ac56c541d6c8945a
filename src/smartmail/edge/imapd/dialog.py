"""What the commands of one IMAP connection share: who is logged in, what is selected, and how answers are told."""

import ssl
from collections.abc import Callable
from dataclasses import dataclass

from smartmail.domain.errors import Invalid
from smartmail.domain.principal import Actor
from smartmail.edge.imapd.compression import Deflate, DeflateError
from smartmail.edge.imapd.selected import Mode, Selected
from smartmail.edge.imapd.watching import Notifying
from smartmail.edge.net.engine import EngineProtocol
from smartmail.proto.imap import events
from smartmail.proto.imap.engine import ServerEngine, Status
from smartmail.service.catalogue import Services


@dataclass(frozen=True, slots=True)
class ImapConfig:
    """What one IMAP listener offers. `tls_context` None: no STARTTLS (TLS comes first, or a proxy ends it). `jmap_url`:
    where the same mail is found by JMAP (RFC 9698), empty: nowhere. `max_messages`: of one command (RFC 9738).
    """

    host: str
    max_append: int
    tls_context: Callable[[], ssl.SSLContext] | None = None
    cleartext_login: bool = False
    jmap_url: str = ""
    max_messages: int = 1_000_000


class Dialog(EngineProtocol[events.Event]):
    """One connection, as its commands see it."""

    engine: ServerEngine

    def __init__(self, services: Services, config: ImapConfig) -> None:
        super().__init__()
        self.services = services
        self.config = config
        self.actor: Actor | None = None
        self.selected: Selected | None = None
        self.deflate: Deflate | None = None
        self.notifying: Notifying | None = None

    # RFC 4978: octets pass through the compression once it is on.

    def feed(self, data: bytes) -> bytes:
        deflate = self.deflate
        if deflate is None:
            return super().feed(data)
        try:
            plain, rest = deflate.inflate(data)
        except DeflateError:
            self.engine.bye("the compressed data is broken")
            return b""
        self.engine.receive_data(plain)
        return rest

    def flush(self) -> None:
        data = self.engine.data_to_send()
        if data:
            self.wire.write(data if self.deflate is None else self.deflate.deflate(data))

    def hinted(self) -> None:
        """Something changed somewhere: look, once no handler runs."""
        raise NotImplementedError

    def end_notify(self) -> None:
        """Tell no more of what NOTIFY asked for."""
        notifying, self.notifying = self.notifying, None
        if notifying is not None:
            notifying.end()

    def forget_login(self) -> None:
        """Nobody is logged in any more (RFC 8437 §2)."""
        self.end_notify()
        self.selected = None
        self.actor = None

    def mode(self) -> Mode:
        """Return how changes are told to this client."""
        engine = self.engine
        return Mode(engine.condstore, engine.vanishing, engine.uid_only, recent=not engine.rev2)

    def own(self) -> Actor:
        """Return who is logged in; the engine lets no command through before."""
        assert self.actor is not None
        return self.actor

    def box(self) -> Selected:
        """Return what is selected; the engine lets no command through that needs it and has none."""
        assert self.selected is not None
        return self.selected

    def writable(self) -> Selected:
        """Return what is selected for change. Raises Invalid after EXAMINE."""
        selected = self.box()
        if selected.read_only:
            raise Invalid("the mailbox was opened read-only")
        return selected

    async def write(self, data: bytes) -> None:
        """Send a part of an answer and wait while the client does not read."""
        self.engine.write(data)
        await self.drained()

    async def done(self, words: str = "done", code: bytes = b"") -> None:
        """Tell what is due and answer OK."""
        await self.tell()
        self.engine.finish(Status.OK, words, code)

    async def tell(self) -> None:
        """Write the changes that may be told during the command in progress. Raises MailboxGoneError."""
        selected = self.selected
        if selected is None or self.engine.command is None:
            return
        await selected.sync()
        mode = self.mode()
        if mode.recent:
            await selected.claim_recent()
        command = self.engine.command
        if command is not None:
            self.engine.write(selected.announce())
            self.engine.write(selected.updates(command.name, mode))

    def mailbox_gone(self) -> None:
        """The selected mailbox was deleted elsewhere: no number that the client holds means anything any more.

        RFC 2180 §3.3: ending the session is what every client understands; it connects anew and finds the mailbox gone.
        """
        self.selected = None
        self.engine.bye("the selected mailbox was deleted")
