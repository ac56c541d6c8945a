"""Big files that are shown and not given: what a look sees, that no address gives an octet, what is counted and told."""

import asyncio
import base64
import io
import os
import re

import pytest
from PIL import Image
from reportlab.pdfgen import canvas
from tests.jmap_server.jmap_house import USING, Browser
from tests.jmap_server.test_big_files import OWN, link, mailed_code, path_of, sent, set_knob
from tests.unit.formats_extract import documents as plain
from tests.unit.formats_layout import packages as made

from smartmail.domain.errors import Invalid
from smartmail.formats.extract.reading import extract
from smartmail.formats.layout.reading import layout
from smartmail.formats.layout.views import view
from smartmail.ports.extraction import ExtractedText
from smartmail.service.kernel.clock import HOUR
from smartmail.service.mailbox.big_files import LinkWish

KOREAN = {"accept-language": "ko"}
SHOWN = LinkWish("lee@b.example", view_only=True)


class Reader:
    """ports.layouts.LayoutReader and ports.extraction.TextExtractor in this process."""

    async def layout_of(self, media_type, name, octets):
        return layout(octets, media_type, name)

    async def view_of(self, media_type, name, octets, mark, first):
        return view(octets, media_type, name, mark=mark, first=first)

    async def text_of(self, media_type, name, octets, *, thorough=False):
        found = extract(octets, media_type, name)
        return found and ExtractedText(found.text, not found.truncated, found.parts, found.problem or "")


@pytest.fixture(autouse=True)
def _draws(house):
    previews = house.services.big_files.viewing._previews
    previews._layouts = previews._extractor = Reader()


def pdf(pages: int) -> bytes:
    out = io.BytesIO()
    paper = canvas.Canvas(out)
    for number in range(pages):
        paper.drawString(72, 720, f"Contract page {number + 1}")
        paper.showPage()
    paper.save()
    return out.getvalue()


def photograph(form: str = "JPEG") -> bytes:
    out = io.BytesIO()
    Image.effect_noise((700, 500), 60).convert("RGB").save(out, form)
    return out.getvalue()


def stranger() -> Browser:
    return Browser(Stranger.app, page=False)


class Stranger:
    app = None


@pytest.fixture(autouse=True)
def _outside(house):
    Stranger.app = house.app


async def opened(house, browser, kim, octets: bytes, name: str, wish: LinkWish = SHOWN):
    """Send a file, press the button of its link as an outsider; return the link, where that leads and what it shows."""
    [held] = await link(house, house.actor(kim), await sent(house, browser, octets, name), wish)
    pressed = await stranger().ask("POST", path_of(held), headers={**KOREAN, "user-agent": "curl/8"})
    assert pressed.status == 303, pressed.body.decode()
    where = pressed.headers["location"]
    return held, where, await stranger().ask("GET", where, headers=KOREAN)


def pictures(body: bytes) -> list[bytes]:
    return [base64.b64decode(one) for one in re.findall(rb'src="data:image/[a-z]+;base64,([^"]+)"', body)]


async def test_a_document_is_read_on_the_page_with_who_looks_on_it(house, browser, kim):
    octets = made.contract()
    held, where, shown = await opened(house, browser, kim, octets, "계약서.docx")
    text = shown.body.decode()
    assert (shown.status, where.startswith("/files/view/")) == (200, True)
    assert "부품 납품 계약서" in text and "보기 전용" in text and "인쇄할 수 없는" in text
    assert "lee@b.example" in text and "127.0.0.1" in text and "(UTC+9)" in text
    mark = base64.b64decode(re.search(r"image/svg\+xml;base64,([^\"]+)", text)[1]).decode()
    assert "lee@b.example" in mark and "(UTC+9)" in mark
    policy = shown.headers["content-security-policy"]
    assert "default-src 'none'" in policy and "script-src" not in policy and "unsafe" not in policy
    assert "<script" not in text and " style=" not in text and "no-store" in shown.headers["cache-control"]
    assert "content-disposition" not in shown.headers and "accept-ranges" not in shown.headers
    assert not any(one in octets for one in pictures(shown.body))
    [told] = await house.services.big_files.links.list_all(house.actor(kim))
    [(look, who)] = told.downloads
    assert (told.row.taken, look.complete, look.octets, who.address, who.agent) == (
        1, True, len(shown.body), "127.0.0.1", "curl/8",
    )  # fmt: skip
    assert held.text.view_only and told.text.view_only


async def test_no_address_gives_an_octet_of_it(house, browser, kim):
    octets = photograph()
    held, where, shown = await opened(house, browser, kim, octets, "현장.jpg")
    secret = where.split("/")[3]
    tries = [
        await stranger().ask(method, path, headers={"range": "bytes=0-99"} if ranged else {})
        for path in (
            where, where + "/x", f"/files/get/{secret}/현장.jpg", f"/files/get/{secret}", f"/files/view/{secret}/",
            f"/files/{secret}", f"{path_of(held)}/현장.jpg", f"{path_of(held)}?download=1", f"/files/get/{path_of(held)[7:]}/x",
            f"/files/tus/{held.file.id.hex()}", f"/files/view/{secret}?octets=1",
        )
        for method in ("GET", "HEAD")
        for ranged in (False, True)
    ]  # fmt: skip
    for answer in tries:
        assert answer.status != 206 and octets[:64] not in answer.body and octets[200:264] not in answer.body
    assert (await stranger().ask("GET", f"/files/get/{secret}/x")).status == 404
    [drawn] = pictures(shown.body)
    assert drawn not in octets and octets not in shown.body and b"Exif" not in drawn
    # The mark is in the pixels: the same picture without one is another.
    plainly = view(octets, mark="").pages[0].octets
    assert plainly != drawn and Image.open(io.BytesIO(drawn)).size == (700, 500)


async def test_a_ticket_to_download_opens_no_view(house, browser, kim):
    [held] = await link(house, house.actor(kim), await sent(house, browser, photograph()), LinkWish("lee@b.example"))
    secret = (await stranger().ask("POST", path_of(held))).headers["location"].split("/")[3]
    assert (await stranger().ask("GET", f"/files/view/{secret}/x")).status == 410
    assert (await stranger().ask("GET", f"/files/get/{secret}/x")).status == 200


async def test_a_long_pdf_is_turned_page_by_page(house, browser, kim):
    _held, where, shown = await opened(house, browser, kim, pdf(23), "계약.pdf")
    text = shown.body.decode()
    assert len(pictures(shown.body)) == 20 and "23쪽 중 1~20쪽" in text and "1쪽" in text
    [(first, _who)] = (await house.services.big_files.links.list_all(house.actor(kim)))[0].downloads
    assert not first.complete
    further = re.search(r'href="([^"]+from=20)"', text)[1]
    path, _, query = further.partition("?")
    assert path == where
    rest = await stranger().ask("GET", f"{path}?{query}", headers=KOREAN)
    assert len(pictures(rest.body)) == 3 and "21~23쪽" in rest.body.decode()
    [told] = await house.services.big_files.links.list_all(house.actor(kim))
    assert (told.row.taken, told.downloads[0][0].complete) == (1, True)
    beyond = await stranger().ask("GET", f"{path}?from=500", headers=KOREAN)
    assert (len(pictures(beyond.body)), "23~23쪽" in beyond.body.decode()) == (1, True)


async def test_text_and_archives_are_told(house, browser, kim):
    _held, _where, shown = await opened(house, browser, kim, "이름,나이\n<b>김</b>,3\n".encode(), "명단.csv")
    assert "&lt;b&gt;김&lt;/b&gt;" in shown.body.decode()
    _held, _where, shown = await opened(house, browser, kim, plain.zipped({"안/도면.txt": b"secret words"}), "묶음.zip")
    assert "도면.txt" in shown.body.decode() and b"secret words" not in shown.body


@pytest.mark.parametrize(("name", "octets"), [("실행.bin", b"\0\1\2" * 999), ("깨진.pdf", b"%PDF-1.4 nothing")])
async def test_what_cannot_be_shown_says_so_and_uses_nothing_up(house, browser, kim, name, octets):
    [held] = await link(house, house.actor(kim), await sent(house, browser, octets, name), SHOWN)
    pressed = await stranger().ask("POST", path_of(held), headers=KOREAN)
    assert (pressed.status, "보여 드릴 수 없는" in pressed.body.decode()) == (415, True)
    assert octets[:9] not in pressed.body
    [row] = await house.store.big_links(kim.id)
    assert row.taken == 0
    page = (await stranger().ask("GET", path_of(held), headers=KOREAN)).body.decode()
    assert "내려받기" not in page
    if name.endswith(".bin"):
        assert "<form" not in page and "보여 드릴 수 없는" in page


@pytest.mark.parametrize(
    ("language", "words"),
    [("ko", "보기 전용"), ("en", "View only"), ("ja", "閲覧専用"), ("zh-CN", "仅供查看"), ("zh-TW", "僅供檢視")],
)
async def test_looking_at_the_offer_counts_nothing_and_speaks_five_languages(house, browser, kim, language, words):
    [held] = await link(house, house.actor(kim), await sent(house, browser, photograph(), "a.jpg"), SHOWN)
    for method in ("GET", "HEAD", "GET"):
        shown = await stranger().ask(method, path_of(held), headers={"accept-language": language})
    assert words in shown.body.decode()
    [row] = await house.store.big_links(kim.id)
    assert row.taken == 0
    where = (await stranger().ask("POST", path_of(held))).headers["location"]
    assert words in (await stranger().ask("GET", where, headers={"accept-language": language})).body.decode()
    assert (await stranger().ask("HEAD", where)).body == b""


async def test_count_password_and_code_hold_as_for_downloads(house, browser, kim):
    once = LinkWish("lee@b.example", most=1, view_only=True, password="열려라참깨")
    [held] = await link(house, house.actor(kim), await sent(house, browser, photograph(), "a.jpg"), once)
    assert (await stranger().ask("POST", path_of(held), b"proof=x")).status == 403
    right = b"proof=%EC%97%B4%EB%A0%A4%EB%9D%BC%EC%B0%B8%EA%B9%A8"
    where = (await stranger().ask("POST", path_of(held), right)).headers["location"]
    assert (await stranger().ask("POST", path_of(held), right)).status == 410
    assert [(await stranger().ask("GET", where)).status for _ in range(2)] == [200, 200]
    coded = LinkWish("choi@a.example", code=True, view_only=True)
    [held] = await link(house, house.actor(kim), await sent(house, browser, photograph(), "b.jpg"), coded)
    await stranger().ask("POST", path_of(held), b"send=1", KOREAN)
    code = await mailed_code(house, "choi@a.example")
    assert (await stranger().ask("POST", path_of(held), f"proof={code}".encode())).status == 303
    again = await stranger().ask("POST", path_of(held), f"proof={code}".encode())
    assert again.status == 403, "a code is good once"


async def test_a_look_ends_with_its_link_and_with_its_hour(house, browser, kim, monkeypatch):
    owner = house.actor(kim)
    held, where, shown = await opened(house, browser, kim, photograph(), "a.jpg")
    seconds, _, again = shown.headers["refresh"].partition(";url=")
    assert 3500 < int(seconds) <= 3601 and again == where
    giving = house.services.big_files.giving
    now = giving._clock.now()
    with monkeypatch.context() as later:
        later.setattr(giving._clock, "now", lambda: now + HOUR + 1)
        over = await stranger().ask("GET", where, headers=KOREAN)
        assert (over.status, "보기 시간이 끝났습니다" in over.body.decode()) == (410, True)
    assert (await stranger().ask("GET", where)).status == 200
    await house.services.big_files.links.change(owner, held.row.id, revoked=True)
    gone = await stranger().ask("GET", where, headers=KOREAN)
    assert (gone.status, "취소했습니다" in gone.body.decode()) == (410, True)


async def test_a_link_revoked_while_it_is_drawn_shows_nothing(house, browser, kim):
    owner, viewing = house.actor(kim), house.services.big_files.viewing
    held, where, _shown = await opened(house, browser, kim, photograph(), "a.jpg")

    class Slow(Reader):
        async def view_of(self, media_type, name, octets, mark, first):
            await house.services.big_files.links.change(owner, held.row.id, revoked=True)
            return await super().view_of(media_type, name, octets, mark, first)

    viewing._previews._layouts = Slow()
    late = await stranger().ask("GET", where, headers=KOREAN)
    assert (late.status, pictures(late.body)) == (410, [])


async def test_a_page_on_its_way_is_cut_when_its_link_is_revoked(house, browser, kim):
    owner = house.actor(kim)
    held, where, shown = await opened(house, browser, kim, photograph(), "a.jpg")
    assert len(shown.body) > 200_000
    got, slow = [], asyncio.Event()

    async def receive():
        await asyncio.Event().wait()

    async def send(message):
        got.append(message)
        if len(got) == 3:  # the line is full
            slow.set()
            await asyncio.Event().wait()

    running = asyncio.create_task(house.app(stranger()._scope("GET", where, {}), receive, send))
    await asyncio.wait_for(slow.wait(), 60)
    await house.services.big_files.links.change(owner, held.row.id, revoked=True)
    at = asyncio.get_running_loop().time()
    await asyncio.wait_for(running, 60)
    assert asyncio.get_running_loop().time() - at < 30  # a second on an idle machine
    assert not any(message.get("more_body") is False for message in got[1:])


async def test_policy_makes_every_link_view_only_and_lets_print(house, browser, kim, monkeypatch):
    monkeypatch.setattr("tests.jmap_server.jmap_house.USING", [*USING, OWN])
    await set_knob(house, "big-files.view-only", True)
    await set_knob(house, "big-files.view-printing", True)
    session = (await browser.ask("GET", "/jmap/session")).json
    told = session["accounts"][browser.account]["accountCapabilities"][OWN]["bigFiles"]
    assert (told["viewOnly"], told["viewMaxOctets"]) == (True, 64 << 20)
    held, _where, shown = await opened(house, browser, kim, photograph(), "a.jpg", LinkWish("lee@b.example"))
    assert held.text.view_only and b"@media print" not in shown.body
    wish = {"fileId": held.file.id.hex(), "recipient": "lee@b.example"}
    made_one = (await browser.call("FileLink/set", create={"a": {**wish, "viewOnly": False}}))["created"]["a"]
    assert made_one["viewOnly"] is True
    await set_knob(house, "big-files.view-only", False)
    answer = await browser.call("FileLink/set", create={"a": {**wish, "viewOnly": True}, "b": wish})
    links = {one["id"]: one["viewOnly"] for one in (await browser.call("FileLink/get", ids=None))["list"]}
    assert links[answer["created"]["a"]["id"]] is True and links[answer["created"]["b"]["id"]] is False


async def test_a_file_too_large_to_be_shown_gets_no_such_link(house, browser, kim, monkeypatch):
    monkeypatch.setattr("smartmail.service.mailbox.previewing.MAX_OCTETS", 1000)
    with pytest.raises(Invalid):
        await link(house, house.actor(kim), await sent(house, browser, os.urandom(2000)), SHOWN)


async def test_a_link_names_countries_and_networks_of_its_own(house, browser, kim, monkeypatch):
    monkeypatch.setattr("tests.jmap_server.jmap_house.USING", [*USING, OWN])
    file_id = await sent(house, browser, b"x" * 50)

    def at(address: str) -> Browser:
        found = stranger()
        scope = found._scope
        found._scope = lambda *args: {**scope(*args), "client": (address, 5000)}
        return found

    wish = {"fileId": file_id.hex(), "recipient": "lee@b.example"}
    made_here = await browser.call("FileLink/set", create={
        "net": {**wish, "networks": ["203.0.113.7/24", "2001:db8::/32"]}, "kr": {**wish, "countries": ["kr"]},
        "bad": {**wish, "networks": ["nowhere"]}, "worse": {**wish, "countries": ["Korea"]},
        "many": {**wish, "networks": [f"10.0.0.{number}" for number in range(21)]},
    })  # fmt: skip
    assert {one["type"] for one in made_here["notCreated"].values()} == {"invalidProperties"}
    assert set(made_here["notCreated"]) == {"bad", "worse", "many"}
    net, country = (made_here["created"][one] for one in ("net", "kr"))
    assert (net["networks"], country["countries"]) == (["203.0.113.0/24", "2001:db8::/32"], ["KR"])
    by_net, by_country = ("/files/" + one["url"].rpartition("/")[2] for one in (net, country))
    for address, expected in (("203.0.113.9", 200), ("::ffff:203.0.113.9", 200), ("2001:db8::1", 200),
                              ("198.51.100.1", 403), ("127.0.0.1", 403)):  # fmt: skip
        assert (await at(address).ask("GET", by_net)).status == expected, address
    where = (await at("203.0.113.9").ask("POST", by_net)).headers["location"]
    assert (await at("198.51.100.1").ask("POST", by_net)).status == 403
    # The address of a download that began is no way around.
    assert (await at("198.51.100.1").ask("GET", where)).status == 403
    assert (await at("203.0.113.9").ask("GET", where)).status == 200
    for address, expected in (("8.8.8.8", 403), ("168.126.63.1", 200), ("10.1.2.3", 200), ("198.51.100.1", 200)):
        # The last is in no country that anybody knows: nobody can say that it is abroad (ADR 76).
        assert (await at(address).ask("GET", by_country)).status == expected, address
