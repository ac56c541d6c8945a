"""An outside mailbox over POP3 (ports.pull_source.PullSession).

STANDARDS  RFC 1939; messages are named by UIDL, which every server of today has: one without is not read, for what lies
           there could never be told from what was brought.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence

from smartmail.domain.pulls import PullFailed, PullItem, PullPlace, PullReason
from smartmail.edge.pulling.reaching import Reach, Wire
from smartmail.proto.pop3 import client
from smartmail.proto.pop3.client import Broken, Chunk, ClientEngine, Listed, Said, TlsGo, Whole


class Pop3Session:
    """An open maildrop."""

    def __init__(
        self, place: PullPlace, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, address: str
    ) -> None:
        self._place = place
        self._engine = ClientEngine()
        self._wire = Wire(self._engine, reader, writer)
        self.address = address
        self._capabilities: frozenset[str] = frozenset()
        self._sizes: dict[int, int] = {}

    @property
    def tls(self) -> str:
        return self._wire.tls

    async def prepare(self, reach: Reach) -> None:
        """Secure the connection and log in. Raises PullFailed, LocalProtocolError, ValueError (what cannot be said)."""
        said = await self._said()
        if not said.ok:
            raise PullFailed("busy", said.text)
        await self._ask_capabilities()
        if self._place.security == "starttls":
            self._engine.starttls()
            event = await self._wire.event()
            if not isinstance(event, TlsGo):
                raise PullFailed("no-tls", event.text if isinstance(event, Said) else _why(event))
            await reach.secure(self._place, self._wire.reader, self._wire.writer)
            self._engine.tls_started()
            await self._ask_capabilities()
        await self._log_in()

    async def _ask_capabilities(self) -> None:
        self._engine.list_("CAPA")
        lines = await self._listing()
        self._capabilities = frozenset(line.decode("ascii", "replace").upper().strip() for line in lines or ())

    async def _log_in(self) -> None:
        words = {line.partition(" ")[0]: line for line in self._capabilities}
        if self._capabilities and "USER" not in words and "PLAIN" in words.get("SASL", "").split():
            self._engine.plain(self._place.login, self._place.password)
            said = await self._said()
        else:
            said = await self._asked(f"USER {self._place.login}")
            if said.ok:
                said = await self._asked(f"PASS {self._place.password}")
        if not said.ok:
            busy = said.code.startswith(("IN-USE", "LOGIN-DELAY", "SYS/TEMP"))
            raise PullFailed("busy" if busy else "login", said.text)

    async def mailboxes(self) -> list[str]:
        return ["INBOX"]

    async def items(self, since: int) -> list[PullItem]:
        del since
        self._engine.list_("UIDL")
        named = await self._listing()
        if named is None:
            raise PullFailed("protocol", "UIDL")
        self._engine.list_("LIST")
        self._sizes = client.sizes(await self._listing() or ())
        return [PullItem(name, number) for number, name in sorted(client.unique_ids(named).items())]

    async def details(self, items: Sequence[PullItem]) -> list[PullItem]:
        return [PullItem(one.key, one.number, self._sizes.get(one.number, 0)) for one in items]

    async def head(self, item: PullItem) -> bytes:
        self._engine.list_(f"TOP {item.number} 0")
        return b"\r\n".join(await self._listing() or ())

    async def octets(self, item: PullItem) -> AsyncIterator[bytes]:
        self._engine.retrieve(item.number)
        said = await self._said()
        if not said.ok:
            raise PullFailed("protocol", said.text)
        while not isinstance(event := await self._wire.event(), Whole):
            if not isinstance(event, Chunk):
                raise PullFailed("unreachable", _why(event))
            yield event.octets

    async def finish(self, remove: Sequence[PullItem]) -> None:
        for item in remove:
            await self._asked(f"DELE {item.number}")
        said = await self._asked("QUIT")
        self.abort()
        if not said.ok:
            raise PullFailed("protocol", said.text)

    def abort(self) -> None:
        self._wire.close()

    async def _asked(self, command: str) -> Said:
        self._engine.ask(command)
        return await self._said()

    async def _said(self) -> Said:
        event = await self._wire.event()
        if isinstance(event, Said):
            return event
        raise PullFailed(_kind(event), _why(event))

    async def _listing(self) -> tuple[bytes, ...] | None:
        """Return a listing, None where the server gives none."""
        if not (await self._said()).ok:
            return None
        event = await self._wire.event()
        if not isinstance(event, Listed):
            raise PullFailed(_kind(event), _why(event))
        return event.lines


def _kind(event: object) -> PullReason:
    return "unreachable" if isinstance(event, Broken) and "ended" in event.reason else "protocol"


def _why(event: object) -> str:
    return event.reason if isinstance(event, Broken) else type(event).__name__
