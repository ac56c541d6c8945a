"""`./smartmail role …` and `./smartmail consent …`."""

import asyncio
import json

import pytest
from tests.house.opening import no_proof

from smartmail.app.cli import main
from smartmail.app.node import open_node
from smartmail.app.settings import load
from smartmail.domain.policy import PolicyRule, Scope
from smartmail.domain.principal import Actor, Origin
from smartmail.service.flow.directory import NewPerson

BOSS, KIM = "boss@a.example", "kim@a.example"
CLI = Actor(0, 0, "", is_admin=True, origin=Origin("cli"))


@pytest.fixture
def smartmail(tmp_path, capsys):
    """Run a command in a data directory with two people; return (exit code, output, errors)."""
    where = tmp_path / "data"

    def run(*words: str):
        code = main([*words, "--data", str(where)])
        out, err = capsys.readouterr()
        return code, out, err

    async def begin():
        async with open_node(load(str(where)), first_start=True) as node:
            organization = await node.services.provisioning.organization("test")
            await node.services.directory.add_domain("a.example", organization)
            await node.services.provisioning.person(NewPerson(BOSS, BOSS, is_admin=True), None)
            await node.services.provisioning.person(NewPerson(KIM, KIM), None)

    asyncio.run(begin())
    run.where = where
    return run


def document(smartmail, *words):
    code, out, err = smartmail(*words, "--json")
    assert code == 0, err
    return json.loads(out)


def test_roles_are_made_held_and_taken_back(smartmail):
    assert document(smartmail, "role", "assignments")["items"] == []
    made = document(smartmail, "role", "add", "메일 담당", "queue.read", "queue.change", "--masks", "body")
    shown = document(smartmail, "role", "show", "메일 담당")
    assert (shown["id"], shown["permissions"], shown["masks"]) == (made["id"], ["queue.change", "queue.read"], ["body"])
    with pytest.raises(SystemExit):
        smartmail("role", "add", "x", "root")
    assert "called 'nothing'" in smartmail("role", "grant", KIM, "nothing")[2]
    grant = ("role", "grant", KIM, "메일 담당", "--scope", "domain:a.example", "--expires-at", "2099-01-31")
    assert smartmail(*grant)[0] == 0
    [held] = document(smartmail, "role", "assignments")["items"]
    assert (held["address"], held["scope"], held["author"]) == (KIM, "domain:a.example", "cli")
    seen = document(smartmail, "role", "preview", KIM)
    [holding] = seen["holdings"]
    assert (holding["permissions"], holding["masks"]) == (["queue.change", "queue.read"], ["body"])
    assert (seen["administrators"], seen["changers"]) == (1, 1)
    assert smartmail("role", "remove", "메일 담당")[0] != 0  # somebody holds it
    assert smartmail("role", "revoke", held["id"])[0] == 0
    assert smartmail("role", "revoke", held["id"])[0] == 66
    assert smartmail("role", "remove", "메일 담당")[0] == 0
    assert document(smartmail, "role", "preview", KIM)["holdings"] == []
    assert smartmail("role", "show", "메일 담당")[0] == 66


def test_the_last_administrator_stays(smartmail):
    assert smartmail("role", "revoke-administrator", BOSS)[0] != 0
    assert smartmail("role", "grant", KIM, "company")[0] == 0
    assert smartmail("role", "revoke-administrator", BOSS)[0] == 0
    accounts = document(smartmail, "account", "list")["items"]
    assert [one["address"] for one in accounts if one["administrator"]] == [KIM]


def test_consent_is_given_and_refused(smartmail):
    async def propose():
        async with open_node(load(str(smartmail.where))) as node:
            node.services.proposals.strong = no_proof
            boss, kim = [one for one in await node.services.directory.accounts() if one.login in {BOSS, KIM}]
            whole = Scope("organization", str(boss.organization_id))
            await node.services.governing.set_knob(CLI, PolicyRule("admin.two-person", whole, ("roles",)))
            actor = Actor(
                boss.id, boss.organization_id, boss.login, is_admin=True, origin=Origin("admin"), by="session"
            )
            for role in ("helpdesk", "auditor"):
                assert (await node.services.roles.appoint(actor, kim.id, role, whole, reason="휴가 대행")).waits

    asyncio.run(propose())
    first, second = (one["id"] for one in document(smartmail, "consent", "list", "--state", "waiting")["items"])
    code, out, _ = smartmail("consent", "show", str(first))
    assert (code, "휴가 대행" in out, "role.appoint" in out) == (0, True, True)
    assert document(smartmail, "consent", "confirm", str(first))["state"] == "done"
    assert document(smartmail, "consent", "refuse", str(second), "--note", "no")["state"] == "refused"
    assert smartmail("consent", "confirm", str(first))[0] == 73
    assert smartmail("consent", "confirm", "999")[0] == 66
    assert smartmail("consent", "confirm", "x")[0] == 66
    assert [one["role"] for one in document(smartmail, "role", "assignments")["items"]] == ["helpdesk"]
    assert [one["state"] for one in document(smartmail, "consent", "list")["items"]] == ["done", "refused"]
