"""An outside mailbox over IMAP (ports.pull_source.PullSession).

STRATEGIES  Messages are read without marking them as read. A name is UIDVALIDITY and UID together. Deletion is for the
            messages that we name and no others: a server without UIDPLUS keeps them marked as deleted, for EXPUNGE alone
            would take along what its person only marked.
STANDARDS   RFC 9051, RFC 3501, RFC 4315 (UIDPLUS).
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from smartmail.domain.pulls import MAX_FOLDERS, PullFailed, PullItem, PullPlace, PullReason
from smartmail.edge.pulling.reaching import Reach, Wire
from smartmail.proto.imap import client_answers as answers
from smartmail.proto.imap.client import Begun, Broken, Chunk, ClientEngine, Completed, Go, Greeting, TlsGo, Untagged

AT_ONCE: Final = 200
MAX_TOLD: Final = 32 << 20
"""Octets that the answers to one command take in memory, `OVERHEAD` for each among them."""
OVERHEAD: Final = 200
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
Answers = list[tuple[bytes, ...]]


class ImapSession:
    """An open mailbox."""

    def __init__(
        self, place: PullPlace, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, address: str
    ) -> None:
        self._place = place
        self._engine = ClientEngine()
        self._wire = Wire(self._engine, reader, writer)
        self.address = address
        self._capabilities: frozenset[str] = frozenset()
        self._validity = 0

    @property
    def tls(self) -> str:
        return self._wire.tls

    async def prepare(self, reach: Reach) -> None:
        """Secure the connection and log in. Raises PullFailed, LocalProtocolError, ValueError (what cannot be said)."""
        greeting = await self._wire.event()
        if not isinstance(greeting, Greeting):
            raise PullFailed(_kind(greeting), _why(greeting))
        if greeting.status != "OK":
            raise PullFailed("busy" if greeting.status == "BYE" else "protocol", greeting.text)
        if self._place.security == "starttls":
            self._engine.starttls()
            event = await self._wire.event()
            while isinstance(event, Untagged):
                event = await self._wire.event()
            if not isinstance(event, TlsGo):
                raise PullFailed("no-tls", event.text if isinstance(event, Completed) else _why(event))
            await reach.secure(self._place, self._wire.reader, self._wire.writer)
            self._engine.tls_started()
        await self._ask_capabilities()
        await self._log_in()
        await self._ask_capabilities()

    async def _ask_capabilities(self) -> None:
        _ended, told = await self._run("CAPABILITY")
        self._capabilities = frozenset().union(*(answers.capabilities(one) for one in told))

    async def _log_in(self) -> None:
        login, password = self._place.login, self._place.password
        if "AUTH=PLAIN" in self._capabilities:
            ended, _told = await self._run("AUTHENTICATE PLAIN", respond=f"\0{login}\0{password}".encode())
        elif "LOGINDISABLED" in self._capabilities:
            raise PullFailed("no-tls", "LOGINDISABLED")
        else:
            ended, _told = await self._run(f"LOGIN {answers.quoted(login)} {answers.quoted(password)}")
        if not ended.ok:
            busy = ended.code.startswith(("UNAVAILABLE", "INUSE", "LIMIT"))
            raise PullFailed("busy" if busy else "login", ended.text)

    async def mailboxes(self) -> list[str]:
        _ended, told = await self._run('LIST "" "*"')
        found = [name for one in told if (name := answers.listed(one)) is not None]
        rest = [name for name in dict.fromkeys(found) if name.upper() != "INBOX"]
        return ["INBOX", *sorted(rest)][:MAX_FOLDERS]

    async def items(self, since: int) -> list[PullItem]:
        await self._open("EXAMINE")
        wish = "UID SEARCH ALL"
        if since:
            # Days there may be those of another zone.
            day = datetime.fromtimestamp(since, UTC) - timedelta(days=1)
            wish = f"UID SEARCH SINCE {day.day}-{_MONTHS[day.month - 1]}-{day.year}"
        ended, told = await self._run(wish)
        if not ended.ok:
            raise PullFailed("protocol", ended.text)
        numbers = sorted({uid for one in told for uid in answers.searched(one)})
        return [PullItem(f"{self._validity}:{uid}", uid) for uid in numbers]

    async def _open(self, verb: str) -> None:
        ended, told = await self._run(f"{verb} {answers.mailbox_name(self._place.folder)}")
        if not ended.ok:
            raise PullFailed("folder", ended.text)
        found = [number for one in told if (number := answers.validity(answers.code_of(one))) is not None]
        if not found or (self._validity and found[0] != self._validity):
            raise PullFailed("protocol", "UIDVALIDITY")
        self._validity = found[0]

    async def details(self, items: Sequence[PullItem]) -> list[PullItem]:
        found: dict[int, PullItem] = {}
        for some in _blocks(items):
            numbers = {one.number: one for one in some}
            _ended, told = await self._run(f"UID FETCH {_set(numbers)} (RFC822.SIZE INTERNALDATE)")
            for one in told:
                facts = answers.fetched(one)
                if facts is not None and facts.uid in numbers and facts.size >= 0:
                    found[facts.uid] = PullItem(numbers[facts.uid].key, facts.uid, facts.size, facts.at)
        return [found[one.number] for one in items if one.number in found]

    async def head(self, item: PullItem) -> bytes:
        del item
        return b""

    async def octets(self, item: PullItem) -> AsyncIterator[bytes]:
        self._engine.command(f"UID FETCH {item.number} (BODY.PEEK[])", streams=True)
        left, begun = 0, False
        while not isinstance(event := await self._wire.event(), Completed):
            if isinstance(event, Begun):
                if begun:
                    raise PullFailed("protocol", "two messages where one was asked for")
                left, begun = event.size, True
            elif isinstance(event, Chunk):
                left -= len(event.octets)
                yield event.octets
            elif not isinstance(event, Untagged):
                raise PullFailed(_kind(event), _why(event))
        if not event.ok or not begun or left:
            raise PullFailed("protocol", event.text)

    async def finish(self, remove: Sequence[PullItem]) -> None:
        if remove:
            await self._open("SELECT")
            for some in _blocks(remove):
                numbers = _set(one.number for one in some)
                ended, _told = await self._run(f"UID STORE {numbers} +FLAGS.SILENT (\\Deleted)")
                if ended.ok and "UIDPLUS" in self._capabilities:
                    ended, _told = await self._run(f"UID EXPUNGE {numbers}")
                if not ended.ok:
                    raise PullFailed("protocol", ended.text)
        await self._run("LOGOUT")
        self.abort()

    def abort(self) -> None:
        self._wire.close()

    async def _run(self, command: str, respond: bytes | None = None) -> tuple[Completed, Answers]:
        """Run a command; return how it ended and what was told. Raises PullFailed where the dialog breaks."""
        self._engine.command(command)
        told: Answers = []
        octets = 0
        while not isinstance(event := await self._wire.event(), Completed):
            if isinstance(event, Untagged):
                told.append(event.pieces)
                octets += sum(map(len, event.pieces)) + OVERHEAD
                if octets > MAX_TOLD:
                    raise PullFailed("protocol", "too many answers")
            elif isinstance(event, Go) and respond is not None:
                self._engine.respond(respond)
                respond = None
            else:
                raise PullFailed(_kind(event), _why(event))
        return event, told


def _blocks(items: Sequence[PullItem]) -> Iterator[Sequence[PullItem]]:
    """Yield as many at a time as one command names."""
    for start in range(0, len(items), AT_ONCE):
        yield items[start : start + AT_ONCE]


def _set(numbers: Iterable[int]) -> str:
    """Return numbers as a set of IMAP."""
    return ",".join(map(str, sorted(numbers)))


def _kind(event: object) -> PullReason:
    return "unreachable" if isinstance(event, Broken) and "ended" in event.reason else "protocol"


def _why(event: object) -> str:
    return event.reason if isinstance(event, Broken) else type(event).__name__
