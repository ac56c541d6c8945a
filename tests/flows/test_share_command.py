"""`./smartmail share …`: rights from the command line."""

import asyncio
import json

import pytest

from smartmail.app.cli import main
from smartmail.app.node import open_node
from smartmail.app.settings import load
from smartmail.service.flow.directory import NewPerson

KIM, LEE, SALES = "kim@a.example", "lee@a.example", "sales@a.example"


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
            for login in (KIM, LEE):
                await node.services.provisioning.person(NewPerson(login, login, department="영업"), None)

    asyncio.run(begin())
    return run


def listed(smartmail, account):
    code, out, err = smartmail("share", "list", account, "--json")
    assert code == 0, err
    return [(one["mailbox"], one["whom"], one["rights"], one["seenPerPerson"]) for one in json.loads(out)]


def test_rights_are_given_shown_and_taken(smartmail):
    assert smartmail("share", "list", KIM)[1] == f"{KIM} shares nothing.\n"
    code, out, err = smartmail("share", "add", KIM, LEE, "file", "--mailbox", "Archive")
    assert (code, out, err) == (0, f"{LEE} may now file on {KIM} Archive.\n", "")
    assert smartmail("share", "add", KIM, "department:영업", "lr", "--mailbox", "INBOX")[0] == 0
    assert smartmail("share", "add", KIM, "domain:a.example", "view+send-on-behalf")[0] == 0
    assert smartmail("share", "per-person", KIM, "Archive", "on")[0] == 0
    assert sorted(listed(smartmail, KIM), key=str) == sorted(
        [
            ("Archive", LEE, "file", True), ("INBOX", "department:영업", "lr", False),
            (None, "domain:a.example", "view+send-on-behalf", False),
        ], key=str,
    )  # fmt: skip
    assert smartmail("share", "remove", KIM, LEE, "--mailbox", "Archive")[0] == 0
    assert smartmail("share", "remove", KIM, "domain:a.example")[0] == 0
    assert [whom for _, whom, _, _ in listed(smartmail, KIM)] == ["department:영업"]


def test_rights_are_given_until_a_day(smartmail):
    code, out, err = smartmail("share", "add", KIM, LEE, "view", "--until", "2099-12-31")
    assert (code, out, err) == (0, f"{LEE} may now view on {KIM} (whole account) until 2099-12-31.\n", "")
    [held] = json.loads(smartmail("share", "list", KIM, "--json")[1])
    assert (held["rights"], held["until"]) == ("view", "2099-12-31")
    code, _, err = smartmail("share", "add", KIM, LEE, "view", "--until", "2001-01-01")
    assert code != 0 and "future" in err


def test_an_account_for_several_is_made_and_shared(smartmail):
    assert smartmail("account", "add", SALES, "--name", "영업 대표메일", "--kind", "shared")[0] == 0
    assert smartmail("share", "add", SALES, LEE, "delete+send-as")[0] == 0
    assert listed(smartmail, SALES) == [(None, LEE, "delete+send-as", False)]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["add", KIM, "ghost@a.example", "view"], "is nobody in the organisation"),
        (["add", KIM, LEE, "view", "--mailbox", "Nowhere"], "has no mailbox Nowhere"),
        (["add", KIM, LEE, "send-as", "--mailbox", "INBOX"], "whole account"),
        (["add", KIM, "anyone", "view"], "switched off"),
        (["add", KIM, KIM, "view"], "itself"),
        (["list", "ghost@a.example"], "There is no account"),
    ],
)
def test_mistakes_are_told(smartmail, words, told):
    code, out, err = smartmail("share", *words)
    assert (code, out) == (1, "")
    assert told in err


@pytest.mark.parametrize("rights", ["fly", "lrz", "", "view+fly"])
def test_rights_that_are_none(smartmail, capsys, rights):
    with pytest.raises(SystemExit):
        smartmail("share", "add", KIM, LEE, rights)
    assert "not" in capsys.readouterr().err
