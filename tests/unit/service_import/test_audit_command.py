"""./smartmail audit, run as the shell runs it but in this process."""

import asyncio
import contextlib
import io

import apsw
from tests.house.clock import day
from tests.unit.service_import.test_mail_commands import kim, shell  # noqa: F401

from smartmail.app.cli import verify_records
from smartmail.app.node import open_node
from smartmail.app.settings import load
from smartmail.domain.audit import AuditRecord
from smartmail.service.operations.records.counting import month_before


def chain(data):
    async def work():
        async with open_node(load(str(data))) as node:
            return await node.services.audit.chain()

    return asyncio.run(work())


def worked_last_month(data):
    """Let the company have a record of last month: of a month without any there is no review."""

    async def work():
        async with open_node(load(str(data))) as node:
            [company] = await node.store.organizations()
            who = (await node.store.accounts(company.id))[0].id
            _, since, _ = month_before(node.clock.now())
            record = AuditRecord(since + 1, f"account:{who}", "account.password", f"account:{who}")
            await node.store.audit(record, who)
            await node.services.audit.chain()

    asyncio.run(work())


def checked(words):
    with contextlib.redirect_stdout(io.StringIO()):
        return verify_records.main(words)


def meddle(data, sql):
    connection = apsw.Connection(str(data / "smartmail.db"))
    connection.execute(sql)
    connection.close()


def test_list_verify_and_anchors(shell, kim, tmp_path):  # noqa: F811
    shell("account", "set", kim, "--quota", "1G")
    waiting = shell("audit", "list")
    assert {one["seq"] for one in waiting} == {None}
    assert chain(shell.data) == len(waiting)
    listed = shell("audit", "list")
    assert [one["action"] for one in listed] == [one["action"] for one in waiting]
    assert listed[0]["action"] == "account.quota"
    assert shell("audit", "list", "--limit", 1) == listed[:1]
    assert shell("audit", "list", "--since", "2999-01-01") == []
    assert "not_found" in shell("audit", "list", "--organization", 7, expect=1)
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
    shell("account", "set", kim, "--quota", "1G")
    chain(shell.data)
    meddle(shell.data, "update audit set action = 'account.quiet' where action = 'account.quota'")
    (found,) = [one for report in shell("audit", "verify", expect=1) for one in report["findings"]]
    assert (found["trouble"], found["about"].split()[0]) == ("changed", "audit")
    assert found["seq"] == found["last"] >= 1


def test_filters_reasons_exports_and_reviews(shell, kim, tmp_path):  # noqa: F811
    shell("account", "set", kim, "--quota", "1G")
    assert "ten characters" not in str(
        shell("export", "--account", kim, "--to", tmp_path / "mail", "--reason", "a test of records")
    )
    chain(shell.data)
    (record,) = shell("audit", "list", "--account", kim, "--action", "mail.", "--reasons")
    assert (record["action"], record["actor"], record["text"]) == (
        "mail.export",
        "cli",
        {"reason": "a test of records"},
    )
    assert "10 characters" in shell(
        "export", "--account", kim, "--to", tmp_path / "more", "--reason", "short", expect=1
    )
    made = shell("audit", "export", "--to", tmp_path / "records", "--reason", "a test of exports")
    assert made["records"] >= 2
    assert "exists" in shell("audit", "export", "--to", tmp_path / "records", "--reason", "a test of exports", expect=1)
    (written,) = shell("audit", "anchors", "--to", tmp_path)
    assert shell("audit", "anchors", "--to", tmp_path) == []
    shell("audit", "verify", "--anchor", written)
    key = shell("audit", "key")["key"]
    assert checked([str(tmp_path / "records"), "--key", key, "--anchor", written]) == 0
    (tmp_path / "records").write_bytes((tmp_path / "records").read_bytes().replace(b"account.quota", b"account.close"))
    assert checked([str(tmp_path / "records"), "--key", key]) == 1
    assert shell("audit", "review", "list") == []
    worked_last_month(shell.data)
    (review,) = shell("audit", "review", "list")
    assert review["state"] == "open"
    shell("audit", "review", "assign", review["month"], "--to", kim)
    shell("audit", "review", "sign", review["month"], "--comment", "nothing")
    shown = shell("audit", "review", "show", review["month"])
    assert (shown["state"], shown["comment"], shown["findings"]["records"]) == ("signed", "nothing", 1)


def test_collectors_destructions_and_investigations(shell, kim, tmp_path):  # noqa: F811
    assert shell("siem", "list") == []
    shell("siem", "add", "main", "127.0.0.1:9", "--format", "cef", "--kind", "login")
    assert [one["name"] for one in shell("siem", "list")] == ["main"]
    assert "127.0.0.1:9" in shell("siem", "test", "main", expect=1)
    assert shell("siem", "off", "main")["state"] == "off"
    shell("siem", "remove", "main")
    assert "HOST:PORT" in shell("siem", "add", "x", "nowhere", expect=1)
    shell("investigation", "propose", kim, "--until", day(30), "--reason", "a test of investigations")
    (one,) = shell("investigation", "list")["items"]
    assert one["reason"] == "a test of investigations"
    assert "somebody else" in shell("investigation", "confirm", one["id"], expect=77)
    wish = ("destruction", "account", kim, "--ground", "퇴사", "--reason", "a test of destruction")
    assert "--yes" in shell(*wish, expect=1)
    assert "close the account" in shell(*wish, "--yes", expect=1)
