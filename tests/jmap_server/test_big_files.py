"""Big files: tus uploads that break off and go on, links and their pages, downloads, verdicts."""

import asyncio
import base64
import hashlib
import os
import re

import pytest
from tests.jmap_server.jmap_house import USING, Browser

from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import Invalid, NotFound
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.policy import PolicyRule, Scope
from smartmail.domain.principal import Actor, Origin
from smartmail.service.mailbox.big_files import LinkWish
from smartmail.service.mailbox.big_files.uploading import PART_OCTETS

OWN = "https://smartmail.example/jmap"
TUS = {"tus-resumable": "1.0.0"}
OCTETS = {**TUS, "content-type": "application/offset+octet-stream"}
FIVE = {
    "ko": ("대용량첨부", "보낸 사람", "내려받기"), "en": ("A file for you", "From", "Download"),
    "ja": ("大容量ファイル", "送信者", "ダウンロード"), "zh-CN": ("大文件下载", "发件人", "下载"),
    "zh-TW": ("大型檔案下載", "寄件者", "下載"),
}  # fmt: skip


def metadata(**facts: str) -> str:
    return ",".join(f"{name} {base64.b64encode(value.encode()).decode()}" for name, value in facts.items())


async def begin(browser: Browser, size: int, name: str = "도면.zip") -> str:
    made = await browser.ask(
        "POST", "/files/tus/", headers={**TUS, "upload-length": str(size), "upload-metadata": metadata(filename=name)}
    )
    assert made.status == 201, made.body
    assert made.headers["location"].startswith("/files/tus/")
    return made.headers["location"]


async def patch(browser: Browser, where: str, offset: int, octets: bytes, **fields: str):
    named = {name.replace("_", "-"): value for name, value in fields.items()}
    return await browser.ask("PATCH", where, octets, {**OCTETS, "upload-offset": str(offset), **named})


async def sent(house, browser: Browser, octets: bytes, name: str = "도면.zip") -> bytes:
    """Send a file and wait for its verdict; return its id."""
    where = await begin(browser, len(octets), name)
    assert (await patch(browser, where, 0, octets)).status == 204
    await house.services.big_files.verdicts.settle()
    return bytes.fromhex(where.rpartition("/")[2])


async def link(house, owner: Actor, file_id: bytes, *wishes: LinkWish):
    return await house.services.big_files.links.make(owner, file_id, wishes or (LinkWish("lee@b.example"),))


def path_of(held) -> str:
    return "/files/" + held.url.rpartition("/")[2]


async def test_a_file_comes_in_pieces_and_head_tells_how_far(house, browser):
    octets = os.urandom(150_000)
    where = await begin(browser, len(octets))
    for at in range(0, len(octets), 50_000):
        told = await browser.ask("HEAD", where, headers=TUS)
        assert (told.headers["upload-offset"], told.headers["upload-length"]) == (str(at), "150000")
        assert "upload-expires" in told.headers
        grown = await patch(browser, where, at, octets[at : at + 50_000])
        assert (grown.status, grown.headers["upload-offset"]) == (204, str(at + 50_000))
    await house.services.big_files.verdicts.settle()
    [file] = await house.services.big_files.links.files(house.actor(house.accounts["kim@a.example"]))
    assert (file.row.state, file.text.name, file.text.sha256) == (
        "ready",
        "도면.zip",
        hashlib.sha256(octets).hexdigest(),
    )


async def test_what_is_no_tus_is_refused(house, browser):
    where = await begin(browser, 10)
    assert (await browser.ask("PATCH", where, b"x", {"upload-offset": "0"})).status == 412
    assert (await browser.ask("PATCH", where, b"x", {**TUS, "upload-offset": "0"})).status == 415
    assert (await patch(browser, where, 3, b"x")).status == 409
    assert (await patch(browser, where, 0, b"x" * 11)).status == 400
    assert (await browser.ask("HEAD", where, headers=TUS)).headers["upload-offset"] == "0"
    options = await browser.ask("OPTIONS", "/files/tus/")
    assert options.status == 204 and "checksum" in options.headers["tus-extension"]
    assert options.headers["tus-max-size"] == str(10 << 30)
    stranger = Browser(house.app)
    assert (await stranger.ask("POST", "/files/tus/", headers={**TUS, "upload-length": "1"})).status == 401
    other = await house.browser("choi@a.example")
    for method in ("HEAD", "PATCH", "DELETE"):
        assert (await other.ask(method, where, b"", {**OCTETS, "upload-offset": "0"})).status == 404
    foreign = Browser(house.app, cookie=browser.cookie, page=False)
    assert (await foreign.ask("POST", "/files/tus/", headers={**TUS, "upload-length": "1"})).status == 403


async def test_a_wrong_checksum_counts_nothing(house, browser):
    octets = os.urandom(PART_OCTETS + 1000)
    where = await begin(browser, len(octets))
    right = base64.b64encode(hashlib.sha256(octets).digest()).decode()
    wrong = await patch(browser, where, 0, octets[:-1] + b"!", upload_checksum=f"sha256 {right}")
    assert wrong.status == 460
    assert (await browser.ask("HEAD", where, headers=TUS)).headers["upload-offset"] == "0"
    assert (await patch(browser, where, 0, octets, upload_checksum=f"sha256 {right}")).status == 204


async def test_what_a_broken_line_brought_stays(house, browser):
    octets = os.urandom(300_000)
    where = await begin(browser, len(octets))
    messages = [{"type": "http.request", "body": octets[:70_001], "more_body": True}, {"type": "http.disconnect"}]

    async def receive():
        return messages.pop(0)

    async def send(_message):
        raise AssertionError("nobody is there any more")

    await house.app(browser._scope("PATCH", where, {**OCTETS, "upload-offset": "0", "x-smartmail": "1"}), receive, send)
    assert (await browser.ask("HEAD", where, headers=TUS)).headers["upload-offset"] == "70001"
    assert (await patch(browser, where, 70_001, octets[70_001:])).status == 204
    await house.services.big_files.verdicts.settle()
    [file] = await house.services.big_files.links.files(house.actor(house.accounts["kim@a.example"]))
    assert file.text.sha256 == hashlib.sha256(octets).hexdigest()


async def test_a_file_is_given_up(house, browser):
    file_id = await sent(house, browser, b"x" * 1000)
    assert (await browser.ask("DELETE", f"/files/tus/{file_id.hex()}", headers=TUS)).status == 204
    assert (await browser.ask("HEAD", f"/files/tus/{file_id.hex()}", headers=TUS)).status == 404


async def test_the_session_tells_what_goes_as_a_link(house, browser):
    async def told():
        session = (await browser.ask("GET", "/jmap/session")).json
        return session["accounts"][browser.account]["accountCapabilities"][OWN]["bigFiles"]

    assert (await told())["switchOctets"] == 20 << 20
    await set_knob(house, "big-files.allowed", False)
    assert await told() is None


async def test_policy_bounds_files(house, browser, kim):
    services = house.services
    await set_knob(house, "big-files.max-octets", 1 << 20)
    big = {**TUS, "upload-length": str((1 << 20) + 1), "upload-metadata": metadata(filename="a")}
    assert (await browser.ask("POST", "/files/tus/", headers=big)).status == 413
    await set_knob(house, "big-files.room-octets", 1 << 20)
    await sent(house, browser, b"x" * 1000)
    full = {**TUS, "upload-length": str(1 << 20), "upload-metadata": metadata(filename="a")}
    assert (await browser.ask("POST", "/files/tus/", headers=full)).status == 507
    await set_knob(house, "big-files.allowed", False)
    assert (await browser.ask("POST", "/files/tus/", headers={**full, "upload-length": "1"})).status == 403
    assert len(await services.big_files.links.files(house.actor(kim))) == 1


async def set_knob(house, name: str, value: object) -> None:
    cli = Actor(AccountId(0), OrganizationId(0), "", is_admin=True, origin=Origin("cli"))
    await house.services.governing.set_knob(cli, PolicyRule(name, Scope("system"), value))


@pytest.mark.parametrize("language", FIVE)
async def test_the_page_speaks_five_languages_and_looking_uses_nothing_up(house, browser, kim, language):
    [held] = await link(house, house.actor(kim), await sent(house, browser, b"x" * 2048, "보고서 <최종>.txt"))
    stranger = Browser(house.app, page=False)
    for method in ("GET", "HEAD", "GET"):
        shown = await stranger.ask(method, path_of(held), headers={"accept-language": language})
        assert shown.status == 200
    text = shown.body.decode()
    assert all(word in text for word in FIVE[language])
    assert "보고서 &lt;최종&gt;.txt" in text and "2.0 KB" in text and "kim@a.example" in text
    assert "<script" not in text and "default-src 'none'" in shown.headers["content-security-policy"]
    [row] = await house.store.big_links(kim.id)
    assert row.taken == 0


async def test_a_button_gives_the_file_in_ranges_and_counts_once(house, browser, kim):
    octets = os.urandom(3_000_000)
    [held] = await link(house, house.actor(kim), await sent(house, browser, octets), LinkWish("lee@b.example", most=1))
    stranger = Browser(house.app, page=False)
    pressed = await stranger.ask("POST", path_of(held), headers={"user-agent": "curl/8"})
    assert pressed.status == 303
    where = pressed.headers["location"]
    first = await stranger.ask("GET", where, headers={"range": "bytes=0-999999"})
    assert (first.status, first.headers["content-range"]) == (206, "bytes 0-999999/3000000")
    rest = await stranger.ask("GET", where, headers={"range": "bytes=1000000-", "if-range": first.headers["etag"]})
    assert first.body + rest.body == octets
    assert first.headers["content-disposition"].startswith("attachment;")
    assert (await stranger.ask("GET", where, headers={"range": "bytes=-5"})).body == octets[-5:]
    assert (await stranger.ask("GET", where, headers={"range": "bytes=3000000-"})).status == 416
    assert (await stranger.ask("GET", where, headers={"range": "bytes=9-", "if-range": '"other"'})).body == octets
    [told] = await house.services.big_files.links.list_all(house.actor(kim))
    [(download, who)] = told.downloads
    assert (download.complete, who.address, who.agent, told.row.taken) == (True, "127.0.0.1", "curl/8", 1)
    again = await stranger.ask("POST", path_of(held), headers={"accept-language": "ko"})
    assert (again.status, "횟수를 모두" in again.body.decode()) == (410, True)


async def test_a_part_is_told_as_a_part(house, browser, kim):
    [held] = await link(house, house.actor(kim), await sent(house, browser, b"x" * 5000))
    where = (await Browser(house.app, page=False).ask("POST", path_of(held))).headers["location"]
    await Browser(house.app, page=False).ask("GET", where, headers={"range": "bytes=4000-"})
    [told] = await house.services.big_files.links.list_all(house.actor(kim))
    assert [(one.octets, one.complete) for one, _who in told.downloads] == [(1000, False)]


async def test_a_password_is_asked_and_wrong_ones_are_bounded(house, browser, kim):
    [held] = await link(
        house, house.actor(kim), await sent(house, browser, b"x" * 50), LinkWish(password="열려라 참깨")
    )
    stranger, korean = Browser(house.app, page=False), {"accept-language": "ko"}
    assert 'type="password"' in (await stranger.ask("GET", path_of(held))).body.decode()
    wrong = await stranger.ask("POST", path_of(held), b"proof=x", korean)
    assert (wrong.status, "맞지 않습니다" in wrong.body.decode()) == (403, True)
    right = b"proof=%EC%97%B4%EB%A0%A4%EB%9D%BC+%EC%B0%B8%EA%B9%A8"
    assert (await stranger.ask("POST", path_of(held), right)).status == 303
    answers = [(await stranger.ask("POST", path_of(held), b"proof=x", korean)).status for _ in range(11)]
    assert answers == [403] * 10 + [429]
    assert (await stranger.ask("POST", path_of(held), right)).status == 429


async def test_a_code_goes_to_the_recipient_alone(house, browser, kim):
    [held] = await link(
        house, house.actor(kim), await sent(house, browser, b"x" * 50), LinkWish("choi@a.example", code=True)
    )
    stranger, korean = Browser(house.app, page=False), {"accept-language": "ko"}
    page = (await stranger.ask("GET", path_of(held), headers=korean)).body.decode()
    assert "인증번호 받기" in page and "choi@a.example" not in page and "ch***@a.example" in page
    told = await stranger.ask("POST", path_of(held), b"send=1", korean)
    assert "인증번호를 보냈습니다" in told.body.decode()
    assert (await stranger.ask("POST", path_of(held), b"send=1", korean)).status == 429
    code = await mailed_code(house, "choi@a.example")
    assert (await stranger.ask("POST", path_of(held), b"proof=000000x", korean)).status == 403
    assert (await stranger.ask("POST", path_of(held), f"proof={code}".encode(), korean)).status == 303


async def mailed_code(house, login: str) -> str:
    [(entry, rows)] = await house.store.queue_entries(10)
    keys = await house.services.queue._keyring.queue(entry.organization_id)
    key = keys.unwrap(entry.blob.id, entry.wrapped_key)
    octets = await house.services.big_files.giving._contents._blobs.read(entry.blob, entry.organization_id, key)
    assert login.encode() in octets
    import email
    import email.policy

    mail = email.message_from_bytes(octets, policy=email.policy.default)
    return re.search(r"\d{6}", mail["subject"])[0]


async def test_what_has_ended_says_why(house, browser, kim):
    owner = house.actor(kim)
    [held] = await link(house, owner, await sent(house, browser, b"x" * 50))
    stranger, korean = Browser(house.app, page=False), {"accept-language": "ko"}
    where = (await stranger.ask("POST", path_of(held))).headers["location"]
    await house.services.big_files.links.change(owner, held.row.id, revoked=True)
    for method, path in (("GET", path_of(held)), ("POST", path_of(held)), ("GET", where)):
        gone = await stranger.ask(method, path, headers=korean)
        assert (gone.status, "링크를 취소했습니다" in gone.body.decode()) == (410, True)
    assert (await stranger.ask("GET", "/files/none", headers=korean)).status == 404


async def test_links_of_a_suspended_owner_give_nothing_until_the_owner_is_back(house, browser, kim):
    [held] = await link(house, house.actor(kim), await sent(house, browser, b"x" * 50))
    stranger = Browser(house.app, page=False)
    where = (await stranger.ask("POST", path_of(held))).headers["location"]
    for state, status in (("suspended", 410), ("active", 200), ("closed", 410)):
        await house.store.set_account_state(kim.id, state, AuditRecord(0, "cli", "account.state", f"account:{kim.id}"))
        for method, path in (("GET", path_of(held)), ("GET", where)):
            assert (await stranger.ask(method, path)).status == status, (state, path)


async def test_a_revoked_link_cuts_a_running_download_within_a_second(house, browser, kim):
    owner = house.actor(kim)
    [held] = await link(house, owner, await sent(house, browser, os.urandom(8 << 20)))
    stranger = Browser(house.app, page=False)
    where = (await stranger.ask("POST", path_of(held))).headers["location"]
    got, slow = [], asyncio.Event()

    async def receive():
        await asyncio.sleep(3600)

    async def send(message):
        got.append(message)
        if len(got) == 3:  # the line is full
            slow.set()
            await asyncio.sleep(3600)

    running = asyncio.create_task(house.app(stranger._scope("GET", where, {}), receive, send))
    await asyncio.wait_for(slow.wait(), 60)
    await house.services.big_files.links.change(owner, held.row.id, revoked=True)
    at = asyncio.get_running_loop().time()
    await asyncio.wait_for(running, 60)
    assert asyncio.get_running_loop().time() - at < 30  # a second on an idle machine
    assert not any(message.get("more_body") is False for message in got[1:])
    [told] = await house.services.big_files.links.list_all(owner)
    [(download, _who)] = told.downloads
    assert (download.complete, 0 < download.octets < 8 << 20) == (False, True)


async def test_a_verdict_comes_first_and_a_later_one_kills_the_link(house, browser, kim, monkeypatch):
    owner = house.actor(kim)
    virus = [""]

    class Found:
        async def engines(self):
            from smartmail.ports.scan import EngineSettings

            return (EngineSettings("clam", "clamd", "/x", max_octets=1 << 20),)

        async def scan(self, engine, size, octets, envelope, seconds):
            from smartmail.ports.scan import ScanVerdict

            assert size <= engine.max_octets
            whole = b"".join([piece async for piece in octets()])
            return ScanVerdict(virus[0] if virus[0] and virus[0].encode() in whole else "")

    verdicts = house.services.big_files.verdicts
    monkeypatch.setattr(verdicts, "_engines", Found())
    octets = b"\0" * ((1 << 20) - 3) + b"EICAR" + os.urandom(1 << 20)
    [held] = await link(house, owner, await sent(house, browser, octets))
    stranger, korean = Browser(house.app, page=False), {"accept-language": "ko"}
    where = (await stranger.ask("POST", path_of(held))).headers["location"]
    virus[0] = "EICAR"
    monkeypatch.setattr("smartmail.service.mailbox.big_files.verdicts.AGAIN_MS", -1)
    await verdicts.turn()
    for path in (path_of(held), where):
        gone = await stranger.ask("GET", path, headers=korean)
        assert (gone.status, "악성코드" in gone.body.decode()) == (410, True)
    [file] = await house.services.big_files.links.files(owner)
    assert (file.row.state, file.text.found) == ("refused", "EICAR")
    actions = [row.record.action for row in await house.store.unchained_records("audit", 0, 1000)]
    assert "big-file.refused" in actions and "big-link.make" in actions


async def test_what_is_not_judged_yet_is_not_given(house, browser, kim, monkeypatch):
    verdicts = house.services.big_files.verdicts
    monkeypatch.setattr(house.services.big_files.uploads, "_whole", lambda _file_id: None)
    [held] = await link(house, house.actor(kim), await sent(house, browser, b"x" * 50))
    stranger, korean = Browser(house.app, page=False), {"accept-language": "ko"}
    page = await stranger.ask("GET", path_of(held), headers=korean)
    assert "검사가 끝나지" in page.body.decode() and "<form" not in page.body.decode()
    assert (await stranger.ask("POST", path_of(held), headers=korean)).status == 503
    await verdicts.turn()
    assert (await stranger.ask("POST", path_of(held), headers=korean)).status == 303


async def test_fifty_recipients_store_one_file(house, browser, kim):
    octets = os.urandom(2 << 20)
    file_id = await sent(house, browser, octets)
    wishes = [LinkWish(f"p{number}@b.example") for number in range(50)]
    made = await link(house, house.actor(kim), file_id, *wishes)
    assert len({one.url for one in made}) == 50
    space = await house.volume.space()
    assert len(octets) <= space.live < len(octets) * 1.01


async def test_countries_and_networks_are_asked(house, browser, kim, monkeypatch):
    [held] = await link(house, house.actor(kim), await sent(house, browser, b"x" * 50))
    await set_knob(house, "big-files.countries", ("KR",))
    stranger = Browser(house.app, page=False)
    assert (await stranger.ask("GET", path_of(held))).status == 200  # from inside
    scope = stranger._scope
    monkeypatch.setattr(stranger, "_scope", lambda *args: {**scope(*args), "client": ("8.8.8.8", 5000)})
    assert (await stranger.ask("GET", path_of(held))).status == 403
    assert (await stranger.ask("POST", path_of(held))).status == 403


async def test_reminders_three_days_before_and_what_is_over_goes(house, browser, kim, monkeypatch):
    owner, upkeep = house.actor(kim), house.services.big_files.upkeep
    file_id = await sent(house, browser, b"x" * 50)
    [held] = await link(house, owner, file_id, LinkWish("choi@a.example"))
    await upkeep.turn()
    assert await house.store.queue_entries(10) == []
    now = upkeep._clock.now()
    monkeypatch.setattr(upkeep._clock, "now", lambda: now + 5 * 86_400_000)
    for _ in range(2):
        await upkeep.turn()
    assert len(await house.store.queue_entries(10)) == 2  # the owner, and who has not fetched
    monkeypatch.setattr(upkeep._clock, "now", lambda: now + 11 * 86_400_000)
    await upkeep.turn()
    assert await house.store.big_file(file_id) is None
    gone = await Browser(house.app, page=False).ask("GET", path_of(held))
    assert gone.status == 404


async def test_links_are_bounded_by_policy(house, browser, kim):
    owner, links = house.actor(kim), house.services.big_files.links
    file_id = await sent(house, browser, b"x" * 50)
    await set_knob(house, "big-files.days", 2)
    await set_knob(house, "big-files.downloads", 3)
    now = upkeep_now = house.services.big_files.upkeep._clock.now()
    [held] = await link(house, owner, file_id)
    assert held.row.most == 3 and now + 86_400_000 < held.row.expires_at <= upkeep_now + 2 * 86_400_000 + 60_000
    for wish in (LinkWish(most=4), LinkWish(most=0), LinkWish(expires_at=now + 4 * 86_400_000), LinkWish(password="x")):
        with pytest.raises(Invalid):
            await link(house, owner, file_id, wish)
    await set_knob(house, "big-files.password-required", True)
    with pytest.raises(Invalid):
        await link(house, owner, file_id)
    with pytest.raises(NotFound):
        await link(house, house.actor(house.accounts["choi@a.example"]), file_id)
    with pytest.raises(NotFound):
        await links.change(house.actor(house.accounts["choi@a.example"]), held.row.id, revoked=True)
    await links.change(owner, held.row.id, expires_at=now + 86_400_000)


async def test_jmap_tells_files_links_and_who_fetched(house, browser, monkeypatch):
    monkeypatch.setattr("tests.jmap_server.jmap_house.USING", [*USING, OWN])
    file_id = (await sent(house, browser, b"x" * 700, "도면.zip")).hex()
    [file] = (await browser.call("LinkedFile/get", ids=None))["list"]
    assert (file["id"], file["name"], file["size"], file["state"]) == (file_id, "도면.zip", 700, "ready")
    wish = {"fileId": file_id, "recipient": "lee@b.example", "mostDownloads": 2}
    made = await browser.call("FileLink/set", create={"a": wish, "b": {**wish, "mostDownloads": 1000}})
    url, link_id = made["created"]["a"]["url"], made["created"]["a"]["id"]
    assert made["notCreated"]["b"]["type"] == "invalidProperties"
    assert (await Browser(house.app, page=False).ask("POST", "/files/" + url.rpartition("/")[2])).status == 303
    [told] = (await browser.call("FileLink/get", ids=None))["list"]
    assert (told["downloadCount"], told["end"], told["recipient"]) == (1, None, "lee@b.example")
    assert told["downloads"][0]["address"] == "127.0.0.1"
    other = await house.browser("choi@a.example")
    assert (await other.call("FileLink/get", ids=[link_id]))["notFound"] == [link_id]
    assert (await other.call("FileLink/set", update={link_id: {"end": "revoked"}}))["notUpdated"]
    assert (await browser.call("FileLink/set", update={link_id: {"end": "revoked"}}))["updated"] == {link_id: None}
    assert (await browser.call("FileLink/get", ids=[link_id]))["list"][0]["end"] == "revoked"
    assert (await browser.call("LinkedFile/set", destroy=[file_id]))["destroyed"] == [file_id]
    assert (await browser.call("FileLink/get", ids=None))["list"] == []


async def test_a_leavers_links_are_listed_handed_over_or_ended(house, browser, kim):
    from smartmail.service.people.account_life.holdings.files import LinkedFiles

    choi, octets = house.accounts["choi@a.example"], os.urandom(5000)
    [held] = await link(house, house.actor(kim), await sent(house, browser, octets))
    cli = Actor(AccountId(0), OrganizationId(0), "", is_admin=True, origin=Origin("cli"))
    leavers = house.services.account_life.leavers
    [mine] = [one for one in await leavers.holdings(cli, kim.id) if one.kind == "big-file"]
    assert (mine.label, mine.choices) == ("도면.zip", ("hand", "end"))
    kind = LinkedFiles(leavers._means)
    await kind.settle(kim, mine, "hand", choi)
    assert await kind.find(kim) == []
    [theirs] = await house.services.big_files.links.list_all(house.actor(choi))
    assert theirs.row.id == held.row.id
    stranger = Browser(house.app, page=False)
    where = (await stranger.ask("POST", path_of(held))).headers["location"]
    assert (await stranger.ask("GET", where)).body == octets
    await kind.settle(choi, (await kind.find(choi))[0], "end", None)
    assert await kind.find(choi) == []
    assert (await stranger.ask("GET", path_of(held))).status == 410
