"""./smartmail audit, run as the shell runs it but in this process."""

import asyncio

import apsw
from tests.unit.service_import.test_mail_commands import kim, shell  # noqa: F401

from smartmail.app.node import open_node
from smartmail.app.settings import load


def chain(data):
    async def work():
        async with open_node(load(str(data))) as node:
            return await node.services.audit.chain()

    return asyncio.run(work())


def meddle(data, sql):
    connection = apsw.Connection(str(data / "smartmail.db"))
    connection.execute(sql)
    connection.close()


def test_list_verify_and_anchors(shell, kim, tmp_path):  # noqa: F811
    shell("account", "quota", kim, "1G")
    waiting = shell("audit", "list")
    assert {one["seq"] for one in waiting} == {None}
    assert chain(shell.data) == len(waiting)
    listed = shell("audit", "list")
    assert [one["action"] for one in listed] == [one["action"] for one in waiting]
    assert listed[0]["action"] == "account.quota"
    assert shell("audit", "list", "--limit", 1) == listed[:1]
    assert shell("audit", "list", "--since", "2999-01-01") == []
    assert shell("audit", "list", "--organization", 7) == []
    assert "no time" in shell("audit", "list", "--until", "tomorrow", expect=1)
    home = listed[0]["organization"]
    reports = {one["organization"]: one for one in shell("audit", "verify")}
    assert [one["findings"] for one in reports.values()] == [[]] * len(reports)

    (anchor,) = [one for one in shell("audit", "anchors") if one["organization"] == home]
    assert anchor["digest"] == reports[home]["digest"]
    kept = tmp_path / "anchors"
    kept.write_text(f"{home} {anchor['seq']} {anchor['digest']}\n")
    shell("audit", "verify", "--anchors", kept)
    kept.write_text(f"{home} {anchor['seq']} {'0' * 64}\n")
    (found,) = [one for report in shell("audit", "verify", "--anchors", kept, expect=1) for one in report["findings"]]
    assert (found["trouble"], found["seq"]) == ("elsewhere", anchor["seq"])
    kept.write_text("rubbish\n")
    assert "anchors prints" in shell("audit", "verify", "--anchors", kept, expect=1)


def test_verify_names_what_was_changed(shell, kim):  # noqa: F811
    shell("account", "quota", kim, "1G")
    chain(shell.data)
    meddle(shell.data, "update audit set action = 'account.quiet' where action = 'account.quota'")
    (found,) = [one for report in shell("audit", "verify", expect=1) for one in report["findings"]]
    assert (found["trouble"], found["about"].split()[0]) == ("changed", "audit")
    assert found["seq"] == found["last"] >= 1
