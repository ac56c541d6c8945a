"""Reports: every number is the sum of rows, recounted here by other means; scopes, masks, files, mail and planned work."""

import io
import zipfile
from collections import Counter
from datetime import timedelta
from xml.etree import ElementTree

import pypdfium2
import pytest
from tests.flows.house import open_house
from tests.flows.test_trace import attempt, send

from smartmail.base.i18n import LANGUAGES
from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import Forbidden, Invalid, NotFound
from smartmail.domain.figures import begin_of, day_of, span_of
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.organization import Department, Step, Wanted, WantedSeat
from smartmail.domain.policy import Scope
from smartmail.domain.principal import Actor, Origin
from smartmail.domain.trace import time_of
from smartmail.service.flow.tracing.service import Marks
from smartmail.service.kernel.clock import DAY
from smartmail.service.kernel.envelope import Result

KIM, LEE, BOSS, FAR = "kim@a.example", "lee@a.example", "boss@a.example", "far@away.example"
CLI = Actor(AccountId(0), OrganizationId(0), "", is_admin=True, origin=Origin("cli"))
MESSAGE = b"Subject: hello\r\nMessage-ID: <%d@b.example>\r\nFrom: <x@b.example>\r\n\r\n" + b"hello\r\n" * 30
REASON = "월간 운영 회의 자료로 씁니다"


@pytest.fixture
async def house(tmp_path):
    async with open_house(tmp_path) as opened:
        for login in (KIM, LEE):
            await opened.person(login)
        await opened.person(BOSS, is_admin=True)
        yield opened


@pytest.fixture
def time(house, monkeypatch):
    """A clock that can be put ahead."""
    ahead = [0]
    real = type(house.clock).now
    monkeypatch.setattr(type(house.clock), "now", lambda self: real(self) + ahead[0])

    def go(ms: int) -> None:
        ahead[0] += ms

    return go


def home(house) -> OrganizationId:
    return house.accounts[KIM].organization_id


def person(house, login: str) -> Actor:
    one = house.accounts[login]
    return Actor(
        one.id, one.organization_id, login, one.is_admin, Origin("admin", "127.0.0.1"), one.auth_epoch, "session"
    )


async def traffic(house) -> None:
    """Mail in, inside and out, logins well and ill."""
    for number in range(3):
        await send(house, "x@b.example", [KIM], MESSAGE % number)
    await send(house, "y@c.example", [KIM, LEE], MESSAGE % 10)
    await send(house, LEE, [KIM, BOSS], MESSAGE.replace(b"x@b.example", LEE.encode()) % 11, login=LEE)
    await send(house, KIM, [FAR], MESSAGE.replace(b"x@b.example", KIM.encode()) % 12, login=KIM)
    await house.services.auth.settle()
    await house.services.tracer.settle()
    await house.services.audit.chain()


async def recount(house, since: int, until: int) -> tuple[dict, Counter]:
    """Count stories and events as the trace shows them, with nothing of service.operations.figures."""
    people: dict = {}
    whole: Counter = Counter()

    def add(account_id: int, name: str, count: int = 1) -> None:
        people.setdefault(account_id, Counter())[name] += count

    for story in await house.services.trace.find(Marks(limit=100)):
        facts = story.facts
        assert since <= time_of(story.id) < until
        if any(event.kind == "rejected" for _, event in story.events):
            whole["rejected"] += 1
        elif facts.account_id:
            add(facts.account_id, "sent")
            add(facts.account_id, "sent_octets", facts.size)
            add(facts.account_id, "recipients", facts.count)
        elif facts.door in {"smtp", "lmtp"}:
            whole["incoming"] += 1
            whole["incoming_octets"] += facts.size
        for _, event in story.events:
            if event.kind == "delivered" and event.account_id:
                add(event.account_id, "received")
                add(event.account_id, "received_octets", facts.size)
                if facts.door == "smtp" and not facts.account_id and not facts.sender.endswith("@a.example"):
                    add(event.account_id, "received_outside")
            elif event.kind == "delivered" and event.host and facts.account_id:
                add(facts.account_id, "handed_over")
    for login, account in house.accounts.items():
        for one in await house.store.login_attempts(account.id, limit=100):
            add(account.id, "logins" if one.result == "ok" else "failures")
        assert login
    return people, whole


async def test_every_number_of_a_day_is_the_sum_of_its_rows(house, time):
    await traffic(house)
    now = house.clock.now()
    day = day_of(now)
    people, whole = await recount(house, begin_of(day), begin_of(day) + DAY)
    live = await house.services.figures.service.report(CLI, home(house), "day", day)
    time(DAY)
    assert await house.services.figures.telling.turn() == 0  # nothing is planned: nothing is mailed
    assert day.isoformat() in await house.services.figures.service.counted(CLI, home(house), day)
    kept = await house.services.figures.service.report(CLI, home(house), "day", day)
    for report in (live, kept):
        for line in report.people:
            mine = people.get(line.account_id, Counter())
            assert {name: getattr(line.tally, name) for name in mine} == dict(mine), line.login
            others = set(line.tally.__struct_fields__) - set(mine)
            assert {name for name in others if getattr(line.tally, name)} == set(), line.login
        assert report.whole is not None
        assert (report.whole.incoming, report.whole.incoming_octets) == (whole["incoming"], whole["incoming_octets"])
        assert report.total.received == sum(one["received"] for one in people.values()) == 7
        assert dict(report.outside_in) == {"b.example": 3, "c.example": 1}
        assert [(name, good) for name, good, _ in report.countries] == [("", report.total.logins)]
    assert kept.used == sum(one.used for one in await house.store.accounts(home(house)))


async def test_a_refusal_and_what_another_system_took_are_counted(house, time):
    day = day_of(house.clock.now())
    with pytest.raises(AssertionError):
        await send(house, "x@b.example", ["nobody@a.example"], MESSAGE % 1)
    await send(house, KIM, [FAR], MESSAGE.replace(b"x@b.example", KIM.encode()) % 2, login=KIM)
    await attempt(house, "delivered", Result(250, "2.0.0", "ok", host="mx.away.example"))
    await house.services.tracer.settle()
    report = await house.services.figures.service.report(CLI, home(house), "day", day)
    [kim] = [one for one in report.people if one.login == KIM]
    assert report.whole is not None
    assert (report.whole.rejected, kim.tally.handed_over, dict(report.outside_out)) == (1, 1, {"away.example": 1})


def cells_of(octets: bytes) -> dict[str, list[list[object]]]:
    """Return the cells of a spreadsheet by sheet, read as ECMA-376 has them."""
    space = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
    book = zipfile.ZipFile(io.BytesIO(octets))
    assert book.testzip() is None
    strings = [
        "".join(text.text or "" for text in one.iter(f"{{{space['m']}}}t"))
        for one in ElementTree.fromstring(book.read("xl/sharedStrings.xml")).findall("m:si", space)
    ]
    sheets = ElementTree.fromstring(book.read("xl/workbook.xml")).findall("m:sheets/m:sheet", space)
    found = {}
    for number, sheet in enumerate(sheets, start=1):
        rows = []
        for row in ElementTree.fromstring(book.read(f"xl/worksheets/sheet{number}.xml")).findall(".//m:row", space):
            cells = []
            for cell in row.findall("m:c", space):
                assert cell.find("m:f", space) is None  # no formula, whatever somebody's name is
                text = (cell.findtext("m:v", "", space)) or ""
                cells.append(strings[int(text)] if cell.get("t") == "s" else float(text) if text else "")
            rows.append(cells)
        found[sheet.get("name")] = rows
    return found


async def test_a_spreadsheet_has_the_numbers_of_the_report_and_the_taking_is_on_record(house, time):
    await house.person("evil@a.example")
    await traffic(house)
    day = day_of(house.clock.now())
    figures = house.services.figures
    report = await figures.service.report(CLI, home(house), "day", day)
    boss = person(house, BOSS)
    with pytest.raises(Invalid):
        await figures.telling.take(boss, home(house), "day", day, "xlsx", "ko", "short")
    made = await figures.telling.take(boss, home(house), "day", day, "xlsx", "ko", REASON)
    sheets = cells_of(made.octets)
    people = {row[1]: row for row in sheets["개인별"][1:]}
    for line in report.people:
        tally = line.tally
        assert people[line.login][2:6] == [tally.received, tally.received_octets, tally.sent, tally.sent_octets]
    assert [row for row in sheets["날짜별"] if row[0] == day.isoformat()][0][1] == report.total.received
    rows = await house.store.unchained_records("audit", 0, 500)
    taken = [row.record for row in rows if row.record.action == "report.take"]
    if not taken:
        taken = [
            one.row.record
            for one in await house.services.audit.find(query(house))
            if one.row.record.action == "report.take"
        ]
    assert [one.actor for one in taken] == [f"account:{house.accounts[BOSS].id}"]
    assert REASON.encode() not in (taken[0].sealed_detail or b"") and taken[0].sealed_detail
    told = await house.services.record_texts.open(home(house), taken[0])
    assert told["reason"] == REASON


def query(house):
    from smartmail.domain.audit import AuditQuery

    return AuditQuery(home(house), limit=500)


@pytest.mark.parametrize("language", LANGUAGES)
async def test_pages_say_the_same_in_five_languages(house, language):
    await traffic(house)
    day = day_of(house.clock.now())
    made = await house.services.figures.telling.take(CLI, home(house), "day", day, "pdf", language, REASON)
    document = pypdfium2.PdfDocument(made.octets)
    text = "".join(page.get_textpage().get_text_bounded() for page in document)
    assert KIM in text and day.isoformat() in text and "b.example" in text
    words = {
        "ko": "메일 일간 보고서",
        "en": "Daily mail report",
        "ja": "メール日報",
        "zh-Hans": "邮件日报",
        "zh-Hant": "郵件日報",
    }
    assert words[language] in text


async def test_a_span_that_is_over_is_mailed_once_to_who_may_see_it(house, time):
    figures = house.services.figures
    today = day_of(house.clock.now())
    first, last = span_of("week", today)
    # To the middle of the week: the plan is made, and what was over before is not told.
    with pytest.raises(Forbidden):
        await figures.telling.set_plan(person(house, KIM), home(house), ["week"], "pdf")
    await figures.telling.set_plan(person(house, BOSS), home(house), ["week"], "pdf")
    await traffic(house)
    assert await figures.telling.turn() == 0
    time(begin_of(last + timedelta(days=1)) + DAY // 24 - house.clock.now())
    before = sum(count for _, count in (await house.store.queue_totals(0)).states)
    assert await figures.telling.turn() == 1
    assert await figures.telling.turn() == 0
    assert sum(count for _, count in (await house.store.queue_totals(0)).states) == before + 1
    report = await figures.service.report(CLI, home(house), "week", today)
    assert (report.first, report.last, report.total.received, report.missing) == (first, last, 7, ())


async def test_who_may_see_a_department_is_shown_its_people_and_nothing_of_the_whole(house):
    await traffic(house)
    store, organization_id = house.store, home(house)
    made = await store.put_department(
        Department(0, organization_id, "sales", "영업부"), AuditRecord(1, "cli", "department.add", "department:sales")
    )
    assert made.code == "sales"
    wanted = Wanted(login=KIM, seats=(WantedSeat("sales"),))
    await house.services.organization.people.perform(
        CLI, Step(kind="change", account_id=house.accounts[KIM].id, wanted=wanted)
    )
    lee = house.accounts[LEE]
    scope = Scope("department", f"{organization_id}:sales")
    await house.services.roles.appoint(CLI, lee.id, "system", scope)
    day = day_of(house.clock.now())
    report = await house.services.figures.service.report(person(house, LEE), organization_id, "day", day)
    assert [one.login for one in report.people] == [KIM]
    assert (report.whole, report.outside_in, report.countries, report.availability) == (None, (), (), ())
    [kim] = report.people
    assert report.total.received == kim.tally.received == 5
    with pytest.raises((Forbidden, NotFound)):
        await house.services.figures.service.report(person(house, KIM), organization_id, "day", day)
    with pytest.raises(NotFound):
        await house.services.figures.service.report(person(house, BOSS), OrganizationId(99), "day", day)


async def test_work_is_announced_before_it_begins_by_who_may_and_ended_early(house, time):
    serving, boss, now = house.services.figures.serving, person(house, BOSS), house.clock.now()
    with pytest.raises(Forbidden):
        await serving.announce(person(house, KIM), now + 1000, now + 2000)
    with pytest.raises(Invalid):
        await serving.announce(boss, now - 1000, now + 2000)
    with pytest.raises(Invalid):
        await serving.announce(boss, now + 10_000, now + 20_000, ("no-such",))
    hour = 3_600_000
    await serving.announce(boss, now + hour, now + 3 * hour, ("edge-imap",))
    time(2 * hour)
    await serving.withdraw(boss, now + hour)
    [work] = await serving.works(boss)
    assert now + 2 * hour <= work.until < now + 3 * hour
    with pytest.raises(NotFound):
        await serving.withdraw(boss, now + hour)
    later = house.clock.now() + hour
    await serving.announce(boss, later, later + hour)
    await serving.withdraw(boss, later)
    assert len(await serving.works(boss)) == 1


async def test_a_day_that_was_never_counted_is_told_as_missing(house, time):
    await traffic(house)
    today = day_of(house.clock.now())
    time(20 * DAY)
    await house.services.figures.telling.turn()
    report = await house.services.figures.service.report(CLI, home(house), "day", today)
    assert report.missing == (today.isoformat(),) and report.total.received == 0
    assert await house.services.figures.service.count_again(CLI, home(house), today, today) == 1
    report = await house.services.figures.service.report(CLI, home(house), "day", today)
    assert (report.missing, report.total.received) == ((), 7)
