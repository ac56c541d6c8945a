"""`./smartmail leak-rule …` and `leak-incident …`: a rule made by hand holds at the next letter, and what it did is listed."""

import asyncio
import json

import pytest
from tests.house.clock import day

from smartmail.app.cli import main
from smartmail.app.node import open_node
from smartmail.app.settings import load
from smartmail.domain.principal import Actor, Origin
from smartmail.service.flow.directory import NewPerson
from smartmail.service.flow.outgoing.leaks import LeakBlocked
from smartmail.service.flow.submission_request import Request

KIM = "kim@a.example"
RRN = json.dumps({"fact": "finding", "in": ["kr.rrn"]})
SYSTEM = ("--scope", "system")
LETTER = (
    "From: kim@a.example\r\nTo: x@b.example\r\nSubject: 명단\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
    "주민등록번호 900101-1234568\r\n"
).encode()


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


def send(where) -> None:
    async def work():
        async with open_node(load(str(where))) as node:
            services = node.services
            [row] = await node.store.accounts(None)
            actor = Actor(row.id, row.organization_id, KIM, False, Origin("jmap"))
            box = await services.mailboxes.by_role(actor, row.id, "drafts")
            intake = await services.messages.begin(actor, row.id, len(LETTER))
            await intake.feed(LETTER)
            added = await services.messages.add(actor, row.id, await intake.finish(), [box.row.id])
            [identity, *_] = await services.identities.list_all(actor, row.id)
            request = Request(identity.row.id, added.message_id, rcpt_to=("x@b.example",))
            with pytest.raises(LeakBlocked):
                await services.submissions.submit(actor, row.id, request)

    asyncio.run(work())


def test_a_rule_made_by_hand_blocks_and_its_incident_is_listed_masked(smartmail):
    made = document(smartmail, "leak-rule", "new", "주민번호", "block", "--condition", RRN, "--stage", "on", *SYSTEM)
    assert (made["name"], made["actions"], made["stage"], made["scope"]) == ("주민번호", ["block"], "on", "system")
    send(smartmail.where)
    [one] = document(smartmail, "leak-incident", "list")["items"]
    assert (one["login"], one["action"], one["rule"], one["subject"]) == (KIM, "block", "주민번호", "명단")
    assert "900101-1234568" not in json.dumps(one)
    assert one["findings"][0]["detector"] == "kr.rrn"
    values = document(smartmail, "leak-incident", "unmask", one["id"], "고객 문의로 번호를 확인합니다")
    assert values == {"values": ["9001011234568"]}
    code, table, err = smartmail("leak-incident", "export", "감사 자료로 제출합니다")
    assert code == 0, err
    header, line = (
        table.lstrip("\ufeff").split("\r\n")[:2] if "\r\n" in table else table.lstrip("\ufeff").splitlines()[:2]
    )
    assert one["id"] in line and "kr.rrn 900101-" in line and "주민번호" in line and "900101-1234568" not in table
    assert header.count(",") == 10
    seen = document(smartmail, "leak-incident", "review", one["id"], "false_positive")
    assert seen["state"] == "false_positive"
    assert document(smartmail, "leak-incident", "list", "--state", "open")["items"] == []


def test_a_rule_is_turned_on_and_ended(smartmail):
    made = document(smartmail, "leak-rule", "new", "minutes", "delay:5", "--condition", RRN, *SYSTEM)
    assert (made["stage"], made["actions"]) == ("log", ["delay:5"])
    turned = document(smartmail, "leak-rule", "on", made["id"])
    assert turned["stage"] == "on"
    code, _, err = smartmail("leak-rule", "end", made["id"])
    assert code != 0 and "no such leak rule" in err
    assert smartmail("leak-rule", "end", turned["id"])[0] == 0
    assert document(smartmail, "leak-rule", "list")["items"] == []


def test_rules_are_tried_on_a_message_that_nobody_sends(smartmail):
    document(smartmail, "leak-rule", "new", "held", "approve:정보보호", "--condition", RRN, "--stage", "on", *SYSTEM)
    found = document(smartmail, "leak-rule", "try", KIM, "x@b.example", "--text", "번호 900101-1234568")
    assert (found["action"], found["rule"]) == ("approve:정보보호", "held")
    assert [one["outcome"] for one in found["rules"]] == ["matched"]
    assert document(smartmail, "leak-rule", "try", KIM, "x@b.example", "--text", "안녕하세요")["action"] is None
    assert document(smartmail, "leak-incident", "list")["items"] == []


def test_the_ready_set_only_logs(smartmail):
    rules = document(smartmail, "leak-rule", "ready", *SYSTEM)["items"]
    assert len(rules) >= 4 and {one["stage"] for one in rules} == {"log"}
    assert (
        document(smartmail, "leak-rule", "try", KIM, "x@b.example", "--text", "번호 900101-1234568")["action"] is None
    )


@pytest.mark.parametrize("action", ["burn", "delay", "delay:x", "block:now", "copy"])
def test_an_action_that_cannot_be_is_refused(smartmail, action):
    assert smartmail("leak-rule", "new", "wrong", action, "--condition", RRN, *SYSTEM)[0] != 0


def test_detectors_are_listed(smartmail):
    assert {"kr.rrn", "card"} <= {one["name"] for one in document(smartmail, "leak-rule", "detectors")["items"]}


def test_a_false_positive_is_excepted_listed_and_ended(smartmail):
    document(smartmail, "leak-rule", "new", "주민번호", "block", "--condition", RRN, "--stage", "on", *SYSTEM)
    send(smartmail.where)
    [one] = document(smartmail, "leak-incident", "list")["items"]
    [made] = document(smartmail, "leak-incident", "except", one["id"], day(30), "시험용 번호입니다 확인함")["items"]
    assert (made["rule"], made["detector"], made["endedAt"]) == ("주민번호", "kr.rrn", None)
    assert "9001011234568" not in json.dumps(made).replace("-", "")
    text = ("leak-rule", "try", KIM, "x@b.example", "--text", "번호 900101-1234568")
    assert document(smartmail, *text)["action"] is None
    assert smartmail("leak-exception", "end", made["id"])[0] == 0
    assert document(smartmail, *text)["action"] == "block"
    [listed] = document(smartmail, "leak-exception", "list")["items"]
    assert listed["id"] == made["id"] and listed["endedAt"]


def test_a_dry_run_is_started_shown_and_listed(smartmail):
    made = document(smartmail, "leak-rule", "new", "주민번호", "block", "--condition", RRN, *SYSTEM)
    begun = document(smartmail, "leak-dry-run", "start", "--on", made["id"], "--days", "2", "--share", "100")
    shown = document(smartmail, "leak-dry-run", "show", begun["id"])
    assert (shown["id"], shown["total"], shown["newlyStopped"]) == (begun["id"], 0, 0)
    assert [one["id"] for one in document(smartmail, "leak-dry-run", "list")["items"]] == [begun["id"]]
    code, _, err = smartmail("leak-dry-run", "start", "--on", "99")
    assert code != 0 and "no such leak rule" in err
