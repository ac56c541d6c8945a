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
        code = main([*words, "--data", str(where)])
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


def test_aliases(smartmail):
    code, out, _ = smartmail("alias", "put", "Sales@a.example", KIM, "out@x.example")
    assert (code, out) == (0, f"sales@a.example stands for {KIM}, out@x.example.\n")
    assert smartmail("alias", "put", "sales@x.example", KIM)[0] == 1
    assert smartmail("alias", "put", KIM, LEE)[0] == 1
    assert smartmail("alias", "forward", KIM, "out@x.example", "--no-copy")[0] == 0
    assert smartmail("alias", "domain", "b.example", "a.example")[0] == 0
    found = {(one["address"], one["kind"]): one["targets"] for one in documents(smartmail, "alias", "list")}
    assert found == {
        ("sales@a.example", "alias"): [KIM, "out@x.example"], (KIM, "forward"): ["out@x.example"],
        ("b.example", "domain"): ["a.example"],
    }  # fmt: skip
    assert smartmail("alias", "remove", "sales@a.example")[1].endswith("nobody gets it again.\n")
    assert smartmail("alias", "put", "sales@a.example", KIM)[0] == 1
    assert smartmail("alias", "remove", "sales@a.example", "--forget")[0] == 0
    assert smartmail("alias", "put", "sales@a.example", KIM)[0] == 0
    assert smartmail("alias", "unforward", KIM)[0] == 0
    assert smartmail("alias", "sub-address", "a.example", "off")[0] == 0
    assert smartmail("alias", "domain", "b.example")[0] == 0


def test_lists(smartmail):
    code, out, err = smartmail("list", "create", "all@a.example", "--owner", KIM, "--name", "전체", "--post", "members")
    assert code == 0 and "all@a.example is a list" in out, err
    assert smartmail("list", "add", "all@a.example", KIM, LEE, KIM)[1] == "all@a.example has 2 members.\n"
    assert smartmail("group", "add", "sales")[0] == 0
    assert smartmail("list", "add", "all@a.example", "group:sales")[0] == 0
    assert smartmail("list", "change", "all@a.example", "--prefix", "[전체]", "--attachments", "no")[0] == 0
    shown = documents(smartmail, "list", "show", "all@a.example")
    assert (shown["name"], shown["post"], shown["prefix"], shown["attachments"]) == ("전체", "members", "[전체]", False)
    assert shown["members"] == [KIM, LEE, "group:sales"]
    assert [one["members"] for one in documents(smartmail, "list", "list")] == [3]
    assert smartmail("list", "drop", "all@a.example", LEE)[0] == 0
    assert smartmail("list", "drop", "all@a.example", LEE)[0] == 1
    assert smartmail("list", "remove", "all@a.example")[0] == 0
    assert smartmail("list", "show", "all@a.example")[0] == 1


def test_relays(smartmail):
    words = ("relay", "add", KIM, "--purpose", "복합기", "--network", "10.0.0.7", "--sender", "Scan@a.example")
    assert smartmail(*words, "--until", "2020-01-01")[0] == 1
    assert smartmail(*words, "--until", "soon")[0] == 1
    code, out, err = smartmail(*words, "--until", "2099-12-31", "--cleartext")
    assert (code, out) == (0, "Relay 1 is registered until 2099-12-31.\n"), err
    [one] = documents(smartmail, "relay", "list")
    assert (one["owner"], one["networks"], one["senders"]) == (KIM, ["10.0.0.7/32"], ["scan@a.example"])
    assert (one["hourly"], one["cleartext"], one["stale"], one["lastUsed"]) == (100, True, False, None)
    assert documents(smartmail, "relay", "list", "--stale") == []
    assert documents(smartmail, "relay", "change", "1", "--hourly", "5")["hourly"] == 5
    assert smartmail("relay", "remove", "1")[0] == 0
    assert smartmail("relay", "remove", "1")[0] == 1
    assert "복합기".encode() not in b"".join(path.read_bytes() for path in smartmail.where.glob("smartmail.db*"))


def test_routes(smartmail, monkeypatch, tmp_path):
    assert smartmail("route", "relay", "b.example", "mx1.x.example", "[::1]:2525", "--verify", "list")[0] == 0
    assert smartmail("route", "other", "a.example", "10.0.0.9:26", "--network", "10.0.0.9", "--copy")[0] == 0
    monkeypatch.setattr("sys.stdin", io.StringIO("relay-Passw0rd-9\n"))
    assert smartmail("route", "smarthost", "from", "a.example", "out.x.example", "--user", "us")[0] == 0
    assert smartmail("route", "journal", "archive@x.example")[0] == 0
    names = tmp_path / "people"
    names.write_text("park@b.example\n# nobody\nchoi@b.example\n")
    assert documents(smartmail, "route", "known", str(names)) == {"read": 2, "new": 2}
    found = {(one["of"], one["kind"]): one["hosts"] for one in documents(smartmail, "route", "list")}
    assert found == {
        ("b.example", "relay"): ["mx1.x.example:25", "::1:2525"], ("a.example", "other"): ["10.0.0.9:26"],
        ("from a.example", "smarthost"): ["out.x.example:587"], ("organization 1", "journal"): ["archive@x.example"],
    }  # fmt: skip
    for words in (("relay", "b.example"), ("other", "a.example"), ("smarthost", "from", "a.example"), ("journal",)):
        assert smartmail("route", *words)[0] == 0
    assert documents(smartmail, "route", "list") == []
    assert smartmail("route", "relay", "x.example", "h")[0] == 1
    assert smartmail("route", "relay", "b.example", "h:port")[0] == 1
    data = b"".join(path.read_bytes() for path in smartmail.where.glob("smartmail.db*"))
    assert b"relay-Passw0rd-9" not in data and b"archive@x.example" not in data


def test_approvals(smartmail):
    assert smartmail("approval", "list")[0] == 0
    assert documents(smartmail, "approval", "list", "--state", "expired")["items"] == []
    assert smartmail("approval", "approve", "7")[0] == 66
    assert smartmail("approval", "reject", "x")[0] == 66


def test_what_does_not_fit_is_named_as_it_was_typed(smartmail):
    code, _, told = smartmail("group", "add", "x" * 5_000)
    assert (code, "(NAME)" in told, "$." in told) == (65, True, False)
