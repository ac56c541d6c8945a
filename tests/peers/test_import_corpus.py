"""Real mail through the real commands: the SpamAssassin corpus in and out again, and an import that is killed.

The whole corpus is brought in once as files and once as mbox: those show every message of it. What is killed, or goes into
two accounts at once, is about the import and not about the messages: a landing takes a third of them for it.
"""

import base64
import http.client
import imaplib
import json
import ssl
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import apsw
import pytest
from tests.peers import corpus_child
from tests.peers.commands import Forked, start_command
from tests.peers.served import served, until
from tests.peers.spam_corpus import as_files, corpus, without_from_line
from tests.strength import FULL

from smartmail.formats import mbox

pytestmark = [pytest.mark.peer, pytest.mark.slow]

ACCOUNT = "kim@a.example"
EVERY = 1 if FULL else 3
"""Which messages are brought in where it does not matter which."""
KILLS = 9


class Shell:
    """Commands on one data directory, as processes."""

    def __init__(self, data: Path) -> None:
        self.data = data
        made = Forked(corpus_child.make, [str(data), ACCOUNT, "lee@a.example"]).finish(600)
        assert made.returncode == 0, made.stderr

    def run(self, command: str, *words: object) -> dict:
        done = self.start(command, *words).finish(600)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def start(self, command: str, *words: object) -> Forked:
        return start_command(self.data, command, "--json", *map(str, words))

    def messages(self) -> int:
        connection = apsw.Connection(str(self.data / "smartmail.db"), flags=apsw.SQLITE_OPEN_READONLY)
        connection.set_busy_timeout(5000)
        try:
            return int(connection.execute("select messages from account where login = ?", (ACCOUNT,)).get)
        finally:
            connection.close()


@pytest.fixture
def shell(tmp_path):
    return Shell(tmp_path / "data")


@dataclass(frozen=True)
class Brought:
    """A store with the whole corpus, whose mail no test changes."""

    shell: Shell
    source: Path
    told: dict
    """What the import said."""


@pytest.fixture(scope="module")
def brought(tmp_path_factory):
    folder = tmp_path_factory.mktemp("brought")
    shell, source = Shell(folder / "data"), as_files(folder / "source")
    return Brought(shell, source, shell.run("import", "--account", ACCOUNT, source))


def _octets(every: int = 1) -> Counter:
    return Counter(octets for messages in corpus().values() for octets in messages[::every])


def test_files_come_back_byte_for_byte(brought, tmp_path):
    shell, count = brought.shell, _octets().total()
    assert count > 6000
    told = brought.told
    assert (told["imported"], told["present"], told["failed"], told["lineEndsNotKept"]) == (count, 0, 0, 0)
    again = shell.run("import", "--account", ACCOUNT, brought.source)
    assert (again["imported"], again["present"]) == (0, count)
    for form, pattern in (("eml", "*.eml"), ("maildir", "*:2,*")):
        assert (
            shell.run(
                "export",
                "--account",
                ACCOUNT,
                "--reason",
                "a test of the export",
                "--format",
                form,
                "--to",
                tmp_path / form,
            )["exported"]
            == count
        )
        assert Counter(path.read_bytes() for path in (tmp_path / form).rglob(pattern)) == _octets()
    assert shell.run("check-store", "--deep")["findings"] == []


def test_mbox_files_come_back_byte_for_byte(shell, tmp_path):
    source = tmp_path / "source"
    source.mkdir()
    files, texts = {}, Counter()
    for group, messages in corpus().items():
        parts = []
        for octets in messages:
            line, text = without_from_line(octets)
            # RFC 4155: what lacks its last line end gets one in an mbox.
            text = text if text.endswith(b"\n") else text + b"\n"
            texts[text] += 1
            parts.append(line + mbox.quote(text, "mboxrd") + b"\n")
        files[f"{group}.mbox"] = b"".join(parts)
        (source / f"{group}.mbox").write_bytes(files[f"{group}.mbox"])
    told = shell.run("import", "--account", ACCOUNT, source)
    assert (told["imported"], told["failed"]) == (texts.total(), 0)
    shell.run(
        "export",
        "--account",
        ACCOUNT,
        "--reason",
        "a test of the export",
        "--format",
        "mbox",
        "--to",
        tmp_path / "mbox",
    )
    for name, octets in files.items():
        assert (tmp_path / "mbox" / name).read_bytes() == octets, name
    shell.run("export", "--account", ACCOUNT, "--reason", "a test of the export", "--to", tmp_path / "eml")
    assert Counter(path.read_bytes() for path in (tmp_path / "eml").rglob("*.eml")) == texts


def test_an_import_that_is_killed_goes_on(shell, tmp_path):
    source, expected = as_files(tmp_path / "source", EVERY), _octets(EVERY)
    count, before = expected.total(), 0
    step = count // (KILLS + 1)
    for kill_at in range(step // 3, step * KILLS, step):
        running = shell.start("import", "--account", ACCOUNT, source)
        until(lambda kill_at=kill_at, running=running: shell.messages() >= kill_at or running.poll() is not None, 120)
        running.kill()
        running.finish()
        assert shell.messages() >= max(before, kill_at)
        before = shell.messages()
    told = shell.run("import", "--account", ACCOUNT, source)
    assert told["imported"] + told["present"] == count
    assert told["present"] >= before
    assert shell.messages() == count
    shell.run("export", "--account", ACCOUNT, "--reason", "a test of the export", "--to", tmp_path / "out")
    assert Counter(path.read_bytes() for path in (tmp_path / "out").rglob("*.eml")) == expected
    assert shell.run("check-store")["findings"] == []


def test_two_imports_into_two_accounts_at_once(shell, tmp_path):
    source = as_files(tmp_path / "source", EVERY)
    other = shell.start("import", "--account", "lee@a.example", source)
    told = shell.run("import", "--account", ACCOUNT, source)
    assert other.finish().returncode == 0
    assert told["imported"] == _octets(EVERY).total()
    assert shell.run("check-store")["findings"] == []


def test_the_corpus_opens_over_imap_and_in_the_webmail(brought):
    """Every message answers FETCH of everything, and JMAP Email/get and the reading pane's body, without one error."""
    count = _octets().total()
    with served(brought.shell.data) as node:
        assert _read_over_imap(node.ports["imaps"]) == count
        assert _read_over_jmap(node.ports["https"]) == count
        assert node.stop() == 0  # the store is left whole for the others


def _read_over_imap(port: int) -> int:
    client = imaplib.IMAP4_SSL("127.0.0.1", port, ssl_context=_untrusting())
    client.login(ACCOUNT, "correct horse")
    seen = 0
    for line in client.list()[1]:
        name = line.decode().rpartition(' "/" ')[2]
        kind, found = client.select(name, readonly=True)
        total = int(found[0])
        if not total:
            continue
        kind, lines = client.fetch("1:*", "(UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODYSTRUCTURE)")
        assert kind == "OK"
        for start in range(1, total + 1, 500):
            kind, lines = client.fetch(f"{start}:{min(start + 499, total)}", "(BODY.PEEK[])")
            assert kind == "OK"
            seen += sum(isinstance(item, tuple) and bool(item[1]) for item in lines)
    client.logout()
    return seen


def _read_over_jmap(port: int) -> int:
    connection = http.client.HTTPSConnection("127.0.0.1", port, context=_untrusting(), timeout=60)
    credentials = base64.b64encode(f"{ACCOUNT}:correct horse".encode()).decode()
    headers = {"Authorization": f"Basic {credentials}", "Content-Type": "application/json"}

    def ask(method: str, path: str, body: dict | None = None) -> dict:
        connection.request(method, path, json.dumps(body) if body else None, headers)
        answer = connection.getresponse()
        octets = answer.read()
        assert answer.status == 200, (path, answer.status, octets[:300])
        return json.loads(octets)

    def call(name: str, **arguments: object) -> dict:
        using = ["urn:ietf:params:jmap:core", "urn:ietf:params:jmap:mail"]
        body = {"using": using, "methodCalls": [[name, {"accountId": account, **arguments}, "0"]]}
        answered, result, _id = ask("POST", "/jmap/api/", body)["methodResponses"][0]
        assert answered == name, result
        return result

    account = next(iter(ask("GET", "/jmap/session")["accounts"]))
    ids: list[str] = []
    while page := call("Email/query", position=len(ids), limit=500, sort=[{"property": "receivedAt"}])["ids"]:
        ids += page
    for start in range(0, len(ids), 200):
        some = ids[start : start + 200]
        got = call("Email/get", ids=some, fetchAllBodyValues=True, maxBodyValueBytes=20000)
        assert len(got["list"]) == len(some)
        for one in some:
            assert "html" in ask("GET", f"/jmap/render/{account}/{one}")
    return len(ids)


def _untrusting() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
