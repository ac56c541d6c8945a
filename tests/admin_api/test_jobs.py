"""Long work: progress, result, end before its time, a worker that dies."""

import asyncio
import json

from smartmail.domain.errors import Invalid


def jobs(house):
    return house.services.admin_api.jobs


async def test_work_is_done_and_its_result_kept_sealed(house, client):
    async def count(actor, request, progress):
        progress.note(3, 3)
        return {"said": request["word"], "by": actor.login}

    jobs(house).register("test.count", count)
    admin = house.admin(house.accounts["admin@a.example"])
    started = await jobs(house).start(admin, "test.count", {"word": "비밀"})
    url = f"/tasks/{started.row.id}"
    assert (await client.get(url))["state"] == "waiting"
    assert await jobs(house).turn() == 1
    shown = await client.get(url)
    assert (shown["state"], shown["done"], shown["total"]) == ("done", 3, 3)
    assert shown["result"] == {"said": "비밀", "by": "admin@a.example"}
    row = await house.store.job(started.row.id)
    assert "비밀".encode() not in row.sealed_request + row.sealed_result
    assert await jobs(house).turn() == 0
    assert (await client.ask("POST", f"{url}/cancel")).status == 412
    other = await house.client("admin@b.example")
    assert (await other.ask("GET", url)).status == 404
    assert (await other.ask("POST", f"{url}/cancel")).status == 404
    assert (await other.get("/tasks"))["items"] == []


async def test_work_that_fails_says_its_code_and_the_reason_that_may_be_read(house, client):
    async def fail(_actor, request, _progress):
        if request["ours"]:
            raise RuntimeError("secret words")
        raise Invalid("so not", reason="made.up", most=9)

    jobs(house).register("test.fail", fail)
    admin = house.admin(house.accounts["admin@a.example"])
    for ours, *why in ((False, "invalid", "so not", ["made.up"], {"most": 9}), (True, "internal", "", [], {})):
        started = await jobs(house).start(admin, "test.fail", {"ours": ours})
        await jobs(house).turn()
        shown = await client.get(f"/tasks/{started.row.id}")
        assert [shown[name] for name in ("state", "error", "detail", "reasons", "facts")] == ["failed", *why]
        assert shown["result"] is None


async def test_running_work_is_ended_on_wish(house, client, monkeypatch):
    monkeypatch.setattr("smartmail.service.operations.admin_jobs.jobs.LOOK_S", 0.01)
    began, ended = asyncio.Event(), asyncio.Event()

    async def wait(_actor, _request, progress):
        progress.note(1, 2)
        began.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    jobs(house).register("test.wait", wait)
    started = await jobs(house).start(house.admin(house.accounts["admin@a.example"]), "test.wait", {})
    turn = asyncio.ensure_future(jobs(house).turn())
    await began.wait()
    assert (await client.do("POST", f"/tasks/{started.row.id}/cancel"))["cancelling"]
    await asyncio.wait_for(turn, 60)
    assert ended.is_set()
    assert (await client.get(f"/tasks/{started.row.id}"))["state"] == "cancelled"


async def test_work_of_a_worker_that_died_is_begun_again(house, client):
    async def count(_actor, _request, _progress):
        return {"x": 1}

    jobs(house).register("test.count", count)
    started = await jobs(house).start(house.admin(house.accounts["admin@a.example"]), "test.count", {})
    now = house.clock.now()
    assert await house.store.lease_job(now, now + 60_000, "dead") is not None
    assert await jobs(house).turn() == 0
    house.clock.go(61_000)
    assert await jobs(house).turn() == 1
    assert (await client.get(f"/tasks/{started.row.id}"))["state"] == "done"


async def test_work_of_a_closed_account_fails(house, client):
    async def count(_actor, _request, _progress):
        return {"x": 1}

    jobs(house).register("test.count", count)
    admin = house.accounts["admin@a.example"]
    started = await jobs(house).start(house.admin(admin), "test.count", {})
    await house.store.update_account(admin.id, state="closed")
    await jobs(house).turn()
    assert (await house.store.job(started.row.id)).error == "auth_failed"


async def test_events_are_streamed_with_a_cursor(house, client):
    stream = client.open("/admin/v1/events?after=0")
    assert await stream.next() == b": open\n\n"
    assert (stream.status, stream.headers["content-type"]) == (200, "text/event-stream; charset=utf-8")
    await client.do("POST", "/groups", {"name": "one"}, 201)
    await house.services.audit.chain()
    seen = []
    while not seen or seen[-1]["type"] != "group.new":
        piece = await stream.next()
        lines = piece.decode().splitlines()
        seen.append(json.loads(lines[2].removeprefix("data: ")))
        assert lines[0] == f"id: {seen[-1]['seq']}"
    stream.leave.set()
    again = client.open("/admin/v1/events", {"last-event-id": str(seen[-1]["seq"] - 1)})
    assert await again.next() == b": open\n\n"
    assert f"id: {seen[-1]['seq']}\n".encode() in await again.next()
    again.leave.set()
    await asyncio.gather(stream.task, again.task)


async def test_a_stream_ends_with_its_session(house, client):
    stream = client.open("/admin/v1/events")
    await stream.next()
    await client.do("DELETE", "/session", b"", 204)
    assert await stream.next() is None
    await stream.task


async def test_streams_are_for_who_may_read_the_records(house):
    kim = await house.client("kim@a.example")
    assert (await kim.ask("GET", "/events")).status == 403
    assert (
        await (await house.client("admin@a.example")).ask("GET", "/events", headers={"last-event-id": "x"})
    ).status == 400
