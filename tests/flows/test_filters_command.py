"""`./smartmail filters …`: keep, activate and try scripts from the command line."""

import asyncio
import json

import pytest

from smartmail.app.cli import main
from smartmail.app.node import open_node
from smartmail.app.settings import load
from smartmail.service.flow.directory import NewPerson

KIM = "kim@a.example"
SCRIPT = 'require "fileinto";\nif header :contains "subject" "견적" { fileinto "없는 곳"; }\n'
MESSAGE = "From: x@b.example\r\nTo: kim@a.example\r\nSubject: 견적 요청\r\n\r\nbody\r\n".encode()


@pytest.fixture
def smartmail(tmp_path, monkeypatch, capsys):
    """Run a command in a data directory with one account; return (exit code, output, errors)."""
    where = tmp_path / "data"

    def run(*words: str, data: bool = True):
        code = main(
            [
                *words,
                *(
                    [
                        "--data",
                        str(where),
                    ]
                    if data
                    else []
                ),
            ]
        )
        out, err = capsys.readouterr()
        return code, out, err

    async def begin():
        async with open_node(load(str(where)), first_start=True) as node:
            organization = await node.services.provisioning.organization("test")
            await node.services.directory.add_domain("a.example", organization)
            await node.services.provisioning.person(NewPerson(KIM, "Kim"), "correct horse battery")

    asyncio.run(begin())
    (tmp_path / "mine.sieve").write_text(SCRIPT)
    (tmp_path / "mail.eml").write_bytes(MESSAGE)
    monkeypatch.chdir(tmp_path)
    return run


def test_a_script_is_kept_tried_and_activated(smartmail):
    code, out, err = smartmail("filters", "put", KIM, "내 필터", "mine.sieve", "--activate")
    assert (code, out, err) == (0, "내 필터 is kept and active.\n", "")
    code, out, _err = smartmail("filters", "list", KIM, "--json")
    assert [(one["name"], one["active"]) for one in json.loads(out)["scripts"]] == [("내 필터", True)]
    assert smartmail("filters", "get", KIM, "내 필터")[1] == SCRIPT
    code, out, _err = smartmail("filters", "test", KIM, "mail.eml")
    assert code == 0
    assert out.splitlines() == [
        "line    2  header: yes", "line    2  fileinto 없는 곳", "→ file into 없는 곳",
        "There is no mailbox 없는 곳: the message would stay in the inbox.",
    ]  # fmt: skip
    assert smartmail("filters", "delete", KIM, "내 필터")[0] == 1
    assert smartmail("filters", "deactivate", KIM)[0] == 0
    assert smartmail("filters", "delete", KIM, "내 필터")[:2] == (0, "내 필터 is deleted.\n")
    assert smartmail("filters", "test", KIM, "mail.eml")[0] == 1


def test_mistakes_are_told(smartmail, tmp_path):
    (tmp_path / "bad.sieve").write_text("keepp;\nif treu { stop; }\n")
    code, out, _err = smartmail("filters", "check", "bad.sieve", "--language", "ko", data=False)
    assert (code, out.splitlines()) == (1, [
        "1행 1열: 알 수 없는 명령 ‘keepp’입니다.", "2행 4열: 알 수 없는 조건 ‘treu’입니다.",
    ])  # fmt: skip
    assert smartmail("filters", "check", "mine.sieve", data=False)[0] == 0
    code, _out, err = smartmail("filters", "put", KIM, "bad", "bad.sieve")
    assert code == 1
    assert "Line 1, column 1: Unknown command “keepp”." in err
    assert smartmail("filters", "get", KIM, "bad")[0] == 1
    assert smartmail("filters", "check", "nothing.sieve", data=False)[0] == 1


def test_another_script_is_tried_without_being_kept(smartmail, tmp_path):
    (tmp_path / "other.sieve").write_text(
        'require ["reject", "envelope"]; if envelope "from" "spam@b.example" { reject "no"; }'
    )
    words = ("filters", "test", KIM, "mail.eml", "--script", "other.sieve", "--json")
    assert json.loads(smartmail(*words)[1])["actions"] == ["keep in the inbox"]
    assert json.loads(smartmail(*words, "--from", "spam@b.example")[1])["actions"] == ["refuse: no"]
    assert json.loads(smartmail("filters", "list", KIM, "--json")[1])["scripts"] == []


def test_an_absence_is_shown_and_switched_off(smartmail):
    code, out, _err = smartmail("filters", "absence", KIM, "--off")
    assert (code, out) == (0, f"The reply of {KIM} is off.\n")
