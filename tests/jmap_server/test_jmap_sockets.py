"""JMAP over WebSocket (RFC 8887), as a client sees it on a real socket."""

import asyncio
import contextlib
import json

import pytest
from tests.jmap_server.jmap_house import USING, mail
from tests.jmap_server.test_jmap_real_http import served
from wsproto import ConnectionType, WSConnection
from wsproto.events import AcceptConnection, CloseConnection, Message, RejectConnection, Request, TextMessage


class Socket:
    """A client made of a sans-I/O engine and a stream."""

    def __init__(self, reader, writer):
        self.reader = reader
        self.writer = writer
        self.engine = WSConnection(ConnectionType.CLIENT)
        self.events = []
        self.text = ""

    async def event(self):
        async with asyncio.timeout(60):
            while not self.events:
                data = await self.reader.read(65536)
                self.engine.receive_data(data or None)
                self.events += list(self.engine.events())
        return self.events.pop(0)

    async def tell(self, value):
        self.writer.write(
            self.engine.send(Message(data=value if isinstance(value, str | bytes) else json.dumps(value)))
        )

    async def hear(self):
        text = ""
        while True:
            event = await self.event()
            assert isinstance(event, TextMessage), event
            text += event.data
            if event.message_finished:
                return json.loads(text)

    async def call(self, *calls, **more):
        await self.tell({"@type": "Request", "using": USING, "methodCalls": list(calls), **more})
        return await self.hear()


@contextlib.asynccontextmanager
async def connected(port, path="/jmap/ws/", subprotocols=("jmap",), **headers):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    socket = Socket(reader, writer)
    fields = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    request = Request(host="mail.test", target=path, subprotocols=list(subprotocols), extra_headers=fields)
    writer.write(socket.engine.send(request))
    try:
        yield socket, await socket.event()
    finally:
        writer.close()


@pytest.fixture
async def port(house):
    async with served(house.app) as number:
        yield number


@pytest.fixture
def token(browser):
    return f"Bearer {browser.cookie.partition('=')[2]}"


async def test_requests_and_their_ids(browser, port, token):
    async with connected(port, authorization=token) as (socket, opened):
        assert isinstance(opened, AcceptConnection) and opened.subprotocol == "jmap"
        answer = await socket.call(["Core/echo", {"가": 1}, "c"], id="R1")
        assert (answer["@type"], answer["requestId"]) == ("Response", "R1")
        assert answer["methodResponses"] == [["Core/echo", {"가": 1}, "c"]] and answer["sessionState"]
        assert "requestId" not in await socket.call(["Core/echo", {}, "c"])
        made = await socket.call(
            ["Mailbox/set", {"accountId": browser.account, "create": {"k": {"name": "x"}}}, "0"], createdIds={}
        )
        assert made["createdIds"]["k"] == made["methodResponses"][0][1]["created"]["k"]["id"]
        for number in range(20):
            await socket.tell({"@type": "Request", "id": str(number), "using": USING, "methodCalls": []})
        assert {(await socket.hear())["requestId"] for _ in range(20)} == {str(number) for number in range(20)}


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        ("{", "notJSON"), (b"octets", "notJSON"), ("[]", "notRequest"), ({"@type": "Nonsense"}, "notRequest"),
        ({"@type": "Request", "id": 7}, "notRequest"), ({"@type": "Request", "id": "x", "using": []}, "notRequest"),
        ({"@type": "Request", "id": "x", "using": ["urn:nonsense"], "methodCalls": []}, "unknownCapability"),
        ({"@type": "Request", "id": "x", "using": USING, "methodCalls": [["Core/echo", {}, "c"]] * 65}, "limit"),
        ({"@type": "WebSocketPushEnable", "dataTypes": "all"}, "notRequest"),
        ({"@type": "WebSocketPushEnable", "dataTypes": None, "pushState": 7}, "notRequest"),
    ],
)  # fmt: skip
async def test_errors_of_requests(port, token, message, kind):
    async with connected(port, authorization=token) as (socket, _):
        await socket.tell(message)
        answer = await socket.hear()
        assert (answer["@type"], answer["type"]) == ("RequestError", f"urn:ietf:params:jmap:error:{kind}")
        expected = message["id"] if isinstance(message, dict) and message.get("id") == "x" else None
        assert answer["requestId"] == expected
        assert (await socket.call(["Core/echo", {}, "c"]))["@type"] == "Response"


async def test_push(house, kim, browser, port, token):
    async with connected(port, authorization=token) as (socket, _):
        await socket.tell({"@type": "WebSocketPushEnable", "dataTypes": ["Email", "Identity"]})
        await socket.call(["Core/echo", {}, "c"])
        # The push has begun once what happens is told.
        async with asyncio.timeout(60):
            while not house.services.hints._waiters:
                await asyncio.sleep(0.01)
        await house.deliver(kim, mail("one"))
        change = await socket.hear()
        assert change["@type"] == "StateChange" and set(change["changed"][browser.account]) == {"Email"}
        seen = change["pushState"]
        await socket.tell({"@type": "WebSocketPushDisable"})
        await socket.call(["Core/echo", {}, "c"])
        await house.deliver(kim, mail("two"))
        assert (await socket.call(["Core/echo", {}, "c"]))["@type"] == "Response"
        await socket.tell({"@type": "WebSocketPushEnable", "dataTypes": None, "pushState": seen})
        missed = await socket.hear()
        state = (await browser.call("Email/get", ids=[]))["state"]
        assert missed["changed"][browser.account]["Email"] == state and missed["pushState"] != seen
    async with asyncio.timeout(60):
        while house.services.hints._waiters:
            await asyncio.sleep(0.01)


@pytest.mark.parametrize(
    ("path", "subprotocols", "headers", "status"),
    [
        ("/jmap/ws/", ("jmap",), {}, 403), ("/jmap/ws/", ("jmap",), {"authorization": "Bearer wrong"}, 401),
        ("/jmap/ws/", (), {"authorization": "TOKEN"}, 400), ("/jmap/other", ("jmap",), {"authorization": "TOKEN"}, 404),
        ("/jmap/ws/", ("jmap",), {"cookie": "COOKIE", "origin": "https://evil.example"}, 403),
        ("/jmap/ws/", ("jmap",), {"cookie": "COOKIE"}, 403),
    ],
)  # fmt: skip
async def test_refused_handshakes(browser, port, token, path, subprotocols, headers, status):
    known = {"TOKEN": token, "COOKIE": browser.cookie}
    fields = {name: known.get(value, value) for name, value in headers.items()}
    async with connected(port, path, subprotocols, **fields) as (_, opened):
        assert isinstance(opened, RejectConnection) and opened.status_code == status


async def test_our_own_page_may_come_with_its_cookie(browser, port):
    async with connected(port, cookie=browser.cookie, origin="https://mail.test") as (socket, opened):
        assert isinstance(opened, AcceptConnection)
        assert (await socket.call(["Core/echo", {}, "c"]))["@type"] == "Response"


async def test_the_end_of_the_login_ends_the_socket(browser, port, token):
    async with connected(port, authorization=token) as (socket, _):
        await browser.ask("POST", "/auth/logout")
        await socket.tell({"@type": "Request", "using": USING, "methodCalls": []})
        event = await socket.event()
        assert isinstance(event, CloseConnection) and event.code == 1008


async def test_an_idle_socket_ends_with_its_session(house, browser, port):
    async with connected(port, cookie=browser.cookie, origin="https://mail.test") as (socket, _):
        assert (await socket.call(["Core/echo", {}, "c"]))["@type"] == "Response"
        await browser.ask("POST", "/auth/logout")
        # It asks nothing any more, and is closed all the same.
        event = await socket.event()
        assert isinstance(event, CloseConnection) and event.code == 1008


async def test_a_message_that_is_too_large_ends_the_socket(port, token):
    async with connected(port, authorization=token) as (socket, _):
        await socket.tell("x" * 10_000_001)
        await socket.writer.drain()
        event = await socket.event()
        assert isinstance(event, CloseConnection) and event.code == 1009


async def test_the_session_tells_the_address(browser):
    session = (await browser.ask("GET", "/jmap/session")).json
    capability = session["capabilities"]["urn:ietf:params:jmap:websocket"]
    assert capability == {"url": "wss://mail.test/jmap/ws/", "supportsPush": True}


async def test_requests_at_once_are_counted_over_all_sockets_of_an_account(house, browser, port, token, monkeypatch):
    """Thirty-two sockets are not thirty-two times as many requests."""
    from smartmail.edge.httpd import api
    from smartmail.proto.jmap.limits import Limits

    running, most, begun, go = [], [], asyncio.Semaphore(0), asyncio.Event()

    async def waits(calls, *_args, **_more):
        running.append(calls)
        most.append(len(running))
        begun.release()
        await go.wait()
        running.remove(calls)
        return [], None

    monkeypatch.setattr(api, "process", waits)
    bound = Limits().max_concurrent_requests
    async with contextlib.AsyncExitStack() as held:
        sockets = [(await held.enter_async_context(connected(port, authorization=token)))[0] for _ in range(bound + 2)]
        for socket in sockets:
            await socket.tell({"@type": "Request", "using": USING, "methodCalls": []})
        async with asyncio.timeout(60):
            for _ in range(bound):
                await begun.acquire()
        refused = await browser.ask("POST", "/jmap/api/", {"using": USING, "methodCalls": []})
        assert (refused.status, refused.json["limit"]) == (429, "maxConcurrentRequests")
        go.set()
        answers = [await socket.hear() for socket in sockets]
    assert {one["@type"] for one in answers} == {"Response"}
    assert max(most) == bound


async def test_a_socket_cannot_double_references_without_bound(browser, port, token):
    async with connected(port, authorization=token) as (socket, _):
        calls = [["Core/echo", {"x": "y" * 100_000}, "0"]]
        for number in range(1, 20):
            to = {"resultOf": str(number - 1), "name": "Core/echo", "path": ""}
            calls.append(["Core/echo", {"#a": to, "#b": to}, str(number)])
        told = (await socket.call(*calls))["methodResponses"]
        assert [told[0][0], told[-1][0], told[-1][1]["type"]] == ["Core/echo", "error", "invalidResultReference"]
        assert (await socket.call(["Core/echo", {}, "c"]))["@type"] == "Response"
