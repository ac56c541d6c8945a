"""`./smartmail organization|department|person …`: the organisation from the command line."""

import asyncio
import json

import pytest

from smartmail.app.cli import main
from smartmail.app.node import open_node
from smartmail.app.settings import load
from smartmail.service.flow.directory import NewPerson

KIM, LEE = "kim@a.example", "lee@a.example"


@pytest.fixture
def smartmail(tmp_path, capsys):
    """Run a command in a data directory with two people; return its document, or the text of its failure."""
    where = tmp_path / "data"

    def run(*words: str):
        code = main([*words, "--json", "--data", str(where)])
        out, err = capsys.readouterr()
        return json.loads(out) if code == 0 else err.strip() or json.loads(out)

    async def begin():
        async with open_node(load(str(where)), first_start=True) as node:
            organization = await node.services.provisioning.organization("한빛")
            await node.services.directory.add_domain("a.example", organization)
            for login in (KIM, LEE):
                await node.services.provisioning.person(NewPerson(login, login.partition("@")[0]), None)

    asyncio.run(begin())
    return run


def test_a_tree_is_built_moved_and_shown(smartmail):
    top = smartmail("department", "add", "영업본부", "--code", "S")
    smartmail("department", "add", "영업1팀", "--code", "S1", "--parent-id", "S")
    smartmail("department", "add", "지원실", "--position", "3")
    assert [(one["code"], one["parentId"]) for one in smartmail("department", "list")["items"]] == [
        ("S", "0"), ("S1", top["id"]), ("지원실", "0"),
    ]  # fmt: skip
    moved = smartmail("department", "set", "S1", "--parent-id", "지원실", "--name", "국내팀", "--position", "2")
    assert (moved["code"], moved["name"], moved["position"]) == ("S1", "국내팀", 2)
    assert "below itself" in smartmail("department", "set", "지원실", "--parent-id", "S1")
    assert smartmail("department", "set", "국내팀", "--parent-id", "0")["parentId"] == "0"
    smartmail("department", "set", "국내팀", "--parent-id", "지원실")
    assert "in it" in smartmail("department", "remove", "지원실")
    assert smartmail("department", "people", "지원실", "--below")["items"] == []
    smartmail("department", "remove", "국내팀")
    assert "nothing called '국내팀'" in smartmail("department", "remove", "국내팀")


def test_people_sit_change_and_wait_for_their_day(smartmail):
    smartmail("department", "add", "영업1팀")
    smartmail("department", "add", "지원실")
    smartmail("organization", "order", "position", "부장", "과장")
    smartmail("organization", "order", "duty", "팀장")
    smartmail("person", "set", KIM, "--seats", "영업1팀/팀장", "지원실")
    facts = ("--employee-number", "E1", "--facts", "mobile=010")
    smartmail("person", "set", KIM, "--name", "김민지", "--position", "과장", *facts)
    shown = smartmail("person", "show", KIM)
    assert (shown["position"], shown["employeeNumber"], shown["facts"]) == ("과장", "E1", {"mobile": "010"})
    assert [(one["code"], one["duty"]) for one in shown["seats"]] == [("영업1팀", "팀장"), ("지원실", "")]
    assert [one["address"] for one in smartmail("person", "find", "ㄱㅁㅈ")["people"]] == [KIM]
    post = smartmail("department", "post", "영업1팀", "팀장", "head@a.example")
    assert post["address"] == "head@a.example"
    assert smartmail("department", "posts")["items"][0]["holderAddresses"] == [KIM]
    assert smartmail("department", "mail", "영업1팀", "team@a.example")["address"] == "team@a.example"
    [member] = smartmail("list", "members", "team@a.example")["items"]
    assert (member["address"], member["department"] > 0) == ("", True)
    assert smartmail("list", "drop", "team@a.example", "department:영업1팀") is None
    assert smartmail("list", "members", "team@a.example")["items"] == []
    planned = smartmail("person", "set", KIM, "--position", "부장", "--at", "2999-12-01")
    [waiting] = smartmail("person", "planned")["items"]
    assert (waiting["id"], waiting["state"], waiting["address"]) == (planned["plannedId"], "waiting", KIM)
    assert waiting["effectiveAt"] == "2999-11-30T15:00:00Z"
    smartmail("person", "cancel", waiting["id"])
    assert smartmail("person", "planned")["items"][0]["state"] == "cancelled"
    assert "no such change" in smartmail("person", "cancel", waiting["id"])
    assert "no position" in smartmail("person", "set", KIM, "--position", "없음")
    renamed = smartmail("person", "rename", LEE, "han@a.example", "--months", "3")["account"]
    assert renamed["address"] == "han@a.example"
    addresses = smartmail("person", "show", "han@a.example")["addresses"]
    assert [(one["address"], one["until"] is None) for one in addresses] == [("han@a.example", True), (LEE, False)]


def test_companies_and_their_domains(smartmail):
    smartmail("organization", "add", "무역")
    trade, home = ("--organization", "무역"), ("--organization", "한빛")
    smartmail("domain", "add", "t.example", *trade)
    claim = smartmail("organization", "claim", "neu.example", *trade)
    assert claim["record"] == "_smartmail-challenge.neu.example"
    assert smartmail("organization", "claims", *trade)["items"] == [claim]
    listed = smartmail("organization", "list")["items"]
    assert [(one["name"], one["domains"]) for one in listed] == [("한빛", ["a.example"]), ("무역", ["t.example"])]
    smartmail("organization", "unclaim", "neu.example", *trade)
    assert smartmail("organization", "claims", *trade)["items"] == []
    smartmail("organization", "show-directory", "한빛", "무역")
    visible = [{"organizationId": listed[1]["id"]}]
    assert smartmail("organization", "visible", "한빛")["items"] == visible
    smartmail("organization", "hide-directory", "한빛", "무역")
    assert smartmail("organization", "visible", "한빛")["items"] == []
    assert "MONTHS" in smartmail("person", "transfer", KIM, "kim@t.example", "--months", "0").upper()
    smartmail("person", "transfer", KIM, "kim@t.example")
    moved = smartmail("person", "show", "kim@t.example")["addresses"]
    assert [one["address"] for one in moved] == ["kim@t.example", KIM]
    assert smartmail("organization", "rename", "무역", "한빛무역")["name"] == "한빛무역"
    assert smartmail("organization", "close", "한빛무역") == {"accounts": 1}
    assert "--organization" in smartmail("department", "list")
    # Who is named says whose it is.
    assert smartmail("role", "grant", LEE, "company", "--expires-at", "2999-01-01")["waits"] is False
    assert smartmail("department", "list", *home)["items"] == []


def test_a_domain_is_given_another_name(smartmail):
    smartmail("domain", "add", "b.example", "--organization", "한빛")
    plan = smartmail("organization", "move-domain", "a.example", "b.example")
    assert (plan["accounts"], plan["done"], plan["clashes"]) == (2, 0, [])
    assert smartmail("organization", "move-domain", "a.example", "b.example", "--apply")["done"] == 2
    moved = smartmail("person", "show", "kim@b.example")["addresses"]
    assert [one["address"] for one in moved] == ["kim@b.example", KIM]
