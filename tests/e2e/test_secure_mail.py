"""Secure mail in a browser of somebody outside, without scripts: opened, downloaded, covered when it is recalled, answered."""

from __future__ import annotations

import asyncio
import concurrent.futures
import os
import pathlib
import shutil
from typing import TYPE_CHECKING

import pytest
from playwright.async_api import async_playwright, expect
from tests.jmap_server.jmap_house import open_house
from tests.jmap_server.test_jmap_real_http import served
from tests.jmap_server.test_secure_mail import SECRET, recall, send, set_knob

from smartmail.edge.httpd.secure_letters import LOOK_S

if TYPE_CHECKING:
    from playwright.async_api import Page, Response

pytestmark = pytest.mark.peer

DESKTOP, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}
BODY = f"<h2>견적서</h2><p>{SECRET}</p>" + "".join(f"<p>{number}. 품목과 조건</p>" for number in range(60))


async def shot(page: Page, name: str) -> None:
    """Keep a picture of both widths where SMARTMAIL_SHOTS says so; nothing may stick out."""
    folder = os.environ.get("SMARTMAIL_SHOTS")
    for width, size in (("wide", DESKTOP), ("phone", PHONE)):
        await page.set_viewport_size(size)
        assert await page.evaluate("() => document.documentElement.scrollWidth <= innerWidth"), (name, width)
        if folder:
            await page.screenshot(path=str(pathlib.Path(folder) / f"secure-{name}-{width}.png"))
    await page.set_viewport_size(DESKTOP)


def looks_of(page: Page) -> list[Response]:
    """Return the answers to the frame over a page, a list that grows."""
    found: list[Response] = []
    page.on("response", lambda response: found.append(response) if response.url.endswith("/watch") else None)
    return found


def test_it_is_opened_covered_and_answered_without_scripts(tmp_path: pathlib.Path) -> None:
    # In a thread of its own: where another test of this process has a browser, its event loop runs in this one until the end.
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, opened_covered_and_answered(tmp_path)).result()


async def opened_covered_and_answered(tmp_path: pathlib.Path) -> None:
    """Open a letter, download, answer, and look at the page while the letter is recalled."""
    program = shutil.which("chromium-headless-shell")
    assert program, "Chromium is missing: apt-get install chromium-headless-shell fonts-noto-cjk"
    (tmp_path / "data").mkdir()
    async with open_house(tmp_path / "data") as house, served(house.app) as port, async_playwright() as playwright:
        await house.person("kim@a.example")
        await set_knob(house, "secure-mail.proof", "link")
        await send(house, await house.browser("kim@a.example"), "yes; watermark=yes; print=no", body=BODY)
        [told] = await house.services.secure_mail.console.list_all(house.actor(house.accounts["kim@a.example"]))
        chromium = await playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        # `evaluate` of the tests works in a world of its own, where no script of a page runs.
        context = await chromium.new_context(java_script_enabled=False, locale="ko", viewport=DESKTOP)
        page = await context.new_page()
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        looks = looks_of(page)
        site = f"http://127.0.0.1:{port}"
        await page.goto(f"{site}/secure/{told.tickets[0].text.token}")
        await expect(page.get_by_text("님이 보낸 보안메일입니다")).to_be_visible()
        await expect(page.get_by_text("Quotation")).to_have_count(0)
        await shot(page, "landing")
        await page.get_by_role("button", name="열기").click()
        await expect(page.get_by_text(SECRET)).to_be_visible()
        await shot(page, "letter")
        async with page.expect_download() as coming:
            await page.get_by_role("link", name="prices.csv").click()
        assert pathlib.Path(await (await coming.value).path()).read_bytes() == b"a,b"
        answering = await context.new_page()
        await answering.goto(page.url.replace("/read/", "/reply/"))
        await answering.get_by_label("내용").fill("동의합니다.")
        await shot(answering, "reply")
        await answering.get_by_role("button", name="보내기").click()
        await expect(answering.get_by_text("회신을 보냈습니다")).to_be_visible()

        await recall(house)
        before = len(looks)
        cover = page.frame_locator("iframe.watch")
        await expect(cover.get_by_text("보낸 사람이 회수한 메일입니다")).to_be_visible()
        # Within 5 seconds, not by this machine's clock, which other tests share: the frame asks every 3 seconds, and the first
        # question after the recall is answered with the cover; one more was perhaps on its way.
        *clear, covering = looks
        assert LOOK_S <= 3 and clear
        assert {(one.status, one.headers["refresh"]) for one in clear} == {(200, str(LOOK_S))}
        assert len(clear) <= before + 1
        assert (covering.status, "refresh" in covering.headers) == (410, False)
        box = await cover.locator("main").bounding_box()
        assert box is not None
        assert (box["width"], box["height"]) == (DESKTOP["width"], DESKTOP["height"]), "all of the page is covered"
        await shot(page, "covered")
        assert (await page.goto(page.url)).status == 410
        assert {one.split("/")[2] for one in asked} == {f"127.0.0.1:{port}"}, "nothing is fetched from elsewhere"
        await chromium.close()
