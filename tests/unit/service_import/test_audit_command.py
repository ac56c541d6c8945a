"""./smartmail audit, run as the shell runs it but in this process."""

import asyncio
import contextlib
import io

import apsw
from tests.house.clock import day
from tests.unit.service_import.test_mail_commands import kim, shell  # noqa: F401

from smartmail.app.cli import main, verify_records
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
            await node.services.reviews.turn()

    asyncio.run(work())


def records(shell, *words):  # noqa: F811
    return shell("audit", "list", *words)["items"]


def checked(words):
    with contextlib.redirect_stdout(io.StringIO()):
        return verify_records.main(words)


def meddle(data, sql):
    connection = apsw.Connection(str(data / "smartmail.db"))
    connection.execute(sql)
    connection.close()


def test_list_verify_and_anchors(shell, kim, tmp_path):  # noqa: F811
    shell("account", "set", kim, "--quota", "1G")
    waiting = records(shell, "--installation")
    assert {one["seq"] for one in waiting} == {None}
    assert chain(shell.data) == len(waiting)
    listed = records(shell, "--installation")
    assert [one["action"] for one in listed] == [one["action"] for one in waiting]
    assert listed[0]["action"] == "account.quota"
    assert records(shell, "--installation", "--limit", 1) == listed[:1]
    assert records(shell)[0] == listed[0], "of the only organization"
    assert records(shell, "--since", "2999-01-01") == []
    assert "no organization 7" in shell("audit", "list", "--organization", 7, expect=66)
    home = 1
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
    (record,) = records(shell, "--account-id", kim, "--action", "mail.", "--reasons")
    assert (record["action"], record["actor"], record["kind"]) == ("mail.export", "cli", "admin")
    assert record["text"] == {"reason": "a test of records"}
    assert records(shell, "--kind", "login") == []
    assert "10 characters" in shell(
        "export", "--account", kim, "--to", tmp_path / "more", "--reason", "short", expect=1
    )
    taken = ("--reason", "a test of exports", "--installation", "--output", tmp_path / "records")
    told = io.StringIO()
    with contextlib.redirect_stdout(told):
        assert main(["audit", "export", "--data", str(shell.data), *map(str, taken)]) == 0
    assert "bytes" in told.getvalue()
    assert "cannot be written: File exists" in shell("audit", "export", *taken, expect=1)
    (written,) = shell("audit", "anchors", "--to", tmp_path)
    assert shell("audit", "anchors", "--to", tmp_path) == []
    shell("audit", "verify", "--anchor", written)
    key = shell("audit", "anchor")["publicKey"]
    assert checked([str(tmp_path / "records"), "--key", key, "--anchor", written]) == 0
    (tmp_path / "records").write_bytes((tmp_path / "records").read_bytes().replace(b"account.quota", b"account.close"))
    assert checked([str(tmp_path / "records"), "--key", key]) == 1
    assert shell("audit", "reviews")["items"] == []
    worked_last_month(shell.data)
    (review,) = shell("audit", "reviews")["items"]
    assert review["signedAt"] is None
    shell("audit", "assign-review", review["month"], kim)
    shell("audit", "sign-review", review["month"], "--comment", "nothing")
    shown = shell("audit", "review", review["month"])
    assert shown["review"]["signedAt"] and shown["review"]["reviewerId"]
    assert (shown["comment"], shown["records"]) == ("nothing", 1)


def test_collectors_destructions_and_investigations(shell, kim, tmp_path):  # noqa: F811
    assert shell("siem", "list")["items"] == []
    shell("siem", "add", "main", "127.0.0.1", "--port", "9", "--format", "cef", "--kinds", "login")
    shell("siem", "add", "whole", "127.0.0.1", "--installation")
    main, whole = shell("siem", "list")["items"]
    assert (main["name"], main["installation"], whole["installation"]) == ("main", False, True)
    assert "127.0.0.1:9" in shell("siem", "test", "main", expect=75)
    assert shell("siem", "off", "main")["state"] == "off"
    shell("siem", "remove", "main")
    assert "siem list" in shell("siem", "test", "main", expect=66)
    assert {one["name"] for one in shell("siem", "dictionary")} >= {"chain", "seq"}
    shell("investigation", "propose", kim, "--until", day(30), "--reason", "a test of investigations")
    (one,) = shell("investigation", "list")["items"]
    assert one["reason"] == "a test of investigations"
    assert "somebody else" in shell("investigation", "confirm", one["id"], expect=77)
    wish = ("destruction", "account", kim, "--ground", "퇴사", "--reason", "a test of destruction")
    assert "close the account" in shell(*wish, expect=65)
