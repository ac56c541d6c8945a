"""`./smartmail alias|list|relay|route|approval …` from the command line."""

import asyncio
import io
import json

import pytest

from smartmail.app.cli import main
from smartmail.app.node import open_node
from smartmail.app.settings import load
from smartmail.service.flow.directory import NewPerson

KIM, LEE = "kim@a.example", "lee@a.example"


@pytest.fixture
def smartmail(tmp_path, capsys):
    """Run a command in a data directory with two people; return (exit code, output, errors)."""
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
            for domain in ("a.example", "b.example"):
                await node.services.directory.add_domain(domain, organization)
            for login in (KIM, LEE):
                await node.services.provisioning.person(NewPerson(login, login), None)

    asyncio.run(begin())
    run.where = where
    return run


def documents(smartmail, *words):
    code, out, err = smartmail(*words, "--json")
    assert code == 0, err
    return json.loads(out)


def items(smartmail, *words):
    return documents(smartmail, *words)["items"]


def test_aliases(smartmail):
    made = documents(smartmail, "alias", "put", "Sales@a.example", KIM, "out@x.example")
    assert made == {"address": "sales@a.example", "targets": [KIM, "out@x.example"]}
    assert smartmail("alias", "put", "sales@x.example", KIM)[0] == 66
    assert smartmail("alias", "put", KIM, LEE)[0] == 73
    assert smartmail("alias", "forward", KIM, "out@x.example", "--no-copy")[0] == 0
    assert items(smartmail, "alias", "list") == [made]
    [forward] = documents(smartmail, "alias", "forwards")
    assert forward == {"account": KIM, "targets": ["out@x.example"], "copy": False}
    assert smartmail("alias", "remove", "sales@a.example")[0] == 0
    assert smartmail("alias", "put", "sales@a.example", KIM)[0] == 73
    assert smartmail("alias", "remove", "sales@a.example", "--forget")[0] == 0
    assert smartmail("alias", "put", "sales@a.example", KIM)[0] == 0
    assert smartmail("alias", "unforward", KIM)[0] == 0
    assert documents(smartmail, "alias", "forwards") == []


def test_lists(smartmail):
    made = documents(
        smartmail, "list", "create", "all@a.example", "--owners", KIM, "--name", "전체", "--post", "members"
    )
    for member in (KIM, LEE, KIM):
        assert smartmail("list", "add", made["address"], member)[0] == 0
    assert smartmail("group", "add", "sales")[0] == 0
    assert smartmail("department", "add", "영업")[0] == 0
    assert smartmail("list", "add", "all@a.example", "group:sales")[0] == 0
    assert smartmail("list", "add", "all@a.example", "department:영업")[0] == 0
    assert smartmail("list", "add", "all@a.example", "group:none")[0] == 66
    assert smartmail("list", "change", "all@a.example", "--prefix", "[전체]", "--no-attachments")[0] == 0
    shown = documents(smartmail, "list", "show", "all@a.example")
    assert (shown["name"], shown["post"], shown["prefix"], shown["attachments"]) == ("전체", "members", "[전체]", False)
    members = items(smartmail, "list", "members", "all@a.example")
    assert {(one["address"], one["group"], one["department"]) for one in members} == {
        (KIM, 0, 0), (LEE, 0, 0), ("", 1, 0), ("", 0, 1),
    }  # fmt: skip
    assert [one["name"] for one in items(smartmail, "list", "list")] == ["전체"]
    for member, code in ((LEE, 0), (LEE, 66), ("department:영업", 0)):
        assert smartmail("list", "drop", "all@a.example", member)[0] == code
    assert smartmail("list", "remove", "all@a.example")[0] == 0
    assert smartmail("list", "show", "all@a.example")[0] == 66


def test_relays(smartmail):
    words = ("relay", "add", KIM, "--purpose", "복합기", "--networks", "10.0.0.7", "--senders", "Scan@a.example")
    assert smartmail(*words, "--ends-at", "2020-01-01")[0] == 65
    made = documents(smartmail, *words, "--ends-at", "2099-12-31", "--cleartext")
    [one] = items(smartmail, "relay", "list")
    assert (one["id"], one["address"], one["networks"]) == (made["id"], KIM, ["10.0.0.7/32"])
    assert (one["senders"], one["hourly"], one["cleartext"]) == (["scan@a.example"], 100, True)
    assert (one["stale"], one["lastUsedAt"]) == (False, None)
    assert documents(smartmail, "relay", "change", "1", "--hourly", "5")["hourly"] == 5
    assert smartmail("relay", "remove", "1")[0] == 0
    assert smartmail("relay", "remove", "1")[0] == 66
    assert "복합기".encode() not in b"".join(path.read_bytes() for path in smartmail.where.glob("smartmail.db*"))


def test_routes(smartmail, monkeypatch):
    hosts = ("mx1.x.example", "::1/2525/20")
    shown = documents(smartmail, "route", "set", "b.example", "--relay-hosts", *hosts, "--relay-verify", "list")
    assert shown["relay"]["hosts"] == [
        {"host": "mx1.x.example", "port": 25, "priority": 10}, {"host": "::1", "port": 2525, "priority": 20},
    ]  # fmt: skip
    other = ("--other-hosts", "10.0.0.9/26", "--other-networks", "10.0.0.9", "--other-copy")
    assert documents(smartmail, "route", "set", "a.example", *other)["other"]["copy"] is True
    monkeypatch.setattr("sys.stdin", io.StringIO("relay-Passw0rd-9\n"))
    host = ("--smarthost-host", "out.x.example", "--smarthost-username", "us", "--smarthost-password", "-")
    shown = documents(smartmail, "route", "set", "a.example", *host, "--no-subaddress")
    assert (shown["smarthost"]["port"], shown["smarthost"]["username"], shown["subaddress"]) == (587, "us", False)
    assert documents(smartmail, "route", "smarthost", "*", "way.x.example")["domain"] == "*"
    assert smartmail("route", "journal", "archive@x.example")[0] == 0
    monkeypatch.setattr("sys.stdin", io.StringIO("park@b.example\n# nobody\nchoi@b.example\n"))
    assert documents(smartmail, "route", "known", "-") == {"new": 2}
    assert [one["domain"] for one in items(smartmail, "route", "list")] == ["a.example", "b.example"]
    assert "out.x.example" in smartmail("route", "list")[1]
    # What may be null is removed by `none`.
    shown = documents(
        smartmail, "route", "set", "a.example", "--other", "none", "--smarthost", "none", "--alias-of", "b.example"
    )
    assert (shown["other"], shown["smarthost"], shown["aliasOf"]) == (None, None, "b.example")
    assert documents(smartmail, "route", "set", "a.example", "--alias-of", "none")["aliasOf"] == ""
    assert smartmail("route", "direct", "*")[0] == 0
    assert smartmail("route", "end-journal")[0] == 0
    assert items(smartmail, "route", "smarthosts") == items(smartmail, "route", "journals") == []
    assert smartmail("route", "set", "x.example", "--relay-hosts", "h")[0] == 66
    assert smartmail("route", "set", "b.example", "--relay-hosts", "h/many")[0] == 64
    data = b"".join(path.read_bytes() for path in smartmail.where.glob("smartmail.db*"))
    assert b"relay-Passw0rd-9" not in data and b"archive@x.example" not in data


def test_approvals(smartmail):
    assert smartmail("approval", "list")[0] == 0
    assert documents(smartmail, "approval", "list", "--state", "expired")["items"] == []
    assert smartmail("approval", "approve", "7")[0] == 66
    assert smartmail("approval", "reject", "x")[0] == 66


def test_approval_lines(smartmail):
    made = documents(smartmail, "approval-line", "put", "팀장", "manager", f"people:{KIM},{LEE} need=all", "--clock")
    assert made["steps"] == ["manager", f"people:{KIM},{LEE} need=all"] and made["clock"] is True
    again = documents(smartmail, "approval-line", "put", "팀장", "manager:2")
    assert [one["id"] for one in items(smartmail, "approval-line", "list")] == [again["id"]]
    assert len(items(smartmail, "approval-line", "list", "--ended")) == 2
    [step] = items(smartmail, "approval-line", "preview", KIM, f"people:{KIM},{LEE} need=1")
    assert (step["needed"], step["held"], len(step["approvers"])) == (1, False, 1), "the sender is not among them"
    assert smartmail("approval-line", "preview", KIM, "manager escalate=9 decide=9")[0] == 65
    assert smartmail("approval-line", "put", "x", "people:nobody@a.example")[0] == 65
    assert smartmail("approval-line", "put", "x", "manager escalate=9 decide=9")[0] == 65
    assert smartmail("approval-line", "end", again["id"])[0] == 0
    assert smartmail("approval-line", "end", again["id"])[0] == 66
    assert smartmail("approval", "document", "7", "전자결재", "2026-118", "--approve")[0] == 66


def test_what_does_not_fit_is_named_as_it_was_typed(smartmail):
    code, _, told = smartmail("group", "add", "x" * 5_000)
    assert (code, "(NAME)" in told, "$." in told) == (65, True, False)
