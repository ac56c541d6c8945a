"""How long one person's requests hold the loop of a process: `python -m tests.bench.loop_lag [--only DOOR] [--bound 0.5]`.

A whole server in this process; hostile requests come from a thread, one after the other. Measured is what each callback of the
event loop uses of the processor in the loop's own thread, so that other work on the machine does not count. The table tells the
longest callback of each request; the exit code is 1 when one is beyond the bound. Bounded: each request has SECONDS.

What threads of the pool do while they hold the interpreter is not in it: the column `ticks` shows by the wall clock how late a
timer of 10 ms was at the worst.
"""

import argparse
import asyncio
import base64
import contextlib
import json
import os
import re
import socket
import sys
import tempfile
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from tests.bench.hostile_bodies import hostile
from tests.flows.house import PASSWORD, open_house
from tests.jmap_server.jmap_house import HOST, USING
from tests.jmap_server.test_jmap_real_http import served

from smartmail.domain.authority import PERMISSIONS
from smartmail.domain.principal import Actor, Origin
from smartmail.edge.httpd.admin.openapi import document
from smartmail.edge.httpd.admin.table import OPERATIONS
from smartmail.edge.httpd.app import WebConfig, make_app
from smartmail.edge.httpd.basic.forms import _token as basic_token
from smartmail.edge.httpd.security import COOKIE
from smartmail.service.kernel.clock import DAY

SECONDS = 20.0
LOGIN = "kim@a.example"
MESSAGES = 400
TICK_S = 0.01


@dataclass(frozen=True)
class Case:
    """One hostile request: what is said first (each line is answered by one), then the request; `done` ends its answer."""

    door: str
    name: str
    hello: tuple[bytes, ...]
    request: Callable[[], bytes]
    done: bytes


class Lag:
    """The longest callback of the loop since it was last asked."""

    def __init__(self) -> None:
        self.longest = 0.0
        self.late = 0.0
        self._run = asyncio.Handle._run

    @contextlib.asynccontextmanager
    async def watched(self) -> AsyncIterator[None]:
        """Watch the loop of the caller."""
        loop, run = threading.get_ident(), self._run

        def timed(handle: asyncio.Handle) -> None:
            began = time.thread_time()
            run(handle)
            if threading.get_ident() == loop:
                self.longest = max(self.longest, time.thread_time() - began)

        asyncio.Handle._run = timed  # type: ignore[method-assign]
        ticker = asyncio.create_task(self._tick())
        try:
            yield
        finally:
            ticker.cancel()
            asyncio.Handle._run = run  # type: ignore[method-assign]

    async def _tick(self) -> None:
        while True:
            began = time.monotonic()
            await asyncio.sleep(TICK_S)
            self.late = max(self.late, time.monotonic() - began - TICK_S)

    def taken(self) -> tuple[float, float]:
        """Return (longest callback, latest tick) in seconds, and begin anew."""
        found = self.longest, self.late
        self.longest = self.late = 0.0
        return found


# --- requests ---


def _smtp(body: Callable[[], bytes]) -> Callable[[], bytes]:
    return lambda: body() + b"\r\n.\r\n"


_MAIL = b"From: a@out.test\r\nTo: kim@a.example\r\nSubject: x\r\nMIME-Version: 1.0\r\n"
BODIES: dict[str, Callable[[], bytes]] = {
    "100,000 addresses": lambda: b"To: " + b",\r\n ".join(b"a%d@b.test" % n for n in range(100_000)) + b"\r\n\r\nx",
    "long words of one header": lambda: b"Subject: " + b"\r\n ".join([b"=?utf-8?q?=41=42?="] * 40_000) + b"\r\n\r\nx",
    "100,000 header fields": lambda: b"X-A: b\r\n" * 100_000 + b"\r\nx",
    "nested multiparts": lambda: b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(20_000)
    ),
    "100,000 parts": lambda: _MAIL + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\n" * 100_000 + b"--b--",
    "html of references": lambda: _MAIL + b"Content-Type: text/html\r\n\r\n" + b"\r\n".join([b"&a" * 400] * 2_500),
    "one line of html": lambda: _MAIL + b"Content-Type: text/html\r\n\r\n" + b"\r\n".join([b"<b><i><u>" * 100] * 2_000),
    "5,000 signatures": lambda: b"DKIM-Signature: v=1; a=rsa-sha256; d=x.test; s=s; h=from; bh=eA==; b=eA==\r\n" * 5_000 + b"\r\nx",
    "quoted printable": lambda: _MAIL + b"Content-Transfer-Encoding: quoted-printable\r\n\r\n" + b"=\r\n" * 700_000,
}  # fmt: skip
_TO_DATA = (b"EHLO x", b"MAIL FROM:<a@out.test>", b"RCPT TO:<kim@a.example>", b"DATA")
_PLAIN = base64.b64encode(f"\0{LOGIN}\0{PASSWORD}".encode())
_SUBMITTED = (b"EHLO x", b"AUTH PLAIN " + _PLAIN, b"MAIL FROM:<kim@a.example>", b"RCPT TO:<kim@a.example>", b"DATA")


def mail_cases() -> Iterator[Case]:
    """Mail in, from outside and from inside."""
    for name, body in BODIES.items():
        yield Case("smtp", name, _TO_DATA, _smtp(body), b"\r\n")
    for name in ("100,000 addresses", "html of references", "100,000 parts"):
        yield Case("submission", name, _SUBMITTED, _smtp(BODIES[name]), b"\r\n")
    yield Case("smtp", "50,000 commands at once", (b"EHLO x",), lambda: b"NOOP\r\n" * 50_000 + b"QUIT\r\n", b"221 ")
    yield Case(
        "smtp",
        "10,000 recipients at once",
        _TO_DATA[:2],
        lambda: b"RCPT TO:<kim@a.example>\r\n" * 10_000 + b"QUIT\r\n",
        b"221 ",
    )


_IN = (f'a LOGIN {LOGIN} "{PASSWORD}"'.encode(), b"b SELECT INBOX")
IMAP: dict[str, Callable[[], bytes]] = {
    "search of 1,000 terms": lambda: b"c SEARCH " + b" ".join([b"OR BODY a%d TEXT b" % n for n in range(1_000)]) + b" ALL",
    "search nested deep": lambda: b"c SEARCH " + b"NOT (" * 3_000 + b"ALL" + b")" * 3_000,
    "sort by everything": lambda: b"c SORT (SUBJECT FROM TO CC DATE ARRIVAL SIZE) UTF-8 ALL",
    "thread": lambda: b"c THREAD REFERENCES UTF-8 ALL",
    "fetch everything": lambda: b"c FETCH 1:* (ENVELOPE BODYSTRUCTURE BODY.PEEK[] BODY.PEEK[HEADER] BODY.PEEK[TEXT] FLAGS)",
    "fetch 2,000 sections": lambda: b"c FETCH 1:* (" + b" ".join([b"BODY.PEEK[HEADER.FIELDS (X%d)]" % n for n in range(2_000)]) + b")",
    "long sequence set": lambda: b"c FETCH " + b",".join([b"1:*"] * 10_000) + b" FLAGS",
    "scattered sequence set": lambda: b"c FETCH " + b",".join([b"%d" % n for n in range(1, 40_000, 3)]) + b" FLAGS",
    "list of stars": lambda: b'c LIST "" "' + b"*a%" * 3_000 + b'"',
    "10,000 keywords": lambda: b"c STORE 1:* +FLAGS (" + b" ".join([b"k%d" % n for n in range(6_000)]) + b")",
    "copy everything": lambda: b"c COPY 1:* INBOX",
    "20,000 commands at once": lambda: b"x NOOP\r\n" * 20_000 + b"c NOOP",
    "parentheses": lambda: b"c FETCH 1 " + b"(" * 50_000,
    "long id": lambda: b"c ID (" + b" ".join([b'"a" "b"'] * 8_000) + b")",
}  # fmt: skip


def line_cases() -> Iterator[Case]:
    """IMAP, POP3 and ManageSieve."""
    for name, text in IMAP.items():
        yield Case("imap", name, _IN, lambda text=text: text() + b"\r\n", b"\r\nc ")  # type: ignore[misc]
    pop = (f"USER {LOGIN}".encode(), f"PASS {PASSWORD}".encode())
    yield Case("pop3", "20,000 commands at once", pop, lambda: b"NOOP\r\n" * 20_000 + b"LIST\r\nQUIT\r\n", b"\r\n.\r\n")
    yield Case("pop3", "UIDL 500 times", pop, lambda: b"UIDL\r\n" * 500 + b"QUIT\r\n", b"bye")
    sieve = (b'AUTHENTICATE "PLAIN" "' + _PLAIN + b'"',)
    for name, script in SCRIPTS.items():
        yield Case("sieve", name, sieve, lambda script=script: _checked(script()), b"\r\n")  # type: ignore[misc]


def _checked(script: bytes) -> bytes:
    return b"CHECKSCRIPT {%d+}\r\n%b\r\n" % (len(script), script)


SCRIPTS: dict[str, Callable[[], bytes]] = {
    "blocks in blocks": lambda: b"if true {" * 20_000 + b"}" * 20_000,
    "tests in tests": lambda: b"if " + b"not " * 60_000 + b"true {}",
    "lists of 100,000": lambda: b'if header :is "a" [' + b",".join([b'"b"'] * 100_000) + b"] {}",
    "stars": lambda: b'if header :matches "subject" "' + b"*a" * 60_000 + b'" {}',
    "comments": lambda: b"/* " * 100_000,
    "ifs": lambda: b"if true {keep;}\r\n" * 20_000,
}


# --- the web ---


def _call(*calls: list[object]) -> bytes:
    return json.dumps({"using": USING, "methodCalls": calls}).encode()


def _doubling() -> bytes:
    calls: list[list[object]] = [["Core/echo", {"x": "y" * 1_000}, "0"]]
    for number in range(1, 25):
        to = {"resultOf": str(number - 1), "name": "Core/echo", "path": ""}
        calls.append(["Core/echo", {"#a": to, "#b": to}, str(number)])
    return _call(*calls)


def _nothing_pointed_at() -> bytes:
    to = {"resultOf": "0", "name": "Core/echo", "path": "/x/*"}
    return _call(
        ["Core/echo", {"x": [[]] * 100_000}, "0"],
        *(["Core/echo", {f"#a{m}": to for m in range(1_000)}, str(n)] for n in range(1, 60)),
    )


def _filter(depth: int) -> dict[str, object]:
    raw: dict[str, object] = {"text": "a"}
    for _ in range(depth):
        raw = {"operator": "NOT", "conditions": [raw]}
    return raw


A = "ACCOUNT"
JMAP: dict[str, Callable[[], bytes]] = {
    "references that double": _doubling,
    "references past nothing": _nothing_pointed_at,
    "three million arrays": lambda: _call(["Core/echo", {"x": "X"}, "0"]).replace(b'"X"', b"[" + b"[]," * 3_000_000 + b"0]"),
    "a million names": lambda: b'{"using":["urn:ietf:params:jmap:core"],"methodCalls":[["Core/echo",{' + b",".join(b'"%d":1' % n for n in range(900_000)) + b'},"0"]]}',
    "everything 60 times": lambda: _call(*(["Email/get", {"accountId": A, "ids": None, "properties": ["headers", "bodyValues", "bodyStructure", "textBody", "htmlBody", "attachments"], "fetchAllBodyValues": True}, str(n)] for n in range(60))),
    "100 header forms": lambda: _call(["Email/get", {"accountId": A, "ids": None, "properties": [f"header:{name}:asAddresses:all" for name in ("To", "Cc", "From", "Bcc", "to", "TO", "tO")] + [f"header:X{n}:asText" for n in range(90)]}, "0"]),
    "ids without end": lambda: _call(["Email/get", {"accountId": A, "ids": [f"e{n}" for n in range(900_000)]}, "0"]),
    "filter of 200 texts": lambda: _call(["Email/query", {"accountId": A, "filter": {"operator": "OR", "conditions": [{"text": f"word{n}"} for n in range(200)]}}, "0"]),
    "filter of long text": lambda: _call(["Email/query", {"accountId": A, "filter": {"text": "가나다 " * 400_000}}, "0"]),
    "filter nested": lambda: _call(["Email/query", {"accountId": A, "filter": _filter(40)}, "0"]),
    "100,000 conditions": lambda: _call(["Email/query", {"accountId": A, "filter": {"operator": "OR", "conditions": [{"from": "x"}] * 100_000}}, "0"]),
    "sorts": lambda: _call(["Email/query", {"accountId": A, "sort": [{"property": "subject"}] * 100_000}, "0"]),
    "collapsed queries": lambda: _call(*(["Email/query", {"accountId": A, "collapseThreads": True, "sort": [{"property": "subject"}]}, str(n)] for n in range(60))),
    "draft to 100,000": lambda: _call(["Email/set", {"accountId": A, "create": {"k": {"mailboxIds": {"m1": True}, "to": [{"email": f"a{n}@b.test"} for n in range(100_000)]}}}, "0"]),
    "draft with a subject of 9 MB": lambda: _call(["Email/set", {"accountId": A, "create": {"k": {"mailboxIds": {"m1": True}, "subject": "가" * 3_000_000}}}, "0"]).replace(b"\\uac00", "가".encode()),
    "draft with a header of 9 MB": lambda: _call(["Email/set", {"accountId": A, "create": {"k": {"mailboxIds": {"m1": True}, "header:X-A:asText": "a " * 4_500_000}}}, "0"]),
    "draft of references": lambda: _call(["Email/set", {"accountId": A, "create": {"k": {"mailboxIds": {"m1": True}, "htmlBody": [{"partId": "1", "type": "text/html"}], "bodyValues": {"1": {"value": "&a" * 2_000_000}}}}}, "0"]),
    "patch of 200,000 paths": lambda: _call(["Email/set", {"accountId": A, "update": {"e1": {f"keywords/k{n}": True for n in range(200_000)}}}, "0"]),
    "1,000 patches of 100": lambda: _call(["Email/set", {"accountId": A, "update": {f"e{m}": {f"keywords/k{n}": True for n in range(100)} for m in range(1_000)}}, "0"]),
    "mailboxes by the thousand": lambda: _call(["Mailbox/set", {"accountId": A, "create": {f"k{n}": {"name": f"n{n}"} for n in range(1_000)}}, "0"]),
    "cards by the thousand": lambda: json.dumps({"using": [*USING, "urn:ietf:params:jmap:contacts"], "methodCalls": [["ContactCard/set", {"accountId": A, "create": {f"k{n}": {"addressBookIds": {"b1": True}, "name": {"full": "김" * 1_000}} for n in range(1_000)}}, "0"]]}).encode(),
    "a script of stars": lambda: _call(["SieveScript/validate", {"accountId": A, "blobId": "nothing"}, "0"]),
    "blob of base64": lambda: _call(["Blob/upload", {"accountId": A, "create": {"k": {"data": [{"data:asBase64": "QUFB" * 2_000_000}]}}}, "0"]),
}  # fmt: skip
TEXTS: dict[str, tuple[str, str, Callable[[], bytes]]] = {
    "form of 300,000 fields": ("POST /basic/sign-in", "application/x-www-form-urlencoded", lambda: b"&".join([b"a=%41"] * 300_000)),
    "form of signs": ("POST /basic/sign-in", "application/x-www-form-urlencoded", lambda: b"%" * 1_000_000),
    "login of a million": ("POST /auth/login", "application/json", lambda: json.dumps({"login": "a" * 1_000_000, "password": "b" * 1_000_000}).encode()),
    "long query": ("GET /basic?" + "a=b&" * 15_000, "text/plain", lambda: b""),
}  # fmt: skip


FORM, JSON = "application/x-www-form-urlencoded", "application/json"
ADMIN_HOST, ADMIN_ROOT = "admin.test", "/admin/v1"
BASIC: dict[str, Callable[[], bytes]] = {
    "letter of references": lambda: b"act=send&to=a%40b.test&subject=s&body=" + b"%26a" * 300_000,
    "to 50,000": lambda: b"act=send&subject=s&body=t&to=" + b"a%40b.test%2C" * 50_000,
    "signs that are no addresses": lambda: b"act=send&subject=s&body=t&to=" + b"%22%3C" * 300_000,
    "letter of line ends": lambda: b"act=keep&to=a%40b.test&body=" + b"%0A" * 300_000,
    "a letter of 30 MB": lambda: b"act=keep&body=" + b"%41" * 10_000_000,
    "a million fields": lambda: b"&".join([b"to=a%40b.test"] * 1_000_000),
    "subject of 10 MB": lambda: b"act=send&to=a%40b.test&body=x&subject=" + "가".encode() * 3_000_000,
}
PARTS: dict[str, Callable[[bytes], bytes]] = {
    "500,000 parts": lambda proof: proof + b"--b\r\n\r\nx\r\n" * 500_000 + b"--b--\r\n",
    "30 MB of almost boundaries": lambda proof: proof + b"--b\r\n" + _FILE + b"\r\n--" * 7_000_000 + b"\r\n--b--\r\n",
    "headers of a part": lambda proof: proof + b"--b\r\n" + b"a: b\r\n" * 2_000_000 + b"\r\nx\r\n--b--\r\n",
    "body of 30 MB": lambda proof: proof + _field("body", b"&a" * 15_000_000),
    "recipients of 1.8 MB": lambda proof: proof + _field("to", b'"<' * 900_000),
    "body of 2 MB": lambda proof: proof + _field("body", b"&a" * 1_000_000),
    "body of lines": lambda proof: proof + _field("body", b"\n" * 2_000_000),
    "subject of 2,000,000": lambda proof: proof + _field("subject", "가".encode() * 2_000_000),
    "200,000 files": lambda proof: proof + (b"--b\r\n" + _FILE + b"x\r\n") * 200_000 + b"--b--\r\n",
}


def _field(name: str, octets: bytes) -> bytes:
    head = b"--b\r\nContent-Disposition: form-data; name="
    rest = {"act": b"send", "to": b"a@b.test", "subject": b"s", "body": b"t"} | {name: octets}
    return b"".join(head + b'"%s"\r\n\r\n%s\r\n' % (one.encode(), said) for one, said in rest.items()) + b"--b--\r\n"


_FILE = b'Content-Disposition: form-data; name="files"; filename="a.txt"\r\n\r\n'
QUERIES = {"search of 3,000 words": "q=" + "+".join(["%EA%B0%80%EB%82%98"] * 3_000), "far page": "at=999999999"}


def web_cases(account: str, token: str) -> Iterator[Case]:
    """Methods, forms and the admin's door."""
    for name, body in JMAP.items():
        octets = lambda body=body: body().replace(b'"ACCOUNT"', json.dumps(account).encode())  # type: ignore[misc]  # noqa: E731
        yield _http("https", name, "POST /jmap/api/", "application/json", octets, token)
        yield Case("websocket", name, (_hello(token),), lambda octets=octets: _socket(octets()), b'"@type":"Re')  # type: ignore[misc]
    yield Case("websocket", "a message in 100,000 frames", (_hello(token),), lambda: _frames(100_000), b"\x88")
    for name, (line, kind, body) in TEXTS.items():
        yield _http("https", name, line, kind, body, "")
    proof = f"proof={basic_token(token)}&".encode()
    for name, octets in BASIC.items():
        filled = lambda octets=octets: proof + octets()  # type: ignore[misc]  # noqa: E731
        yield _http("basic", name, "POST /basic/write", FORM, filled, "", cookie=token)
    part = f'--b\r\nContent-Disposition: form-data; name="proof"\r\n\r\n{basic_token(token)}\r\n'.encode()
    for name, made in PARTS.items():
        filled = lambda made=made: made(part)  # type: ignore[misc]  # noqa: E731
        yield _http("basic", name, "POST /basic/write", "multipart/form-data; boundary=b", filled, "", cookie=token)
    for name, query in QUERIES.items():
        yield _http("basic", name, f"GET /basic?{query}", FORM, lambda: b"", "", cookie=token)


def admin_cases(key: str) -> Iterator[Case]:
    """Each act of the admin API with bodies as large as it takes, and lists that are asked for by long words."""
    paths = document(OPERATIONS)
    schemas = paths["components"]["schemas"]
    for one in OPERATIONS:
        line = f"{one.method} {ADMIN_ROOT}{re.sub('{[^}]*}', '1', one.path)}"
        told = paths["paths"][ADMIN_ROOT + one.path][one.method.lower()]
        texts = [part["name"] for part in told.get("parameters", ()) if part["schema"] == {"type": "string"}]
        if one.method == "GET" and texts and not one.stream:
            words = quote("&".join(f"{name}={'가 ' * 1_500}" for name in texts[:3]), "=&")
            yield _http("admin", f"{one.name} long words", f"{line}?{words}", JSON, lambda: b"", key, ADMIN_HOST)
        content = told.get("requestBody", {}).get("content", {})
        for kind, wanted in content.items():
            if kind == JSON:
                for name, body in hostile(wanted["schema"], schemas):
                    octets = lambda body=body: json.dumps(body, ensure_ascii=False).encode()  # type: ignore[misc]  # noqa: E731
                    yield _http("admin", f"{one.name} {name}", line, kind, octets, key, ADMIN_HOST)
    yield _http("admin", "scim filter", "GET /scim/v2/Users?filter=" + "(" * 20_000, JSON, lambda: b"", key, ADMIN_HOST)


def _http(
    door: str,
    name: str,
    line: str,
    kind: str,
    body: Callable[[], bytes],
    token: str,
    host: str = HOST,
    cookie: str = "",
) -> Case:
    proof = f"cookie: {COOKIE}={cookie}" if cookie else f"authorization: Bearer {token}"

    def made() -> bytes:
        octets = body()
        head = f"{line} HTTP/1.1\r\nhost: {host}\r\n{proof}\r\nx-smartmail: 1\r\nconnection: close\r\ncontent-type: {kind}\r\n"
        return head.encode() + b"content-length: %d\r\n\r\n" % len(octets) + octets

    return Case(door, name, (), made, b"")


def _hello(token: str) -> bytes:
    return (
        f"GET /jmap/ws/ HTTP/1.1\r\nhost: {HOST}\r\nauthorization: Bearer {token}\r\nupgrade: websocket\r\nconnection: upgrade\r\n"
        "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-version: 13\r\nsec-websocket-protocol: jmap\r\n"
    ).encode()


def _frame(octets: bytes, first: int) -> bytes:
    # RFC 6455 §5.2: a client masks; a mask of zeros leaves the octets as they are.
    size = len(octets)
    # The shortest form of a length is the only one.
    if size < 126:
        length = bytes([0x80 | size])
    else:
        length = b"\xfe" + size.to_bytes(2, "big") if size < 65_536 else b"\xff" + size.to_bytes(8, "big")
    return bytes([first]) + length + bytes(4) + octets


def _socket(octets: bytes) -> bytes:
    return _frame(b'{"@type":"Request",' + octets[1:], 0x81)


def _frames(count: int) -> bytes:
    return _frame(b"[", 0x01) + _frame(b"1", 0x00) * count + _frame(b"", 0x88)


# --- the bench ---


def say(case: Case, port: int) -> str:
    """Make one request, from a thread; return the end of its story."""
    until = time.monotonic() + SECONDS
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=SECONDS) as sock:
            for line in case.hello:
                # Whoever speaks first in a protocol of lines is the server.
                if case.door != "websocket":
                    _heard(sock, b"\r\n", until)
                sock.sendall(line + b"\r\n")
            if case.hello:
                _heard(sock, b"\r\n", until)
            threading.Thread(target=_send, args=(sock, case.request()), daemon=True).start()
            return _heard(sock, case.done, until)
    except OSError as error:
        return type(error).__name__


def _send(sock: socket.socket, octets: bytes) -> None:
    with contextlib.suppress(OSError):
        sock.sendall(octets)


def _heard(sock: socket.socket, done: bytes, until: float) -> str:
    """Read until `done`, or to the end where it is empty."""
    tail, first = b"\r\n", ""
    while time.monotonic() < until:
        sock.settimeout(max(0.1, until - time.monotonic()))
        piece = sock.recv(1 << 20)
        if not piece:
            return first or "ended"
        first = first or piece[9:12].decode("latin-1") if not done else ""
        tail = tail[-40:] + piece
        if done and done in tail:
            return "answered"
    return "late"


async def run(only: str, words: str) -> list[tuple[str, str, float, float, str]]:
    """Return (door, request, longest callback, latest tick, story) of each request."""
    found = []
    with tempfile.TemporaryDirectory(prefix="smartmail-lag-") as folder:
        directory = Path(folder) / "data"
        directory.mkdir()
        async with open_house(directory) as house:
            account = await house.person(LOGIN, is_admin=True)
            actor = Actor(account.id, account.organization_id, LOGIN, True, Origin("jmap"), account.auth_epoch)
            token = await house.services.auth.open_session(actor)
            until = house.clock.now() + DAY
            key = (await house.services.admin_api.keys.create(actor, "all", PERMISSIONS, (), until)).secret
            box = (await house.services.mailboxes.by_role(actor, account.id, "inbox")).row.id
            for number in range(MESSAGES):
                await _add(house, actor, box, number)
            app = make_app(house.services, WebConfig(HOST, "admin.test", "content.test"))
            async with served(app) as port:
                ports = {**house.ports, "https": port, "websocket": port, "admin": port, "basic": port}
                lag = Lag()
                async with lag.watched():
                    cases = [*mail_cases(), *line_cases(), *web_cases(f"a{account.id}", token), *admin_cases(key)]
                    for case in cases:
                        if only not in {"", case.door} or words not in case.name:
                            continue
                        await asyncio.sleep(0.1)
                        lag.taken()
                        story = await asyncio.to_thread(say, case, ports[case.door])
                        await asyncio.sleep(0.1)
                        longest, late = lag.taken()
                        found.append((case.door, case.name, longest, late, story))
                        print(
                            f"{case.door:<11} {case.name:<32} {longest:7.3f} s  ticks {late:7.3f} s  {story}",
                            flush=True,
                        )
    return found


async def _add(house: object, actor: Actor, box: object, number: int) -> None:
    services = house.services  # type: ignore[attr-defined]
    text = f"From: a{number}@b.test\r\nTo: {', '.join(f'x{n}@c.test' for n in range(50))}\r\nSubject: s{number % 7}\r\n"
    octets = text.encode() + b"X-Long: " + b"y" * 900 + b"\r\n\r\n" + b"words of a body\r\n" * 600
    intake = await services.messages.begin(actor, actor.account_id, len(octets))
    await intake.feed(octets)
    await services.messages.add(actor, actor.account_id, await intake.finish(), [box])


def main() -> int:
    """Print the table; say whether all of it is within the bound."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="one door")
    parser.add_argument("--words", default="", help="requests whose names hold this")
    parser.add_argument("--bound", type=float, default=0.5, help="seconds")
    options = parser.parse_args()
    found = asyncio.run(run(options.only, options.words))
    doors: dict[str, float] = {}
    for door, _, longest, _, _ in found:
        doors[door] = max(doors.get(door, 0.0), longest)
    print("\n" + "\n".join(f"{door:<11} {worst:7.3f} s" for door, worst in doors.items()))
    return 1 if any(worst > options.bound for worst in doors.values()) else 0


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    os._exit(code)
