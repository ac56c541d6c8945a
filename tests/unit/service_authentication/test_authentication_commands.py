"""`authentication` and `domain keys|reports`, run as the shell runs them but in this process."""

import asyncio
import io
import json

import pytest
from tools.fake_dns import FakeDns

from smartmail.app.cli import main
from smartmail.app.node import open_node
from smartmail.app.settings import load
from smartmail.domain.authentication import DmarcPolicy, DmarcRow, ReceivedReport


@pytest.fixture
def shell(tmp_path, capsys, monkeypatch):
    """A data directory with the domain a.example, and a function that runs a command on it."""
    data = tmp_path / "data"
    data.mkdir()
    table = {}
    names = FakeDns(table)
    (data / "node.toml").write_text(f'[dns]\naddress = "127.0.0.1"\nport = {names.port}\n')

    async def first_start():
        async with open_node(load(str(data)), first_start=True) as node:
            organization_id = await node.services.provisioning.organization("test")
            await node.services.directory.add_domain("a.example", organization_id)
            row = DmarcRow("192.0.2.1", "reject", "fail", "fail", "a.example")
            end = node.clock.now() // 1000 - 100
            report = ReceivedReport("a.example", "big.test", "1", end - 100, end, DmarcPolicy("a.example"), ((row, 4),))
            await node.store.put_dmarc_report(report)

    asyncio.run(first_start())
    capsys.readouterr()

    def run(command, act, *words, expect=0):
        monkeypatch.setattr("sys.stdin", io.StringIO(""))
        code = main([command, act, "--data", str(data), "--json", *words])
        told = capsys.readouterr()
        assert code == expect, told.err
        return json.loads(told.out) if told.out else told.err

    run.table = table
    with names:
        yield run


def publish(shell, record) -> None:
    """Put a record into the name service as a zone file has it: in strings of at most 255 characters."""
    text = record["text"]
    strings = " ".join(f'"{text[at : at + 255]}"' for at in range(0, len(text), 255))
    shell.table[record["name"]] = {"TXT": [strings]}


def test_settings(shell) -> None:
    assert shell("authentication", "show") == {
        "dmarc": "obey", "quarantine": "junk", "trusted-sealers": "", "reports": "send",
    }  # fmt: skip
    assert shell("authentication", "set", "dmarc", "watch")["dmarc"] == "watch"
    assert shell("authentication", "set", "dmarc", "")["dmarc"] == "obey"
    told = shell("authentication", "set", "trusted-sealers", "List.Test, 한국.test")
    assert told["trusted-sealers"] == "list.test xn--3e0b707e.test"
    assert "one of" in shell("authentication", "set", "quarantine", "burn", expect=1)
    assert "no domain" in shell("authentication", "set", "trusted-sealers", "a..b", expect=1)


def test_the_life_of_a_key(shell) -> None:
    def key_states():
        records = shell("domain", "records", "a.example", "--look")["items"]
        return [one["state"] for one in records if one["purpose"] == "dkim"]

    first = shell("domain", "new-key", "a.example", "sm1")
    assert (first["selector"], first["state"]) == ("sm1", "active")
    second = shell("domain", "new-key", "a.example", "sm2")
    assert (second["state"], second["name"]) == ("published", "sm2._domainkey.a.example")
    assert [one["state"] for one in shell("domain", "keys", "a.example")["items"]] == ["active", "published"]
    publish(shell, first)
    assert key_states() == ["published", "missing"]
    assert "missing" in shell("domain", "activate-key", "a.example", "sm2", expect=65)
    publish(shell, second)
    assert shell("domain", "activate-key", "a.example", "sm2") == {"retired": ["sm1"]}
    assert "7 days" in shell("domain", "remove-key", "a.example", "sm1", expect=65)
    shell("domain", "remove-key", "a.example", "sm1", "--now")
    assert [one["selector"] for one in shell("domain", "keys", "a.example")["items"]] == ["sm2"]
    publish(shell, {**second, "text": first["text"]})
    assert key_states() == ["different"]
    shell("domain", "retire-key", "a.example", "sm2")
    shell("domain", "retire-key", "a.example", "sm9", expect=66)


def test_reports_about_a_domain(shell) -> None:
    told = shell("domain", "reports", "a.example")
    assert (told["dmarcReports"], told["reporters"]) == (1, ["big.test"])
    assert told["sources"] == [
        {"source": "192.0.2.1", "dkim": "fail", "spf": "fail", "disposition": "reject", "messages": 4}
    ]
    shell("domain", "reports", "b.example", expect=66)
