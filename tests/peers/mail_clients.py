"""Small SMTP and IMAP clients of our own: they say exactly what a test wants and keep every octet that comes back."""

import asyncio
import base64
import re
import ssl
from dataclasses import dataclass, field

_LITERAL = re.compile(rb"\{(\d+)\}\r\n$")


class Refused(Exception):
    """The server said no; `code` is the reply code of SMTP, the condition (NO, BAD, BYE) of IMAP."""

    def __init__(self, code: int | str, text: bytes) -> None:
        super().__init__(f"{code} {text!r}")
        self.code = code
        self.text = text


class Gone(ConnectionError):
    """The connection ended."""


@dataclass
class Smtp:
    """One SMTP or LMTP connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    lmtp: bool = False
    in_doubt: bool = False
    """Whether the message was sent whole and its reply has not come yet."""

    @classmethod
    async def open(cls, host: str, port: int, *, lmtp: bool = False, tls: ssl.SSLContext | None = None) -> "Smtp":
        reader, writer = await asyncio.open_connection(host, port, limit=1 << 20, ssl=tls)
        session = cls(reader, writer, lmtp)
        try:
            await session.expect(2)
            await session.command(("LHLO" if lmtp else "EHLO") + " client.example")
        except BaseException:
            writer.close()
            raise
        return session

    async def reply(self) -> tuple[int, bytes]:
        lines = b""
        while True:
            line = await self.reader.readline()
            if not line.endswith(b"\n"):
                raise Gone("no reply")
            lines += line
            if line[3:4] != b"-":
                return int(line[:3]), lines

    async def expect(self, kind: int) -> bytes:
        code, text = await self.reply()
        if code // 100 != kind:
            raise Refused(code, text)
        return text

    async def command(self, line: str, kind: int = 2) -> bytes:
        self.writer.write(line.encode() + b"\r\n")
        return await self.expect(kind)

    async def login(self, login: str, password: str) -> None:
        secret = base64.b64encode(f"\0{login}\0{password}".encode()).decode()
        await self.command(f"AUTH PLAIN {secret}")

    async def send(self, sender: str, recipients: list[str], octets: bytes, *parameters: str) -> list[int]:
        """Send one message; return the code for each recipient. Raises Refused when a command before is refused."""
        self.in_doubt = False
        commands = [" ".join([f"MAIL FROM:<{sender}>", *parameters])]
        commands += [f"RCPT TO:<{recipient}>" for recipient in recipients]
        self.writer.write("".join(f"{command}\r\n" for command in [*commands, "DATA"]).encode())
        replies = [await self.reply() for _ in range(len(commands) + 1)]
        code, text = replies[-1]
        if code != 354:
            first = next(reply for reply in replies if reply[0] // 100 not in {2, 3})
            raise Refused(first[0], first[1])
        stuffed = octets.replace(b"\r\n.", b"\r\n..")
        if stuffed.startswith(b"."):
            stuffed = b"." + stuffed
        self.writer.write(stuffed + (b".\r\n" if octets.endswith(b"\r\n") else b"\r\n.\r\n"))
        self.in_doubt = True
        await self.writer.drain()
        taken = [code // 100 == 2 for code, _ in replies[1:-1]]
        if self.lmtp:
            codes = [(await self.reply())[0] if ok else replies[n + 1][0] for n, ok in enumerate(taken)]
        else:
            final, text = await self.reply()
            codes = [final if ok else replies[n + 1][0] for n, ok in enumerate(taken)]
        self.in_doubt = False
        return codes

    async def quit(self) -> None:
        try:
            await self.command("QUIT")
        except (OSError, Refused):
            pass
        self.close()

    def close(self) -> None:
        self.writer.close()


@dataclass
class Response:
    """One untagged response: its text with `{n}` where literals stood, and the literals."""

    text: bytes
    literals: list[bytes] = field(default_factory=list)


class Imap:
    """One IMAP connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._number = 0
        self.unasked: list[Response] = []
        """Responses that came while idling."""

    @classmethod
    async def open(cls, host: str, port: int, *, tls: ssl.SSLContext | None = None) -> "Imap":
        reader, writer = await asyncio.open_connection(host, port, limit=1 << 24, ssl=tls)
        session = cls(reader, writer)
        await session.response()
        return session

    async def response(self) -> Response:
        """Read one response line with its literals."""
        found = Response(b"")
        while True:
            line = await self._reader.readline()
            if not line.endswith(b"\n"):
                raise Gone("no response")
            found.text += line
            literal = _LITERAL.search(line)
            if literal is None:
                found.text = found.text.rstrip(b"\r\n")
                return found
            found.literals.append(await self._exactly(int(literal[1])))

    async def _exactly(self, size: int) -> bytes:
        try:
            return await self._reader.readexactly(size)
        except asyncio.IncompleteReadError:
            raise Gone("half a literal") from None

    def _send(self, line: str) -> bytes:
        self._number += 1
        tag = f"t{self._number}"
        self._writer.write(f"{tag} {line}\r\n".encode())
        return tag.encode() + b" "

    async def _until(self, tag: bytes) -> tuple[bytes, list[Response]]:
        found = []
        while True:
            response = await self.response()
            if response.text.startswith(tag):
                return response.text[len(tag) :], found
            if response.text.startswith(b"* BYE"):
                raise Gone(response.text.decode("utf-8", "replace"))
            found.append(response)

    async def ok(self, line: str) -> list[Response]:
        """Run a command; return its untagged responses. Raises Refused."""
        _, found = await self.run(line)
        return found

    async def run(self, line: str) -> tuple[bytes, list[Response]]:
        """Run a command; return the words of its OK and the untagged responses. Raises Refused."""
        words, found = await self._until(self._send(line))
        if not words.startswith(b"OK"):
            raise Refused(words.split(b" ")[0].decode(), words)
        return words, found

    async def append(self, mailbox: str, octets: bytes, flags: str = "") -> int:
        """APPEND; return the UID that the server gave."""
        tag = self._send(f'APPEND "{mailbox}" ({flags}) {{{len(octets)}}}')
        while True:
            response = await self.response()
            if response.text.startswith(b"+"):
                break
            if response.text.startswith(tag):
                words = response.text[len(tag) :]
                raise Refused(words.split(b" ")[0].decode(), words)
        self._writer.write(octets + b"\r\n")
        await self._writer.drain()
        words, _ = await self._until(tag)
        if not words.startswith(b"OK"):
            raise Refused(words.split(b" ")[0].decode(), words)
        code = re.search(rb"APPENDUID \d+ (\d+)", words)
        assert code is not None, words
        return int(code[1])

    async def select(self, mailbox: str, *, examine: bool = False) -> dict[str, int]:
        """SELECT; return EXISTS, UIDVALIDITY and UIDNEXT."""
        found = b"\n".join(one.text for one in await self.ok(f'{"EXAMINE" if examine else "SELECT"} "{mailbox}"'))
        names = {"EXISTS": rb"\* (\d+) EXISTS", "UIDVALIDITY": rb"UIDVALIDITY (\d+)", "UIDNEXT": rb"UIDNEXT (\d+)"}
        return {name: int(re.search(pattern, found)[1]) for name, pattern in names.items()}  # type: ignore[index]

    async def status(self, mailbox: str, items: str) -> dict[str, int]:
        """STATUS; return item → number."""
        text = b" ".join(one.text for one in await self.ok(f'STATUS "{mailbox}" ({items})'))
        return {name: int(re.search(rb"%s (\d+)" % name.encode(), text)[1]) for name in items.split()}  # type: ignore[index]

    async def body(self, uid: int) -> bytes:
        """Return a message's bytes; what else the server says meanwhile is passed over."""
        return next(one.literals[0] for one in await self.ok(f"UID FETCH {uid} (BODY.PEEK[])") if one.literals)

    async def search(self, keys: str) -> list[int]:
        """UID SEARCH; a message that comes meanwhile is told by EXISTS, whose number is none of the answer."""
        answers = [one.text for one in await self.ok(f"UID SEARCH {keys}") if one.text.startswith(b"* SEARCH")]
        return [int(word) for answer in answers for word in answer.split() if word.isdigit()]

    async def idle(self) -> bytes:
        """Begin IDLE; return the tag for `done`."""
        tag = self._send("IDLE")
        response = await self.response()
        assert response.text.startswith(b"+"), response
        return tag

    async def done(self, tag: bytes) -> None:
        self._writer.write(b"DONE\r\n")
        await self._until(tag)

    def close(self) -> None:
        self._writer.close()
