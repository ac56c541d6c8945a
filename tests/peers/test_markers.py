"""1,000 markers planted wherever a person can write; no file that the server wrote holds one.

Subjects, names, addresses, bodies, files, mailboxes, keywords, drafts, uploads, signatures, searches, the queue, a message
that is still coming in; searched in data, WAL, key file, logs and open files, while running and after the stop.
"""

import asyncio
import base64
import http.client
import json
import random
import ssl
from email.header import Header
from pathlib import Path
from urllib.parse import quote

import pytest
from tests.peers.mail_clients import Imap, Smtp
from tests.peers.markers import files_below, files_opened, forms, make_markers, search
from tests.peers.served import DOMAIN, PASSWORD, Served, put_setting, served, soon

from smartmail.proto.imap.mutf7 import encode as mailbox_name

READER, WRITER = f"u0@{DOMAIN}", f"u1@{DOMAIN}"
_AWAY = "remote.example"


@pytest.fixture
def node(tmp_path):
    directory = tmp_path / "data"
    # Nobody listens there: what is for elsewhere stays in the queue.
    put_setting(directory, "relay.smarthost", {"host": "127.0.0.1", "port": 1})
    with served(directory, "--bench") as node:
        yield node


class Planter:
    """Hands out markers and keeps what the client sent, where every planted marker must be found."""

    def __init__(self, sent: Path) -> None:
        self.markers = make_markers(1000, random.Random(20261125))
        self.planted: list[str] = []
        self._left = list(self.markers)
        self._sent = sent
        self._number = 0
        sent.mkdir()

    def word(self, *, latin: bool = False) -> str:
        """Return the next marker."""
        index = next(n for n, one in enumerate(self._left) if not latin or one.isascii())
        self.planted.append(self._left.pop(index))
        return self.planted[-1]

    def words(self, count: int) -> str:
        return " ".join(self.word() for _ in range(count))

    @property
    def left(self) -> int:
        return len(self._left)

    def keep(self, octets: bytes | str) -> bytes:
        """Note octets that go to the server."""
        octets = octets.encode() if isinstance(octets, str) else octets
        self._number += 1
        (self._sent / str(self._number)).write_bytes(octets)
        return octets


def encoded(text: str) -> str:
    return Header(text, "utf-8", maxlinelen=10_000).encode()


def message(plant: Planter, *, to: str = READER, large: bool = False) -> bytes:
    """Return a message with 20 markers: subject, names, plain and HTML text, file name, contents of a file."""
    text = plant.words(3)
    html = f"<p title='{plant.word()}'>{plant.word()}</p><!-- {plant.word()} -->"
    # A line of base64 holds 57 octets: each word stands in a line of its own.
    file = b"".join(plant.word().encode().ljust(57) for _ in range(3)) + bytes(1_500_000 if large else 100)
    lines = [
        f"From: {encoded(plant.word())} <{WRITER}>",
        f'To: "{plant.word(latin=True)}" <{to}>',
        f"Cc: {encoded(plant.word())} <{plant.word(latin=True)}@elsewhere.example>",
        f"Subject: {encoded(plant.words(2))}",
        f"Message-ID: <{plant.word(latin=True)}@marker.example>",
        f"In-Reply-To: <{plant.word(latin=True)}@marker.example>",
        f"X-Project: {plant.word(latin=True)}",
        "MIME-Version: 1.0",
        'Content-Type: multipart/mixed; boundary="b1"',
        "",
        "--b1",
        "Content-Type: text/plain; charset=utf-8",
        "Content-Transfer-Encoding: 8bit",
        "",
        text,
        "--b1",
        "Content-Type: text/html; charset=utf-16le",
        "Content-Transfer-Encoding: base64",
        "",
        base64.b64encode(html.encode("utf-16-le")).decode(),
        "--b1",
        f"Content-Type: application/octet-stream; name*=utf-8''{quote(plant.word(), safe='')}",
        f'Content-Disposition: attachment; filename="{plant.word(latin=True)}.txt"',
        "Content-Transfer-Encoding: base64",
        "",
        *base64.encodebytes(file).decode().split("\n"),
        "--b1--",
        "",
    ]
    return plant.keep("\r\n".join(lines).encode())


async def plant_by_smtp(node: Served, plant: Planter) -> None:
    session = await node.smtp("smtp")
    for number in range(10):
        sender = plant.keep(f"{plant.word(latin=True)}@sender.example").decode()
        assert await session.send(sender, [READER], message(plant, large=number < 2)) == [250]
    await session.quit()
    session = await node.smtp("submission", WRITER)
    for _ in range(5):
        away = plant.keep(f"{plant.word(latin=True)}@{_AWAY}").decode()
        envid = plant.keep(f"ENVID={plant.word(latin=True)}").decode()
        assert await session.send(WRITER, [away, READER], message(plant, to=away), envid) == [250, 250]
    await session.quit()


async def cut_off(node: Served, plant: Planter) -> Smtp:
    """Begin a large message and hold it: what of it lies in files is sealed too. The connection stays open."""
    session = await node.smtp("smtp")
    for line in ("MAIL FROM:<a@b.example>", f"RCPT TO:<{READER}>"):
        await session.command(line)
    await session.command("DATA", kind=3)
    part = plant.keep(message(plant, large=True))
    session.writer.write(part.replace(b"\r\n.", b"\r\n..") * 2)
    await session.writer.drain()
    return session


async def plant_by_imap(node: Served, plant: Planter) -> Imap:
    session = await node.imap(READER)
    for _ in range(20):
        name = plant.word()
        plant.keep(name)
        await session.ok(f'CREATE "{mailbox_name(name).decode()}"')
        inner = plant.word()
        plant.keep(inner)
        await session.ok(f'CREATE "{mailbox_name(name + "/" + inner).decode()}"')
    await session.select("INBOX")
    for uid in (await session.search("ALL"))[:10]:
        word = plant.word(latin=True)
        plant.keep(word)
        await session.ok(rf"UID STORE {uid} +FLAGS ({word})")
        missing = plant.keep(plant.word(latin=True)).decode()
        assert await session.search(f'TEXT "{missing}"') == []
    for _ in range(5):
        await session.append("Drafts", message(plant), r"\Draft")
    await session.ok("FETCH 1:* (ENVELOPE BODYSTRUCTURE)")
    return session


class Web:
    """JMAP over HTTPS with Basic authentication."""

    def __init__(self, node: Served, login: str) -> None:
        self._port = node.ports["https"]
        self._tls = ssl.create_default_context(cafile=str(node.directory / "tls" / "ca.pem"))
        self._basic = base64.b64encode(f"{login}:{PASSWORD}".encode()).decode()

    def ask(self, method: str, path: str, body: bytes | None = None, kind: str = "application/json") -> object:
        connection = http.client.HTTPSConnection("localhost", self._port, context=self._tls, timeout=30)
        headers = {"Authorization": f"Basic {self._basic}", "Content-Type": kind}
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        assert answer.status < 300, (answer.status, text[:500])
        return json.loads(text)


USING = ["urn:ietf:params:jmap:core", "urn:ietf:params:jmap:mail", "urn:ietf:params:jmap:submission"]


def plant_by_jmap(node: Served, plant: Planter) -> None:
    web = Web(node, READER)
    account = next(iter(web.ask("GET", "/jmap/session")["accounts"]))  # type: ignore[index]
    for _ in range(5):
        upload = plant.keep(f"{plant.words(3)}\n")
        web.ask("POST", f"/jmap/upload/{account}/", upload, "text/plain")
    identity = {"name": plant.word(), "email": READER, "textSignature": plant.words(2), "htmlSignature": plant.word()}
    boxes = {f"m{number}": {"name": plant.word()} for number in range(5)}
    drafts = next(iter(query(web, account, "Mailbox/query", {"filter": {"role": "drafts"}})["ids"]))
    mails = {
        f"e{number}": {
            "mailboxIds": {drafts: True},
            "keywords": {"$draft": True, plant.word(latin=True): True},
            "from": [{"name": plant.word(), "email": READER}],
            "to": [{"name": plant.word(), "email": f"{plant.word(latin=True)}@elsewhere.example"}],
            "subject": plant.words(2),
            "textBody": [{"partId": "t", "type": "text/plain"}],
            "bodyValues": {"t": {"value": plant.words(4)}},
        }
        for number in range(10)
    }
    for name, objects in (("Identity/set", {"i": identity}), ("Mailbox/set", boxes), ("Email/set", mails)):
        plant.keep(json.dumps(objects, ensure_ascii=False))
        made = query(web, account, name, {"create": objects})
        assert not made.get("notCreated"), made


def query(web: Web, account: str, name: str, arguments: dict[str, object]) -> dict[str, object]:
    call = {"using": USING, "methodCalls": [[name, {"accountId": account, **arguments}, "0"]]}
    return web.ask("POST", "/jmap/api/", json.dumps(call).encode())["methodResponses"][0][1]  # type: ignore[index]


@pytest.mark.slow
async def test_no_file_holds_what_people_wrote(node: Served, tmp_path: Path):
    plant = Planter(tmp_path / "sent")
    await plant_by_smtp(node, plant)
    held = await cut_off(node, plant)
    session = await plant_by_imap(node, plant)
    await asyncio.to_thread(plant_by_jmap, node, plant)
    await plant_rest(node, plant)
    await soon(lambda: b"queue.deferred" in node.stderr, 120, "an attempt to send")
    assert len(plant.planted) == 1000
    # The search finds everything where it does lie: in what the client sent.
    assert len(search(plant.markers, files_below(tmp_path / "sent"))) == 1000

    assert hits(node, plant, running=True) == {}
    session.close()
    held.close()
    node.stop()
    assert hits(node, plant, running=False) == {}


async def plant_rest(node: Served, plant: Planter) -> None:
    """Use up the markers in bodies."""
    session = await node.smtp("lmtp")
    while plant.left:
        text = plant.words(min(plant.left, 10))
        octets = plant.keep(f"Subject: rest\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n")
        assert await session.send("", [f"u{plant.left % 20}@{DOMAIN}"], octets) == [250]
    await session.quit()


def hits(node: Served, plant: Planter, *, running: bool) -> dict[str, list[str]]:
    """Search all that the server wrote: data, key, output, whatever its processes hold open."""
    output = node.directory.parent / "output"
    output.mkdir(exist_ok=True)
    # Copies: who reads the node's output could not add to what is being written.
    (output / "stdout").write_bytes(bytes(node.stdout))
    (output / "stderr").write_bytes(bytes(node.stderr))
    key = node.directory.parent / f"{node.directory.name}.key"
    assert key.is_file()
    files = files_below(node.directory, key, output)
    assert any(file.endswith("-wal") for file in files) == running
    if running:
        files += files_opened(node.everyone())
    return search(plant.markers, files)


def test_the_search_finds_every_form(tmp_path: Path):
    markers = make_markers(30, random.Random(1))
    for number, marker in enumerate(markers):
        for kind, octets in enumerate(sorted(forms(marker))):
            (tmp_path / f"{number}-{kind}").write_bytes(b"\x00\xff" + octets + b"\x00")
    hits = search(markers, files_below(tmp_path))
    assert sum(map(len, hits.values())) >= sum(len(forms(marker)) for marker in markers)


@pytest.mark.parametrize("before", range(4))
def test_base64_is_found_at_each_alignment(tmp_path: Path, before: int):
    markers = make_markers(30, random.Random(2))
    for number, marker in enumerate(markers):
        (tmp_path / str(number)).write_bytes(base64.b64encode(b"x" * before + marker.encode() + b"yz"))
    assert set(search(markers, files_below(tmp_path))) == set(markers)
