"""`./smartmail organization|department|person …`: the organisation from the command line."""

import asyncio
import json

import pytest

from smartmail.app.cli import main
from smartmail.app.cli.opening import CommandError
from smartmail.app.cli.person import day
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
    smartmail("department", "add", "영업본부", "--code", "S")
    smartmail("department", "add", "영업1팀", "--code", "S1", "--under", "영업본부")
    smartmail("department", "add", "지원실")
    assert [(one["code"], one["depth"]) for one in smartmail("department", "list")] == [
        ("S", 0),
        ("S1", 1),
        ("지원실", 0),
    ]
    smartmail("department", "place", "지원실", "-1")
    smartmail("department", "move", "S1", "--under", "지원실")
    smartmail("department", "rename", "S1", "국내팀")
    assert [(one["name"], one["depth"]) for one in smartmail("department", "list")] == [
        ("지원실", 0), ("국내팀", 1), ("영업본부", 0),
    ]  # fmt: skip
    assert "below itself" in smartmail("department", "move", "지원실", "--under", "S1")
    assert "in it" in smartmail("department", "remove", "지원실")
    smartmail("department", "remove", "국내팀")
    assert "no department" in smartmail("department", "remove", "국내팀")


def test_people_sit_change_and_wait_for_their_day(smartmail):
    smartmail("department", "add", "영업1팀")
    smartmail("organization", "order", "position", "부장", "과장")
    smartmail("organization", "order", "duty", "팀장")
    smartmail("person", "seat", KIM, "영업1팀/팀장")
    smartmail("person", "set", KIM, "--name", "김민지", "--position", "과장", "--number", "E1", "--fact", "mobile=010")
    shown = smartmail("person", "show", KIM)
    assert (shown["position"], shown["employeeNumber"], shown["facts"]) == ("과장", "E1", {"mobile": "010"})
    assert shown["seats"] == [{"department": "영업1팀", "code": "영업1팀", "duty": "팀장"}]
    assert [one["login"] for one in smartmail("person", "find", "ㄱㅁㅈ")] == [KIM]
    post = smartmail("department", "post", "영업1팀", "팀장", "head@a.example")
    assert post["address"] == "head@a.example"
    assert smartmail("department", "posts")[0]["holders"] == [KIM]
    assert smartmail("department", "mail", "영업1팀", "team@a.example")["address"] == "team@a.example"
    assert smartmail("list", "show", "team@a.example")["members"] == ["department:영업1팀"]
    assert smartmail("list", "drop", "team@a.example", "department:영업1팀")["dropped"] == ["department:영업1팀"]
    smartmail("person", "set", KIM, "--position", "부장", "--on", "2999-12-01")
    [waiting] = smartmail("person", "planned")
    assert (waiting["state"], waiting["login"]) == ("waiting", KIM)
    smartmail("person", "cancel", str(waiting["id"]))
    assert smartmail("person", "planned")[0]["state"] == "cancelled"
    assert "no such change" in smartmail("person", "cancel", str(waiting["id"]))
    assert "no position" in smartmail("person", "set", KIM, "--position", "없음")
    assert smartmail("person", "rename", LEE, "han@a.example", "--months", "3")["login"] == "han@a.example"
    assert list(smartmail("person", "show", "han@a.example")["ends"]) == [LEE]


def test_companies_and_their_domains(smartmail):
    smartmail("organization", "add", "무역")
    smartmail("domain", "add", "t.example", "--organization", "무역")
    proof = smartmail("organization", "claim", "무역", "neu.example")
    assert proof["name"] == "_smartmail-challenge.neu.example"
    assert smartmail("organization", "proof", "무역", "neu.example") == proof
    assert [one["claims"] for one in smartmail("organization", "list")] == [[], ["neu.example"]]
    smartmail("organization", "unclaim", "무역", "neu.example")
    smartmail("organization", "sight", "무역", "한빛")
    assert "--months 1" in smartmail("person", "transfer", KIM, "kim@t.example", "--months", "0")
    smartmail("person", "transfer", KIM, "kim@t.example")
    assert smartmail("person", "show", "kim@t.example")["addresses"] == ["kim@t.example", KIM]
    assert smartmail("organization", "rename", "무역", "한빛무역")["name"] == "한빛무역"
    assert "--sure" in smartmail("organization", "close", "한빛무역")
    assert smartmail("organization", "close", "한빛무역", "--sure")["closed"] == 1
    assert "name one company" in smartmail("department", "list")


def test_a_domain_is_given_another_name(smartmail):
    smartmail("domain", "add", "b.example", "--organization", "한빛")
    plan = smartmail("organization", "move-domain", "a.example", "b.example")
    assert (plan["accounts"], plan["done"], plan["clashes"]) == (2, 0, [])
    assert smartmail("organization", "move-domain", "a.example", "b.example", "--apply")["done"] == 2
    assert smartmail("person", "show", "kim@b.example")["addresses"] == ["kim@b.example", KIM]


def test_days_are_those_of_seoul():
    assert day("2026-12-01") == day("2026-12-01T00:00") == 1_796_050_800_000
    with pytest.raises(CommandError):
        day("tomorrow")
