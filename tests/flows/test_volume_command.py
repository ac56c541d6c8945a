"""`./smartmail volume`: a directory is added, changed and used for old mail from the command line."""

import asyncio
import json

from smartmail.app.cli import main
from smartmail.app.node import open_node
from smartmail.app.settings import load


async def begin(where) -> None:
    async with open_node(load(str(where)), first_start=True) as node:
        await node.services.provisioning.organization("test")


def test_a_directory_is_added_changed_and_tiered(tmp_path, capsys):
    where, more = tmp_path / "data", tmp_path / "more"
    asyncio.run(begin(where))

    def run(*words: str, code: int = 0):
        assert main(["volume", *words, "--json", "--data", str(where)]) == code
        out, err = capsys.readouterr()
        return json.loads(out) if code == 0 else err

    assert run("probe", str(more))["octetsPerSecond"] > 0
    assert "path" in run("add", "here", code=65)
    added = run("add", str(more), "--weight", "3")["id"]
    assert [(one["id"], one["weight"], one["place"]) for one in run("list")["items"]][1:] == [(added, 3, str(more))]
    assert run("change", added, "--weight", "0", "--read-only")["readOnly"]
    rule = {"volumeId": added, "days": 30, "least": 100 << 10}
    assert run("set-tier", added, "--days", "30", "--least", "100k") == rule == run("tier")
    assert run("remove-tier")["volumeId"] is None
    assert run("cap", added, "50M", code=66) and run("findings", added)["items"] == []
    assert run("show", "9", code=66)
