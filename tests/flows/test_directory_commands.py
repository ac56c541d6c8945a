"""`./smartmail directory …`: tables in and out from the command line."""

import asyncio
import csv
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

    def run(*words: str):
        code = main([*words, "--json", "--data", str(where)])
        out, err = capsys.readouterr()
        return code, json.loads(out) if out.strip() else err.strip()

    async def begin():
        async with open_node(load(str(where)), first_start=True) as node:
            organization = await node.services.provisioning.organization("한빛")
            await node.services.directory.add_domain("a.example", organization)

    asyncio.run(begin())
    return run


def test_a_table_goes_in_back_and_out(smartmail, tmp_path):
    place, links, out = tmp_path / "people.csv", tmp_path / "links.csv", tmp_path / "out.csv"
    place.write_bytes("Wer,이름,부서\nkim,김민지,없음\nlee,이수진,\n".encode("cp949"))
    words = ("directory", "import", str(place), "--column", "Wer=login", "--language", "ko")
    code, report = smartmail(*words, "--dry-run")
    assert (code, report["counts"]) == (1, {"make": 1})
    assert report["errors"][0]["text"].startswith("부서가 없습니다: 없음")
    assert smartmail(*words)[0] == 1
    code, done = smartmail(*words, "--partly")
    assert (code, done["state"], done["done"]) == (0, "done", 1)
    number = str(done["import"])
    assert smartmail("directory", "show", number)[1]["acts"][0]["key"] == "lee@a.example"
    assert smartmail("directory", "invite", number, "--out", str(links))[1] == {"invitations": 1}
    assert links.stat().st_mode & 0o77 == 0
    [row] = list(csv.DictReader(links.read_text("utf-8-sig").splitlines()))
    assert row["login"] == "lee@a.example" and "/setup#" in row["link"]
    assert smartmail("directory", "export", str(out), "--reason", REASON) == (0, {"kind": "people", "rows": 1})
    assert "이수진" in out.read_text("utf-8-sig")
    code, again = smartmail("directory", "import", str(out), "--dry-run")
    assert (code, again["counts"], again["unchanged"]) == (0, {}, 1)
    code, undone = smartmail("directory", "undo", number)
    assert (code, undone["state"], undone["left"]) == (0, "undone", [])
    assert [one["state"] for one in smartmail("directory", "list")[1]] == ["undone"]
    assert (
        "no such" in str(smartmail("directory", "undo", "12345")[1]).lower()
        or smartmail("directory", "undo", "12345")[0] == 1
    )
    assert "no column" in smartmail("directory", "import", str(place), "--column", "x")[1]


def test_lists_and_shared_accounts_go_in_back_and_out(smartmail, tmp_path):
    for kind, text, key in (
        ("lists", "주소,소유자,구성원\nnews,kim@a.example,lee@far.example\n", "news@a.example"),
        ("shared", "주소,이름\nsales,영업\n", "sales@a.example"),
    ):
        place, out = tmp_path / f"{kind}.csv", tmp_path / f"{kind}-out.csv"
        place.write_text(text, "utf-8")
        words = ("directory", "import", str(place), "--kind", kind)
        assert smartmail(*words, "--dry-run")[1]["counts"]["make"] == 1
        code, done = smartmail(*words)
        assert (code, done["state"], done["failed"]) == (0, "done", 0)
        assert smartmail("directory", "export", str(out), "--kind", kind, "--reason", REASON)[1]["rows"] == 1
        assert key in out.read_text("utf-8-sig")
        code, again = smartmail("directory", "import", str(out), "--kind", kind, "--dry-run")
        assert (code, again["counts"], again["unchanged"]) == (0, {}, 1)
        code, undone = smartmail("directory", "undo", str(done["import"]))
        assert (code, undone["state"], undone["left"]) == (0, "undone", [])
