"""Volumes, alarms, backups and processes over the admin API: what the commands do, by who runs the installation alone."""

import asyncio
import json
from datetime import UTC, datetime, timedelta

import pytest

from smartmail.adapters.backup import DirectoryPlace
from smartmail.adapters.volumes.host import PlaceHost
from smartmail.app.opening.backing import NodeBackupHost
from smartmail.domain.policy import Scope
from smartmail.domain.processes import ProcessRow
from smartmail.service.kernel.clock import DAY, HOUR
from smartmail.service.kernel.keyring import Keyring
from smartmail.service.kernel.volumes.book import VolumeSecrets
from smartmail.service.operations.backup.service import LEASE, REHEARSAL_LEASE, BackupPlan
from smartmail.service.operations.processes import MASK

REASON = "asked for by the person, ticket 17"


class Processes:
    """A ProcessTable that notes what it is asked for."""

    def __init__(self) -> None:
        self.restarted: list[str] = []

    async def rows(self):
        return [
            ProcessRow("background", ("jobs",), "ready", 12, 1_760_000_000_000, 40, 50 << 20, 0),
            ProcessRow("edge-1", ("edge-web", "edge-imap"), "starting", 11, 1_760_000_000_000, 40, None, 2),
        ]

    async def restart(self, name):
        self.restarted.append(name)
        return True

    async def lines(self):
        return [
            b'{"at":"2026-11-27T01:00:00+00:00","level":"info","event":"auth.ok","process":"edge-1","login":"kim@a.example"}',
            b'{"at":"2026-11-27T01:00:01+00:00","level":"error","event":"process.failed","process":"background","error":"said lee@a.example at 192.0.2.7"}',
            b"Traceback (most recent call last):",
        ]


class Rehearser:
    """Rehearses nothing and says how it went."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.good = True
        self.room = 100 << 30

    async def free(self):
        return self.room

    async def rehearse(self, spec, name, told):
        self.asked.append(name)
        told("packs", 1, 2)
        return {"good": self.good, "snapshot": name, "seconds": 1.5, "messages": 3, "findings": []}


@pytest.fixture
async def operated(house, tmp_path):
    """The house of one company only, so that its administrator runs the installation; with places and processes."""
    services = house.services
    book = services.volumes.book
    book._store, book._clock, book.host = house.store, house.clock, PlaceHost(lambda _error: None)
    book.secrets = VolumeSecrets(Keyring(services.backups._keys, house.store, house.clock), house.clock)
    services.backups._plan = BackupPlan(
        DirectoryPlace(str(tmp_path / "backups")), hour=0, words=str(tmp_path / "backups")
    )
    services.backups.plans._host = NodeBackupHost()
    services.backups._rehearser = Rehearser()
    services.processes._table = Processes()
    return house


@pytest.fixture
async def root(operated, monkeypatch):
    """The administrator of the company as the only one that there is."""
    home = operated.accounts["admin@a.example"].organization_id
    monkeypatch.setattr(
        operated.services.authority._places, "of_the_only_company",
        lambda: operated.services.authority._places.of(_scope(home)),
    )  # fmt: skip
    return await operated.client("admin@a.example")


def _scope(home):
    return Scope("organization", str(int(home)))


async def done(house, job):
    """Let the job be done; return it as it ended."""
    jobs = house.services.admin_api.jobs
    await jobs.turn()
    await jobs.settle()
    client = await house.client("admin@a.example")
    return await client.get(f"/tasks/{job['id']}")


PATHS = ("/volumes", "/alarms", "/alarm-rules", "/alarms/channels", "/backups", "/backup-runs", "/backup-schedule", "/processes",
         "/running-tasks", "/log-lines", "/volumes/tier", "/backups/status", "/database", "/database-schedule")  # fmt: skip


async def test_the_machine_belongs_to_no_company_where_there_are_several(operated):
    client = await operated.client("admin@a.example")
    for path in PATHS:
        assert (await client.ask("GET", path)).status == 403, path
    assert (await client.ask("POST", "/processes/edge-1/restart")).status == 403
    assert (await client.ask("POST", "/volumes", {"path": "/tmp/x"})).status == 403
    assert (await client.ask("PUT", "/backup-schedule", {"directory": "/tmp/x"})).status == 403
    assert operated.services.processes._table.restarted == []


async def test_who_administers_nothing_sees_nothing_of_the_machine(operated, root):
    kim = await operated.client("kim@a.example")
    for path in PATHS:
        assert (await kim.ask("GET", path)).status == 403, path


# --- volumes ---


async def test_a_volume_is_tried_added_weighed_closed_drained_and_taken_out(operated, root, tmp_path):
    place = {"kind": "local", "path": str(tmp_path / "second"), "weight": 3}
    probe = await root.do("POST", "/volumes/probe", place)
    assert probe["octetsPerSecond"] > 0
    assert not (tmp_path / "second" / "volume").exists(), "a trial makes no volume"
    made = await root.do("POST", "/volumes", place, 201)
    url = f"/volumes/{made['id']}"
    [first, second] = (await root.get("/volumes"))["items"]
    assert (second["id"], second["weight"], second["state"], second["place"]) == (
        made["id"],
        3,
        "online",
        place["path"],
    )
    assert (await root.ask("POST", "/volumes", place)).status == 409, "it is a volume already"
    assert (await root.ask("POST", "/volumes", {"kind": "local", "path": "relative"})).status == 400
    assert (await root.do("PATCH", url, {"weight": 7, "readOnly": True}))["readOnly"] is True
    assert (await root.ask("PATCH", f"/volumes/{first['id']}", {"readOnly": True})).status == 400, "one must take mail"
    await root.do("PATCH", url, {"readOnly": False})
    drained = await root.do("POST", f"{url}/drain", {"cap": 1 << 20})
    assert (drained["state"], drained["work"]["kind"], drained["work"]["cap"]) == ("draining", "drain", 1 << 20)
    assert (await root.do("POST", f"{url}/pause"))["work"]["state"] == "paused"
    assert (await root.do("PUT", f"{url}/cap", {"cap": 5}))["work"]["cap"] == 5
    assert (await root.do("POST", f"{url}/resume"))["work"]["state"] == "running"
    assert (await root.ask("DELETE", url)).status == 412, "it is not empty yet"
    await operated.services.volumes.mover.turn()
    await operated.services.volumes.watch.turn()
    assert (await root.get(url))["state"] == "empty"
    await root.do("DELETE", url, b"", 204)
    assert (await root.ask("GET", url)).status == 404
    actions = [row["action"] for row in (await root.get("/audit-records?action=volume."))["items"]]
    assert set(actions) <= {"volume.add", "volume.change", "volume.drain", "volume.detach", "volume.pause",
                            "volume.resume", "volume.cap"}  # fmt: skip


async def test_a_drain_that_is_stopped_and_a_rule_for_old_mail(operated, root, tmp_path):
    made = await root.do("POST", "/volumes", {"kind": "local", "path": str(tmp_path / "second")}, 201)
    url = f"/volumes/{made['id']}"
    await root.do("POST", f"{url}/drain", {})
    assert (await root.do("POST", f"{url}/cancel-drain"))["state"] == "online"
    assert (await root.get("/volumes/tier")) == {"volumeId": None, "days": 0, "least": 0}
    rule = {"volumeId": made["id"], "days": 90, "least": 1024}
    assert await root.do("PUT", "/volumes/tier", rule) == rule
    assert (await root.do("PUT", "/volumes/tier", {}))["volumeId"] is None
    assert (await root.do("POST", f"{url}/scan", {}))["work"]["kind"] == "scan"
    assert (await root.get(f"{url}/findings"))["items"] == []
    assert (await root.ask("PUT", "/volumes/tier", {"volumeId": "99", "days": 1})).status == 404


async def test_what_opens_a_bucket_is_never_told(operated, root):
    place = {
        "kind": "s3",
        "bucket": "bucket-b",
        "endpoint": "https://127.0.0.1:1",
        "accessKey": "AK",
        "secretKey": "geheim",
    }
    reply = await root.ask("POST", "/volumes/probe", place)
    assert reply.status == 400
    assert b"geheim" not in reply.body


# --- alarms ---


async def test_alarms_are_seen_to_silenced_and_bounded(operated, root):
    await operated.store.put_setting("alarms-seen", "audit.broken", "3")
    found = (await root.do("POST", "/alarms/measure"))["items"]
    [alarm] = [one for one in found if one["condition"] == "audit.broken"]
    assert (alarm["level"], alarm["value"], alarm["unit"]) == ("critical", 3, "findings")
    seen = await root.do("POST", f"/alarms/{alarm['id']}/acknowledge")
    assert seen["acknowledgedAt"]
    assert (await root.ask("POST", "/alarms/99/acknowledge")).status == 404
    rule = await root.do("PATCH", "/alarm-rules/audit.broken", {"warning": 4, "critical": 9})
    assert (rule["warning"], rule["critical"]) == (4, 9)
    assert (await root.ask("PATCH", "/alarm-rules/audit.broken", {"critical": 1})).status == 400
    assert (await root.ask("PATCH", "/alarm-rules/nothing", {"critical": 1})).status == 404
    await root.do("POST", "/alarms/measure")
    assert "audit.broken" not in {one["condition"] for one in (await root.get("/alarms"))["items"]}
    past = (await root.get("/alarms?days=30"))["items"]
    assert [one["endedAt"] is not None for one in past if one["condition"] == "audit.broken"] == [True]


async def test_a_silenced_alarm_is_told_to_nobody_and_told_when_the_silence_is_over(operated, root):
    told = []

    async def tell(alarm, _condition):
        told.append((alarm.condition, alarm.stands))
        return True

    operated.services.alarms.service._telling.tell = tell
    until = datetime.fromtimestamp((operated.clock.now() + 2 * HOUR) / 1000, UTC)
    rule = await root.do("PATCH", "/alarm-rules/audit.broken", {"silentUntil": until.isoformat()})
    assert rule["silentUntil"]
    late = (until + timedelta(days=40)).isoformat()
    assert (await root.ask("PATCH", "/alarm-rules/audit.broken", {"silentUntil": late})).status == 400
    await operated.store.put_setting("alarms-seen", "audit.broken", "3")
    found = await root.do("POST", "/alarms/measure")
    assert "audit.broken" in {one["condition"] for one in found["items"]}, "it is shown all the same"
    assert ("audit.broken", True) not in told
    operated.clock.go(3 * HOUR)
    root = await operated.client("admin@a.example")
    await root.do("POST", "/alarms/measure")
    assert told.count(("audit.broken", True)) == 1


async def test_a_test_goes_to_the_administrators_and_a_relay_is_named(operated, root):
    await operated.services.alarms.service.look()  # what stands anyway is told before
    before = dict((await operated.store.queue_totals(0)).states)
    assert (await root.do("POST", "/alarms/test", {}))["readers"] == 2
    assert dict((await operated.store.queue_totals(0)).states) != before
    ways = {"host": "relay.example", "port": 2525, "tls": "tls", "to": ["ops@c.example"]}
    assert await root.do("PUT", "/alarms/channels", ways) == ways
    assert (await root.ask("PUT", "/alarms/channels", {"host": "relay.example", "to": ["nobody"]})).status == 400
    assert (await root.do("PUT", "/alarms/channels", {}))["host"] == ""
    assert (await root.ask("POST", "/alarms/test", {"way": "relay"})).status == 400, "none is named"


async def test_all_volumes_full_and_old_backups_are_alarms(operated, root, tmp_path):
    [row] = await operated.store.volumes()
    await operated.store.turn_volume(row.id, ["online"], "full")
    found = {one["condition"]: one["level"] for one in (await root.do("POST", "/alarms/measure"))["items"]}
    assert (found["volumes.open"], found["volumes.closed"]) == ("critical", "warning")
    assert "backup.age" not in found, "nobody takes backups"
    await operated.store.turn_volume(row.id, ["full"], "online")
    await done(operated, await root.do("POST", "/backups", {}, 202))
    operated.clock.go(8 * DAY)
    root = await operated.client("admin@a.example")
    found = {one["condition"]: one["level"] for one in (await root.do("POST", "/alarms/measure"))["items"]}
    assert "volumes.open" not in found
    assert found["backup.age"] == "critical"
    operated.clock.go(3 * DAY)
    root = await operated.client("admin@a.example")
    found = {one["condition"]: one["level"] for one in (await root.do("POST", "/alarms/measure"))["items"]}
    assert found["rehearsal.age"] == "warning"


# --- backups ---


async def test_a_backup_is_taken_verified_and_rehearsed_as_work(operated, root):
    before = await root.get("/backups/status")
    assert (before["green"], before["backupAt"], before["rehearsal"]) == (False, None, None)
    ended = await done(operated, await root.do("POST", "/backups", {"reason": "before an upgrade"}, 202))
    assert (ended["state"], ended["result"]["accounts"]) == ("done", 6)
    [backup] = (await root.get("/backups"))["items"]
    assert (backup["id"], backup["whole"]) == (ended["result"]["backup"], True)
    ended = await done(operated, await root.do("POST", f"/backups/{backup['id']}/verify", b"", 202))
    assert ended["result"] == {"troubles": 0, "findings": []}
    ended = await done(operated, await root.do("POST", f"/backups/{backup['id']}/restore-test", b"", 202))
    assert ended["result"]["good"] is True
    assert operated.services.backups._rehearser.asked == [backup["id"]]
    standing = await root.get("/backups/status")
    assert standing["green"]
    assert standing["rehearsal"]["facts"]["messages"] == 3
    kinds = [one["kind"] for one in (await root.get("/backup-runs"))["items"]]
    assert kinds == ["rehearsal", "verify", "backup"]
    [last] = (await root.get("/backup-runs?limit=1"))["items"]
    assert last["kind"] == "rehearsal"


async def test_a_backup_that_is_not_there_is_work_that_fails(operated, root):
    await done(operated, await root.do("POST", "/backups", {}, 202))
    ended = await done(operated, await root.do("POST", "/backups/19990101/verify", b"", 202))
    assert ended["state"] == "done" or ended["error"] == "not_found"
    assert ended["result"] is None or ended["result"]["troubles"] > 0


async def test_where_backups_go_is_set_tried_and_given_back_to_the_node_file(operated, root, tmp_path):
    assert (await root.get("/backup-schedule"))["source"] == "file"
    wanted = {"directory": str(tmp_path / "elsewhere"), "hour": 3, "keepDays": 9, "rehearseDays": 14}
    plan = await root.do("PUT", "/backup-schedule", wanted)
    assert (plan["source"], plan["place"], plan["hour"], plan["keepDays"]) == ("set", wanted["directory"], 3, 9)
    assert (await root.get("/backups"))["items"] == []
    await done(operated, await root.do("POST", "/backups", {}, 202))
    assert list((tmp_path / "elsewhere" / "manifests").iterdir()), "the backup lies where it was set"
    for bad in (
        {}, {"directory": "relative"}, {"directory": "/x", "bucket": "y"}, {"directory": "/proc/nothing"},
        {"bucket": "b", "secretKey": "geheim"},
        {"bucket": "bucket-b", "endpoint": "https://127.0.0.1:1", "accessKey": "AK", "secretKey": "geheim"},
    ):  # fmt: skip
        reply = await root.ask("PUT", "/backup-schedule", bad)
        assert reply.status == 400, bad
        assert b"geheim" not in reply.body
    assert (await root.get("/backup-schedule"))["place"] == wanted["directory"], "what failed changed nothing"
    await root.do("DELETE", "/backup-schedule", b"", 204)
    assert (await root.get("/backup-schedule"))["source"] == "file"


async def test_mail_comes_back_and_only_counts_are_told(operated, root):
    kim = operated.accounts["kim@a.example"]
    await operated.deliver(kim, b"Subject: plan\r\n\r\nwords\r\n")
    await done(operated, await root.do("POST", "/backups", {}, 202))
    [message] = await operated.store.all_messages(kim.id)
    await operated.store.write(kim.id, lambda tx: tx.discard_messages([message.id]))
    url = f"/accounts/{kim.id}/message-restores"
    assert (await root.ask("POST", url, {"reason": "short"})).status == 400
    body = {"reason": REASON, "messageId": str(message.id)}
    ended = await done(operated, await root.do("POST", url, body, 202))
    assert (ended["state"], ended["result"]["brought"]) == ("done", 1)
    assert set(ended["result"]) == {"chosen", "brought", "present", "lost", "accounts", "without", "failed"}
    assert len(await operated.store.all_messages(kim.id)) == 1
    ended = await done(operated, await root.do("POST", url, {**body, "mailbox": ["Nothing"], "messageId": None}, 202))
    assert (ended["state"], ended["error"]) == ("failed", "not_found")
    old = datetime.fromtimestamp((operated.clock.now() - 9 * DAY) / 1000, UTC).isoformat()
    ended = await done(operated, await root.do("POST", url, {"reason": REASON, "at": old}, 202))
    assert (ended["state"], ended["error"]) == ("failed", "not_found")


async def test_mail_of_everybody_of_the_company_comes_back_and_of_nobody_else(operated, root):
    for name in ("kim@a.example", "lee@a.example", "kim@b.example"):
        await operated.deliver(operated.accounts[name], b"Subject: plan\r\n\r\nwords\r\n")
    await done(operated, await root.do("POST", "/backups", {}, 202))
    for name in ("kim@a.example", "lee@a.example", "kim@b.example"):
        account = operated.accounts[name]
        [message] = await operated.store.all_messages(account.id)
        await operated.store.write(account.id, lambda tx, one=message: tx.discard_messages([one.id]))
    ended = await done(operated, await root.do("POST", "/message-restores", {"reason": REASON}, 202))
    assert (ended["result"]["brought"], ended["result"]["accounts"], ended["result"]["failed"]) == (2, 3, 0)
    assert not await operated.store.all_messages(operated.accounts["kim@b.example"].id)
    foreign = f"/accounts/{operated.accounts['kim@b.example'].id}/message-restores"
    assert (await root.ask("POST", foreign, {"reason": REASON})).status == 404


async def test_a_rehearsal_follows_the_nights_backup_once_a_week(operated, root):
    backups, rehearser = operated.services.backups, operated.services.backups._rehearser
    assert not await backups.rehearsal_turn(), "there is no backup to rehearse"
    assert await backups.turn()
    assert await backups.rehearsal_turn()
    assert not await backups.rehearsal_turn()
    for _night in range(6):
        operated.clock.go(DAY)
        assert await backups.turn()
        assert not await backups.rehearsal_turn()
    operated.clock.go(DAY)
    assert not await backups.rehearsal_turn(), "the newest backup is a day old: it waits for the next one"
    assert await backups.turn()
    rehearser.good = False
    assert await backups.rehearsal_turn()
    assert (await backups.standing(operated.admin(operated.accounts["admin@a.example"]))).rehearsal_at is not None
    operated.clock.go(DAY)
    assert await backups.turn()
    assert await backups.rehearsal_turn(), "one that failed is tried again on the next night"
    assert len(rehearser.asked) == 3


async def test_slow_work_lets_other_work_pass(operated, root):
    jobs, admin = operated.services.admin_api.jobs, operated.admin(operated.accounts["admin@a.example"])
    begun, free = asyncio.Event(), asyncio.Event()

    async def slowly(_actor, _request, _progress):
        begun.set()
        await free.wait()
        return {}

    async def quickly(_actor, _request, _progress):
        return {"done": True}

    jobs.register("test.slow", slowly, slow=True)
    jobs.register("test.quick", quickly)
    slow = await jobs.start(admin, "test.slow", {})
    quick = await jobs.start(admin, "test.quick", {})
    await asyncio.wait_for(jobs.turn(), 60)
    await asyncio.wait_for(begun.wait(), 60)
    states = [(await root.get(f"/tasks/{one.row.id}"))["state"] for one in (slow, quick)]
    assert states == ["running", "done"]
    (running,) = (await root.get("/running-tasks"))["items"]
    assert (running["kind"], running["key"]) == ("admin-jobs", str(slow.row.id))
    free.set()
    await jobs.settle()
    assert (await root.get(f"/tasks/{slow.row.id}"))["state"] == "done"


async def test_work_that_waits_for_a_run_of_the_schedule_keeps_no_other_slow_work(operated, root, monkeypatch):
    monkeypatch.setattr("smartmail.service.operations.backup.service.LOOK_S", 0.01)
    await done(operated, await root.do("POST", "/backups", {}, 202))
    [backup] = (await root.get("/backups"))["items"]
    jobs, store, now = operated.services.admin_api.jobs, operated.store, operated.clock.now()
    for lease in (LEASE, REHEARSAL_LEASE):
        assert await store.lock(lease, "the schedule", now=now, until=now + DAY)
    # One of each waits; a second one of its kind is refused in words, by whatever hand.
    waiting = [await root.do("POST", "/backups", {}, 202)]
    waiting.append(await root.do("POST", f"/backups/{backup['id']}/restore-test", b"", 202))
    for path, body in (("/backups", {}), (f"/backups/{backup['id']}/restore-test", b"")):
        refused = await root.ask("POST", path, body)
        assert refused.status == 409
        assert "waits or runs already" in json.loads(refused.body)["detail"]
    turned = asyncio.create_task(jobs.turn())
    verified = await root.do("POST", f"/backups/{backup['id']}/verify", b"", 202)
    await asyncio.wait_for(turned, 60)

    async def ended() -> None:
        while (await root.get(f"/tasks/{verified['id']}"))["state"] != "done":
            await jobs.turn()
            await asyncio.sleep(0)

    await asyncio.wait_for(ended(), 60)
    assert [(await root.get(f"/tasks/{one['id']}"))["state"] for one in waiting] == ["running", "running"]
    for lease in (LEASE, REHEARSAL_LEASE):
        await store.lock(lease, "the schedule", now=now, until=now)
    await asyncio.wait_for(jobs.settle(), 60)
    assert [(await root.get(f"/tasks/{one['id']}"))["state"] for one in waiting] == ["done", "done"]
    await done(operated, await root.do("POST", "/backups", {}, 202))


async def test_a_rehearsal_takes_no_room_from_the_mail(operated, root):
    await done(operated, await root.do("POST", "/backups", {}, 202))
    [backup] = (await root.get("/backups"))["items"]
    operated.services.backups._rehearser.room = 1 << 30
    ended = await done(operated, await root.do("POST", f"/backups/{backup['id']}/restore-test", b"", 202))
    assert (ended["state"], ended["error"]) == ("failed", "storage_full")
    assert operated.services.backups._rehearser.asked == []
    assert (await root.get("/backups/status"))["rehearsal"]["state"] == "failed"


# --- processes ---


async def test_processes_are_shown_and_started_anew(operated, root):
    [background, edge] = (await root.get("/processes"))["items"]
    assert (background["name"], background["state"], background["memory"]) == ("background", "ready", 50 << 20)
    assert (edge["roles"], edge["memory"]) == (["edge-web", "edge-imap"], None)
    await root.do("POST", "/processes/edge-1/restart", b"", 204)
    assert (await root.ask("POST", "/processes/edge-9/restart")).status == 404
    assert operated.services.processes._table.restarted == ["edge-1"]
    await operated.services.audit.chain()


async def test_lines_of_the_log_name_nobody(operated, root):
    [failed, entered] = (await root.get("/log-lines"))["items"]
    assert (failed["event"], failed["fields"]) == ("process.failed", {"error": f"said {MASK} at {MASK}"})
    assert entered["fields"] == {"login": MASK}
    assert [one["event"] for one in (await root.get("/log-lines?level=error"))["items"]] == ["process.failed"]
    assert [one["event"] for one in (await root.get("/log-lines?process=edge-1"))["items"]] == ["auth.ok"]
    assert "example" not in json.dumps(await root.get("/log-lines"))


# --- the database ---


async def test_the_database_is_shown_checked_counted_anew_and_written_anew(operated, root):
    shown = await root.get("/database")
    assert (shown["engine"], shown["fits"], shown["stepwise"], shown["done"]) == ("sqlite", True, False, [])
    assert "account" in {one["name"] for one in shown["tables"]}
    assert shown["needed"] > shown["octets"]
    for act in ("check", "optimise", "give-back", "rewrite"):
        ended = await done(operated, await root.do("POST", "/database/maintenance", {"act": act}, 202))
        assert (ended["state"], ended["result"]["act"], ended["result"]["good"]) == ("done", act, True)
    after = await root.get("/database")
    assert {one["act"]: one["good"] for one in after["done"]} == dict.fromkeys(
        ("check", "optimise", "give-back", "rewrite"), True
    )
    assert after["stepwise"] is True
    assert (await root.ask("POST", "/database/maintenance", {"act": "drop"})).status == 400
    await operated.services.audit.chain()
    actions = {row["action"] for row in (await root.get("/audit-records"))["items"]}
    assert {"database.check", "database.rewrite"} <= actions


async def test_where_there_is_no_room_nothing_is_written_anew(operated, root, monkeypatch):
    monkeypatch.setattr("smartmail.service.operations.database_care.RESERVE", 1 << 60)
    assert (await root.get("/database"))["fits"] is False
    ended = await done(operated, await root.do("POST", "/database/maintenance", {"act": "rewrite"}, 202))
    assert (ended["state"], ended["error"]) == ("failed", "storage_full")
    assert (await root.get("/database"))["done"] == []


async def test_the_weeks_care_comes_at_its_hour_once(operated, root):
    care = operated.services.database_care
    assert await root.get("/database-schedule") == {
        "weekday": -1, "hour": 18, "check": True, "optimise": True, "giveBack": True,
    }  # fmt: skip
    assert await care.turn() is False
    now = datetime.fromtimestamp(operated.clock.now() / 1000, UTC)
    plan = {"weekday": (now.weekday() + 1) % 7, "hour": now.hour, "giveBack": False}
    assert (await root.do("PUT", "/database-schedule", plan))["giveBack"] is False
    assert (await root.ask("PUT", "/database-schedule", {"weekday": 7})).status == 400
    none = {"weekday": 1, "check": False, "optimise": False, "giveBack": False}
    assert (await root.ask("PUT", "/database-schedule", none)).status == 400
    assert await care.turn() is False, "its hour of this week has not come"
    operated.clock.go(DAY)
    assert await care.turn() is True
    assert await care.turn() is False, "once"
    assert {"check", "optimise"} == set(await operated.store.settings("database")) - {"plan", "week", "tables"}
    operated.clock.go(3 * DAY)
    assert await care.turn() is False
    operated.clock.go(4 * DAY)
    assert await care.turn() is True
    # A node that was away for days does not begin when everybody is at work.
    operated.clock.go(9 * DAY)
    assert await care.turn() is False


async def test_two_do_not_tend_the_database_at_once(operated, root):
    store, now = operated.store, operated.clock.now()
    assert await store.lock("database-care", "other", now=now, until=now + 60_000)
    ended = await done(operated, await root.do("POST", "/database/maintenance", {"act": "check"}, 202))
    assert (ended["state"], ended["error"]) == ("failed", "already_exists")
