"""A small literal IMAP client: says exactly what it is told and shows exactly what came back."""

import asyncio
import re
from dataclasses import dataclass, field

_LITERAL = re.compile(rb"\{(\d+)\}\r\n\Z")


@dataclass
class Answer:
    """`lines`: untagged responses in order, without `* ` and CRLF; literals stand where they came, mark included."""

    status: str
    code: str
    text: str
    lines: list[bytes] = field(default_factory=list)

    def __bool__(self) -> bool:
        return self.status == "OK"

    def starting(self, word: bytes) -> list[bytes]:
        return [line for line in self.lines if line.startswith(word)]

    def codes(self) -> dict[str, str]:
        """Codes of untagged OKs: name → rest."""
        found = {}
        for line in self.lines:
            match = re.match(rb"OK \[([^ \]]+) ?([^\]]*)\]", line)
            if match:
                found[match[1].decode()] = match[2].decode()
        return found

    def fetches(self) -> dict[int, dict[str, object]]:
        """Sequence number → items, of all FETCH responses merged."""
        found: dict[int, dict[str, object]] = {}
        for line in self.lines:
            match = re.match(rb"(\d+) FETCH ", line)
            if match:
                found.setdefault(int(match[1]), {}).update(items(line[match.end() :]))
        return found


class Client:
    """One connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter):
        self.reader, self.writer = reader, writer
        self._tags = 0

    @classmethod
    async def open(cls, port: int, login: str = "", password: str = "", *, limit: int = 1 << 26) -> "Client":
        client = cls(*await asyncio.open_connection("127.0.0.1", port, limit=limit))
        await client.line()
        if login:
            assert await client.cmd(f"LOGIN {login} {{}}", password.encode())
        return client

    async def line(self) -> bytes:
        """One response with its literals, CRLF cut off."""
        parts = []
        while True:
            part = await self.reader.readline()
            if not part.endswith(b"\r\n"):
                raise ConnectionError("the server closed the connection")
            parts.append(part)
            found = _LITERAL.search(part)
            if found is None:
                return b"".join(parts)[:-2]
            parts.append(await self.reader.readexactly(int(found[1])))

    def send(self, text: str | bytes) -> None:
        self.writer.write(text if isinstance(text, bytes) else text.encode())

    def next_tag(self) -> str:
        self._tags += 1
        return f"t{self._tags}"

    async def cmd(self, text: str, *literals: bytes) -> Answer:
        """Send a command; each `{}` in it is one of the literals, sent without waiting (RFC 7888)."""
        tag = self.next_tag()
        pieces = text.split("{}")
        wire = f"{tag} {pieces[0]}".encode()
        for piece, literal in zip(pieces[1:], literals, strict=True):
            wire += b"{%d+}\r\n%b" % (len(literal), literal) + piece.encode()
        self.send(wire + b"\r\n")
        return await self.answer(tag)

    async def answer(self, tag: str) -> Answer:
        lines = []
        while True:
            line = await asyncio.wait_for(self.line(), 60)
            if line.startswith(b"* "):
                lines.append(line[2:])
            elif line.startswith(tag.encode() + b" "):
                match = re.match(r"\S+ (OK|NO|BAD) (?:\[([^\]]*)\] )?(.*)", line.decode(), re.DOTALL)
                return Answer(match[1], match[2] or "", match[3], lines)
            else:
                lines.append(line)

    async def idle(self) -> str:
        tag = self.next_tag()
        self.send(f"{tag} IDLE\r\n")
        while not (await asyncio.wait_for(self.line(), 60)).startswith(b"+"):
            pass
        return tag

    async def until(self, word: bytes) -> list[bytes]:
        """Lines up to the first one that holds `word`."""
        lines = []
        while True:
            lines.append(await asyncio.wait_for(self.line(), 60))
            if word in lines[-1]:
                return lines

    async def close(self) -> None:
        self.writer.close()


_TOKEN = re.compile(
    rb'[ ]*(?:(\()|(\))|"((?:[^"\\]|\\.)*)"|\{(\d+)\}\r\n|([^ ()\[\]"{]+(?:\[[^\]]*\](?:<\d+>)?)?))', re.DOTALL
)


def values(octets: bytes) -> list[object]:
    """Parse parenthesised lists, strings, literals and atoms."""
    stack: list[list[object]] = [[]]
    at = 0
    while at < len(octets):
        match = _TOKEN.match(octets, at)
        if match is None:
            raise AssertionError(f"unreadable at {at}: {octets[at : at + 60]!r}")
        at = match.end()
        if match[1]:
            stack.append([])
        elif match[2]:
            done = stack.pop()
            stack[-1].append(done)
        elif match[3] is not None:
            stack[-1].append(re.sub(rb"\\(.)", rb"\1", match[3]))
        elif match[4]:
            stack[-1].append(octets[at : at + int(match[4])])
            at += int(match[4])
        else:
            stack[-1].append(None if match[5].upper() == b"NIL" else match[5].decode("utf-8", "replace"))
    assert len(stack) == 1
    return stack[0]


def items(octets: bytes) -> dict[str, object]:
    """Parse `(NAME value NAME value …)` of a FETCH response."""
    flat = values(octets)[0]
    assert isinstance(flat, list)
    return {str(name): value for name, value in zip(flat[::2], flat[1::2], strict=True)}
