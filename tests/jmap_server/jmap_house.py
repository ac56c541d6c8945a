"""The web application over real services, SQLite and a pack volume, called directly as ASGI."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from tests.house.bus import LocalBus
from tests.house.opening import NO_APP, opened

from smartmail.adapters.clock import SystemClock
from smartmail.adapters.volumes.packs import PackVolume
from smartmail.domain.account import Account
from smartmail.domain.principal import Actor, Origin
from smartmail.domain.rights import WHOLE_ACCOUNT, Grantee
from smartmail.edge.httpd.app import WebConfig, make_app
from smartmail.ports.http import HttpAnswer, HttpFailed
from smartmail.proto.jmap.limits import Limits
from smartmail.service.catalogue import Services
from smartmail.service.flow.directory import NewPerson

PASSWORD = "correct horse"
HOST = "mail.test"
USING = [
    f"urn:ietf:params:jmap:{name}"
    for name in ("core", "mail", "submission", "vacationresponse", "sieve", "mdn", "quota", "blob")
]


class CountingVolume(PackVolume):
    """Counts reads, to show what needs none."""

    reads = 0

    async def read(self, *args: Any, **kwargs: Any) -> bytes:
        self.reads += 1
        return await super().read(*args, **kwargs)


class FakeWeb:
    """ports.http.HttpClient: keeps what was asked for and answers what the test says, 201 at first."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, dict[str, str], bytes]] = []
        self.answers: list[HttpAnswer | HttpFailed] = []
        self.came = asyncio.Event()

    async def request(self, method: str, url: str, *, headers: Any = None, body: bytes = b"", **_: Any) -> HttpAnswer:
        self.asked.append((method, url, dict(headers or {}), body))
        self.came.set()
        answer = self.answers.pop(0) if self.answers else HttpAnswer(201)
        if isinstance(answer, HttpFailed):
            raise answer
        return answer

    async def next(self) -> tuple[str, str, dict[str, str], bytes]:
        """Return the oldest request that nobody has looked at."""
        async with asyncio.timeout(60):
            while not self.asked:
                self.came.clear()
                await self.came.wait()
        return self.asked.pop(0)


@dataclass
class Reply:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Stream:
    """An answer that goes on; `next` gives the next piece."""

    def __init__(self) -> None:
        self.pieces: asyncio.Queue[bytes | None] = asyncio.Queue()
        self.status = 0
        self.headers: dict[str, str] = {}
        self.leave = asyncio.Event()
        self.task: asyncio.Task[None] | None = None

    async def next(self, timeout: float = 60) -> bytes | None:
        return await asyncio.wait_for(self.pieces.get(), timeout)


@dataclass
class Browser:
    """One client: keeps a cookie, or sends what it is told."""

    app: Any
    host: str = HOST
    cookie: str = ""
    page: bool = True
    account: str = ""

    def _scope(self, method: str, url: str, headers: dict[str, str]) -> dict[str, Any]:
        parts = urlsplit(url)
        fields = {"host": self.host, **headers}
        if self.page and "x-smartmail" not in fields:
            fields["x-smartmail"] = "1"
        if self.cookie:
            fields["cookie"] = f"theme=dark; bad[=1; {self.cookie}"
        return {
            "type": "http",
            "method": method,
            "scheme": "https",
            "path": unquote(parts.path),
            "query_string": parts.query.encode(),
            "headers": [
                (name.encode(), value.encode("latin-1")) for name, value in fields.items() if value is not None
            ],
            "client": ("127.0.0.1", 5000),
        }

    async def ask(self, method: str, url: str, body: Any = b"", headers: dict[str, str] | None = None) -> Reply:
        fields = dict(headers or {})
        if not isinstance(body, bytes):
            body = json.dumps(body).encode()
            fields.setdefault("content-type", "application/json")
        messages = [
            {"type": "http.request", "body": body[at : at + 65536], "more_body": True}
            for at in range(0, len(body), 65536)
        ]
        messages.append({"type": "http.request", "body": b"", "more_body": False})
        reply = Reply(0, {}, b"")

        async def receive() -> dict[str, Any]:
            if messages:
                return messages.pop(0)
            await asyncio.sleep(3600)
            raise AssertionError

        async def send(message: dict[str, Any]) -> None:
            if message["type"] == "http.response.start":
                reply.status = message["status"]
                reply.headers = {name.decode(): value.decode("latin-1") for name, value in message["headers"]}
            else:
                reply.body += message.get("body", b"")

        await self.app(self._scope(method, url, fields), receive, send)
        given = reply.headers.get("set-cookie")
        if given:
            self.cookie = given.split(";")[0]
        return reply

    def open(self, url: str, headers: dict[str, str] | None = None) -> Stream:
        stream = Stream()
        first = [True]

        async def receive() -> dict[str, Any]:
            if first[0]:
                first[0] = False
                return {"type": "http.request", "body": b"", "more_body": False}
            await stream.leave.wait()
            return {"type": "http.disconnect"}

        async def send(message: dict[str, Any]) -> None:
            if message["type"] == "http.response.start":
                stream.status = message["status"]
                stream.headers = {name.decode(): value.decode() for name, value in message["headers"]}
                return
            if message.get("body"):
                stream.pieces.put_nowait(message["body"])
            if not message.get("more_body"):
                stream.pieces.put_nowait(None)

        stream.task = asyncio.create_task(self.app(self._scope("GET", url, headers or {}), receive, send))
        return stream

    async def calls(self, *calls: list[Any], created_ids: dict[str, str] | None = None) -> list[list[Any]]:
        """Make method calls; accountId is put in when missing, the call id too."""
        full = []
        for number, call in enumerate(calls):
            name, arguments, *rest = call
            if name != "Core/echo":
                arguments = {"accountId": self.account, **arguments}
            full.append([name, arguments, *(rest or [str(number)])])
        request: dict[str, Any] = {"using": USING, "methodCalls": full}
        if created_ids is not None:
            request["createdIds"] = created_ids
        reply = await self.ask("POST", "/jmap/api/", request)
        assert reply.status == 200, reply.body
        return reply.json["methodResponses"]

    async def call(self, name: str, **arguments: Any) -> Any:
        """Make one call and return its answer's arguments."""
        [[answered, result, _]] = (await self.calls([name, arguments]))[:1]
        assert answered == name, result
        return result

    async def error(self, name: str, **arguments: Any) -> str:
        [[answered, result, _]] = await self.calls([name, arguments])
        assert answered == "error", result
        return result["type"]


@dataclass
class House:
    services: Services
    store: Any
    bus: LocalBus
    volume: CountingVolume
    app: Any
    web: FakeWeb
    accounts: dict[str, Account] = field(default_factory=dict)

    async def person(self, login: str, password: str | None = None, **facts: Any) -> Account:
        """Make an account; a password costs time, so only tests of passwords ask for one."""
        account = await self.services.provisioning.person(
            NewPerson(login, login.split("@", maxsplit=1)[0], **facts), password
        )
        self.accounts[login] = account
        return account

    def actor(self, account: Account) -> Actor:
        return Actor(account.id, account.organization_id, account.login, False, Origin("jmap"), account.auth_epoch)

    async def browser(self, login: str) -> Browser:
        """Return a browser with a session."""
        account = self.accounts[login]
        token = await self.services.auth.open_session(self.actor(account))
        return Browser(self.app, cookie=f"__Host-smartmail={token}", account=f"a{account.id}")

    async def share(self, owner: Account, with_: Account, rights: str, role: str | None = "inbox") -> None:
        """Give rights (RFC 4314 letters) on a mailbox by its role, or on the whole account."""
        actor = self.actor(owner)
        box = WHOLE_ACCOUNT
        if role is not None:
            box = (await self.services.mailboxes.by_role(actor, owner.id, role)).row.id
        grantee = Grantee("account", with_.id)
        await self.services.sharing.share(actor, owner.id, box, grantee, frozenset(rights), quiet=True)

    async def deliver(
        self, account: Account, octets: bytes, role: str = "inbox", names: tuple[str, ...] = (), at: int | None = None
    ) -> int:
        """Put a message into a mailbox; return its number."""
        actor = self.actor(account)
        box = await self.services.mailboxes.by_role(actor, account.id, role)
        intake = await self.services.messages.begin(actor, account.id, len(octets))
        await intake.feed(octets)
        added = await self.services.messages.add(
            actor, account.id, await intake.finish(), [box.row.id], names=names, received_at=at
        )
        return added.message_id


@contextlib.asynccontextmanager
async def open_house(
    directory: Path, *, webmail: Path | None = None, limits: Limits | None = None
) -> AsyncIterator[House]:
    bus, web = LocalBus(), FakeWeb()
    async with opened(directory, clock=SystemClock(), bus=bus, volume=CountingVolume, http=web) as base:
        services = base.services
        organization_id = await services.provisioning.organization("test")
        await services.directory.add_domain("a.example", organization_id)
        config = WebConfig(
            HOST, "admin.test", "files.test", 10443, webmail=webmail or NO_APP,
            admin=NO_APP, limits=limits or Limits(), poll_s=0.05,
        )  # fmt: skip
        yield House(services, base.store, bus, base.volume, make_app(services, config), web)


def mail(subject: str = "hello", body: str = "some words", **fields: str) -> bytes:
    head = {
        "From": "Lee <lee@b.example>",
        "To": "kim@a.example",
        "Subject": subject,
        "Date": "Tue, 01 Jul 2025 09:00:00 +0900",
        "Message-ID": f"<{abs(hash((subject, body)))}@b.example>",
        **{name.replace("_", "-"): value for name, value in fields.items()},
    }
    lines = [f"{name}: {value}" for name, value in head.items() if value]
    return ("\r\n".join(lines) + "\r\n\r\n" + body.replace("\n", "\r\n") + "\r\n").encode()
