"""`./smartmail account state`, `leaver …`, `temporary …`."""

import asyncio
import json
from datetime import date, datetime

import pytest
from tests.house.clock import day

from smartmail.app.cli import main
from smartmail.app.node import open_node
from smartmail.app.settings import load
from smartmail.service.flow.directory import NewPerson
from smartmail.service.people.account_life.ground import end_of_day

KIM, LEE, BOSS = "kim@a.example", "lee@a.example", "boss@a.example"


@pytest.fixture
def smartmail(tmp_path, capsys):
    """Run a command in a data directory with three people; return its document, or the text of its failure."""
    where = tmp_path / "data"

    def run(*words: str):
        code = main([*words, "--json", "--data", str(where)])
        out, err = capsys.readouterr()
        return json.loads(out) if code == 0 else err.strip()

    async def begin():
        async with open_node(load(str(where)), first_start=True) as node:
            organization = await node.services.provisioning.organization("한빛")
            await node.services.directory.add_domain("a.example", organization)
            for login in (KIM, LEE, BOSS):
                person = NewPerson(login, login.partition("@")[0], is_admin=login == BOSS)
                await node.services.provisioning.person(person, None)

    asyncio.run(begin())
    return run


def test_a_state_is_set(smartmail):
    assert smartmail("account", "state", KIM, "suspended", "--reason", "조사")["state"] == "suspended"
    assert "can become active, pending" in smartmail("account", "state", KIM, "dormant")
    assert smartmail("account", "state", KIM, "active")["state"] == "active"
    assert "last administrator" in smartmail("account", "state", BOSS, "suspended")


def test_a_leaver_goes_and_comes_back(smartmail):
    smartmail("alias", "put", "info@a.example", KIM)
    [held] = smartmail("leaver", "show", KIM)["items"]
    assert (held["kind"], held["choices"]) == ("alias", ["hand", "end"])
    planned = smartmail("leaver", "leave", KIM, "--successor", LEE, "--at", "2099-12-31")
    assert (planned["state"], planned["effectiveAt"]) == ("planned", "2099-12-30T15:00:00Z")
    smartmail("leaver", "cancel", KIM)
    assert "burn" in smartmail("leaver", "leave", KIM, "--choices", "alias=burn")
    left = smartmail("leaver", "leave", KIM, "--successor", LEE, "--reader", BOSS, "--reason", "퇴직")
    assert left["state"] == "done" and left["readUntil"] <= left["destroyAt"]
    assert [one["address"] for one in smartmail("leaver", "list")["items"]] == [KIM]
    assert smartmail("leaver", "show", KIM)["items"] == []
    assert "nobody before" in smartmail("account", "add", KIM)
    assert "restored, not reopened" in smartmail("account", "reopen", KIM)
    assert smartmail("leaver", "restore", KIM)["state"] == "active"


def test_a_temporary_account_from_beginning_to_extension(smartmail):
    first, longer = day(120), day(210)
    made = smartmail(
        "temporary", "add", "hong@a.example", "--name", "Hong", "--ends-at", first, "--sponsor", LEE, "--reason", "SI"
    )
    assert made["address"] == "hong@a.example"
    [one] = smartmail("temporary", "list")["items"]
    assert (one["sponsor"], moment(one["endsAt"])) == (LEE, end_of_day(date.fromisoformat(first)))
    smartmail("temporary", "ask", "hong@a.example", "--until", longer, "--reason", "검수")
    [one] = smartmail("temporary", "list")["items"]
    assert (moment(one["askedUntil"]), one["reason"]) == (end_of_day(date.fromisoformat(longer)), "검수")
    smartmail("temporary", "grant", "hong@a.example")
    smartmail("temporary", "sponsor", "hong@a.example", BOSS)
    [one] = smartmail("temporary", "list")["items"]
    assert (one["sponsor"], moment(one["endsAt"])) == (BOSS, end_of_day(date.fromisoformat(longer)))


def moment(text):
    """Return a time of the API in milliseconds."""
    return int(datetime.fromisoformat(text).timestamp() * 1000)
