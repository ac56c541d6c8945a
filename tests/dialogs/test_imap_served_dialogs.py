"""Golden IMAP dialogs with a whole server: every file of `imap_served/` is played over TCP against a real store.

A dialog file: `#` comment · `@` act of the world (see `Player`) · `C: ` a line from the client · `C+ ` octets without line
end (``\\r\\n`` in the text is one, ``\\0`` a NUL) · `S: ` a line the server must say · `S~ ` the same as a regular
expression; its named groups are kept, and `{name}` in later lines stands for what they held. A line may begin with a
number and `>`: the session it belongs to, 1 without. Everything that a session was told must have been expected before
it says the next line.
"""

import asyncio
import re
import shlex
import socket
import zlib
from pathlib import Path

import pytest
from tests.flows.house import PASSWORD, SIZE, open_house

from smartmail.edge.imapd.session import ImapConfig, ImapSession
from smartmail.edge.net.deadlines import Deadlines
from smartmail.edge.net.limits import Limits
from smartmail.edge.net.listener import Listener
from smartmail.edge.net.wire import Endpoint

FILES = sorted((Path(__file__).parent / "imap_served").glob("RFC*.txt"))
BODIES = {
    "simple": b"From: Ann <ann@x.example>\r\nTo: kim@a.example\r\nSubject: hello\r\n\r\nHi there\r\n",
    "korean": "From: Lee <lee@x.example>\r\nSubject: =?utf-8?b?7ZqM7J2Y?=\r\n"
    "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n회의는 내일입니다\r\n".encode(),
    "parts": b"From: Bob <bob@x.example>\r\nSubject: parts\r\nMIME-Version: 1.0\r\n"
    b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\none\r\n"
    b"--b\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n\r\nAAECAwQ=\r\n"
    b"--b\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\ncaf=C3=A9\r\n"
    b"--b\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: x-unknown\r\n\r\nzzz\r\n--b--\r\n",
}
LITERAL = re.compile(rb"\{(\d+)\}\r\n\Z")


class Session:
    def __init__(self, reader, writer):
        self.reader, self.writer = reader, writer
        self.packer = None

    def write(self, octets: bytes) -> None:
        if self.packer is not None:
            octets = self.packer.compress(octets) + self.packer.flush(zlib.Z_SYNC_FLUSH)
        self.writer.write(octets)

    def deflate(self) -> None:
        """From here on both ways are compressed (RFC 4978)."""
        self.packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
        packed, self.reader = self.reader, asyncio.StreamReader(limit=1 << 24)
        self.unpacking = asyncio.create_task(self._unpack(packed, self.reader))

    @staticmethod
    async def _unpack(packed: asyncio.StreamReader, plain: asyncio.StreamReader) -> None:
        unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
        while octets := await packed.read(65_536):
            plain.feed_data(unpacker.decompress(octets))
        plain.feed_eof()

    async def line(self) -> str:
        """One line without CRLF; a literal in it stands behind a line break."""
        parts = []
        while True:
            parts.append(await asyncio.wait_for(self.reader.readline(), 60))
            assert parts[-1].endswith(b"\n"), f"the connection ended: {parts}"
            found = LITERAL.search(parts[-1])
            if not found:
                return b"".join(parts)[:-2].decode("utf-8", "backslashreplace")
            parts.append(await self.reader.readexactly(int(found[1])))


class Player:
    def __init__(self, house):
        self.house = house
        self.sessions: dict[str, Session] = {}
        self.kept: dict[str, str] = {}
        self.where = ""
        self.messages = 0
        self.port = house.ports["imap"]
        self.listener: Listener | None = None

    async def session(self, name: str) -> Session:
        if name not in self.sessions:
            opened = await asyncio.open_connection("127.0.0.1", self.port, limit=1 << 24)
            self.sessions[name] = Session(*opened)
            await self.sessions[name].line()
        return self.sessions[name]

    async def play(self, path: Path) -> None:
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            self.where = f"{path.name}:{number}: {line}"
            name, marked, rest = line.partition(">") if line[:1].isdigit() else ("1", "", line)
            await self.step(name if marked else "1", rest if marked else line)
        for session in self.sessions.values():
            session.writer.close()
        if self.listener is not None:
            await self.listener.drain(0.1)

    async def step(self, name: str, line: str) -> None:
        kind, text = line[:3], self.filled(line[3:])
        if line.startswith("@"):
            verb, *words = shlex.split(self.filled(line[1:]).replace("\\", "\\\\"))
            await getattr(self, "act_" + verb)(name, *words)
        elif kind in {"C: ", "C+ "} or line == "C:":
            octets = text.replace("\\r\\n", "\r\n").replace("\\0", "\0").encode()
            (await self.session(name)).write(octets + (b"" if kind == "C+ " else b"\r\n"))
        elif kind in {"S: ", "S~ "}:
            got = await (await self.session(name)).line()
            if kind == "S: ":
                assert got == text.replace("\\r\\n", "\r\n").replace("\\0", "\0"), self.where
                return
            found = re.fullmatch(line[3:] if "(?P<" in line else text, got, re.DOTALL)
            assert found, f"{self.where}\ngot {got!r}"
            self.kept.update(found.groupdict())
        else:
            assert not line or line.startswith("#"), self.where

    def filled(self, text: str) -> str:
        for name, value in self.kept.items():
            text = text.replace("{" + name + "}", value)
        return text

    # -- the world -------------------------------------------------------------------------------------------

    async def act_serve(self, _name, *settings):
        """Listen anew with settings of `ImapConfig`."""
        pairs = dict(setting.split("=", 1) for setting in settings)
        numbers = {key: int(value) if value.isdigit() else value for key, value in pairs.items()}
        config = ImapConfig("mx.test", **{"max_append": SIZE, "cleartext_login": True, **numbers})
        sock = socket.create_server(("127.0.0.1", 0))
        self.port = sock.getsockname()[1]
        services = self.house.services
        endpoint = Endpoint("imap", lambda: ImapSession(services, config), limits=Limits(per_address=0, per_network=0))
        self.listener = Listener(endpoint, [sock], Deadlines(asyncio.get_running_loop()))
        self.listener.start()

    async def act_deflate(self, name):
        (await self.session(name)).deflate()

    async def act_login(self, name, login="kim@a.example"):
        if login not in self.house.accounts:
            await self.house.person(login)
        await self.quietly(name, f'LOGIN {login} "{PASSWORD}"')

    async def quietly(self, name, command: str) -> None:
        """Say something whose answer is of no interest here."""
        session = await self.session(name)
        session.write(f"quiet {command}\r\n".encode())
        while True:
            line = await session.line()
            if line.startswith("quiet "):
                assert line.startswith("quiet OK"), (self.where, line)
                return

    async def act_do(self, name, *words):
        await self.quietly(name, " ".join(words))

    async def act_message(self, name, box, body="simple", flags="", date=""):
        """Append a message; every one has a Message-ID of its own."""
        self.messages += 1
        octets = b"Message-ID: <%d@dialog>\r\n" % self.messages + BODIES[body]
        session = await self.session(name)
        when = f' "{date}"' if date else ""
        session.write(f"quiet APPEND {box} ({flags.replace(',', ' ')}){when} {{{len(octets)}+}}\r\n".encode())
        session.write(octets + b"\r\n")
        while not (line := await session.line()).startswith("quiet "):
            pass
        assert line.startswith("quiet OK"), (self.where, line)

    async def act_mail(self, name, box, *header):
        """Append a message of header lines with `|` between, and a body."""
        octets = (" ".join(header).replace("|", "\r\n") + "\r\n\r\nbody\r\n").encode()
        session = await self.session(name)
        session.write(f"quiet APPEND {box} {{{len(octets)}+}}\r\n".encode() + octets + b"\r\n")
        while not (line := await session.line()).startswith("quiet "):
            pass
        assert line.startswith("quiet OK"), (self.where, line)

    async def act_quota(self, name, login, octets):
        account = self.house.accounts[login]
        await self.house.store.update_account(account.id, quota=int(octets))


@pytest.fixture
async def house(tmp_path):
    (tmp_path / "data").mkdir()
    async with open_house(tmp_path / "data") as opened:
        await opened.person("kim@a.example")
        yield opened


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
async def test_dialog(house, path):
    await Player(house).play(path)
