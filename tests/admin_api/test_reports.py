"""Reports, availability, announced work and updates by the admin API."""

import base64
import io
import zipfile

from tests.admin_api.test_people_and_records import at, hold_role
from tests.unit.serving.test_update_bundle import PUBLIC, bundle

from smartmail.adapters.versions import VersionDirectory
from smartmail.app.cli.acting import CLI
from smartmail.domain.figures import day_of
from smartmail.domain.policy import Scope

WHY = "for the monthly meeting of the board"


async def test_a_report_is_read_and_taken_with_a_reason(house, client):
    day = day_of(house.clock.now()).isoformat()
    report = await client.get(f"/reports/day/{day}")
    assert (report["period"], report["first"], report["last"]) == ("day", day, day)
    assert {one["login"] for one in report["people"]} == {"admin@a.example", "kim@a.example", "lee@a.example"}
    await client.do("POST", "/reports/file", {"period": "day", "day": day, "reason": "short"}, 400)
    reply = await client.ask("POST", "/admin/v1/reports/file", {"period": "day", "day": day, "reason": WHY})
    assert reply.status == 200, reply.body
    assert zipfile.ZipFile(io.BytesIO(reply.body)).testzip() is None
    await house.services.audit.chain()
    actions = [one["action"] for one in (await client.get("/audit-records"))["items"]]
    assert "report.take" in actions
    assert (await client.ask("GET", "/reports/day/2026-13-45")).status == 404
    assert (await client.ask("GET", "/reports/year/2026-01-01")).status == 400
    assert (await client.ask("GET", "/reports/day/2099-01-01")).status == 400


async def test_who_may_not_is_shown_nothing(house, client):
    day = day_of(house.clock.now()).isoformat()
    kim = await house.client("kim@a.example")
    for method, url in (
        ("GET", f"/reports/day/{day}"),
        ("GET", "/report-schedule"),
        ("GET", "/availability"),
        ("GET", "/updates"),
    ):
        assert (await kim.ask(method, url)).status == 403, url
    await hold_role(
        house, "lee@a.example", "auditor", Scope("organization", str(house.accounts["lee@a.example"].organization_id))
    )
    lee = await house.client("lee@a.example")
    assert (await lee.get(f"/reports/day/{day}"))["whole"] is not None
    assert (await lee.ask("PUT", "/report-schedule", {"periods": ["day"]})).status == 403


async def test_the_plan_is_the_companys_own(house, client):
    assert (await client.get("/report-schedule"))["periods"] == []
    told = await client.do("PUT", "/report-schedule", {"periods": ["month", "week"], "form": "xlsx"})
    assert told == {"periods": ["week", "month"], "form": "xlsx"} == await client.get("/report-schedule")
    other = await house.client("admin@b.example")
    assert (await other.get("/report-schedule"))["periods"] == []


async def test_work_of_the_installation_is_not_announced_by_one_of_two_companies(house, client):
    body = {"since": at(house, 1), "until": at(house, 2)}
    assert (await client.ask("POST", "/planned-work", body)).status == 403
    key = await house.services.figures.serving.announce(
        CLI, house.clock.now() + 1_000, house.clock.now() + 9_000, ("edge-imap",)
    )
    assert key.services == ("edge-imap",)


async def test_updates_are_the_installations_and_a_bundle_of_nobody_is_refused(house, client, tmp_path):
    content = base64.b64encode(bundle()).decode()
    assert (await client.ask("POST", "/updates/apply", {"content": content})).status == 403
    lock = tmp_path / "requirements.lock"
    lock.write_bytes(b"anyio==1\n")
    house.services.updates._place = VersionDirectory(str(tmp_path / "versions"), str(lock))
    # Somebody who holds the installation.
    await hold_role(house, "kim@a.example", "system", Scope("system"))
    client = await house.client("kim@a.example")
    assert (await client.get("/updates"))["items"][0]["id"] == "installed"
    told = await client.ask("POST", "/updates/check", {"content": content})
    assert told.status == 400 and b"key" in told.body
    assert (await client.do("PUT", "/update-key", {"key": base64.b64encode(PUBLIC).decode()}))["proposalId"] is None
    assert (await client.do("POST", "/updates/check", {"content": content}))["fixes"] == ["CVE-2026-1"]
    wrong = base64.b64encode(bundle()[:-1]).decode()
    assert (await client.ask("POST", "/updates/apply", {"content": wrong})).status == 400
    assert [one["id"] for one in (await client.get("/updates"))["items"]] == ["installed"]


async def test_a_table_of_countries_is_brought_by_file_and_taken_back(house, client):
    body = {
        "content": base64.b64encode(b"198.51.100.0/24,JP\n203.0.113.0/24,KR\n").decode(),
        "kind": "country",
        "date": "2026-11-01",
    }
    assert (await client.ask("POST", "/geo-tables", body)).status == 403
    await hold_role(house, "kim@a.example", "security", Scope("system"))
    kim = await house.client("kim@a.example")
    told = await kim.do("POST", "/geo-tables", body)
    assert (told["kind"], told["ranges"] > 0, told["date"]) == ("country", True, "2026-11-01")
    assert house.services.geo.country_of("198.51.100.9") == "JP"
    wrong = {**body, "content": base64.b64encode(b"this is no table").decode()}
    reply = await kim.ask("POST", "/geo-tables", wrong)
    assert reply.status == 400 and b"/tmp" not in reply.body
    assert house.services.geo.country_of("198.51.100.9") == "JP"
    await kim.do("DELETE", "/geo-tables?kind=country", status=204)
    assert house.services.geo.country_of("198.51.100.9") != "JP"
