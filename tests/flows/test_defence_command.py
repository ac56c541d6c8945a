"""`./smartmail ban …` and `./smartmail account sending …`."""

import asyncio
import json

import pytest

from smartmail.app.cli import main
from smartmail.app.node import open_node
from smartmail.app.settings import load
from smartmail.service.directory import NewPerson

KIM = "kim@a.example"


@pytest.fixture
def smartmail(tmp_path, capsys):
    """Run a command in a data directory with one person; return (exit code, output, errors)."""
    where = tmp_path / "data"

    def run(*words: str):
        code = main([*words, "--data", str(where)])
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


def test_bans_are_made_shown_and_released(smartmail):
    assert smartmail("ban", "list")[1] == "Nobody is shut out.\n"
    code, out, _err = smartmail("ban", "add", "198.51.100.7", "--for", "6h", "--note", "추측 공격")
    assert code == 0
    assert out.startswith("198.51.100.7 is shut out until ")
    [ban] = document(smartmail, "ban", "list")["bans"]
    assert (ban["network"], ban["reason"], ban["by"], ban["note"]) == ("198.51.100.7/32", "manual", "cli", "추측 공격")
    # What a person wrote lies sealed.
    assert not [p for p in smartmail.where.rglob("*") if p.is_file() and "추측".encode() in p.read_bytes()]
    assert smartmail("ban", "release", "198.51.100.7") == (0, "198.51.100.7 may come in again.\n", "")
    code, _out, err = smartmail("ban", "release", "198.51.100.7")
    assert (code, "no such ban" in err) == (1, True)
    assert document(smartmail, "ban", "list")["bans"] == []
    [ended] = document(smartmail, "ban", "list", "--all")["bans"]
    assert ended["released"] is not None


def test_exceptions_have_an_end_and_are_taken_back(smartmail):
    assert smartmail("ban", "allow", "203.0.113.0/24", "--for", "30d", "--partner")[0] == 0
    [allow] = document(smartmail, "ban", "list")["allows"]
    assert (allow["network"], allow["kind"]) == ("203.0.113.0/24", "partner")
    assert smartmail("ban", "disallow", "203.0.113.0/24")[0] == 0
    assert smartmail("ban", "disallow", "203.0.113.0/24")[0] == 1
    assert smartmail("ban", "allow", "0.0.0.0/0")[0] == 1
    with pytest.raises(SystemExit):
        smartmail("ban", "allow", "203.0.113.0/24", "--for", "soon")


def test_settings_are_shown_and_changed(smartmail):
    assert document(smartmail, "ban", "set")["greylisting"] == "suspicious"
    assert smartmail("ban", "set", "greylisting", "on")[0] == 0
    assert smartmail("ban", "set", "guesses", "7")[0] == 0
    shown = document(smartmail, "ban", "set")
    assert (shown["greylisting"], shown["guesses"]) == ("on", 7)
    for words in (("greylisting", "perhaps"), ("nothing", "1"), ("guesses",)):
        assert smartmail("ban", "set", *words)[0] == 1


def test_sending_is_stopped_and_resumed(smartmail):
    assert smartmail("account", "sending", "status")[1] == "No account is stopped.\n"
    assert smartmail("account", "sending", "stop", KIM)[0] == 0
    [stop] = document(smartmail, "account", "sending", "status")
    assert (stop["address"], stop["reason"], stop["by"]) == (KIM, "manual", "cli")
    assert "0 held recipients go now" in smartmail("account", "sending", "resume", KIM)[1]
    assert smartmail("account", "sending", "resume", KIM)[0] == 1
    assert smartmail("account", "sending", "bulk", KIM, "--for", "30d", "--note", "월간")[0] == 0
    assert [one["kind"] for one in document(smartmail, "ban", "list")["allows"]] == ["sending"]
    assert smartmail("account", "sending", "no-bulk", KIM)[0] == 0
    assert smartmail("account", "sending", "no-bulk", KIM)[0] == 1
    assert smartmail("account", "sending", "stop")[0] == 1
