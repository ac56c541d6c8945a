"""Reports of phishing: cases, evidence, mailboxes of reports, the security desk; purges of a wave and their undoing."""

import csv
import hashlib
import io
import json
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.flows.held import put
from tests.jmap_server.jmap_house import USING, mail, open_house

from smartmail.domain.cases import Wave
from smartmail.domain.errors import Forbidden, Invalid, NotFound, Unavailable
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.inspection import Hop, Reason
from smartmail.domain.principal import Actor, Origin
from smartmail.service.governance.cases import similarity
from smartmail.service.governance.cases.evidence import examine, package, text_digest
from smartmail.service.kernel.inspection.service import InspectionService
from smartmail.service.protection.filtering.lists import indicator

CLI = Actor(AccountId(0), OrganizationId(0), "", is_admin=True, origin=Origin("cli"))
PEOPLE = tuple(f"{name}@a.example" for name in ("kim", "lee", "park", "choi"))
OWN = "https://smartmail.example/jmap"
BODY = (
    "안녕하세요 {who} 고객님 귀하의 메일 계정이 곧 정지될 예정입니다 아래 주소에서 비밀번호를 다시 확인하여 주시기 바랍니다 "
    "확인하지 않으면 내일부터 메일을 받으실 수 없습니다 관리자 드림 https://login.evil.test/verify?user={who}"
)


def phish(who: str = "kim", number: int = 1, body: str = BODY, sender: str = "관리자 <admin@evil.test>") -> bytes:
    return mail(
        "계정 정지 안내", body.format(who=who), From=sender, Message_ID=f"<wave{number}@evil.test>",
        Content_Type="text/plain; charset=utf-8", Content_Transfer_Encoding="8bit", MIME_Version="1.0",
    )  # fmt: skip


@pytest.fixture
async def house(tmp_path):
    async with open_house(tmp_path) as opened:
        for login in PEOPLE:
            await opened.person(login)
        opened.organization_id = opened.accounts[PEOPLE[0]].organization_id
        yield opened


async def report(house, login, octets, **more):
    account = house.accounts[login]
    number = await house.deliver(account, octets, **more)
    return number, await house.services.cases.report(house.actor(account), account.id, number)


async def mine(house, login, role="inbox"):
    account = house.accounts[login]
    box = await house.services.mailboxes.by_role(house.actor(account), account.id, role)
    ids, _total = await house.store.list_messages(account.id, box.row.id, position=0, limit=100)
    return ids


# --- reports ---


async def test_reports_of_one_campaign_are_one_case(house):
    _number, first = await report(house, "kim@a.example", phish("kim"))
    # Another Message-ID and another name: the texts are alike. Another text with the same link: that is in common.
    _number, second = await report(house, "lee@a.example", phish("lee", 2))
    _number, third = await report(
        house, "park@a.example", phish("park", 3, "지금 https://login.evil.test/verify?user=9 를 보세요")
    )
    _number, other = await report(
        house, "choi@a.example", mail("주간 보고", "이번 주 보고서를 보냅니다. 검토해 주세요. https://www.naver.com/")
    )
    _number, front = await report(
        house, "kim@a.example", mail("점심", "식당은 https://www.naver.com/ 에서 찾으세요", From="b@b.test")
    )
    assert first == second == third
    assert len({first, other, front}) == 3
    case = await house.services.cases.get(CLI, first)
    assert (case.row.reports, case.row.state) == (3, "open")
    assert case.text.message_ids == ("wave1@evil.test", "wave2@evil.test", "wave3@evil.test")
    assert case.text.urls == ("https://login.evil.test/verify",)
    assert [one[0] for one in await house.services.cases.reporters(CLI, first)] == [
        house.accounts[login].id for login in PEOPLE[:3]
    ]


async def test_the_same_message_twice_is_one_report(house):
    number, case = await report(house, "kim@a.example", phish())
    kim = house.accounts["kim@a.example"]
    assert await house.services.cases.report(house.actor(kim), kim.id, number) == case
    assert (await house.services.cases.get(CLI, case)).row.reports == 1


async def test_nobody_reports_anothers_mail(house):
    number = await house.deliver(house.accounts["kim@a.example"], phish())
    with pytest.raises(NotFound):
        await house.services.cases.report(
            house.actor(house.accounts["lee@a.example"]), house.accounts["kim@a.example"].id, number
        )


class Route:
    name = "route"

    async def examine(self, specimen) -> None:
        specimen.findings.hops.append(Hop(True, "mail.evil.test", "203.0.113.9", "mx.test"))
        specimen.findings.reasons.append(Reason("learned", 3.0, ("=1+1",)))


async def test_the_evidence_package_holds_message_header_route_indicators_and_a_manifest(house):
    house.services.delivery.inspection = InspectionService([Route()])
    await put(house, phish(sender='"=cmd" <=1+1@evil.test>'))
    [number] = await mine(house, "kim@a.example")
    kim = house.accounts["kim@a.example"]
    case = await house.services.cases.report(house.actor(kim), kim.id, number)
    with pytest.raises(Forbidden):
        await house.services.cases.evidence(house.actor(kim), case)
    archive = zipfile.ZipFile(io.BytesIO(await house.services.cases.evidence(CLI, case)))
    manifest = json.loads(archive.read("manifest.json"))
    assert {one["name"] for one in manifest["files"]} == {"message.eml", "headers.txt", "route.json", "indicators.csv"}
    for one in manifest["files"]:
        content = archive.read(one["name"])
        assert (hashlib.sha256(content).hexdigest(), len(content)) == (one["sha256"], one["size"])
    assert phish().split(b"\r\n\r\n")[1] in archive.read("message.eml")
    assert archive.read("message.eml").startswith(archive.read("headers.txt"))
    route = json.loads(archive.read("route.json"))
    assert route["hops"][0]["address"] == "203.0.113.9"
    rows = list(csv.reader(io.StringIO(archive.read("indicators.csv").decode())))
    assert ["ip", "203.0.113.9"] in rows and ["url", "https://login.evil.test/verify"] in rows
    # No cell is a formula.
    assert ["sender", "'=1+1@evil.test"] in rows


async def test_the_security_desk_hears_of_a_new_campaign_once(house):
    cases = house.services.cases
    with pytest.raises(Invalid):
        await cases.set_desk(CLI, house.organization_id, "nobody")
    await cases.set_desk(CLI, house.organization_id, "soc@desk.test")
    await report(house, "kim@a.example", phish("kim"))
    await report(house, "lee@a.example", phish("lee", 2))
    [(entry, rows)] = await house.store.queue_entries(10)
    assert [row.domain for row in rows] == ["desk.test"]
    keys = await cases._keyring.queue(entry.organization_id)
    octets = await cases._blobs.read(entry.blob, entry.organization_id, keys.unwrap(entry.blob.id, entry.wrapped_key))
    assert b"evidence.zip" in octets and b"application/zip" in octets
    await cases.set_desk(CLI, house.organization_id, "")
    await report(house, "choi@a.example", mail("다른", "전혀 다른 내용입니다"))
    assert len(await house.store.queue_entries(10)) == 1


async def test_moving_a_message_into_the_mailbox_of_reports_reports_it(house):
    cases, kim = house.services.cases, house.accounts["kim@a.example"]
    box = await cases.make_mailbox(kim)
    assert await cases.make_mailbox(kim) == box
    number = await house.deliver(kim, phish())
    assert await cases.take_moved() == 0
    await house.store.write(kim.id, lambda tx: tx.place(box, [number]))
    assert await cases.take_moved() == 1
    [case] = await cases.list_all()
    assert case.row.reports == 1
    assert number in await mine(house, "kim@a.example", "junk")
    assert (await house.store.list_messages(kim.id, box, position=0, limit=5))[1] == 0
    assert await cases.take_moved() == 0
    assert await house.services.learning.waiting() == 1


async def test_states_and_a_dismissed_case_takes_no_more(house):
    cases = house.services.cases
    _number, first = await report(house, "kim@a.example", phish("kim"))
    await cases.change(CLI, first, "dismissed", "모의훈련")
    case = await cases.get(CLI, first)
    assert (case.row.state, case.text.note) == ("dismissed", "모의훈련")
    _number, second = await report(house, "lee@a.example", phish("lee", 2))
    assert second != first
    with pytest.raises(Forbidden):
        await cases.change(house.actor(house.accounts["kim@a.example"]), second, "confirmed")
    with pytest.raises(NotFound):
        await cases.get(CLI, 999)


async def test_reports_over_jmap(house, monkeypatch):
    monkeypatch.setattr("tests.jmap_server.jmap_house.USING", [*USING, OWN])
    number = await house.deliver(house.accounts["kim@a.example"], phish())
    browser = await house.browser("kim@a.example")
    done = await browser.call("Email/reportPhishing", ids=[f"e{number}", "e999", "x"])
    assert done["reported"] == [f"e{number}"]
    assert {one["type"] for one in done["notReported"].values()} == {"notFound"}
    assert len(await house.services.cases.list_all()) == 1


# --- purges ---


async def wave(house):
    """Deliver a wave to three people, and something good to each."""
    for at, login in enumerate(PEOPLE[:3]):
        await house.deliver(house.accounts[login], phish(login, at + 1))
        await house.deliver(house.accounts[login], mail(f"good {at}", "업무 메일입니다"))


BY = {
    "message-id": Wave(("<wave1@evil.test>", "wave2@evil.test", "wave3@evil.test"), reason="x"),
    "address": Wave(senders=("ADMIN@evil.test",), reason="x"),
    "domain": Wave(senders=("test",), reason="x"),
    "url": Wave(urls=("https://login.evil.test/verify?user=somebody",), reason="x"),
    "host": Wave(urls=("login.EVIL.test",), reason="x"),
}


@pytest.mark.parametrize("by", BY)
async def test_a_wave_is_found_taken_and_put_back(house, by):
    await wave(house)
    purges = house.services.purges
    would = await purges.purge(CLI, house.organization_id, BY[by], dry_run=True)
    assert (would.accounts, would.messages, would.purge_id) == (3, 3, 0)
    assert await purges.list_all() == []
    done = await purges.purge(CLI, house.organization_id, BY[by])
    assert (done.accounts, done.messages) == (3, 3)
    for login in PEOPLE[:3]:
        assert len(await mine(house, login)) == 1
        account = house.accounts[login]
        # The person neither sees nor restores it.
        assert await house.services.vault.list(house.actor(account), account.id) == ([], 1)
        [hit] = [one.message_id for one in done.hits if one.account_id == account.id]
        assert await house.services.vault.restore(house.actor(account), account.id, [hit]) == {}
    assert (await purges.purge(CLI, house.organization_id, BY[by])).messages == 0
    assert await purges.undo(CLI, done.purge_id) == 3
    assert [len(await mine(house, login)) for login in PEOPLE[:3]] == [2, 2, 2]
    [(row, _wave, hits)] = await purges.list_all()
    assert (row.state, {one.state for one in hits}) == ("undone", {"undone"})
    assert await purges.undo(CLI, done.purge_id) == 0


async def test_a_wave_by_its_text(house):
    for login in PEOPLE[:2]:
        await house.deliver(house.accounts[login], phish("same", 7 if login == PEOPLE[0] else 8))
    evidence = await examine(phish("same"), 0)
    found = await house.services.purges.find(house.organization_id, Wave(digests=(text_digest(evidence).upper(),)))
    assert len(found) == 2


async def test_a_wave_by_an_attachment(house):
    octets = b"%PDF-1.4 bad"
    attached = (
        b"From: a@b.test\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\ntext\r\n--b\r\n"
        b"Content-Type: application/pdf\r\nContent-Disposition: attachment; filename=a.pdf\r\n\r\n"
        + octets
        + b"\r\n--b--\r\n"
    )
    await house.deliver(house.accounts[PEOPLE[0]], attached)
    await house.deliver(house.accounts[PEOPLE[1]], mail("good", "업무 메일입니다"))
    find, mark = house.services.purges.find, hashlib.sha256(octets).hexdigest()
    assert [one.account_id for one in await find(house.organization_id, Wave(files=(mark.upper(),)))] == [
        house.accounts[PEOPLE[0]].id
    ]
    assert await find(house.organization_id, Wave(files=("0" * 64,))) == []


async def test_a_purge_wants_marks_a_reason_and_an_administrator(house):
    purges = house.services.purges
    for bad in (Wave(reason="x"), Wave(senders=("a@b.test",))):
        with pytest.raises(Invalid):
            await purges.purge(CLI, house.organization_id, bad)
    with pytest.raises(Forbidden):
        await purges.purge(house.actor(house.accounts["kim@a.example"]), house.organization_id, BY["address"])
    with pytest.raises(NotFound):
        await purges.undo(CLI, 77)


async def test_a_case_purges_neither_our_own_people_nor_front_pages(house):
    body = "송금 바랍니다 https://www.naver.com/ https://evil.test/pay"
    _number, case = await report(house, "kim@a.example", phish(body=body, sender="사장 <lee@a.example>"))
    marks = await house.services.cases.wave(CLI, case)
    assert (marks.senders, marks.urls) == ((), ("https://evil.test/pay",))


class Dying:
    """A store that fails at the nth write of a purge."""

    def __init__(self, store, left: int) -> None:
        self._store, self.left = store, left

    def __getattr__(self, name):
        return getattr(self._store, name)

    async def write(self, account_id, body):
        self._step()
        return await self._store.write(account_id, body)

    async def mark_hits(self, *args):
        self._step()
        await self._store.mark_hits(*args)

    async def set_purge(self, *args):
        self._step()
        await self._store.set_purge(*args)

    def _step(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise Died


class Died(Exception):
    """The process is gone."""


@pytest.mark.parametrize("steps", range(8))
async def test_a_run_that_died_anywhere_is_taken_up_again_and_nothing_is_done_twice(house, steps):
    await wave(house)
    purges, store = house.services.purges, house.store
    purges._store = Dying(store, steps)
    try:
        await purges.purge(CLI, house.organization_id, BY["domain"])
    except Died:
        pass
    purges._store = store
    assert await purges.resume() == (1 if steps < 7 else 0)
    [(row, _wave, hits)] = await purges.list_all()
    assert (row.state, {one.state for one in hits}) == ("done", {"purged"})
    assert [len(await mine(house, login)) for login in PEOPLE[:3]] == [1, 1, 1]
    assert [(await store.vault(house.accounts[login].id, position=0, limit=9))[1] for login in PEOPLE[:3]] == [1, 1, 1]
    assert await purges.resume() == 0


async def test_an_account_that_cannot_be_written_is_tried_again(house):
    await wave(house)
    purges, store = house.services.purges, house.store
    lee = house.accounts["lee@a.example"].id

    class Away:
        def __getattr__(self, name):
            return getattr(store, name)

        async def write(self, account_id, body):
            if account_id == lee:
                raise Unavailable
            return await store.write(account_id, body)

    purges._store = Away()
    await purges.purge(CLI, house.organization_id, BY["domain"])
    assert [row.state for row, _wave, _hits in await purges.list_all()] == ["running"]
    assert [len(await mine(house, login)) for login in PEOPLE[:3]] == [1, 2, 1]
    purges._store = store
    await purges.resume()
    assert [len(await mine(house, login)) for login in PEOPLE[:3]] == [1, 1, 1]


# --- pure parts ---


def plain(octets: bytes) -> bytes:
    return hashlib.sha256(octets).digest()


@given(st.text(), st.text())
def test_digests_of_any_texts_compare(one, other):
    left, right = similarity.digest(one, plain), similarity.digest(other, plain)
    assert len(left) in {0, 8}
    assert similarity.is_near(left, right) == similarity.is_near(right, left)
    assert similarity.is_near(left, left) == (len(left) == 8)


def test_a_changed_name_is_near_and_another_text_is_far():
    texts = [BODY.format(who=who) for who in ("김민수", "이영희")]
    far = "지난주 회의에서 말씀드린 대로 다음 분기 예산안을 정리하여 보내 드리오니 검토하신 뒤 의견을 주시면 반영하겠습니다 감사합니다"
    near = [similarity.digest(one, plain) for one in texts]
    assert similarity.is_near(*near)
    assert not similarity.is_near(near[0], similarity.digest(far, plain))


@given(st.binary(max_size=400))
async def test_whatever_is_reported_gives_a_package(octets):
    from smartmail.service.governance.cases.evidence import case_text

    evidence = await examine(octets, 0)
    archive = zipfile.ZipFile(io.BytesIO(package(octets, case_text(evidence, None), None, 0)))
    assert archive.read("message.eml") == octets
    assert all(isinstance(indicator(one), str) for one in evidence.links)
