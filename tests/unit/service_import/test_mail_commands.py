"""The commands, run as the shell runs them but in this process."""

import io
import json
import os

import apsw
import pytest
from tests.peers.served import free_port_base
from tests.unit.service_import.quiet_house import quiet_house

from smartmail.app.cli import diagnosis, main
from smartmail.app.cli.progress import Progress
from smartmail.app.cli.progress import _duration as duration
from smartmail.app.cli.sizes import size_of, size_text
from smartmail.domain.domain_looks import WantedRecord
from smartmail.service.people.domain_records import zone

MAIL = b"From: kim@a.example\nSubject: hello\n\ntext\n"


# Commands whose first word is an act.
ACTS = {
    "account",
    "group",
    "hold",
    "attachments",
    "audit",
    "siem",
    "destruction",
    "investigation",
    "domain",
    "filters",
    "policy",
    "queue",
    "search",
    "share",
    "geo",
}


@pytest.fixture
def shell(tmp_path, capsys, monkeypatch):
    """A data directory with the domain a.example, and a function that runs a command on it."""
    import asyncio

    from smartmail.app.node import open_node
    from smartmail.app.settings import load

    data = tmp_path / "data"

    async def first_start():
        async with open_node(load(str(data)), first_start=True) as node:
            organization_id = await node.services.provisioning.organization("test")
            await node.services.directory.add_domain("a.example", organization_id)

    asyncio.run(first_start())
    capsys.readouterr()

    def run(*words, given="", expect=0):
        monkeypatch.setattr("sys.stdin", io.StringIO(given))
        command, *rest = map(str, words)
        acts = rest[: 2 if rest[:1] == ["review"] else 1] if command in ACTS else []
        code = main([command, *acts, "--data", str(data), "--json", *rest[len(acts) :]])
        told = capsys.readouterr()
        assert code == expect, told.err
        return json.loads(told.out) if told.out else told.err

    run.data = data
    return run


@pytest.fixture
def kim(shell):
    shell("account", "add", "kim@a.example", "--password", "-", "--name", "김민수", given="correct horse\n")
    return "kim@a.example"


def test_domains(shell):
    assert shell("domain", "add", "한국.example")["name"] == "xn--3e0b707e.example"
    assert "already" in shell("domain", "add", "a.example", expect=73)
    assert [one["name"] for one in shell("domain", "list")["items"]] == ["a.example", "xn--3e0b707e.example"]
    assert shell("domain", "keys", "a.example")["items"] == []
    made = shell("domain", "new-key", "a.example", "sm1", "--kind", "ed25519")
    assert shell("domain", "keys", "a.example")["items"] == [made]
    assert "domain list" in shell("domain", "keys", "b.example", expect=66)
    # Nobody shall publish that his mail goes to "localhost": until the server has a name there is no such record.
    assert {one["purpose"] for one in shell("domain", "records", "a.example")["items"]} == {
        "spf", "dmarc", "dkim", "tls-reports",
    }  # fmt: skip
    (shell.data / "node.toml").write_text('[names]\nmail = "mail.a.example"\napp = "mail.a.example"\n')
    records = {one["name"]: one for one in shell("domain", "records", "a.example")["items"]}
    assert records["_imaps._tcp.a.example"]["text"].startswith("0 1 ")
    assert records["sm1._domainkey.a.example"]["text"] == made["text"]
    assert "domain list" in shell("domain", "records", "b.example", expect=66)


def test_accounts(shell, kim):
    assert "already" in shell("account", "add", kim, expect=73)
    shell("account", "add", "kim@b.example", expect=66)
    made = shell("account", "add", "lee@a.example", "--quota", "1G")
    assert (made["name"], made["quota"], made["kind"]) == ("lee", 1 << 30, "person")
    assert shell("account", "add", "room@a.example", "--kind", "resource")["kind"] == "resource"
    assert shell("account", "setup-link", "lee@a.example")["url"].startswith("https://")
    assert shell("account", "set", kim, "--quota", "2G")["quota"] == 2 << 30
    assert shell("account", "set", kim, "--quota", "none")["quota"] is None
    assert shell("account", "alias", kim, "ms@a.example") == {"address": "ms@a.example"}
    assert [one["address"] for one in shell("account", "addresses", kim)["items"]] == [kim, "ms@a.example"]
    assert shell("account", "close", "ms@a.example")["state"] == "closed"
    assert shell("account", "reopen", kim)["state"] == "active"
    assert "no account" in shell("account", "close", "nobody@a.example", expect=1)
    assert [(one["address"], one["name"]) for one in shell("account", "list")["items"]] == [
        (kim, "김민수"), ("lee@a.example", "lee"), ("room@a.example", "room"),
    ]  # fmt: skip


def test_passwords_never_come_from_the_command_line(shell, kim):
    for words in ((), ("--password", "-")):
        shell("account", "passwd", kim, *words, given="another horse\n")
    assert "10 characters" in shell("account", "passwd", kim, given="short\n", expect=65)
    for words in (("passwd", kim), ("add", "lee@a.example")):
        with pytest.raises(SystemExit):
            shell("account", *words, "--password", "another horse")


def test_import_and_export(shell, kim, tmp_path):
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "1.eml").write_bytes(MAIL)
    (tmp_path / "old" / "2.eml").write_bytes(b"")
    told = shell("import", "--account", kim, tmp_path / "old", expect=1)
    assert (told["imported"], told["failed"], told["reasons"]) == (1, 1, {"empty": 1})
    assert shell("import", "--account", kim, tmp_path / "old" / "1.eml")["present"] == 1
    told = shell("export", "--account", kim, "--reason", "a test of the export", "--to", tmp_path / "out")
    assert (told["exported"], told["mailboxes"]) == (1, {"INBOX": 1})
    assert [path.read_bytes() for path in (tmp_path / "out").rglob("*.eml")] == [MAIL]
    assert "not empty" in shell(
        "export", "--account", kim, "--reason", "a test of the export", "--to", tmp_path / "out", expect=1
    )
    file = tmp_path / "inbox.mbox"
    shell(
        "export",
        "--account",
        kim,
        "--reason",
        "a test of the export",
        "--to",
        file,
        "--format",
        "mbox",
        "--mailbox",
        "inbox",
    )
    assert file.read_bytes().endswith(MAIL + b"\n")
    assert "exists" in shell(
        "export",
        "--account",
        kim,
        "--reason",
        "a test of the export",
        "--to",
        file,
        "--format",
        "mbox",
        "--mailbox",
        "INBOX",
        expect=1,
    )
    assert "There are: INBOX" in shell(
        "export",
        "--account",
        kim,
        "--reason",
        "a test of the export",
        "--to",
        tmp_path / "x",
        "--mailbox",
        "Nowhere",
        expect=1,
    )
    assert "no account" in shell("import", "--account", "nobody@a.example", tmp_path / "old", expect=1)


def test_an_import_into_a_full_account_says_what_to_do(shell, kim, tmp_path, capsys):
    (tmp_path / "1.eml").write_bytes(MAIL * 50)
    shell("account", "set", kim, "--quota", "1K")
    told = shell("import", "--account", kim, tmp_path / "1.eml", expect=1)
    assert "account set kim@a.example --quota" in told["stopped"]


FILE = b"%PDF-1.4" + b"x" * 200_000
LETTER = (
    b"From: lee@b.example\r\nTo: kim@a.example\r\nSubject: plan\r\nDate: Mon, 02 Jan 2023 09:00:00 +0900\r\n"
    b"Message-ID: <l1@b.example>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
    b"--b\r\n\r\nwords\r\n--b\r\nContent-Type: application/pdf\r\n"
    b'Content-Disposition: attachment; filename="plan.pdf"\r\n\r\n' + FILE + b"\r\n--b--\r\n"
)


def test_attachments_of_old_mail_go_by_rule_and_come_back(shell, kim, tmp_path):
    (tmp_path / "1.eml").write_bytes(LETTER)
    (tmp_path / "2.eml").write_bytes(MAIL)
    shell("import", "--account", kim, tmp_path / "1.eml", tmp_path / "2.eml")
    listed = shell("attachments", "list", "--account", kim)
    assert [one["name"] for one in listed["attachments"]] == ["plan.pdf"] and listed["total"] == 1
    rule = ["--larger-than", "100K", "--older-than", 365]
    for words in (["--larger-than", "1M", "--older-than", 365], ["--larger-than", "100K", "--older-than", 36500]):
        assert shell("attachments", "delete", "--all", *words)["files"] == 0
    assert shell("attachments", "delete", "--account", kim, *rule, "--dry-run")["files"] == 1
    assert shell("attachments", "list", "--account", kim)["total"] == 1
    told = shell("attachments", "delete", "--domain", "a.example", *rule)
    assert (told["files"], told["octets"], told["failed"]) == (1, len(FILE), [])
    assert shell("attachments", "delete", "--all", *rule)["files"] == 0
    assert shell("attachments", "list", "--account", kim)["total"] == 0
    assert shell("check-store", "--deep")["findings"] == []
    (gone,) = shell("attachments", "deleted", "--account", kim)["messages"]
    assert (gone["reason"], gone["subject"]) == ("detached", "plan")
    assert "no message" in shell("attachments", "restore", "--account", kim, "plan", expect=1)
    assert shell("attachments", "restore", "--account", kim, 999, expect=1) == {"restored": {}}
    assert list(shell("attachments", "restore", "--account", kim, gone["id"])["restored"]) == [str(gone["id"])]
    shell("export", "--account", kim, "--reason", "a test of the export", "--to", tmp_path / "out")
    assert LETTER in [path.read_bytes() for path in (tmp_path / "out").rglob("*.eml")]
    assert "There is no account in" in shell("attachments", "delete", "--domain", "z.example", *rule, expect=1)


def test_check_store_says_yes_and_no(shell, kim, tmp_path):
    (tmp_path / "1.eml").write_bytes(MAIL)
    shell("import", "--account", kim, tmp_path / "1.eml")
    assert shell("check-store")["findings"] == []
    assert shell("check-store", "--deep")["findings"] == []
    connection = apsw.Connection(str(shell.data / "smartmail.db"))
    connection.execute("update account set used = 1")
    connection.close()
    (found,) = shell("check-store", expect=1)["findings"]
    assert (found["trouble"], found["object"]) == ("miscounted", "account 1")


@pytest.fixture
def _impatient(monkeypatch):
    """Nothing answers at the port that `doctor` is told to ask: no use to wait for it."""
    monkeypatch.setattr(diagnosis, "_DNS_S", 0.1)


def doctor(shell, *words, expect=0):
    # Not among the ports that the kernel gives to outgoing connections: one of them may be taken at any time.
    with free_port_base() as base:
        (shell.data / "node.toml").write_text(f'[dns]\naddress = "127.0.0.1"\nport = 1\n[listen]\nport_base = {base}\n')
        return {one["topic"]: one for one in shell("doctor", *words, expect=expect)}


@pytest.mark.usefixtures("_impatient")
def test_doctor_finds_a_sound_node_sound(shell, kim):
    told = doctor(shell)
    assert {topic for topic, one in told.items() if one["level"] == "error"} == set()
    assert told["store"]["level"] == "ok"
    assert told["dns"]["level"] == "warning"
    assert told["accounts"]["remedy"]


@pytest.mark.usefixtures("_impatient")
def test_doctor_names_a_wrong_key_and_a_newer_database(shell, kim, tmp_path):
    key = tmp_path / "data.key"
    os.chmod(key, 0o644)
    told = doctor(shell, expect=1)
    assert "chmod 600" in told["master key"]["found"]
    key.unlink()
    assert "put your copy back" in doctor(shell, expect=1)["master key"]["remedy"]
    connection = apsw.Connection(str(shell.data / "smartmail.db"))
    connection.execute("update meta set value = '999' where name in ('schema', 'floor')")
    connection.close()
    assert "newer program" in doctor(shell, expect=1)["store"]["found"]


def test_doctor_where_there_is_nothing(capsys, tmp_path):
    assert main(["doctor", "--data", str(tmp_path / "none"), "--port-base", "41000"]) == 1
    assert "serve" in capsys.readouterr().out
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("words", [["account", "list"], ["check-store"], ["queue", "list"]])
def test_commands_never_make_a_server_by_mistake(capsys, tmp_path, words):
    assert main([*words, "--data", str(tmp_path / "none")]) == 78
    assert "holds no SmartMail data" in capsys.readouterr().err
    assert not (tmp_path / "none").exists()


async def test_a_database_without_a_master_key_is_refused(tmp_path, capsys):
    async with quiet_house(tmp_path / "data"):
        pass
    (tmp_path / "data.key").unlink()
    import asyncio

    assert await asyncio.to_thread(main, ["account", "list", "--data", str(tmp_path / "data")]) == 78
    assert "master key" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "size"), [("500M", 500 << 20), ("10g", 10 << 30), ("1024", 1024), ("0", 0), ("2GiB", 2 << 30)]
)
def test_sizes(text, size):
    assert size_of(text) == size


@pytest.mark.parametrize("text", ["", "x", "-1", "1.5G", "10 monkeys", "none"])
def test_no_sizes(text):
    import argparse

    with pytest.raises(argparse.ArgumentTypeError):
        size_of(text)


def test_shown_sizes_and_times():
    assert [size_text(n) for n in (0, 1023, 1024, 1536 << 20, 400 << 30)] == [
        "0 B",
        "1023 B",
        "1.0 KB",
        "1.5 GB",
        "400 GB",
    ]
    assert [duration(n) for n in (0, 59.6, 3599, 7260)] == ["0 s", "1:00 min", "59:59 min", "2:01 h"]


def test_a_long_dns_record_is_cut_into_strings():
    text = "v=DKIM1; p=" + "A" * 400
    lines = zone(
        [WantedRecord("dkim", "s._domainkey.a.example", "TXT", text), WantedRecord("mx", "a.example", "MX", "10 m.")]
    )
    first, second = lines.splitlines()
    strings = first.removeprefix("s._domainkey.a.example. IN TXT ").strip('"').split('" "')
    assert all(len(one) <= 255 for one in strings) and "".join(strings) == text
    assert second == "a.example. IN MX 10 m."


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_progress_on_a_terminal_and_in_a_log():
    screen, log = Terminal(), io.StringIO()
    for stream in (screen, log):
        progress = Progress("import", 100, stream=stream)
        progress._last -= 60
        progress._started -= 50
        progress.told(50, 500, "messages")
        progress.end()
    assert "50%" in screen.getvalue()
    assert "50 s left" in screen.getvalue()
    assert screen.getvalue().endswith("\r")
    assert log.getvalue() == "import: 50% 500 messages, 10/s, 50 s left\n"
    quiet = io.StringIO()
    progress = Progress("import", 100, shown=False, stream=quiet)
    progress._last -= 60
    progress.told(50, 500, "messages")
    assert quiet.getvalue() == ""
