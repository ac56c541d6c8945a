"""One letter and its day (BR-15): urgent, an answer asked for by a day, a receipt, one for each, no copy among what was
sent, a note to oneself, frequent addresses and forgetting one, sending again, passing on as an attachment.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Route, expect
from tests.e2e.company import parsed, until_shown, wait_for_mail
from tests.e2e.controls import pick
from tests.e2e.demo_desk import run_command
from tests.e2e.offered import offered
from tests.e2e.writing_help import chips, new_writer

if TYPE_CHECKING:
    from collections.abc import Callable
    from email.message import EmailMessage

    from tests.e2e.company import Company, Person

pytestmark = pytest.mark.peer

ANSWER_BY = date.today() + timedelta(days=20)
WRITER, ONE, TWO = "nine.writer@hanbit.example", "nine.one@hanbit.example", "nine.two@hanbit.example"


def got(company: Company, login: str, subject: str) -> EmailMessage:
    """What lies in somebody's inbox, read by another program."""
    with company.imap(login) as session:
        return parsed(wait_for_mail(session, subject))


def test_a_letter_that_is_sent_at_once_waits_for_the_names(new_person: Callable[..., Person], company: Company) -> None:
    """The directory answers late: the letter says what it would have said a moment later."""
    writer, one, two = (f"{name}@hanbit.example" for name in ("hasty.writer", "hasty.one", "hasty.two"))
    new_writer(company, writer, "서두름", "기획팀", undo__max_seconds=0)
    new_writer(company, one, "느리미", "기획팀")
    new_writer(company, two, "더디미", "기획팀")
    person = new_person().sign_in(writer)
    page = person.page
    held: list[Route] = []

    def hold(route: Route) -> None:
        late = '"Principal/query"' in (route.request.post_data or "")
        held.append(route) if late else route.continue_()

    page.route("**/jmap/api/**", hold)
    page.keyboard.press("c")
    field = page.get_by_role("combobox", name="받는사람")
    for login in (one, two):
        field.fill(f"{login},")
    page.get_by_role("textbox", name="제목").fill("{{이름}}님, 서둘러 씁니다")
    person.write("{{이름}}님께")
    page.get_by_role("button", name="메일 옵션").click()
    page.get_by_label("개별발송").check()
    page.keyboard.press("Escape")
    person.send()
    expect(page.locator(".window")).to_have_count(0)
    until_shown(
        person.notices.get_by_text("2명에게 따로 보냈습니다"), lambda: [held.pop().continue_() for _ in list(held)]
    )
    for login, name in ((one, "느리미"), (two, "더디미")):
        assert got(company, login, "서둘러 씁니다")["Subject"] == f"{name}님, 서둘러 씁니다"


def test_the_nine_in_one_day(new_person: Callable[..., Person], company: Company) -> None:
    new_writer(company, WRITER, "구하나", "기획팀", undo__max_seconds=0)
    new_writer(company, ONE, "구두리", "기획팀")
    new_writer(company, TWO, "구세찌", "기획팀")
    person = new_person().sign_in(WRITER)
    _one_for_each(person, company)
    _a_note_and_what_was_not_kept(person)
    _often_and_forgotten(person)
    _again(person, company)
    _passed_on(person, company)


def _one_for_each(person: Person, company: Company) -> None:
    page = person.page
    page.keyboard.press("c")
    field = page.get_by_role("combobox", name="받는사람")
    for login in (ONE, TWO):
        # They are new: the directory of the running node is some two seconds old at most.
        offered(field, login, login)
        field.fill(f"{login},")
    expect(chips(page)).to_have_count(2)
    page.get_by_role("textbox", name="제목").fill("{{이름}}님, 급한 부탁")
    person.write("{{이름}}님 답을 기다립니다")
    page.get_by_role("button", name="메일 옵션").click()
    pick(page.get_by_label("중요도"), "high")
    page.get_by_label("수신확인 요청").check()
    page.get_by_label("개별발송").check()
    page.get_by_label("보낸메일함에 저장").uncheck()
    expect(page.get_by_text("보낸 메일이 휴지통으로 이동합니다")).to_be_visible()
    page.get_by_label("회신 요청 기한").fill(f"{ANSWER_BY}")
    page.keyboard.press("Escape")
    person.send()
    expect(person.notices).to_contain_text("2명에게 따로 보냈습니다")
    for login, name in ((ONE, "구두리"), (TWO, "구세찌")):
        mail = got(company, login, "급한 부탁")
        assert mail["Subject"] == f"{name}님, 급한 부탁"
        assert [one.addr_spec for one in mail["To"].addresses] == [login]
        assert (mail["Importance"], mail["X-Priority"], mail["Cc"]) == ("high", "1", None)
        assert WRITER in mail["Disposition-Notification-To"]
        assert f"{ANSWER_BY:%d %b %Y}" in mail["Reply-By"]


def _a_note_and_what_was_not_kept(person: Person) -> None:
    page = person.page
    run_command(page, "내게쓰기")
    page.get_by_role("textbox", name="제목").fill("나에게 적어 둠")
    person.write("열쇠는 서랍에")
    page.get_by_role("button", name="저장", exact=True).click()
    person.go("내게쓴메일함")
    expect(person.row("나에게 적어 둠")).to_be_visible()
    person.go("휴지통")
    expect(person.row("구두리님, 급한 부탁")).to_be_visible()
    person.go("보낸메일함")
    expect(person.page.get_by_role("row").filter(has_text="급한 부탁")).to_have_count(0)


def _often_and_forgotten(person: Person) -> None:
    page = person.page
    page.keyboard.press("c")
    field = page.get_by_role("combobox", name="받는사람")
    option = offered(field, "nine.t", TWO)
    option.get_by_role("button", name="자주 쓰는 주소에서 빼기").click()
    field.fill("nine.tw")
    # The directory still knows them; the habit is forgotten.
    expect(option).to_be_visible()
    expect(option.get_by_role("button", name="자주 쓰는 주소에서 빼기")).to_have_count(0)
    page.keyboard.press("Escape")
    page.locator(".window").get_by_role("button", name="닫기").click()
    expect(page.locator(".window")).to_have_count(0)


def _again(person: Person, company: Company) -> None:
    page = person.page
    person.compose(ONE, "한 번 더 보낼 메일")
    person.write("처음 쓴 말")
    person.send()
    expect(person.notices).to_contain_text("보냈습니다")
    person.go("보낸메일함")
    person.read("한 번 더 보낼 메일")
    run_command(page, "다시 보내기")
    expect(page.get_by_role("textbox", name="제목")).to_have_value("한 번 더 보낼 메일")
    page.get_by_role("textbox", name="제목").fill("다시 보낸 메일입니다")
    person.send()
    text = got(company, ONE, "다시 보낸 메일입니다").get_body(("plain",))
    assert text is not None
    assert "처음 쓴 말" in text.get_content()


def _passed_on(person: Person, company: Company) -> None:
    page = person.page
    person.go("보낸메일함")
    person.read("한 번 더 보낼 메일")
    run_command(page, "첨부로 전달")
    page.get_by_role("combobox", name="받는사람").fill(f"{TWO},")
    page.get_by_role("textbox", name="제목").fill("원문을 붙여 드립니다")
    person.write("원문은 첨부에 있습니다")
    expect(page.locator(".window").get_by_text("%", exact=False)).to_have_count(0)
    person.send()
    mail = got(company, TWO, "원문을 붙여 드립니다")
    [inner] = [part for part in mail.walk() if part.get_content_type() == "message/rfc822"]
    assert inner.get_content()["Subject"] == "한 번 더 보낼 메일"
