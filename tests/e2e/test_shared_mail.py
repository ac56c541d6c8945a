"""Mail that several people read, in browsers of their own on a real node: read, given away, talked about, answered once."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Locator, Page, expect
from tests.e2e.company import DESKTOP, PHONE, Company, Person, letter, on_node, parsed, wait_for_mail
from tests.e2e.demo_desk import violations
from tests.e2e.pictures import keep_picture
from tests.e2e.test_second_factor import PASSWORD, new_account

from smartmail.domain.principal import Actor, Origin
from smartmail.domain.rights import NOTHING, SHARE_ROLES, WHOLE_ACCOUNT, Grantee
from smartmail.service.flow.directory import NewPerson

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from smartmail.app.node import Node

pytestmark = pytest.mark.peer

FILE_AND_SEND = SHARE_ROLES["file"] | {"sendAs"}
# A lease is 30 s, and whoever is shown an answer looks again every 10 s.
LEASE_ENDS_MS = 90_000


def share(company: Company, login: str, given: Mapping[str, frozenset[str]], name: str = "") -> None:
    """Give people rights on all of an account; with a `name` it is made first, as one that a team uses."""

    async def prepare(node: Node) -> None:
        services = node.services
        if name:
            await services.provisioning.person(NewPerson(login, name, kind="shared"), None)
        account = await services.directory.account_by_login(login)
        owner = Actor(account.id, account.organization_id, login, is_admin=False, origin=Origin("cli"))
        for person, rights in given.items():
            grantee = Grantee("account", (await services.directory.account_by_login(person)).id)
            await services.sharing.share(owner, account.id, WHOLE_ACCOUNT, grantee, rights, quiet=True)

    on_node(company.node.directory, prepare)


def inbox_of(page: Page, name: str) -> Locator:
    """The inbox of an account of others, in the tree of mailboxes."""
    return page.get_by_role("group", name=name).get_by_role("link", name="받은메일함")


def work(page: Page) -> Locator:
    return page.get_by_role("region", name="함께 처리하기")


def open_mail(person: Person, account: str, words: str) -> Locator:
    """Open a mail of somebody else's inbox; return what is said of the work on it."""
    inbox_of(person.page, account).click()
    person.page.get_by_role("heading", name=f"받은메일함 · {account}").wait_for()
    person.read(words)
    work(person.page).wait_for()
    return work(person.page)


def test_two_colleagues_answer_a_customer_once(
    company: Company, new_person: Callable[..., Person], tmp_path: Path
) -> None:
    new_account(company, "desk.one@hanbit.example", "도하나")
    new_account(company, "desk.two@hanbit.example", "도두리")
    team = "help.desk@hanbit.example"
    both = {"desk.one@hanbit.example": FILE_AND_SEND, "desk.two@hanbit.example": FILE_AND_SEND}
    share(company, team, both, "안내데스크")
    company.deliver(team, letter(team, "납품 시기를 여쭙니다"))
    one = new_person(viewport=DESKTOP).sign_in("desk.one@hanbit.example", PASSWORD)
    two = new_person(viewport=DESKTOP).sign_in("desk.two@hanbit.example", PASSWORD)
    ones, twos = (open_mail(each, "안내데스크", "납품 시기를 여쭙니다") for each in (one, two))
    expect(ones).to_contain_text("담당자 없음")
    expect(one.body.get_by_text("안녕하세요.")).to_be_visible()

    # Given, seen by the other one at once, taken back.
    twos.get_by_role("button", name="담당자 지정").click()
    two.page.get_by_role("menuitemradio", name="도하나").click()
    expect(twos).to_contain_text("담당: 도하나")
    expect(ones).to_contain_text("담당: 나")
    two.page.keyboard.press("z")
    expect(ones).to_contain_text("담당자 없음")
    ones.get_by_role("button", name="담당하기").click()
    expect(twos).to_contain_text("담당: 도하나")

    # A note is for colleagues.
    twos.get_by_role("button", name="메모 남기기").click()
    twos.get_by_label("동료에게 남길 메모").fill("재고는 제가 확인했어요.")
    twos.get_by_role("button", name="남기기", exact=True).click()
    expect(ones.get_by_role("list", name="동료 메모")).to_contain_text("재고는 제가 확인했어요.")

    # "답장 중" comes with the window and goes with it, sent or given up.
    one.answer("다음 주에 출고됩니다.")
    expect(two.page.get_by_text("도하나 님이 답장 중입니다")).to_be_visible()
    keep_picture(two.page, tmp_path / "replying.png")
    assert violations(two.page) == []
    expect(one.page.get_by_role("combobox", name="보내는 사람")).to_contain_text(team)
    one.page.get_by_role("button", name="버리기").click()
    one.page.get_by_role("dialog").get_by_role("button", name="버리기").click()
    expect(two.page.get_by_text("님이 답장 중입니다")).to_have_count(0)
    one.answer("다음 주 화요일에 출고됩니다.")
    expect(two.page.get_by_text("도하나 님이 답장 중입니다")).to_be_visible()
    one.send()
    expect(two.page.get_by_text("님이 답장 중입니다")).to_have_count(0)
    with company.branch_imap() as session:
        sent = parsed(wait_for_mail(session, "다음 주 화요일에 출고됩니다", "BODY"))
    assert team in str(sent["From"]) and "재고는" not in sent.as_string()

    # Done: the list says so, and is narrowed to it.
    ones.get_by_role("button", name="완료 처리").click()
    expect(twos).to_contain_text("완료 · 담당: 도하나")
    two.back()
    expect(two.row("납품 시기를 여쭙니다")).to_contain_text("완료 도하나")
    two.page.get_by_role("button", name="담당자 없음").click()
    expect(two.row("납품 시기를 여쭙니다")).to_have_count(0)
    two.page.get_by_role("button", name="완료", exact=True).click()
    expect(two.row("납품 시기를 여쭙니다")).to_be_visible()
    two.page.reload()
    expect(two.row("납품 시기를 여쭙니다")).to_be_visible()


def test_who_answers_and_crashes_is_not_shown_for_ever(company: Company, new_person: Callable[..., Person]) -> None:
    new_account(company, "crash.one@hanbit.example", "나가람")
    new_account(company, "crash.two@hanbit.example", "나머루")
    share(
        company,
        "orders.desk@hanbit.example",
        {"crash.one@hanbit.example": FILE_AND_SEND, "crash.two@hanbit.example": FILE_AND_SEND},
        "주문데스크",
    )
    company.deliver("orders.desk@hanbit.example", letter("orders.desk@hanbit.example", "주문서를 보냅니다"))
    one = new_person(viewport=DESKTOP).sign_in("crash.one@hanbit.example", PASSWORD)
    two = new_person(viewport=DESKTOP).sign_in("crash.two@hanbit.example", PASSWORD)
    for each in (one, two):
        open_mail(each, "주문데스크", "주문서를 보냅니다")
    one.answer("확인했습니다.")
    replying = two.page.get_by_text("나가람 님이 답장 중입니다")
    expect(replying).to_be_visible()
    one.page.close(run_before_unload=False)
    expect(replying).to_have_count(0, timeout=LEASE_ENDS_MS)


def test_who_may_only_look_is_offered_nothing_else(
    company: Company, new_person: Callable[..., Person], tmp_path: Path
) -> None:
    owner, viewer = "shows.mail@hanbit.example", "looks.only@hanbit.example"
    new_account(company, owner, "보여주")
    new_account(company, viewer, "보기만")
    share(company, owner, {viewer: SHARE_ROLES["view"]})
    company.deliver(owner, letter(owner, "견적을 부탁드립니다"))
    company.deliver(viewer, letter(viewer, "보기만의 제 메일"))
    person = new_person(viewport=DESKTOP).sign_in(viewer, PASSWORD)
    page = person.page
    expect(page.get_by_role("heading", name="공유받은 메일함")).to_be_visible()
    said = open_mail(person, "보여주", "견적을 부탁드립니다")
    expect(said).to_contain_text("담당자 없음")
    expect(said.get_by_role("button")).to_have_count(0)
    verbs = page.get_by_role("main").get_by_role("button", name=re.compile("^(삭제|이동|태그|스팸)$"))
    expect(verbs).to_have_count(0)
    keep_picture(page, tmp_path / "view-only.png")
    person.back()
    expect(person.row("견적을 부탁드립니다")).to_be_visible()
    person.row("견적을 부탁드립니다").get_by_role("checkbox").click()
    verbs = page.get_by_role("toolbar")
    expect(verbs).to_contain_text("1통 선택")
    expect(verbs.get_by_role("button", name="삭제")).to_have_count(0)
    page.keyboard.press("Escape")
    person.row("견적을 부탁드립니다").click()
    page.keyboard.press("#")
    expect(page.get_by_role("article").get_by_role("heading", name="견적을 부탁드립니다")).to_be_visible()

    # The own mail is where it was; what is taken back goes while it is looked at.
    page.get_by_role("navigation", name="메일함").first.get_by_role("link", name="받은메일함").first.click()
    expect(person.row("보기만의 제 메일")).to_be_visible()
    expect(person.row("견적을 부탁드립니다")).to_have_count(0)
    inbox_of(page, "보여주").click()
    expect(person.row("견적을 부탁드립니다")).to_be_visible()
    share(company, owner, {viewer: NOTHING})
    expect(person.row("보기만의 제 메일")).to_be_visible()
    expect(person.notices).to_contain_text("이 메일함은 더 이상 공유되지 않습니다.")
    expect(page.get_by_role("heading", name="공유받은 메일함")).to_have_count(0)


def test_mail_of_a_team_on_a_phone(company: Company, new_person: Callable[..., Person], tmp_path: Path) -> None:
    new_account(company, "phone.desk@hanbit.example", "폰하늘")
    share(company, "phone.team@hanbit.example", {"phone.desk@hanbit.example": FILE_AND_SEND}, "현장지원")
    company.deliver("phone.team@hanbit.example", letter("phone.team@hanbit.example", "현장에서 문의합니다"))
    person = new_person(viewport=PHONE).sign_in("phone.desk@hanbit.example", PASSWORD)
    page = person.page
    page.get_by_role("button", name="더보기").click()
    inbox_of(page, "현장지원").scroll_into_view_if_needed()
    keep_picture(page, tmp_path / "phone-rail.png")
    inbox_of(page, "현장지원").click()
    person.row("현장에서 문의합니다").click()
    work(page).get_by_role("button", name="담당하기").click()
    expect(work(page)).to_contain_text("담당: 나")
    keep_picture(page, tmp_path / "phone-mail.png")
    assert violations(page) == []
    page.get_by_role("button", name="목록").click()
    expect(person.row("현장에서 문의합니다")).to_contain_text("담당 나")
    keep_picture(page, tmp_path / "phone-list.png")
