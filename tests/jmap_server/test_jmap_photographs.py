"""Photographs beside names: put by their person, seen by colleagues, by nobody else, made by a child of ours."""

import pytest
from tests.flows.import_house import CLI
from tests.jmap_server import jmap_house
from tests.jmap_server.test_jmap_inspection import OWN
from tests.unit.formats.test_portrait import opened, picture
from tests.unit.service_auth.test_logins import set_knob

from smartmail.adapters.extraction.children import ParsingChildren
from smartmail.app.children import parsing_child
from smartmail.formats.portrait import LARGE, SMALL, portrait
from smartmail.service.people.photographs import MAX_OCTETS

PATH = "/jmap/photograph"


@pytest.fixture(autouse=True)
def _own_types(monkeypatch):
    monkeypatch.setattr(jmap_house, "USING", [*jmap_house.USING, OWN, "urn:ietf:params:jmap:principals"])


class Maker:
    """ports.portraits.PortraitMaker in this process."""

    async def portrait_of(self, octets):
        return portrait(octets)


@pytest.fixture(autouse=True)
def _maker(house):
    house.services.photographs.maker = Maker()


async def told(browser, login, house):
    house.services.principals._kept.clear()  # a list may be two seconds old
    answer = await browser.call("Principal/get", ids=None, properties=["email", "photo"])
    return next(one["photo"] for one in answer["list"] if one["email"] == login)


async def test_a_person_puts_one_and_colleagues_see_it(house, browser):
    choi = await house.browser("choi@a.example")
    assert await told(choi, "kim@a.example", house) is None
    reply = await browser.ask("PUT", PATH, picture())
    assert reply.status == 200
    url = await told(choi, "kim@a.example", house)
    assert url == reply.json["photo"]
    assert (await browser.ask("GET", PATH)).json == {"photo": url, "mayPut": True}
    assert (await choi.ask("GET", PATH)).json == {"photo": None, "mayPut": True}
    seen = await choi.ask("GET", url)
    assert (seen.status, seen.headers["content-type"]) == (200, "image/jpeg")
    assert opened(seen.body).size == (SMALL, SMALL)
    assert "immutable" in seen.headers["cache-control"]
    assert "sandbox" in seen.headers["content-security-policy"]
    large = await choi.ask("GET", url.replace("small", "large").partition("?")[0])
    assert opened(large.body).size == (LARGE, LARGE)
    assert "immutable" not in large.headers["cache-control"], "without a version it may be another tomorrow"
    again = await choi.ask("GET", url, headers={"if-none-match": seen.headers["etag"]})
    assert (again.status, again.body) == (304, b"")
    row = await house.store.photograph(house.accounts["kim@a.example"].id)
    assert seen.body not in row.sealed_small and b"\xff\xd8\xff" not in row.sealed_large[:40]
    assert (await browser.ask("DELETE", PATH)).status == 204
    assert await told(choi, "kim@a.example", house) is None
    assert (await choi.ask("GET", url)).status == 404
    assert (await browser.ask("DELETE", PATH)).status == 404


async def test_nobody_else_sees_it(house, browser):
    await browser.ask("PUT", PATH, picture())
    url = await told(browser, "kim@a.example", house)
    other = await house.services.provisioning.organization("다른 회사")
    await house.services.directory.add_domain("b.example", other)
    await house.person("boss@b.example")
    boss = await house.browser("boss@b.example")
    assert (await boss.ask("GET", url)).status == 404
    stranger = jmap_house.Browser(house.app)
    assert (await stranger.ask("GET", url)).status == 401
    assert (await stranger.ask("PUT", PATH, picture())).status == 401
    foreign = jmap_house.Browser(house.app, cookie=browser.cookie, page=False)
    assert (await foreign.ask("PUT", PATH, picture())).status == 403, "a page of others puts nothing there"
    for wrong in ("/jmap/photograph/x/small", "/jmap/photograph/p999999/small", url.replace("small", "huge")):
        assert (await browser.ask("GET", wrong)).status == 404, wrong
    await house.services.administration.close(CLI, house.accounts["kim@a.example"].id)
    choi = await house.browser("choi@a.example")
    assert (await choi.ask("GET", url)).status == 404, "who is not in the directory has no face there"


async def test_what_is_no_picture_is_refused(house, browser):
    for octets in (b"", b"<svg/>", b"%PDF-1.4", picture()[:100]):
        assert (await browser.ask("PUT", PATH, octets)).status == 400
    assert (await browser.ask("PUT", PATH, b"x" * (MAX_OCTETS + 1))).status == 413
    assert await house.store.photograph(house.accounts["kim@a.example"].id) is None


async def test_policy_says_who_may(house, browser):
    choi = await house.browser("choi@a.example")
    await browser.ask("PUT", PATH, picture())
    url = await told(choi, "kim@a.example", house)
    await set_knob(house, "photographs", "administrators")
    assert (await browser.ask("PUT", PATH, picture())).status == 403
    assert (await choi.ask("GET", PATH)).json == {"photo": None, "mayPut": False}
    assert (await choi.ask("GET", url)).status == 200
    await set_knob(house, "photographs", "off")
    assert (await choi.ask("GET", url)).status == 404
    assert (await browser.ask("DELETE", PATH)).status == 204, "one's own face may always go"


async def test_a_real_child_makes_it(house, browser):
    children = ParsingChildren(parsing_child.command(), parsing_child.environment())
    house.services.photographs.maker = children
    try:
        for form in ("JPEG", "PNG", "WEBP", "GIF"):
            assert (await browser.ask("PUT", PATH, picture(form))).status == 200, form
        assert (await browser.ask("PUT", PATH, b"\x89PNG\r\n\x1a\nbroken")).status == 400
        seen = await browser.ask("GET", await told(browser, "kim@a.example", house))
        assert opened(seen.body).size == (SMALL, SMALL)
    finally:
        await children.close()
