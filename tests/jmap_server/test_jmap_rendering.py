"""Long bodies are shown by children: a share for each person, nothing for those who have gone, the beginning of what takes too long."""

import asyncio

import pytest
from tests.jmap_server.jmap_house import mail

from smartmail.adapters.extraction.children import BODY_LIMITS, ParsingChildren
from smartmail.app.children import parsing_child
from smartmail.formats.body_view import BodyTask, body_view
from smartmail.service.mailbox.previewing import SMALL_BODY

HTML = {"Content-Type": "text/html; charset=utf-8"}
LONG = "<p>가나다 <img src='https://far.example/a.png'>" + "word " * (SMALL_BODY // 4)


class Reader:
    """ports.layouts.BodyReader: does the work here, when it is let."""

    def __init__(self):
        self.tasks = []
        self.running = 0
        self.most = 0
        self.cancelled = 0
        self.go = asyncio.Event()
        self.go.set()
        self.begun = asyncio.Semaphore(0)
        self.gives_up = False

    async def body_of(self, task, octets):
        self.tasks.append(task)
        self.running += 1
        self.most = max(self.most, self.running)
        self.begun.release()
        try:
            await self.go.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        finally:
            self.running -= 1
        return None if self.gives_up else body_view(task, octets)


@pytest.fixture
def reader(house):
    house.services.previews.bodies = Reader()
    return house.services.previews.bodies


async def path_of(house, account, browser, body):
    return f"/jmap/render/{browser.account}/e{await house.deliver(account, mail(body=body, **HTML))}"


async def test_a_long_body_is_read_by_a_child_and_a_short_one_is_not(house, kim, browser, reader):
    short = (await browser.ask("GET", await path_of(house, kim, browser, "<p>short"))).json
    assert "short" in short["html"] and reader.tasks == []
    shown = (await browser.ask("GET", await path_of(house, kim, browser, LONG))).json
    assert "가나다" in shown["html"] and shown["remoteCount"] == 1 and not shown["truncated"]
    assert "far.example" not in shown["html"].replace('data-remote-src="https://far.example/a.png"', "")
    assert len(reader.tasks) == 1


async def test_addresses_of_pictures_are_made_here_and_never_by_the_child(house, kim, browser, reader):
    path = await path_of(house, kim, browser, LONG)
    shown = (await browser.ask("GET", f"{path}?remote=1")).json
    assert f'src="/jmap/picture/{browser.account}/' in shown["html"]
    assert [list(task.addresses or ()) for task in reader.tasks] == [[], ["https://far.example/a.png"]]
    house.services.previews.bodies = None
    assert (await browser.ask("GET", f"{path}?remote=1")).json == shown


async def test_what_takes_too_long_is_shown_from_its_beginning_as_text(house, kim, browser, reader):
    reader.gives_up = True
    shown = (await browser.ask("GET", await path_of(house, kim, browser, LONG))).json
    assert shown["truncated"] and shown["plain"] and "가나다" in shown["html"] and "<img" not in shown["html"]


async def test_one_person_has_one_child_at_a_time(house, kim, browser, reader):
    moon = await house.person("moon@a.example")
    other = await house.browser("moon@a.example")
    reader.go.clear()
    path = await path_of(house, kim, browser, LONG)
    asked = [asyncio.create_task(browser.ask("GET", path)) for _ in range(5)]
    await reader.begun.acquire()
    others = asyncio.create_task(other.ask("GET", await path_of(house, moon, other, LONG)))
    await reader.begun.acquire()
    assert reader.running == 2, "somebody else does not wait for them"
    reader.go.set()
    assert {one.status for one in await asyncio.gather(*asked, others)} == {200}
    assert reader.most == 2 and len(reader.tasks) == 6


async def test_nobody_works_for_who_has_gone(house, kim, browser, reader):
    reader.go.clear()
    path = await path_of(house, kim, browser, LONG)
    streams = [browser.open(path) for _ in range(3)]
    await reader.begun.acquire()
    for stream in streams:
        stream.leave.set()
    async with asyncio.timeout(60):
        await asyncio.gather(*(stream.task for stream in streams), return_exceptions=True)
    assert reader.cancelled == 1 and reader.running == 0
    assert len(reader.tasks) == 1, "those that waited never began"


async def test_real_children_show_the_same_and_survive_hostile_text():
    children = ParsingChildren(parsing_child.command(), parsing_child.environment(), BODY_LIMITS)
    try:
        for octets in (LONG.encode(), b"&a" * 400_000, b"<b>" * 100_000):
            task = BodyTask("text/html", "", "utf-8", cids={"x": "/y"}, addresses={})
            shown = await children.body_of(task, octets)
            assert shown == body_view(task, octets)
        plain = BodyTask("text/plain", "", "utf-8", is_flowed=True)
        assert (await children.body_of(plain, b"> a\n")).body.plain
    finally:
        await children.close()
