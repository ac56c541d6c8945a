"""Letters that a team writes together, in two browsers on a real node: kept among the team's drafts, gone on with by a
colleague, changed by two at once in either order, sent once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Locator, expect
from tests.e2e.company import DESKTOP, PARTNER, Company, Person, letter, on_node, parsed, wait_for_mail
from tests.e2e.controls import offered_by, pick
from tests.e2e.demo_desk import violations
from tests.e2e.test_shared_mail import open_mail, share
from tests.e2e.writing_help import letter_of, look, new_writer, wait_saved

from smartmail.domain.rights import SHARE_ROLES

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from smartmail.app.node import Node

pytestmark = pytest.mark.peer

CHANGE = SHARE_ROLES["delete"]
CHANGE_AND_SEND = CHANGE | {"sendAs"}
LATER_MS = 60_000


def open_box(person: Person, account: str, mailbox: str) -> None:
    """Open a mailbox of the team."""
    person.page.get_by_role("group", name=account).get_by_role("link", name=mailbox).click()
    person.page.get_by_role("heading", name=f"{mailbox} · {account}").wait_for()


def go_on(person: Person, account: str, subject: str) -> None:
    """Go on with a draft of the team."""
    open_box(person, account, "임시보관함")
    person.row(subject).click()
    letter_of(person.page).wait_for()


def switch(person: Person) -> Locator:
    return person.page.get_by_role("switch", name="팀 임시보관함에 두기")


def begin_for_team(person: Person, team: str, subject: str, words: str) -> None:
    """Begin a letter as the team and keep it among the team's drafts."""
    person.compose(PARTNER, subject)
    # Of one's own there is no team to keep it for.
    expect(switch(person)).to_have_count(0)
    sender = person.page.get_by_label("보내는 사람")
    [shared] = [one for one in offered_by(sender) if team in one]
    pick(sender, shared)
    expect(switch(person)).to_have_attribute("aria-checked", "false")
    switch(person).click()
    person.write(words)
    wait_saved(person.page)


def alert(person: Person) -> Locator:
    return person.page.locator(".window").get_by_role("alert")


def test_a_colleague_goes_on_with_an_answer_and_sends_it(
    company: Company, new_person: Callable[..., Person], tmp_path: Path
) -> None:
    first, second, team = "draft.first@hanbit.example", "draft.second@hanbit.example", "draft.desk@hanbit.example"
    new_writer(company, first, "초하나", undo__max_seconds=0)
    new_writer(company, second, "초두리", undo__max_seconds=0)
    share(company, team, {first: CHANGE_AND_SEND, second: CHANGE_AND_SEND}, "견적데스크")
    company.deliver(team, letter(team, "견적을 다시 받고 싶습니다"))
    one = new_person(viewport=DESKTOP).sign_in(first)
    open_mail(one, "견적데스크", "견적을 다시 받고 싶습니다")
    one.answer("다시 계산했습니다.")
    expect(switch(one)).to_have_attribute("aria-checked", "false")
    switch(one).click()
    file = tmp_path / "견적서.txt"
    file.write_text("견적 내용", encoding="utf-8")
    one.page.locator(".window footer input[type=file]").set_input_files(file)
    expect(one.page.locator(".window")).to_contain_text("견적서.txt")
    one.write(" 확인 부탁드려요.")
    wait_saved(one.page)
    look(one.page, "team-draft", tmp_path)
    assert violations(one.page) == []
    one.page.locator(".window").get_by_role("button", name="닫기").click()
    expect(one.notices).to_contain_text("견적데스크 임시보관함에 저장했습니다")
    # It lies there alone: nothing is left among the own drafts.
    one.page.get_by_role("navigation", name="메일함").first.get_by_role("link", name="임시보관함").first.click()
    expect(one.row("견적을 다시 받고")).to_have_count(0)

    two = new_person(viewport=DESKTOP).sign_in(second)
    go_on(two, "견적데스크", "견적을 다시 받고 싶습니다")
    expect(letter_of(two.page)).to_contain_text("다시 계산했습니다.")
    expect(two.page.locator(".window")).to_contain_text("견적서.txt")
    expect(two.page.get_by_role("combobox", name="보내는 사람")).to_contain_text(team)
    expect(switch(two)).to_have_attribute("aria-checked", "true")
    letter_of(two.page).click()
    two.page.keyboard.press("Control+Home")
    two.write("동료가 이어 썼습니다. ")
    two.send()
    expect(two.notices).to_contain_text("보냈습니다")
    with company.branch_imap() as session:
        mail = parsed(wait_for_mail(session, "Re: 견적을 다시 받고 싶습니다"))
    body = mail.get_body(("plain",))
    assert body is not None
    assert mail["From"].addresses[0].addr_spec == team
    assert "동료가 이어 썼습니다." in body.get_content() and "다시 계산했습니다." in body.get_content()
    assert [part.get_filename() for part in mail.iter_attachments()] == ["견적서.txt"]
    open_box(two, "견적데스크", "임시보관함")
    expect(two.row("견적을 다시 받고 싶습니다")).to_have_count(0)
    open_box(two, "견적데스크", "보낸메일함")
    two.read("견적을 다시 받고 싶습니다")
    expect(two.page.get_by_role("region", name="함께 처리하기")).to_contain_text("초두리")
    open_box(one, "견적데스크", "보낸메일함")
    expect(one.row("견적을 다시 받고 싶습니다")).to_be_visible()


def test_an_answer_leaves_from_the_further_address_that_was_written_to_and_is_the_team_s(
    company: Company, new_person: Callable[..., Person]
) -> None:
    first, second, team = "alias.first@hanbit.example", "alias.second@hanbit.example", "alias.desk@hanbit.example"
    further, subject = "alias.help@hanbit.example", "도움을 청합니다"
    new_writer(company, first, "별하나", undo__max_seconds=0)
    new_writer(company, second, "별두리", undo__max_seconds=0)
    share(company, team, {first: CHANGE_AND_SEND, second: CHANGE_AND_SEND}, "도움데스크")

    async def name_it(node: Node) -> None:
        await node.store.add_address(further, (await node.services.directory.account_by_login(team)).id)

    on_node(company.node.directory, name_it)
    company.deliver(further, letter(further, subject))
    one = new_person(viewport=DESKTOP).sign_in(first)
    open_mail(one, "도움데스크", subject)
    one.answer("곧 도와드리겠습니다.")
    expect(one.page.get_by_role("combobox", name="보내는 사람")).to_contain_text(further)
    switch(one).click()
    wait_saved(one.page)
    one.page.locator(".window").get_by_role("button", name="닫기").click()
    expect(one.notices).to_contain_text("도움데스크 임시보관함에 저장했습니다")

    two = new_person(viewport=DESKTOP).sign_in(second)
    go_on(two, "도움데스크", subject)
    expect(letter_of(two.page)).to_contain_text("곧 도와드리겠습니다.")
    expect(two.page.get_by_role("combobox", name="보내는 사람")).to_contain_text(further)
    expect(switch(two)).to_have_attribute("aria-checked", "true")
    two.send()
    expect(two.notices).to_contain_text("보냈습니다")
    open_box(two, "도움데스크", "임시보관함")
    expect(two.row(subject)).to_have_count(0)
    open_box(two, "도움데스크", "보낸메일함")
    expect(two.row(subject)).to_be_visible()


def test_two_who_write_the_same_draft_lose_nothing_in_either_order(
    company: Company, new_person: Callable[..., Person], tmp_path: Path
) -> None:
    first, second, team = "both.first@hanbit.example", "both.second@hanbit.example", "both.desk@hanbit.example"
    new_writer(company, first, "겹하나", undo__max_seconds=0)
    new_writer(company, second, "겹두리", undo__max_seconds=0)
    share(company, team, {first: CHANGE_AND_SEND, second: CHANGE_AND_SEND}, "공동데스크")
    one = new_person(viewport=DESKTOP).sign_in(first)
    begin_for_team(one, team, "둘이 쓰는 안내", "처음 말.")
    two = new_person(viewport=DESKTOP).sign_in(second)
    go_on(two, "공동데스크", "둘이 쓰는 안내")
    opened = two.page.locator(".window").get_by_role("status").filter(has_text="열어 두었습니다")
    expect(opened).to_contain_text("겹하나")
    expect(one.page.locator(".window").get_by_role("status").filter(has_text="겹두리")).to_be_visible()
    look(two.page, "open-by-two", tmp_path)

    # The second saves: the first hears of it, may not send blindly, and takes what the colleague has.
    two.write(" 둘째가 고친 말.")
    wait_saved(two.page)
    expect(alert(one)).to_contain_text("동료가 이 메일을 고쳤습니다", timeout=LATER_MS)
    expect(letter_of(one.page)).not_to_contain_text("둘째가 고친 말")
    one.write(" 첫째만 쓴 말.")
    wait_saved(one.page)
    look(one.page, "conflict", tmp_path)
    assert violations(one.page) == []
    one.send()
    expect(one.notices).to_contain_text("무엇을 남길지 먼저 선택하세요")
    alert(one).get_by_role("button", name="동료 것으로").click()
    expect(letter_of(one.page)).to_contain_text("둘째가 고친 말.")
    expect(alert(one)).to_have_count(0)
    expect(alert(two)).to_have_count(0, timeout=LATER_MS)
    open_box(one, "공동데스크", "휴지통")
    expect(one.row("둘이 쓰는 안내")).to_contain_text("첫째만 쓴 말")

    # The other order: the first saves, the second keeps their own, the first goes their own way.
    one.write(" 첫째가 또 고친 말.")
    wait_saved(one.page)
    expect(alert(two)).to_contain_text("동료가 이 메일을 고쳤습니다", timeout=LATER_MS)
    two.write(" 둘째가 지킨 말.")
    wait_saved(two.page)
    alert(two).get_by_role("button", name="내 것으로").click()
    expect(two.notices).to_contain_text("휴지통에 있습니다")
    expect(alert(two)).to_have_count(0)
    expect(alert(one)).to_be_visible(timeout=LATER_MS)
    alert(one).get_by_role("button", name="둘 다 두기").click()
    expect(alert(one)).to_have_count(0)
    wait_saved(one.page)
    open_box(one, "공동데스크", "임시보관함")
    rows = one.page.get_by_role("row").filter(has_text="둘이 쓰는 안내")
    expect(rows).to_have_count(2)
    expect(rows.filter(has_text="첫째가 또 고친 말")).to_have_count(1)
    expect(rows.filter(has_text="둘째가 지킨 말")).to_have_count(1)


def test_of_two_who_send_the_same_draft_one_sends_it(
    company: Company, new_person: Callable[..., Person], tmp_path: Path
) -> None:
    first, second, team = "once.first@hanbit.example", "once.second@hanbit.example", "once.desk@hanbit.example"
    third = "once.third@hanbit.example"
    new_writer(company, first, "한하나", undo__max_seconds=0)
    new_writer(company, second, "한두리", undo__max_seconds=0)
    new_writer(company, third, "한셋째")
    share(company, team, {first: CHANGE_AND_SEND, second: CHANGE_AND_SEND, third: CHANGE}, "한번데스크")
    one = new_person(viewport=DESKTOP).sign_in(first)
    begin_for_team(one, team, "한 번만 가는 안내", "한 번만 보냅니다.")
    # Who may change drafts but not send as the team helps with the words.
    helper = new_person(viewport=DESKTOP).sign_in(third)
    go_on(helper, "한번데스크", "한 번만 가는 안내")
    expect(helper.page.locator(".window")).to_contain_text("주소로 보낼 권한이 없습니다")
    look(helper.page, "may-not-send", tmp_path)
    helper.send()
    expect(helper.notices).to_contain_text("발송을 부탁하세요")
    helper.page.locator(".window").get_by_role("button", name="닫기").click()

    two = new_person(viewport=DESKTOP).sign_in(second)
    go_on(two, "한번데스크", "한 번만 가는 안내")
    one.send()
    expect(one.notices).to_contain_text("보냈습니다")
    expect(alert(two)).to_contain_text("보냈거나 치웠습니다", timeout=LATER_MS)
    look(two.page, "sent-by-colleague", tmp_path)
    two.send()
    expect(two.notices).to_contain_text("보내지 않았습니다")
    expect(letter_of(two.page)).to_contain_text("한 번만 보냅니다.")
    alert(two).get_by_role("button", name="임시보관함에서 제거").click()
    expect(two.page.locator(".window")).to_have_count(0)
    open_box(two, "한번데스크", "휴지통")
    expect(two.row("한 번만 가는 안내")).to_be_visible()
    open_box(two, "한번데스크", "보낸메일함")
    expect(two.page.get_by_role("row").filter(has_text="한 번만 가는 안내")).to_have_count(1)
    with company.branch_imap() as session:
        wait_for_mail(session, "한 번만 가는 안내")
        session.select("INBOX")
        _, found = session.search("UTF-8", "FROM", team)
    assert len(found[0].split()) == 1
