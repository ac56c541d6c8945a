"""`./smartmail directory …`: tables in and out from the command line."""

import asyncio
import json

import pytest

from smartmail.app.cli import main
from smartmail.app.node import open_node
from smartmail.app.settings import load

REASON = "연말 조직 점검을 위한 반출"


@pytest.fixture
def smartmail(tmp_path, capsys):
    """Run a command in a data directory; return its code and its document, or the text of its failure."""
    where = tmp_path / "data"

    def plain(*words: str):
        code = main([*words, "--data", str(where)])
        return code, *capsys.readouterr()

    def run(*words: str):
        code, out, err = plain(*words, "--json")
        return code, json.loads(out) if out.strip() else err.strip()

    async def begin():
        async with open_node(load(str(where)), first_start=True) as node:
            organization = await node.services.provisioning.organization("한빛")
            await node.services.directory.add_domain("a.example", organization)

    asyncio.run(begin())
    run.plain = plain
    return run


def export(smartmail, place, *words):
    code, out, _ = smartmail.plain("directory", "export", "--reason", REASON, "--output", str(place), *words)
    assert (code, str(place) in out) == (0, True)


def test_a_table_goes_in_back_and_out(smartmail, tmp_path):
    place, out = tmp_path / "people.csv", tmp_path / "out.csv"
    place.write_bytes("Wer,이름,부서\nkim,김민지,없음\nlee,이수진,\n".encode("cp949"))
    more = (str(place), "--columns", "Wer=login", "--language", "ko")
    words = ("directory", "import", *more)
    code, report = smartmail("directory", "check", *more)
    assert (code, report["counts"], report["errorCount"]) == (0, {"make": 1}, 1)
    assert report["errors"][0]["text"].startswith("부서가 없습니다: 없음")
    assert smartmail(*words)[0] == 1
    code, done = smartmail(*words, "--partly")
    assert (code, done["state"], done["done"]) == (0, "done", 1)
    number = str(done["import"])
    assert smartmail("directory", "show", number)[1]["done"] == 1
    [line] = smartmail("directory", "lines", number, "--ending", "done")[1]["items"]
    assert line["key"] == "lee@a.example"
    [link] = smartmail("directory", "invite", number)[1]["items"]
    assert link["login"] == "lee@a.example" and "/setup#" in link["url"]
    export(smartmail, out)
    assert "이수진" in out.read_text("utf-8-sig")
    assert out.stat().st_mode & 0o77 == 0
    assert smartmail.plain("directory", "export", "--reason", REASON, "--output", str(out))[0] == 1
    code, again = smartmail("directory", "check", str(out))
    assert (code, again["counts"], again["unchanged"]) == (0, {}, 1)
    code, undone = smartmail("directory", "undo", number)
    assert (code, undone["state"], undone["left"]) == (0, "undone", [])
    assert [one["state"] for one in smartmail("directory", "list")[1]["items"]] == ["undone"]
    assert (
        "no such" in str(smartmail("directory", "undo", "12345")[1]).lower()
        or smartmail("directory", "undo", "12345")[0] == 1
    )
    assert "no column" in smartmail("directory", "import", str(place), "--columns", "x")[1]


def test_lists_and_shared_accounts_go_in_back_and_out(smartmail, tmp_path):
    for kind, text, key in (
        ("lists", "주소,소유자,구성원\nnews,kim@a.example,lee@far.example\n", "news@a.example"),
        ("shared", "주소,이름\nsales,영업\n", "sales@a.example"),
    ):
        place, out = tmp_path / f"{kind}.csv", tmp_path / f"{kind}-out.csv"
        place.write_text(text, "utf-8")
        words = ("directory", "import", str(place), "--kind", kind)
        assert smartmail("directory", "check", str(place), "--kind", kind)[1]["counts"]["make"] == 1
        code, done = smartmail(*words)
        assert (code, done["state"], done["failed"]) == (0, "done", 0)
        export(smartmail, out, "--kind", kind)
        assert key in out.read_text("utf-8-sig")
        code, again = smartmail("directory", "check", str(out), "--kind", kind)
        assert (code, again["counts"], again["unchanged"]) == (0, {}, 1)
        code, undone = smartmail("directory", "undo", str(done["import"]))
        assert (code, undone["state"], undone["left"]) == (0, "undone", [])
