"""Pictures that lie elsewhere: fetched by the server, for who was given the address, and nothing but pictures."""

import asyncio
import base64
import re

import pytest
from tests.jmap_server.jmap_house import Browser, mail

from smartmail.edge.httpd.remote_pictures import AT_ONCE
from smartmail.ports.http import HttpAnswer, HttpFailed
from smartmail.service.mailbox import remote_pictures
from smartmail.service.mailbox.remote_pictures import STEPS, secured

GIF = b"GIF89a" + b"x" * 40
PLACES = ["https://news.example/가을 소식/1.png?a=1&b=ㄱ", "http://news.example:80/2.gif", "//cdn.example/3.webp"]


@pytest.fixture
async def shown(house, browser, kim):
    """Where the page asks for each picture of a newsletter, once the reader wants to see them."""
    html = "".join(f'<img src="{place}" width="300" height="200">' for place in PLACES)
    number = await house.deliver(kim, mail("news", From="n@news.example", **{"Content-Type": "text/html"}, body=html))
    path = f"/jmap/render/{browser.account}/e{number}"
    assert "/jmap/picture/" not in (await browser.ask("GET", path)).json["html"]
    asked = (await browser.ask("GET", f"{path}?images=1")).json
    found = re.findall(r'src="(/jmap/picture/[^"]+)"', asked["html"])
    assert len(found) == len(PLACES)
    return found


async def test_a_picture_comes_by_way_of_us_and_says_nothing_of_the_reader(house, browser, shown):
    wanted = ["https://news.example/%EA%B0%80%EC%9D%84%20%EC%86%8C%EC%8B%9D/1.png?a=1&b=%E3%84%B1"]
    for address, asked in zip(
        shown, [*wanted, "https://news.example/2.gif", "https://cdn.example/3.webp"], strict=True
    ):
        house.web.answers.append(HttpAnswer(200, {"content-type": "text/html", "set-cookie": "id=1"}, GIF))
        reply = await browser.ask("GET", address, headers={"accept-language": "ko-KR", "user-agent": "Kim"})
        assert (reply.status, reply.body, reply.headers["content-type"]) == (200, GIF, "image/gif")
        assert "sandbox" in reply.headers["content-security-policy"] and "set-cookie" not in reply.headers
        assert reply.headers["cache-control"].startswith("private")
        method, url, headers, body = await house.web.next()
        assert (method, url, body) == ("GET", asked, b"")
        assert set(headers) == {"accept"}


async def test_redirects_are_followed_a_few_steps_and_by_https(house, browser, shown):
    house.web.answers += [
        HttpAnswer(302, {"location": "/moved"}), HttpAnswer(301, {"location": "http://far.example/p"}), HttpAnswer(200, {}, GIF),
    ]  # fmt: skip
    assert (await browser.ask("GET", shown[1])).status == 200
    assert [one[1] for one in house.web.asked] == [
        "https://news.example/2.gif", "https://news.example/moved", "https://far.example/p",
    ]  # fmt: skip
    house.web.asked.clear()
    house.web.answers += [HttpAnswer(302, {"location": "/again"})] * (STEPS + 3)
    assert (await browser.ask("GET", shown[1])).status == 404
    assert len(house.web.asked) == STEPS


@pytest.mark.parametrize(
    "answer",
    [
        HttpFailed("an address of our own network"),
        HttpAnswer(404, {}, GIF),
        HttpAnswer(200, {"content-type": "image/svg+xml"}, b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>"),
        HttpAnswer(200, {"content-type": "image/png"}, b"<!doctype html><script>1</script>"),
        HttpAnswer(200, {}, b""),
        HttpAnswer(302, {"location": "ftp://far.example/p"}),
        HttpAnswer(302, {"location": "javascript:alert(1)"}),
        HttpAnswer(302, {"location": "https://[::1"}),
    ],
    ids=["refused", "absent", "svg", "page", "empty", "ftp", "script", "broken"],
)
async def test_what_is_no_picture_stays_away(house, browser, shown, answer):
    house.web.answers.append(answer)
    assert (await browser.ask("GET", shown[0])).status == 404


async def test_a_server_that_never_answers_is_left_alone_in_time(house, browser, shown, monkeypatch):
    async def wait(*_: object, **__: object) -> HttpAnswer:
        await asyncio.Event().wait()
        return HttpAnswer(200, {}, GIF)

    monkeypatch.setattr(house.web, "request", wait)
    monkeypatch.setattr(remote_pictures, "SECONDS", 0.05)
    assert (await browser.ask("GET", shown[0])).status == 404


async def test_one_person_does_not_take_all_turns(house, browser, shown, monkeypatch):
    go, under_way = asyncio.Event(), 0

    async def wait(*_: object, **__: object) -> HttpAnswer:
        nonlocal under_way
        under_way += 1
        await go.wait()
        return HttpAnswer(200, {}, GIF)

    monkeypatch.setattr(house.web, "request", wait)
    asked = [asyncio.ensure_future(browser.ask("GET", shown[0])) for _ in range(AT_ONCE)]
    while under_way < AT_ONCE:
        await asyncio.sleep(0)
    assert (await browser.ask("GET", shown[1])).status == 429
    go.set()
    assert [reply.status for reply in await asyncio.gather(*asked)] == [200] * AT_ONCE


async def test_nobody_has_us_ask_an_address_of_their_own(house, browser, shown):
    start, proof, place = shown[0].rsplit("/", 2)
    other = base64.urlsafe_b64encode(b"https://inner.example/admin").decode().rstrip("=")
    for path in (
        f"{start}/{proof}/{other}", f"{start}/{proof[:-2]}AA/{place}", f"{start}//{place}", f"{start}/{proof}/",
        f"{start}/{proof}/!!", f"{start}/{proof}/_w", start, f"/jmap/picture/a999/{proof}/{place}",
    ):  # fmt: skip
        assert (await browser.ask("GET", path)).status == 404, path
    assert (await Browser(house.app).ask("GET", shown[0])).status == 401
    stranger = await house.browser("choi@a.example")
    assert (await stranger.ask("GET", shown[0])).status == 404
    # The proof of one account is none for another, though it be one's own.
    assert (await stranger.ask("GET", f"/jmap/picture/{stranger.account}/{proof}/{place}")).status == 404
    assert house.web.asked == []


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        ("http://한국.example/a b", "https://xn--3e0b707e.example/a%20b"),
        ("https://user:secret@news.example:8443/p?q#f", "https://news.example:8443/p?q"),
        ("https://[2001:db8::1]/p", "https://[2001:db8::1]/p"),
        ("https://news.example", "https://news.example/"),
        ("https://news.example/%ED%95%9C", "https://news.example/%ED%95%9C"),
    ],
)
def test_addresses_are_asked_in_ascii_and_without_names(written, asked):
    assert secured(written) == asked
    assert secured(asked) == asked


@pytest.mark.parametrize(
    "written", ["ftp://a.example/", "https:///p", "/p", "", "https://a.example:x/p", "data:image/gif,"]
)
def test_what_is_no_address_of_the_web_is_not_asked(written):
    with pytest.raises(ValueError, match=r".*"):
        secured(written)
