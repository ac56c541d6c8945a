"""`./smartmail ban …`, `alarm …` and `./smartmail account stop-sending`."""

import asyncio
import json

import pytest

from smartmail.app.cli import main
from smartmail.app.node import open_node
from smartmail.app.settings import load
from smartmail.service.flow.directory import NewPerson

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
    assert smartmail("ban", "list")[1] == "There are none.\n"
    made = document(smartmail, "ban", "add", "198.51.100.7", "--until", "6h", "--note", "추측 공격")
    [ban] = document(smartmail, "ban", "list")["items"]
    assert ban == made
    assert (ban["network"], ban["reason"], ban["by"], ban["note"]) == ("198.51.100.7/32", "manual", "cli", "추측 공격")
    # What a person wrote lies sealed.
    assert not [p for p in smartmail.where.rglob("*") if p.is_file() and "추측".encode() in p.read_bytes()]
    assert smartmail("ban", "release", "198.51.100.7") == (0, "Done.\n", "")
    code, _out, err = smartmail("ban", "release", "198.51.100.7", "--language", "ko")
    assert (code, "no such ban" in err, "./smartmail ban list shows all" in err) == (66, True, True)
    assert document(smartmail, "ban", "list")["items"] == []
    [ended] = document(smartmail, "ban", "list", "--ended")["items"]
    assert ended["releasedAt"] is not None


def test_exceptions_have_an_end_and_are_taken_back(smartmail):
    assert smartmail("ban", "allow", "203.0.113.0/24", "--until", "30d", "--partner")[0] == 0
    [allow] = document(smartmail, "ban", "exceptions")["items"]
    assert (allow["subject"], allow["kind"]) == ("203.0.113.0/24", "partner")
    assert smartmail("ban", "disallow", "203.0.113.0/24")[0] == 0
    assert smartmail("ban", "disallow", "203.0.113.0/24")[0] == 66
    assert smartmail("ban", "allow", "0.0.0.0/0", "--until", "1d")[0] == 65
    for words in (("--until", "soon"), ()):
        with pytest.raises(SystemExit) as ended:
            smartmail("ban", "allow", "203.0.113.0/24", *words)
        assert ended.value.code == 64


def test_settings_are_shown_and_changed(smartmail):
    def value(name: str):
        return {one["name"]: one["value"] for one in document(smartmail, "ban", "settings")["items"]}[name]

    assert value("greylisting") == "suspicious"
    assert smartmail("ban", "set", "greylisting", "on")[0] == 0
    assert document(smartmail, "ban", "set", "greylist_s", "90") == {"name": "greylist_s", "value": 90}
    assert value("greylisting") == "on"
    for words in (("greylisting", "perhaps"), ("nothing", "1")):
        assert smartmail("ban", "set", *words)[0] == 65
    with pytest.raises(SystemExit):
        smartmail("ban", "set", "guesses")


def test_alarms_by_command(smartmail):
    assert document(smartmail, "alarm", "list") == {"items": [], "next": None}
    changed = document(
        smartmail, "alarm", "set", "disk.free", "--warning", "25", "--quiet-minutes", "60", "--no-enabled"
    )
    assert (changed["warning"], changed["quietMinutes"], changed["enabled"]) == (25, 60, False)
    assert changed in document(smartmail, "alarm", "rules")["items"]
    _code, out, _err = smartmail("alarm", "rules")
    assert out.startswith("NAME")
    assert smartmail("alarm", "set", "no.such", "--warning", "1")[0] == 66
    assert document(smartmail, "alarm", "set-relay", "--host", "mx.test", "--to", "a@b.test", "c@d.test")["to"] == [
        "a@b.test",
        "c@d.test",
    ]
    assert document(smartmail, "alarm", "remove-relay")["host"] == document(smartmail, "alarm", "relay")["host"] == ""
    assert smartmail("alarm", "test", "--way", "relay")[0] == 65
    assert smartmail("alarm", "acknowledge", "7")[0] == 66
    document(smartmail, "alarm", "measure")


def test_sending_is_stopped_and_resumed(smartmail):
    assert smartmail("account", "sending")[1] == "There are none.\n"
    assert smartmail("account", "stop-sending", KIM)[0] == 0
    [stop] = document(smartmail, "account", "sending")["items"]
    assert (stop["address"], stop["reason"], stop["by"], stop["evidence"]) == (KIM, "manual", "cli", {})
    assert smartmail("account", "resume-sending", KIM)[0] == 0
    assert smartmail("account", "resume-sending", KIM)[0] == 66
    assert smartmail("account", "allow-bulk", KIM, "--until", "30d", "--note", "월간")[0] == 0
    [exception] = document(smartmail, "ban", "exceptions")["items"]
    assert (exception["kind"], exception["note"]) == ("sending", "월간")
    assert smartmail("account", "disallow-bulk", KIM)[0] == 0
    assert smartmail("account", "disallow-bulk", KIM)[0] == 66
