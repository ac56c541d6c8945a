"""What becomes of mail that was written, on a real node: the state at each recipient, hours of other clocks, whom one writes
as, the same draft in two windows, what comes back when sending is undone, templates that a team changes.
"""

from __future__ import annotations

import contextlib
import re
import time
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import TimeoutError, expect
from tests.e2e.company import PARTNER, acknowledged, letter, parsed, wait_for_mail
from tests.e2e.controls import offered_by, pick
from tests.e2e.demo_desk import violations
from tests.e2e.test_writing_rich import PICTURE
from tests.e2e.writing_help import chips, letter_of, look, new_writer, paste, wait_saved

from smartmail.formats import mdn
from smartmail.formats.address import Mailbox
from smartmail.formats.mdn import Receipt
from smartmail.formats.report import Cover

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import Locator, Page
    from tests.e2e.company import Company, Person

pytestmark = pytest.mark.peer

LATER_MS = 60_000


def row_of(page: Page, address: str) -> Locator:
    """One recipient in the table of 수신확인."""
    return page.get_by_role("row").filter(has_text=address)


def open_table(page: Page, subject: str) -> None:
    """Open the table of a mail."""
    page.get_by_role("link", name="수신확인").click()
    page.reload()
    page.get_by_role("button").filter(has_text=subject).first.click()
    page.get_by_role("table").wait_for()


def until_told(page: Page, address: str, words: str) -> None:
    """Wait until the table that is open tells this of somebody: it asks again by itself."""
    expect(row_of(page, address)).to_contain_text(words, timeout=LATER_MS)


def test_five_states_and_how_each_is_known(new_person: Callable[..., Person], company: Company, tmp_path: Path) -> None:
    sender, one, two = (f"state.{name}@hanbit.example" for name in ("sender", "one", "two"))
    new_writer(company, sender, "상보냄", "기획팀", undo__max_seconds=0)
    new_writer(company, one, "상읽음", "기획팀")
    new_writer(company, two, "상안읽", "기획팀")
    gone = "nobody@nowhere.test"
    person = new_person().sign_in(sender)
    page = person.page
    page.keyboard.press("c")
    for address in (one, two, PARTNER, gone):
        page.get_by_role("combobox", name="받는사람").fill(f"{address},")
    expect(chips(page)).to_have_count(4)
    page.get_by_role("textbox", name="제목").fill("다섯 상태를 보는 메일")
    person.write("읽어 주세요")
    page.get_by_role("button", name="메일 옵션").click()
    page.get_by_label("수신확인 요청").check()
    page.keyboard.press("Escape")
    person.send()
    expect(person.notices).to_contain_text("보냈습니다")
    with company.branch_imap() as session:
        mail = parsed(wait_for_mail(session, "다섯 상태를 보는 메일"))
    assert sender in str(mail["Disposition-Notification-To"])
    reader = new_person().sign_in(one)
    reader.read("다섯 상태를 보는 메일")
    open_table(page, "다섯 상태를 보는 메일")
    until_told(page, one, "읽음")
    until_told(page, gone, "발송실패")
    expect(row_of(page, gone)).to_contain_text("주소의 @ 뒤")
    expect(row_of(page, gone)).to_contain_text("반송 메시지로 확인")
    until_told(page, two, "읽지 않음")
    expect(row_of(page, PARTNER)).to_contain_text("확인할 수 없음")
    expect(row_of(page, PARTNER)).to_contain_text("상대 서버가 받음")

    # The partner's program answers: that is what it says, and nothing that is known.
    cover = Cover(
        Mailbox("", PARTNER), sender, "Read: 다섯 상태", "state-receipt@bench.test", (int(time.time()), 0), "Read."
    )
    told = Receipt(PARTNER, str(mail["Message-ID"]).strip("<>"))
    company.deliver(sender, mdn.build(told, cover, original=b"Subject: x\r\n\r\n", nonce="states"))
    with company.imap(sender) as session:
        wait_for_mail(session, "Read: 다섯 상태")
    until_told(page, PARTNER, "수신 측 읽음 통지")
    expect(row_of(page, PARTNER)).to_contain_text("읽음")
    look(page, "states", tmp_path)
    assert violations(page) == []
    with page.expect_download() as saving:
        page.get_by_role("button", name="CSV로 저장").click()
    table = saving.value.path().read_text(encoding="utf-8-sig")
    assert "수신 측 읽음 통지" in table
    assert "발송실패" in table
    assert table.count("\n") == 5
    page.get_by_role("button", name="읽지 않은 사람에게 다시 보내기").click()
    expect(chips(page)).to_have_count(1)
    expect(chips(page)).to_contain_text("상안읽")
    page.locator(".window").get_by_role("button", name="닫기").click()

    open_table(page, "다섯 상태를 보는 메일")
    page.get_by_role("button", name="발송취소").click()
    page.get_by_role("dialog").get_by_role("button", name="발송취소").click()
    expect(row_of(page, two)).to_contain_text("회수 완료")
    expect(row_of(page, one)).to_contain_text("이미 읽은 메일")
    expect(row_of(page, PARTNER)).to_contain_text("외부로 발송되어")


def test_mail_is_planned_for_the_morning_of_who_gets_it(
    new_person: Callable[..., Person], company: Company, tmp_path: Path
) -> None:
    writer, far = "clock.seoul@hanbit.example", "clock.york@hanbit.example"
    new_writer(company, writer, "시서울", "기획팀")
    new_writer(company, far, "시뉴욕", "기획팀")
    abroad = new_person().sign_in(far)
    abroad.page.goto(abroad.site + "/#/settings/account")
    with acknowledged(abroad.page, "/set"):
        pick(abroad.page.get_by_label("시간대"), "America/New_York")
    person = new_person().sign_in(writer)
    page = person.page
    person.compose(PARTNER, "시각을 정하는 메일")
    person.write("아침에 보세요")
    page.get_by_role("button", name="예약 발송").click()
    page.get_by_role("menuitem", name="내일 오전 9시").wait_for()
    # Nobody knows by which clocks somebody outside lives.
    theirs = page.get_by_role("group", name="받는사람 시각").get_by_role("menuitem")
    expect(theirs).to_have_count(0)
    page.keyboard.press("Escape")
    page.get_by_role("combobox", name="받는사람").fill(f"{far},")

    def offered() -> bool:
        page.get_by_role("button", name="예약 발송").click()
        page.get_by_role("menuitem", name="내일 오전 9시").wait_for()
        with contextlib.suppress(TimeoutError):
            theirs.first.wait_for(timeout=3000)
            return True
        page.keyboard.press("Escape")
        expect(page.get_by_role("menuitem", name="내일 오전 9시")).to_have_count(0)
        return False

    assert any(offered() for _ in range(20))
    expect(theirs.first).to_contain_text("오전 9시")
    expect(page.get_by_role("group", name="받는사람 시각")).to_contain_text("동부")
    look(page, "their-hours", tmp_path)
    theirs.first.click()
    page.get_by_role("link", name="예약메일함").click()
    item = page.get_by_role("listitem").filter(has_text="시각을 정하는 메일")
    # Nine in New York is eleven at night in Seoul, ten in summer.
    expect(item).to_contain_text(re.compile(r"오후 1[01]:00"))
    item.get_by_role("button", name="예약 취소").click()
    expect(item).to_have_count(0)


def test_an_answer_goes_out_as_the_address_that_was_written_to(
    new_person: Callable[..., Person], company: Company, tmp_path: Path
) -> None:
    login, alias = "from.own@hanbit.example", "from.sales@hanbit.example"
    new_writer(company, login, "발신인", "기획팀", aliases=(alias,), undo__max_seconds=0)
    company.deliver(alias, letter(alias, "영업 주소로 온 문의"))
    company.deliver(login, letter(login, "본 주소로 온 문의"))
    person = new_person().sign_in(login)
    page = person.page
    person.read("영업 주소로 온 문의")
    person.answer("영업에서 답합니다")
    chosen = page.get_by_label("보내는 사람")
    expect(chosen).to_contain_text(alias)
    look(page, "from", tmp_path)
    person.send()
    with company.branch_imap() as session:
        mail = parsed(wait_for_mail(session, "Re: 영업 주소로 온 문의"))
    assert mail["From"].addresses[0].addr_spec == alias
    person.read("본 주소로 온 문의")
    person.answer("본 주소에서 답합니다")
    expect(chosen).to_contain_text(login)
    # The writer's own choice counts.
    pick(page.get_by_label("보내는 사람"), 1)
    person.send()
    with company.branch_imap() as session:
        mail = parsed(wait_for_mail(session, "Re: 본 주소로 온 문의"))
    assert mail["From"].addresses[0].addr_spec == alias


def test_the_same_draft_in_two_windows_is_told_before_anything_is_lost(
    new_person: Callable[..., Person], company: Company, tmp_path: Path
) -> None:
    login = "two.windows@hanbit.example"
    new_writer(company, login, "두창문", "기획팀")
    first = new_person().sign_in(login)
    first.compose(PARTNER, "두 창에서 쓰는 메일")
    first.write("첫 창의 말")
    wait_saved(first.page)
    second = new_person().sign_in(login)
    second.go("임시보관함")
    second.row("두 창에서 쓰는 메일").click()
    expect(letter_of(second.page)).to_contain_text("첫 창의 말")
    second.write(" 둘째 창의 말")
    wait_saved(second.page)
    # Nobody touches the first window: it hears of it.
    expect(first.page.get_by_role("alert")).to_contain_text("다른 창이나 기기에서", timeout=LATER_MS)
    expect(letter_of(first.page)).to_contain_text("첫 창의 말")
    look(first.page, "conflict", tmp_path)
    first.write(" 이어 쓴 말")
    wait_saved(first.page)
    first.page.get_by_role("button", name="임시보관함 보기").click()
    expect(first.page.get_by_role("row").filter(has_text="두 창에서 쓰는 메일")).to_have_count(2)


def test_undone_sending_brings_back_all_of_a_rich_letter(
    new_person: Callable[..., Person], company: Company, tmp_path: Path
) -> None:
    login = "undo.whole@hanbit.example"
    new_writer(company, login, "되돌림", "기획팀")
    person = new_person().sign_in(login)
    page = person.page
    page.goto(person.site + "/#/settings/writing")
    undo = page.get_by_label("발송취소 시간")
    assert offered_by(undo) == ["바로 보내기", *(f"{seconds}초" for seconds in (5, 10, 20, 30, 60))]
    pick(undo, "60")
    page.goto(person.site + "/#")
    page.get_by_role("link", name="받은메일함").first.click()
    person.compose(PARTNER, "온전히 돌아올 메일")
    page.get_by_role("button", name="참조").click()
    page.get_by_role("combobox", name="참조", exact=True).fill("undo.cc@outside.example,")
    letter_of(page).click()
    page.keyboard.press("Control+b")
    page.keyboard.insert_text("굵은 말")
    paste(page, picture=PICTURE)
    file = tmp_path / "견적.txt"
    file.write_text("견적", encoding="utf-8")
    page.locator(".window footer input[type=file]").set_input_files(file)
    expect(page.locator(".window")).to_contain_text("견적.txt")
    wait_saved(page)
    person.send()
    person.notices.get_by_role("button", name="발송취소").click()
    expect(person.notices).to_contain_text("보내기를 취소했습니다")
    expect(page.get_by_role("textbox", name="제목")).to_have_value("온전히 돌아올 메일")
    expect(letter_of(page).locator("strong")).to_contain_text("굵은 말")
    expect(letter_of(page).locator("img")).to_have_count(1)
    expect(page.locator(".window")).to_contain_text("견적.txt")
    expect(chips(page)).to_have_count(1)
    expect(chips(page, "참조")).to_have_count(1)
    look(page, "undone", tmp_path)


def test_a_team_template_is_changed_called_otherwise_and_thrown_away_by_who_may(
    new_person: Callable[..., Person], company: Company, tmp_path: Path
) -> None:
    author, other = "form.author@hanbit.example", "form.other@hanbit.example"
    new_writer(company, author, "양지음", "재무팀")
    new_writer(company, other, "양쓰기", "재무팀")
    person = new_person().sign_in(author)
    page = person.page
    window = page.locator(".window")
    person.compose(PARTNER, "지출 결의 양식")
    person.write("처음 양식")
    _open_keeping(page)
    pick(page.get_by_label("함께 쓸 사람"), "재무팀")
    page.get_by_role("dialog").get_by_role("button", name="저장").click()
    expect(person.notices).to_contain_text("지출 결의 양식")
    window.get_by_role("button", name="닫기").click()
    expect(window).to_have_count(0)

    # Taken, changed, kept in its place.
    person.compose(PARTNER, "")
    window.get_by_role("button", name="템플릿").click()
    page.get_by_role("menuitem", name="지출 결의 양식 재무팀").click()
    expect(letter_of(page)).to_contain_text("처음 양식")
    person.write("고친 양식. ")
    _open_keeping(page)
    pick(page.get_by_label("저장 방법"), "‘지출 결의 양식’ 바꾸기")
    look(page, "replace-template", tmp_path)
    page.get_by_role("dialog").get_by_role("button", name="저장").click()
    expect(person.notices).to_contain_text("저장했습니다")
    window.get_by_role("button", name="닫기").click()

    colleague = new_person().sign_in(other)
    colleague.page.goto(colleague.site + "/#/settings/writing")
    theirs = colleague.page.get_by_role("listitem").filter(has_text="지출 결의 양식")
    expect(theirs).to_contain_text("재무팀")
    expect(theirs.get_by_role("button")).to_have_count(0)

    page.goto(person.site + "/#/settings/writing")
    page.get_by_role("button", name="‘지출 결의 양식’ 이름 바꾸기").click()
    page.get_by_label("템플릿 이름").fill("지출 결의서 2027")
    look(page, "rename-template", tmp_path)
    page.get_by_role("dialog").get_by_role("button", name="이름 바꾸기").click()
    mine = page.get_by_role("listitem").filter(has_text="지출 결의서 2027")
    expect(mine).to_be_visible()
    look(page, "team-page", tmp_path)
    assert violations(page) == []
    colleague.page.goto(colleague.site + "/#")
    colleague.compose(PARTNER, "")
    colleague.page.locator(".window").get_by_role("button", name="템플릿").click()
    colleague.page.get_by_role("menuitem", name="지출 결의서 2027 재무팀").click()
    expect(letter_of(colleague.page)).to_contain_text("고친 양식")
    mine.get_by_role("button", name="‘지출 결의서 2027’ 삭제").click()
    page.get_by_role("dialog").get_by_role("button", name="삭제").click()
    expect(mine).to_have_count(0)


def _open_keeping(page: Page) -> None:
    page.locator(".window").get_by_role("button", name="템플릿").click()
    page.get_by_role("menuitem", name="템플릿으로 저장").click()
    page.get_by_role("dialog").wait_for()
