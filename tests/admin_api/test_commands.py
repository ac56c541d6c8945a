"""`./smartmail webhook …` and `./smartmail job …`."""

import asyncio
import contextlib
import json

import pytest

from smartmail.app.cli import main
from smartmail.app.node import open_node
from smartmail.app.settings import load
from smartmail.domain.principal import Actor, Origin
from smartmail.service.flow.directory import NewPerson


@pytest.fixture
def smartmail(tmp_path, capsys):
    """Run a command in a data directory of one company; return (exit code, output, errors)."""
    where = tmp_path / "data"

    def run(*words: str):
        code = 2
        with contextlib.suppress(SystemExit):
            code = main([*words, "--data", str(where)])
        out, err = capsys.readouterr()
        return code, out, err

    async def begin():
        async with open_node(load(str(where)), first_start=True) as node:
            home = await node.services.provisioning.organization("test")
            await node.services.directory.add_domain("a.example", home)
            account = await node.services.provisioning.person(NewPerson("kim@a.example", "kim", is_admin=True), None)
            actor = Actor(account.id, home, account.login, is_admin=True, origin=Origin("admin"))
            await node.services.admin_api.jobs.start(actor, "queue.act", {"act": "hold"})

    asyncio.run(begin())
    return run


def test_webhooks_by_command(smartmail):
    code, out, _ = smartmail("webhook", "add", "https://events.test/x", "--label", "결재", "--types", "group", "--json")
    made = json.loads(out)
    assert (code, made["state"], made["types"]) == (0, "active", ["group"])
    assert made["secret"].startswith("whsec_")
    _, out, _ = smartmail("webhook", "list")
    assert "https://events.test/x" in out
    assert "결재" in out
    assert made["secret"] not in out
    assert "paused" in smartmail("webhook", "pause", "1")[1]
    assert "active" in smartmail("webhook", "resume", "1")[1]
    _, out, _ = smartmail("webhook", "secret", "1", "--json")
    assert json.loads(out)["secret"] != made["secret"]
    assert smartmail("webhook", "replay", "1", "0")[0] == 0
    code, _, err = smartmail("webhook", "replay", "1", "999999")
    assert (code, "number yet" in err) == (65, True)
    code, _, err = smartmail("webhook", "add", "http://events.test/x")
    assert (code, "https" in err) == (65, True)
    assert smartmail("webhook", "remove", "1")[0] == 0
    code, _, err = smartmail("webhook", "remove", "1")
    assert (code, "webhook list" in err) == (66, True)


def test_jobs_by_command(smartmail):
    _, out, _ = smartmail("job", "list", "--json")
    [job] = json.loads(out)["items"]
    assert (job["kind"], job["state"]) == ("queue.act", "waiting")
    assert smartmail("job", "cancel", job["id"])[0] == 0
    assert "cancelled" in smartmail("job", "list")[1]
    code, _, err = smartmail("job", "cancel", job["id"])
    assert (code, err != "") == (75, True)
    assert smartmail("job", "cancel", "999")[0] == 66
