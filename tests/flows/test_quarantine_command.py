"""`./smartmail quarantine …` and `./smartmail sender …` from the command line."""

import asyncio
import contextlib
import json

import pytest
from tests.flows.held import judged, letter, put
from tests.house.clock import day

from smartmail.app.cli import main
from smartmail.app.node import open_node
from smartmail.app.settings import load
from smartmail.service.flow.directory import NewPerson


@pytest.fixture
def smartmail(tmp_path, capsys):
    """Run a command in a data directory with one person and two held messages; return (exit code, output, errors)."""
    where = tmp_path / "data"

    def run(*words: str):
        code = 2
        with contextlib.suppress(SystemExit):
            code = main([*words, "--data", str(where)])
        out, err = capsys.readouterr()
        return code, out, err

    async def begin():
        async with open_node(load(str(where)), first_start=True) as node:
            organization_id = await node.services.provisioning.organization("test")
            await node.services.directory.add_domain("a.example", organization_id)
            await node.services.provisioning.person(NewPerson("kim@a.example", "kim"), None)
            judged(node)
            for subject in ("spam 당첨", "malware x"):
                await put(node, letter(subject))

    asyncio.run(begin())
    return run


def test_an_administrator_lists_shows_releases_and_deletes_with_a_reason(smartmail):
    def told(*words: str):
        return json.loads(smartmail(*words, "--json")[1])

    spam, malware = told("quarantine", "list", "--account-id", "kim@a.example")["items"]
    assert (spam["subject"], spam["sender"], malware["dangerous"]) == ("spam 당첨", "deal@outside.test", True)
    # Why it is held stands in the list: each rule in words with its weight, and whether an engine found malware.
    assert (spam["malware"], malware["malware"], spam["score"], spam["reasons"][0]["weight"]) == (False, True, 13, 13)
    assert "{" not in spam["reasons"][0]["text"]
    entry = str(int(spam["id"].partition("-")[0], 16))
    assert told("quarantine", "list", "--entry-id", entry)["items"] == [spam]
    assert "spam 당첨" in smartmail("quarantine", "list")[1]
    assert smartmail("quarantine", "release", spam["id"])[0] == 2  # without a reason
    shown = told("quarantine", "show", spam["id"], "--reason", "asked by kim")
    assert (shown["message"], shown["score"], shown["reasons"][0]["weight"]) == (spam, 13, 13)
    assert "Subject:" in smartmail("quarantine", "content", malware["id"], "--reason", "asked by lee")[1]
    assert smartmail("quarantine", "release", spam["id"], "--reason", "wanted", "--allow")[0] == 0
    code, _out, err = smartmail("quarantine", "release", malware["id"], "--reason", "wanted")
    assert (code, "it holds malware" in err) == (77, True)
    assert "deal@outside.test" in smartmail("sender", "list", "--scope", "account:kim@a.example")[1]
    assert smartmail("quarantine", "delete", malware["id"], "--reason", "no need")[0] == 0
    assert smartmail("quarantine", "delete", spam["id"], "--reason", "no need")[0] == 66
    assert told("quarantine", "list")["items"] == []
    assert [(one["action"], one["reason"]) for one in told("quarantine", "history")["items"]] == [
        ("quarantine.delete", "no need"), ("quarantine.release", "wanted"), ("quarantine.read", "asked by lee"),
        ("quarantine.read", "asked by kim"),
    ]  # fmt: skip


def test_lists_of_senders(smartmail):
    system, domain = ("--scope", "system"), ("--scope", "domain:a.example")
    made = json.loads(smartmail("sender", "block", "spam.test", *system, "--json")[1])
    assert (made["id"], made["subject"], made["kind"], made["hits"]) == ("1", "spam.test", "domain", 0)
    assert smartmail("sender", "allow", "a@good.test", *domain, "--expires-at", day(365))[0] == 0
    assert smartmail("sender", "allow", "KR", "--scope", "organization:test")[0] == 0
    code, _out, err = smartmail("sender", "block", "a b@c", *system)
    assert (code, "not an address: 'a b@c'" in err) == (65, True)
    assert json.loads(smartmail("sender", "list", *system, "--json")[1])["items"] == [made]
    assert day(366) in smartmail("sender", "list", *domain)[1]
    assert smartmail("sender", "remove", "1", *domain)[0] == 66
    assert smartmail("sender", "remove", "1", *system)[0] == 0
    assert smartmail("sender", "list", *system)[1] == "There are none.\n"
