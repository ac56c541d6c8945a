"""`./smartmail case …` and `./smartmail purge …` from the command line."""

import asyncio
import contextlib
import json
import zipfile

import pytest
from tests.flows.held import put
from tests.flows.test_phishing_cases import phish
from tests.house.clock import day

from smartmail.app.cli import main
from smartmail.app.node import open_node
from smartmail.app.settings import load
from smartmail.service.flow.directory import NewPerson
from smartmail.service.kernel.inspection.service import InspectionService

PEOPLE = ("kim@a.example", "lee@a.example")


@pytest.fixture
def smartmail(tmp_path, capsys):
    """Run a command in a data directory where two people got phishing; return (exit code, output, errors)."""
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
            node.services.delivery.inspection = InspectionService([])
            for login in PEOPLE:
                await node.services.provisioning.person(NewPerson(login, login), None)
                await put(node, phish(login), login)

    asyncio.run(begin())
    return run


def test_from_a_report_to_a_purge_and_back(smartmail, tmp_path):
    def told(*words: str):
        return json.loads(smartmail(*words, "--json")[1])

    assert told("case", "list")["items"] == []
    assert told("case", "set-desk", "soc@desk.test") == told("case", "desk") == {"address": "soc@desk.test"}
    assert smartmail("case", "mailbox")[:2] == (0, "2 people have a mailbox for reports.\n")
    assert smartmail("case", "report", "kim@a.example", "1")[:2] == (0, "It belongs to case 1.\n")
    assert smartmail("case", "report", "kim@a.example", "9")[0] == 1
    [case] = told("case", "list")["items"]
    assert (case["state"], case["reports"], case["hosts"]) == ("open", 1, ["login.evil.test"])
    assert "계정 정지 안내" in smartmail("case", "show", "1")[1]
    package = tmp_path / "case.zip"
    why = ("--reason", "for the security desk")
    assert smartmail("case", "package", "1", *why, "--output", str(package))[0] == 0
    assert "manifest.json" in zipfile.ZipFile(package).namelist()
    code, _out, err = smartmail("case", "package", "1", *why, "--output", str(package))
    assert code == 1 and "cannot be written" in err
    changed = told("case", "set", "1", "confirmed", "--note", "사칭")
    assert (changed["state"], changed["note"]) == ("confirmed", "사칭")
    assert smartmail("purge", "run", "--case", "1")[0] == 1  # no reason
    told_before = "test: 2 messages of 2 accounts"
    assert smartmail("purge", "run", "--case", "1", "--dry-run")[1] == f"{told_before} would be taken.\n"
    assert smartmail("purge", "run", "--case", "1", "--reason", "피싱")[1] == f"{told_before} were taken (purge 1).\n"
    [purge] = told("purge", "list")["items"]
    assert (purge["state"], purge["reason"], purge["messages"]) == ("done", "피싱", 2)
    assert told("purge", "undo", "1") == {"messages": 2}
    assert smartmail("purge", "undo", "x")[0] == smartmail("purge", "undo", "7")[0] == 66
    assert told("case", "set-desk") == {"address": ""}


def test_a_purge_without_marks_is_refused(smartmail):
    code, _out, err = smartmail("purge", "run", "--reason", "x")
    assert code == 1 and "Message-ID" in err


def test_indicators_are_imported_and_searched_back(smartmail, tmp_path):
    file = tmp_path / "ioc.csv"
    file.write_text(
        "type,value\nurl,hxxps://login[.]evil.test/verify\nsender,'=x@evil.test\nip,203.0.113.9\nmd5,0\nsha256,zz\n"
    )
    code, out, _err = smartmail("sender", "import", str(file), "--until", day(365))
    assert (code, out) == (1, "3 are blocked.\nnot a SHA-256: 'zz'\n")
    rules = json.loads(smartmail("sender", "list", "--scope", "system", "--json")[1])["items"]
    assert {(one["kind"], one["subject"]) for one in rules} == {
        ("url", "https://login.evil.test/verify"), ("address", "=x@evil.test"), ("network", "203.0.113.9/32"),
    }  # fmt: skip
    code, out, _err = smartmail("purge", "run", "--indicators", str(file), "--days", "90", "--dry-run")
    assert (code, out) == (0, "test: 2 messages of 2 accounts would be taken.\n")
    assert smartmail("sender", "import", str(tmp_path / "none.csv"))[0] == 1
