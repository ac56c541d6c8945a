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
        code = main([*words, "--data", str(where)])
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


def test_rules_are_made_explained_and_ended(smartmail):
    assert smartmail("access", "list")[1] == "There are no access rules.\n"
    code, out, _ = smartmail("access", "new", "deny", "--allow-list", "KR", "--doors", "imap,web", "--unknown", "allow")
    assert (code, out) == (0, "Rule 1 holds: deny, outside of KR; doors imap,web; country unknown: allow.\n")
    hours = ("--hours", "22:00-06:00", "--days", "mon,tue", "--scope", f"account:{KIM}")
    assert smartmail("access", "new", "deny", *hours, "--if", '{"not": {"fact": "door", "in": ["web"]}}')[0] == 0
    first, second = document(smartmail, "access", "list")["rules"]
    assert (first["countries"], first["unknown"], second["scope"]) == (["KR"], "allow", f"account:{KIM}")
    assert second["hours"] == {"from": "22:00", "to": "06:00", "days": ["mon", "tue"], "zone": "+09:00"}
    why = document(smartmail, "access", "why", KIM, "imap", "8.8.8.8", "--at", "2026-11-25T12:00")
    assert (why["action"], why["recordedAs"], why["country"]) == ("deny", "geo_denied", "US")
    assert [(one["id"], one["why"]) for one in why["rules"]] == [(2, "silent"), (1, "decides")]
    assert "deny: 8.8.8.8 is in US." in smartmail("access", "why", KIM, "web", "8.8.8.8")[1]
    assert "allow: 10.0.0.1 is a private place." in smartmail("access", "why", KIM, "web", "10.0.0.1")[1]
    assert smartmail("access", "test", "deny", "--deny-list", "US")[1] == "No past login would come out otherwise.\n"
    assert smartmail("access", "end", "1")[1] == "Rule 1 has ended.\n"
    assert [one["id"] for one in document(smartmail, "access", "list")["rules"]] == [2]
    assert [one["id"] for one in document(smartmail, "access", "list", "--epoch", "1")["rules"]] == [1]
    assert smartmail("access", "countries", KIM)[1] == "It has come in from no known country yet.\n"


@pytest.mark.parametrize(
    ("words", "told"),
    [(("new", "deny", "--allow-list", "korea"), "two capital letters"), (("new", "deny", "--hours", "9-18"), "HH:MM"),
     (("new", "deny", "--if", '{"fact": "weather"}'), "there is no fact"), (("end", "7"), "no such access rule"),
     (("new", "deny", "--doors", "window"), "doors are"), (("grant", "x"), "no number"), (("grant", "9"), "")],
)  # fmt: skip
def test_mistakes_say_what_may_be_typed(smartmail, words, told):
    code, _out, err = smartmail("access", *words)
    assert code == 1
    assert told in err


def test_passes_are_asked_for_and_decided(smartmail):
    code, out, _ = smartmail("access", "ask", KIM, "JP", day(1), day(5), "도쿄", "전시회")
    assert (code, out) == (0, "Pass 1 waits. Decide with: ./smartmail access grant 1\n")
    [waiting] = document(smartmail, "access", "passes")
    assert (waiting["account"], waiting["reason"], waiting["state"]) == (KIM, "도쿄 전시회", "asked")
    assert not [p for p in smartmail.where.rglob("*") if p.is_file() and "전시회".encode() in p.read_bytes()]
    assert smartmail("access", "grant", "1")[1] == "Pass 1 is granted.\n"
    [rule] = document(smartmail, "access", "list")["rules"]
    assert (rule["action"], rule["countries"], rule["until"]) == ("allow", ["JP"], waiting["until"])
    assert smartmail("access", "refuse", "1")[0] == 1
    assert smartmail("access", "withdraw", "1")[1] == "Pass 1 is withdrawn.\n"
    assert document(smartmail, "access", "list")["rules"] == []
