"""`./smartmail access …`."""

import asyncio
import json

import pytest
from tests.house.clock import day

from smartmail.app.cli import main
from smartmail.app.node import open_node
from smartmail.app.settings import load
from smartmail.service.flow.directory import NewPerson

KIM = "kim@a.example"


@pytest.fixture
def smartmail(tmp_path, capsys):
    """Run a command in a data directory with one person; return (exit code, output, errors)."""
    where = tmp_path / "data"

    def run(*words: str):
        try:
            code = main([*words, "--data", str(where)])
        except SystemExit as error:
            code = int(error.code or 0)
        out, err = capsys.readouterr()
        return code, out, err

    async def begin():
        async with open_node(load(str(where)), first_start=True) as node:
            organization = await node.services.provisioning.organization("test")
            await node.services.directory.add_domain("a.example", organization)
            await node.services.provisioning.person(NewPerson(KIM, KIM), None)

    asyncio.run(begin())
    run.where = where
    return run


def document(smartmail, *words):
    code, out, err = smartmail(*words, "--json")
    assert code == 0, err
    return json.loads(out)


ANYWHERE = ("--scope", "system")
ABROAD = (*ANYWHERE, "--mode", "outside", "--countries", "KR")


def rules(smartmail, *words):
    return document(smartmail, "access", "list", *words)["items"]


def test_rules_are_made_explained_and_ended(smartmail):
    assert rules(smartmail) == []
    made = document(smartmail, "access", "new", "deny", *ABROAD, "--channels", "imap", "web", "--unknown", "allow")
    assert (made["id"], made["mode"], made["channels"], made["unknown"]) == ("1", "outside", ["imap", "web"], "allow")
    hours = ("--window-since", "22:00", "--window-until", "06:00", "--window-days", "mon", "tue")
    condition = '{"not": {"fact": "door", "in": ["web"]}}'
    account = ("--scope", f"account:{KIM}")
    second = document(smartmail, "access", "new", "deny", *account, *hours, "--condition", condition)
    assert second["window"] == {"since": "22:00", "until": "06:00", "days": ["mon", "tue"], "zone": 540}
    assert (second["scope"], second["condition"]) == ("account:1", json.loads(condition))
    assert [one["id"] for one in rules(smartmail)] == ["1", "2"]
    assert "since=22:00" in smartmail("access", "list")[1]
    why = document(smartmail, "access", "why", KIM, "imap", "8.8.8.8", "--at", "2026-11-25T12:00+09:00")
    assert (why["action"], why["reason"], why["country"]) == ("deny", "geo_denied", "US")
    assert [(one["rule"]["id"], one["why"]) for one in why["rules"]] == [("2", "silent"), ("1", "decides")]
    assert document(smartmail, "access", "why", KIM, "web", "10.0.0.1")["place"] == "private"
    assert "decides" in smartmail("access", "why", KIM, "imap", "8.8.8.8")[1]
    us = ("--mode", "within", "--countries", "US")
    assert document(smartmail, "access", "test", "deny", *ANYWHERE, *us)["items"] == []
    assert smartmail("access", "end", "1")[0] == 0
    assert [one["id"] for one in rules(smartmail)] == ["2"]
    assert [one["id"] for one in rules(smartmail, "--epoch", "1")] == ["1"]
    assert document(smartmail, "access", "countries", KIM)["items"] == []


@pytest.mark.parametrize(
    ("words", "failure", "told"),
    [
        (("new", "deny", *ANYWHERE, "--mode", "outside", "--countries", "korea"), 65, "countries"),
        (("new", "deny", *ANYWHERE, "--window-since", "9", "--window-until", "18:00"), 65, "--window-since"),
        (("new", "deny", *ANYWHERE, "--window-since", "09:00"), 65, "until"),
        (("new", "deny", *ANYWHERE, "--condition", '{"fact": "weather"}'), 65, "there is no fact"),
        (("new", "deny", *ANYWHERE, "--condition", "{"), 64, "not JSON"),
        (("new", "deny", *ANYWHERE, "--channels", "window"), 64, "window"),
        (("end", "7"), 66, "access list"),
        (("grant", "x"), 66, ""),
        (("grant", "9"), 66, ""),
    ],
)
def test_mistakes_say_what_may_be_typed(smartmail, words, failure, told):
    code, _out, err = smartmail("access", *words)
    assert (code, told in err) == (failure, True), err


def test_passes_are_asked_for_and_decided(smartmail):
    code, out, _ = smartmail("access", "ask", KIM, "JP", day(1), day(5), "도쿄", "전시회")
    assert (code, out) == (0, "Travel exemption 1 waits. Decide with: ./smartmail access grant 1\n")
    [waiting] = document(smartmail, "access", "passes")["items"]
    assert (waiting["address"], waiting["reason"], waiting["state"]) == (KIM, "도쿄 전시회", "asked")
    assert not [p for p in smartmail.where.rglob("*") if p.is_file() and "전시회".encode() in p.read_bytes()]
    assert document(smartmail, "access", "grant", "1")["state"] == "granted"
    [rule] = rules(smartmail)
    assert (rule["action"], rule["countries"], rule["validUntil"]) == ("allow", ["JP"], waiting["validUntil"])
    assert smartmail("access", "refuse", "1")[0] == 75
    assert document(smartmail, "access", "withdraw", "1")["state"] == "withdrawn"
    assert rules(smartmail) == []
