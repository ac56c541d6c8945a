"""Reading in the webmail's demo build: tags, smart folders, the search line, what stands around an open message."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Locator, Page, expect
from tests.e2e.controls import pick
from tests.e2e.demo_desk import PHONE, Desk, open_group, run_command, violations

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = [pytest.mark.peer, pytest.mark.shared_page]


def notice(page: Page) -> Locator:
    return page.get_by_role("region", name="알림")


def tag_row(page: Page, name: str) -> Locator:
    return page.get_by_role("list", name="태그").get_by_role("link", name=re.compile(f"^{name}"))


def drag(page: Page, what: Locator, onto: Locator) -> None:
    """Drag by hand: Chromium starts a native drag when a pressed pointer moves. A list moves under what is dragged near
    its edge, so the place to drop it is brought away from there first.
    """
    onto.evaluate("one => one.scrollIntoView({ block: 'center' })")
    what.hover()
    page.mouse.down()
    onto.hover()
    onto.hover()
    page.mouse.up()


def test_a_tag_is_made_put_on_shown_in_the_row_and_taken_back(desk: Desk) -> None:
    page = desk.open()
    page.get_by_role("button", name="태그 만들기").click()
    dialog = page.get_by_role("dialog", name="태그 만들기")
    dialog.get_by_label("이름").fill("분기 마감")
    dialog.get_by_role("radio", name="남색").check(force=True)
    pick(dialog.get_by_role("combobox", name="상위 태그"), "업무")
    dialog.get_by_role("button", name="태그 만들기").click()
    expect(tag_row(page, "분기 마감")).to_be_visible()
    desk.row(3).get_by_role("checkbox").click()
    page.keyboard.press("l")
    page.get_by_role("menuitemcheckbox", name="분기 마감").click()
    expect(desk.row(3).get_by_text("분기 마감")).to_be_visible()
    expect(notice(page)).to_contain_text("‘분기 마감’ 태그를 붙였습니다")
    notice(page).get_by_role("button", name="실행 취소").click()
    expect(desk.row(3).get_by_text("분기 마감")).to_have_count(0)


def test_tags_are_dragged_both_ways(desk: Desk) -> None:
    page = desk.open()
    open_group(page, "태그")
    row = desk.row(1)
    tag = tag_row(page, "긴급")
    drag(page, row.locator(".subject"), tag)
    expect(row.locator(".tag", has_text="긴급")).to_be_visible()
    other = desk.row(2)
    drag(page, tag_row(page, "검토 필요"), other.locator(".subject"))
    expect(other.locator(".tag", has_text="검토 필요")).to_be_visible()


def test_the_list_of_a_tag_holds_only_what_carries_it(desk: Desk) -> None:
    page = desk.open()
    open_group(page, "태그")
    tag_row(page, "긴급").click()
    expect(page.get_by_role("heading", name="긴급", level=1)).to_be_visible()
    expect(desk.row(5)).to_be_visible()
    for index in range(5):
        expect(desk.row(index).locator(".tag", has_text="긴급")).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="긴급", level=1)).to_be_visible()


def test_a_tag_changes_its_place_and_goes_after_a_question(desk: Desk) -> None:
    page = desk.open()
    open_group(page, "태그")
    names = page.get_by_role("list", name="태그").locator(".name")
    expect(names).to_have_text(["업무", "계약", "긴급", "검토 필요"])
    tag_row(page, "검토 필요").hover()
    page.get_by_role("button", name="검토 필요 태그 관리").click()
    page.get_by_role("menuitem", name="위로").click()
    expect(names).to_have_text(["업무", "계약", "검토 필요", "긴급"])
    tag_row(page, "긴급").hover()
    page.get_by_role("button", name="긴급 태그 관리").click()
    page.get_by_role("menuitem", name="태그 삭제").click()
    page.get_by_role("dialog").get_by_role("button", name="태그 삭제").click()
    expect(names).to_have_text(["업무", "계약", "검토 필요"])


def test_operators_become_chips_with_suggestions_and_hits_are_marked(desk: Desk) -> None:
    page = desk.open()
    box = page.get_by_role("combobox", name="메일 검색")
    box.click()
    box.press_sequentially("보낸")
    page.get_by_role("option", name=re.compile("보낸사람")).click()
    box.press_sequentially("박서")
    page.get_by_role("option", name=re.compile("seojun.park")).click()
    chip = page.get_by_role("button", name="보낸사람: seojun.park@hanbit-tech.example", exact=True)
    expect(chip).to_be_visible()
    box.press_sequentially("예산")
    expect(desk.row(0).locator(".subject mark").first).to_have_text("예산")
    expect(desk.row(0).locator(".from")).to_contain_text("박서준")
    desk.row(0).click()
    marks = "() => document.querySelector('iframe').contentWindow.CSS.highlights.get('hit')?.size ?? 0"
    page.wait_for_function(marks)
    page.keyboard.press("u")
    page.get_by_role("button", name=re.compile("검색 조건 빼기: 보낸사람")).click()
    expect(chip).to_have_count(0)
    expect(page).to_have_url(re.compile("q=%EC%98%88%EC%82%B0$"))


def test_a_search_is_saved_counted_and_forgotten_with_a_way_back(desk: Desk) -> None:
    page = desk.open()
    box = page.get_by_role("combobox", name="메일 검색")
    box.fill("is:unread 견적")
    box.press("Enter")
    expect(page.get_by_role("button", name="안읽은 메일", exact=True)).to_have_count(0)
    page.get_by_role("button", name="이 검색 저장").click()
    page.get_by_label("스마트메일함 이름").fill("안읽은 견적")
    page.get_by_role("button", name="저장", exact=True).click()
    smart = page.get_by_role("list", name="스마트메일함")
    link = smart.get_by_role("link", name=re.compile("안읽은 견적"))
    expect(link.locator(".count")).to_have_text(re.compile(r"\d+"))
    before = int(link.locator(".count").inner_text())
    expect(page.get_by_role("heading", name="안읽은 견적", level=1)).to_be_visible()
    # The count lives: what is read is no longer found.
    desk.row(0).click(modifiers=["Control"])
    page.keyboard.press("Shift+I")
    expect(link.locator(".count")).to_have_text(str(before - 1))
    link.hover()
    page.get_by_role("button", name="안읽은 견적 스마트메일함 삭제").click()
    expect(link).to_have_count(0)
    notice(page).get_by_role("button", name="실행 취소").click()
    expect(link).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", ["wide", "phone"])
def test_lists_with_tags_and_chips_are_accessible(new_desk: Callable[..., Desk], theme: str, width: str) -> None:
    desk = new_desk(PHONE if width == "phone" else None, theme=theme)
    page = desk.open("/#?q=from%3Apark%20is%3Aunread")
    expect(page.get_by_text("보낸사람: park")).to_be_visible()
    assert violations(page) == []
    page.goto(desk.site + "/#?k=work")
    expect(desk.row(0).locator(".tag").first).to_be_visible()
    assert violations(page) == []


def open_from(page: Page, who: str) -> None:
    """Open the newest message of a sender by the search line, and go back to no search."""
    box = page.get_by_role("combobox", name="메일 검색")
    box.fill(f"from:{who}")
    box.press("Enter")
    page.locator("#row-0", has_text=re.compile(".")).locator(".subject").click()
    page.get_by_role("article", name="메일 읽기").get_by_role("heading", level=1).wait_for()


def open_way(page: Page) -> None:
    """Open the panel of the way from the names of the open letter."""
    article = page.get_by_role("article", name="메일 읽기")
    article.get_by_role("button", name="자세히", exact=True).click()
    article.get_by_role("button", name="경로·헤더").click()


def test_mail_from_outside_is_told_apart_and_an_impostor_is_named_with_reasons(desk: Desk) -> None:
    page = desk.open()
    open_from(page, "yuanda")
    article = page.get_by_role("article", name="메일 읽기")
    expect(article.get_by_role("alert")).to_contain_text("사칭이 의심되는 메일입니다")
    expect(article.get_by_role("alert")).to_contain_text("외부 주소(xm.wang@yuanda.example)에서 왔습니다")
    # What is less severe waits behind it, and is said all the same.
    doubts = article.get_by_role("note").filter(has_text="DMARC 실패")
    expect(doubts).to_have_count(0)
    article.get_by_role("button", name=re.compile("^안내 .건 더")).click()
    expect(doubts).to_be_visible()
    expect(article.get_by_role("button", name=re.compile("^외부 · 중국"))).to_be_visible()


def test_mail_of_a_colleague_wears_no_banner(desk: Desk) -> None:
    page = desk.open()
    open_from(page, "minji.kim")
    article = page.get_by_role("article", name="메일 읽기")
    expect(article.get_by_role("alert")).to_have_count(0)
    expect(article.get_by_role("button", name=re.compile("^외부"))).to_have_count(0)
    open_way(page)
    expect(page.get_by_text("회사 안에서 보낸 메일이라")).to_be_visible()


def test_the_way_is_drawn_with_claims_told_apart_from_what_was_seen(desk: Desk) -> None:
    page = desk.open()
    open_from(page, "yuanda")
    open_way(page)
    way = page.get_by_role("list", name="경로").get_by_role("listitem")
    expect(way).to_have_count(4)
    expect(way.nth(0)).to_contain_text("사설망")
    expect(way.nth(0)).to_contain_text("확인 안 됨")
    expect(way.nth(1)).to_contain_text("싱가포르")
    expect(way.nth(1).locator(".slow")).to_have_text("16분 지연")
    expect(way.nth(2)).to_contain_text("중국")
    expect(way.nth(2)).to_contain_text("확인됨")
    expect(way.nth(2)).to_contain_text("SPF softfail")
    expect(way.nth(1)).not_to_contain_text("SPF")
    style = "(element) => getComputedStyle(element, '::before').borderLeftStyle"
    assert [way.nth(index).evaluate(style) for index in range(3)] == ["dashed", "dashed", "solid"]
    page.get_by_role("radio", name="헤더").click(force=True)
    expect(page.get_by_label("헤더").locator("text=Message-ID")).to_be_visible()
    page.get_by_role("radio", name="원문").click(force=True)
    expect(page.get_by_role("link", name=".eml로 저장")).to_have_attribute("download", re.compile(r"\.eml$"))
    page.keyboard.press("Escape")
    expect(page.get_by_role("complementary", name="메일 상세 정보")).to_have_count(0)


def test_phishing_is_reported_after_a_question_and_a_sender_is_blocked_with_a_way_back(desk: Desk) -> None:
    page = desk.open()
    first = desk.row(0).locator(".subject").inner_text()
    desk.row(0).get_by_role("checkbox").click()
    run_command(page, "해킹메일")
    page.get_by_role("dialog").get_by_role("button", name="신고", exact=True).click()
    expect(notice(page)).to_contain_text("메일 1통을 신고했습니다")
    expect(desk.row(0).locator(".subject")).not_to_have_text(first)
    desk.row(0).get_by_role("checkbox").click()
    run_command(page, "수신차단")
    expect(notice(page)).to_contain_text("수신을 차단했습니다")
    notice(page).get_by_role("button", name="실행 취소").click()
    expect(notice(page)).to_contain_text("실행을 취소했습니다")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_an_open_message_with_banners_and_its_way_is_accessible(new_desk: Callable[..., Desk], theme: str) -> None:
    desk = new_desk(theme=theme)
    page = desk.open()
    open_from(page, "yuanda")
    open_way(page)
    page.get_by_role("list", name="경로").wait_for()
    assert violations(page) == []


def files(page: Page) -> Locator:
    return page.get_by_role("region", name="첨부")


def open_with_files(page: Page, name: str) -> Locator:
    """Open a message that has a file of this name; return its place among the attachments."""
    box = page.get_by_role("combobox", name="메일 검색")
    box.fill(f"filename:{name}")
    box.press("Enter")
    page.locator("#row-0 .subject").click()
    return files(page).get_by_role("button", name=re.compile(name)).first


def test_documents_are_looked_at_as_text_and_tables_and_a_pdf_is_drawn(desk: Desk) -> None:
    page = desk.open()
    open_with_files(page, "xlsx").click()
    preview = page.get_by_role("dialog", name=re.compile("미리보기"))
    expect(preview.get_by_role("cell", name="영업본부")).to_be_visible()
    expect(preview).to_contain_text("매크로와 스크립트는 실행되지 않습니다")
    page.keyboard.press("Escape")
    expect(preview).to_have_count(0)
    page.keyboard.press("u")
    open_with_files(page, "pdf").click()
    expect(preview.get_by_text("1쪽", exact=True).first).to_be_visible()
    # Something dark was drawn on the page.
    page.wait_for_function(
        """() => { const canvas = document.querySelector('dialog canvas'); if (!canvas || canvas.width < 100) return false;
          const data = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
          for (let at = 0; at < data.length; at += 4) if (data[at] < 100 && data[at + 3] > 0) return true; return false; }"""
    )
    preview.get_by_role("button", name="글만 보기").click()
    expect(preview).to_contain_text("제1조(목적)")


def test_only_the_attachments_go_and_come_back(desk: Desk) -> None:
    page = desk.open()
    open_with_files(page, "pdf")
    count = files(page).get_by_role("listitem").count()
    files(page).get_by_role("button", name="첨부만 삭제").click()
    page.get_by_role("dialog").get_by_role("button", name="첨부 삭제").click()
    expect(notice(page)).to_contain_text("비웠습니다")
    expect(files(page)).to_have_count(0)
    notice(page).get_by_role("button", name="실행 취소").click()
    expect(files(page).get_by_role("listitem")).to_have_count(count)


def test_the_drawer_finds_files_and_makes_room_in_bulk(desk: Desk) -> None:
    page = desk.open()
    open_group(page, "더보기")
    page.get_by_role("link", name="첨부 보관함").click()
    rows = page.get_by_role("row")
    expect(rows.nth(5)).to_be_visible()
    total = page.locator(".sum")
    before = total.inner_text()
    pick(page.get_by_role("combobox", name="정렬"), "큰 순")
    page.get_by_role("searchbox", name="파일 이름 찾기").fill("pdf")
    expect(rows.nth(1)).to_contain_text(".pdf")
    expect(total).not_to_have_text(before)
    found = total.inner_text()
    for index in (1, 2, 3):
        rows.nth(index).get_by_role("checkbox").click()
    page.get_by_role("button", name="첨부 3개 삭제").click()
    page.get_by_role("dialog").get_by_role("button", name="첨부 삭제").click()
    expect(notice(page)).to_contain_text("메일 3통의 첨부를 삭제해")
    expect(total).not_to_have_text(found)
    page.get_by_role("button", name="용량 사용 내역").click()
    expect(page.get_by_role("heading", name="첨부를 많이 보낸 사람")).to_be_visible()


def test_held_mail_is_released_and_malware_is_not(desk: Desk) -> None:
    page = desk.open()
    page.get_by_role("link", name="스팸메일함").click()
    tabs = page.get_by_role("navigation", name="스팸메일함")
    expect(tabs.get_by_role("link", name="스팸메일", exact=True)).to_have_attribute("aria-current", "page")
    tabs.get_by_role("link", name="차단된 메일").click()
    # One place: its line in the rail stays the chosen one, and the other tab is a click away.
    rail = page.get_by_role("navigation", name="메일함", exact=True)
    expect(rail.get_by_role("link", name="스팸메일함")).to_have_attribute("aria-current", "page")
    expect(tabs.get_by_role("link", name="차단된 메일")).to_have_attribute("aria-current", "page")
    held = page.locator("li.held")
    expect(held).to_have_count(2)
    expect(held.nth(1)).to_contain_text("관리자만 내보낼 수 있습니다")
    expect(held.nth(1).get_by_role("button", name="받은메일함으로")).to_have_count(0)
    held.nth(0).get_by_role("button", name="받은메일함으로").click()
    expect(notice(page)).to_contain_text("받은메일함으로 옮겼습니다")
    expect(held).to_have_count(1)
    page.get_by_role("button", name="수신차단·허용 목록").click()
    page.get_by_role("textbox", name="메일 주소나 도메인").fill("Spam.example")
    page.get_by_role("button", name="추가").click()
    expect(page.locator("li.rule", has_text="spam.example")).to_be_visible()


@pytest.mark.own_page
def test_the_watermark_names_the_reader_over_mail_and_preview_and_printing_is_refused(desk: Desk) -> None:
    told = '{"watermark":{"login":"jiwoo.han@hanbit-tech.example","address":"192.0.2.7"},"mayPrint":false}'
    page = desk.open("/?told=" + told.replace('"', "%22"))
    open_with_files(page, "xlsx").click()
    for mark in (page.locator("article .watermark"), page.locator("dialog .watermark")):
        expect(mark).to_contain_text("jiwoo.han@hanbit-tech.example · 192.0.2.7")
        assert mark.evaluate("(element) => getComputedStyle(element).pointerEvents") == "none"
    page.keyboard.press("Escape")
    page.emulate_media(media="print")
    expect(page.get_by_text("인쇄할 수 없습니다")).to_be_visible()
    expect(page.get_by_role("article", name="메일 읽기").get_by_role("heading", level=2)).not_to_be_visible()


@pytest.mark.own_page
def test_text_of_mail_and_of_a_preview_cannot_be_copied_where_policy_forbids_it(desk: Desk) -> None:
    page = desk.open('/?told={"mayCopy":false}'.replace('"', "%22"))
    open_from(page, "minji.kim")
    letter = page.frame_locator("article iframe").locator("body")
    copied = "(element) => { getSelection().selectAllChildren(element); return getSelection().toString() }"
    for place in (letter, page.locator("article .content")):
        assert place.evaluate("(element) => getComputedStyle(element).userSelect") == "none"
        assert place.evaluate(
            "(element) => !element.dispatchEvent(new ClipboardEvent('copy', { bubbles: true, cancelable: true }))"
        )
    expect(page.locator(".notices, [role=status]").get_by_text("복사할 수 없습니다").first).to_be_visible()
    free = desk.open("/")
    open_from(free, "minji.kim")
    assert free.frame_locator("article iframe").locator("body").evaluate(copied) != ""


@pytest.mark.own_page
def test_paper_holds_the_message_and_nothing_around_it(desk: Desk) -> None:
    page = desk.open()
    open_from(page, "minji.kim")
    page.emulate_media(media="print")
    expect(page.get_by_role("article", name="메일 읽기").get_by_role("heading", level=2)).to_be_visible()
    expect(page.get_by_role("navigation", name="메일함")).not_to_be_visible()
    expect(page.get_by_role("button", name="답장", exact=True).last).not_to_be_visible()


@pytest.mark.own_page
def test_a_link_that_names_another_place_is_explained_first(desk: Desk) -> None:
    page = desk.open()
    html = '<p>은행: <a href="https://evil.example/x">www.bank.example</a></p>'
    page.evaluate(
        "(html) => demo.server.arrive({ subject: '계좌 안내', html, text: 'x', preview: 'x', from: [{ name: '은행', email: 'a@b.example' }] })",
        html,
    )
    page.get_by_role("row", name=re.compile("계좌 안내")).locator(".subject").click()
    page.frame_locator("iframe").get_by_role("link").click()
    bar = page.get_by_role("alertdialog", name="겉보기와 다른 링크입니다")
    expect(bar).to_contain_text("‘www.bank.example’라고 적혀 있지만")
    expect(bar).to_contain_text("evil.example")
    bar.get_by_role("button", name="열지 않기").click()
    expect(bar).to_have_count(0)
    assert len(page.context.pages) == 1


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_drawer_quarantine_and_preview_are_accessible(new_desk: Callable[..., Desk], theme: str) -> None:
    desk = new_desk(theme=theme)
    page = desk.open()
    page.goto(desk.site + "/#/quarantine")
    page.locator("li.held").first.wait_for()
    assert violations(page) == []
    open_group(page, "더보기")
    page.get_by_role("link", name="첨부 보관함").click()
    page.get_by_role("row").nth(3).wait_for()
    assert violations(page) == []
    page.get_by_role("button", name="용량 사용 내역").click()
    page.get_by_role("heading", name="첨부를 많이 보낸 사람").wait_for()
    assert violations(page) == []
    page.goto(desk.site + "/")
    open_with_files(page, "xlsx").click()
    page.get_by_role("cell", name="영업본부").wait_for()
    assert violations(page) == []
