"""A right taken away reaches live sessions in every process of a node: IMAP that idles, EventSource, the next JMAP call."""

import asyncio
import base64
import contextlib
import json
import os
import ssl
from pathlib import Path

import pytest
from tests.peers.served import PASSWORD, Served, served

pytestmark = pytest.mark.slow

KIM, LEE = "u1@bench.test", "u2@bench.test"
BOX = f"Other Users/{KIM}/Team"
USING = ["urn:ietf:params:jmap:core", "urn:ietf:params:jmap:mail", "https://smartmail.example/jmap"]


def held_by(node: Served, port: int) -> dict[int, int]:
    """Return process id → how many connections of a port it holds."""
    established: set[str] = set()
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        fields = line.split()
        if int(fields[1].split(":")[1], 16) == port and fields[3] == "01":
            established.add(f"socket:[{fields[9]}]")
    found: dict[int, int] = {}
    for pid in node.workers().values():
        for number in os.listdir(f"/proc/{pid}/fd"):
            with contextlib.suppress(OSError):
                if os.readlink(f"/proc/{pid}/fd/{number}") in established:
                    found[pid] = found.get(pid, 0) + 1
    return found


class Web:
    """One HTTP/1.1 connection over TLS, logged in by Basic."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    @classmethod
    async def open(cls, node: Served) -> "Web":
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        return cls(*await asyncio.open_connection(node.address, node.ports["https"], ssl=context))

    def ask(self, method: str, path: str, login: str, body: bytes = b"") -> None:
        proof = base64.b64encode(f"{login}:{PASSWORD}".encode()).decode()
        head = (
            f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Basic {proof}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        self.writer.write(head.encode() + body)

    async def head(self) -> tuple[int, dict[str, str]]:
        status = int((await self.reader.readline()).split()[1])
        fields = {}
        while line := (await self.reader.readline()).strip():
            name, _, value = line.decode().partition(": ")
            fields[name.lower()] = value
        return status, fields

    async def call(self, login: str, name: str, **arguments: object) -> list[object]:
        body = json.dumps({"using": USING, "methodCalls": [[name, arguments, "0"]]}).encode()
        self.ask("POST", "/jmap/api/", login, body)
        status, fields = await self.head()
        answer = await self.reader.readexactly(int(fields["content-length"]))
        assert status == 200, answer
        return json.loads(answer)["methodResponses"][0]

    async def event(self, word: bytes) -> bytes:
        """Return the stream's octets up to a word."""
        seen = b""
        while word not in seen:
            piece = await self.reader.read(65536)
            assert piece, seen
            seen += piece
        return seen


async def sessions_of_both(node: Served) -> list:
    """Idle sessions on the shared mailbox, until every edge process holds at least one."""
    sessions = []
    for _ in range(60):
        session = await node.imap(LEE)
        await session.select(BOX)
        await session.idle()
        sessions.append(session)
        if len(held_by(node, node.ports["imap"])) >= 2 and len(sessions) >= 6:
            return sessions
    raise AssertionError("one process took all connections")


async def ended(session) -> None:
    """Wait until a session is told to go."""
    while b"BYE" not in (await session.response()).text:
        pass


def test_a_revocation_reaches_sessions_of_every_process(tmp_path):
    with served(tmp_path / "node", "--bench") as node:

        async def story() -> None:
            owner = await node.imap(KIM)
            await owner.ok("CREATE Team")
            await owner.append("Team", b"From: a@x.example\r\nSubject: x\r\n\r\nx\r\n")
            await owner.ok(f"SETACL Team {LEE} lrs")
            sessions = await sessions_of_both(node)
            webs = [await Web.open(node) for _ in range(6)]
            accounts = {await account_of(web) for web in webs}
            assert len(accounts) == 1
            account = accounts.pop()
            streams = [await Web.open(node) for _ in range(4)]
            for stream in streams:
                stream.ask("GET", "/jmap/events/?types=*&closeafter=no&ping=0", LEE)
                assert (await stream.head())[0] == 200
                await stream.event(b": open")
            for web in webs:
                assert (await web.call(LEE, "Email/query", accountId=account))[0] == "Email/query"
            await replying(webs, streams, account)
            await owner.ok(f"DELETEACL Team {LEE}")
            # Hundredths of a second when it goes by hints; a lost hint costs the 1.5 s that rights are remembered. The rest
            # is patience with a busy machine.
            async with asyncio.timeout(60):
                await asyncio.gather(*map(ended, sessions))
                # Each stream hears that its person has other accounts now, and nothing of that one any more.
                await asyncio.gather(*(stream.event(b'"Session"') for stream in streams))
            for web in webs:
                assert await web.call(LEE, "Email/query", accountId=account) == [
                    "error",
                    {"type": "accountNotFound"},
                    "0",
                ]

        async def replying(webs: list[Web], streams: list[Web], account: str) -> None:
            """Who begins to reply in one process is seen in all."""
            kim = await Web.open(node)
            [_, found, _] = await webs[0].call(LEE, "Email/query", accountId=account)
            wish = {"p": {"emailId": found["ids"][0]}}
            [name, answer, _] = await kim.call(KIM, "Presence/set", accountId=account, create=wish)
            assert name == "Presence/set" and answer["created"], answer
            async with asyncio.timeout(60):
                await asyncio.gather(*(stream.event(b'"Presence"') for stream in streams))
            for web in webs:
                [_, seen, _] = await web.call(LEE, "Presence/get", accountId=account)
                assert [one["name"] for one in seen["list"]] != [], seen

        async def account_of(web: Web) -> str:
            web.ask("GET", "/jmap/session", LEE)
            _, fields = await web.head()
            session = json.loads(await web.reader.readexactly(int(fields["content-length"])))
            return next(one for one, shown in session["accounts"].items() if shown["name"] == KIM)

        asyncio.run(story())
