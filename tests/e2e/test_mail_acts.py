"""What is done with mails as things: saved, attached, printed, dragged in and out, many at once; at the demo and on a node."""

from __future__ import annotations

import re
import zipfile
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Locator, Page, Route, expect
from tests.e2e.company import DESKTOP, PARTNER, Company, Person, letter, parsed, wait_for_mail
from tests.e2e.controls import pick
from tests.e2e.demo_desk import PHONE, Desk, violations
from tests.e2e.pictures import keep_picture
from tests.e2e.test_second_factor import PASSWORD, new_account

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = [pytest.mark.peer, pytest.mark.shared_page]

PRINTS = "() => { window.printed = 0; window.print = () => { window.printed += 1 } }"


def notice(page: Page) -> Locator:
    """The short notices at the foot of the screen."""
    return page.get_by_role("region", name="알림")


def choose(desk: Desk, *rows: int) -> Page:
    """Choose rows of the list."""
    for row in rows:
        desk.row(row).get_by_role("checkbox").click()
    expect(desk.page.get_by_text(f"{len(rows)}통 선택")).to_be_visible()
    return desk.page


def more(page: Page, act: str) -> None:
    """Press an act of the toolbar's menu."""
    page.get_by_role("button", name="더 보기").first.click()
    page.get_by_role("menuitem", name=act).click()


def look(page: Page, name: str, tmp_path: Path) -> None:
    keep_picture(page, tmp_path / f"{name}.png")


def test_several_mails_are_forwarded_as_files_of_one_letter(desk: Desk, tmp_path: Path) -> None:
    desk.open()
    page = choose(desk, 1, 2, 3)
    look(page, "toolbar", tmp_path)
    more(page, "첨부로 전달")
    expect(page.get_by_role("textbox", name="제목")).to_have_value("FW: 메일 3통")
    expect(page.get_by_text(re.compile(r"\.eml"))).to_have_count(3)
    look(page, "forward-attached", tmp_path)


def test_originals_do_not_go_outside_where_policy_keeps_them(desk: Desk) -> None:
    desk.open("/?told=%7B%22mayExport%22:false%7D")
    page = choose(desk, 1)
    page.get_by_role("button", name="더 보기").first.click()
    expect(page.get_by_role("menuitem", name="파일로 저장")).to_have_count(0)
    page.get_by_role("menuitem", name="첨부로 전달").click()
    to = page.get_by_role("combobox", name="받는사람")
    to.fill("lee@elsewhere.example,")
    page.get_by_role("button", name="보내기", exact=True).click()
    expect(notice(page)).to_contain_text("메일 원본은 회사 밖으로 첨부할 수 없습니다")


@pytest.mark.own_page
def test_several_mails_come_on_paper_each_on_a_page_with_a_table_of_its_heads(desk: Desk, tmp_path: Path) -> None:
    desk.open()
    page = choose(desk, 0, 1, 2)
    page.evaluate(PRINTS)
    subjects = [desk.row(row).locator(".subject").inner_text() for row in range(3)]
    more(page, "인쇄")
    page.wait_for_function("() => window.printed === 1")
    sheet = page.locator(".print-sheet")
    assert sheet.locator("h1").all_inner_texts() == subjects
    page.emulate_media(media="print")
    for row in ("보낸사람", "받는사람", "날짜"):
        expect(sheet.get_by_role("rowheader", name=row, include_hidden=True)).to_have_count(3)
    look(page, "paper", tmp_path)
    # Nothing of the screen, and one page at the least for each.
    expect(page.get_by_role("navigation", name="메일함")).not_to_be_visible()
    pages = page.pdf(path=str(tmp_path / "three.pdf"), format="A4").count(b"/Type /Page\n")
    assert pages >= 3
    page.emulate_media(media="screen")
    page.evaluate("() => dispatchEvent(new Event('afterprint'))")
    expect(sheet).to_have_count(0)


def test_a_row_drags_its_number_and_its_file_and_drops_on_a_folder(desk: Desk) -> None:
    page = desk.open()
    given = """row => new Promise(done => {
        const data = new DataTransfer(), set = []
        data.setDragImage = (node, x, y) => set.push(node.textContent)
        row.dispatchEvent(new DragEvent('dragstart', { bubbles: true, dataTransfer: data }))
        done([set[0], data.getData('DownloadURL')])
    })"""
    ghost, url = desk.row(2).evaluate(given)
    assert desk.row(2).locator(".subject").inner_text() in ghost
    assert url.startswith("message/rfc822:") and ".eml:" in url
    choose(desk, 2, 3)
    ghost, url = desk.row(3).evaluate(given)
    assert (ghost, url) == ("2통 선택", "")
    desk.row(3).drag_to(page.get_by_role("link", name=re.compile("거래처")))
    expect(notice(page)).to_contain_text("메일 2통을 거래처로 옮겼습니다")


def test_nothing_is_dragged_out_where_policy_keeps_originals(desk: Desk) -> None:
    desk.open("/?told=%7B%22mayExport%22:false%7D")
    given = """row => { const data = new DataTransfer(); data.setDragImage = () => undefined
        row.dispatchEvent(new DragEvent('dragstart', { bubbles: true, dataTransfer: data })); return data.types }"""
    assert "downloadurl" not in [one.lower() for one in desk.row(2).evaluate(given)]


def test_the_rail_goes_on_under_what_is_dragged_near_its_edge(new_desk: Callable[..., Desk]) -> None:
    page = new_desk({"width": 1366, "height": 420}).open()
    rail = page.get_by_role("navigation", name="메일함").locator(".places")
    over = """(nav, at) => { const box = nav.getBoundingClientRect()
        for (let turn = 0; turn < 4; turn += 1)
          nav.dispatchEvent(new DragEvent('dragover', { bubbles: true, clientY: at < 0 ? box.bottom - 5 : box.top + 5 }))
        return nav.scrollTop }"""
    assert rail.evaluate(over, -1) > 0
    assert rail.evaluate(over, 1) == 0


def test_ten_thousand_are_moved_with_progress_and_given_up_in_the_middle(desk: Desk) -> None:
    page = desk.open("/?size=10000&delay=150")
    head = page.get_by_text(re.compile("전체 10,000"))
    expect(head).to_be_visible()
    page.get_by_role("checkbox", name="모두 선택").click()
    page.get_by_role("button", name="10,000통 모두 선택").click()
    expect(page.get_by_text("10,000통 선택")).to_be_visible()
    page.get_by_role("button", name="이동", exact=True).click()
    page.get_by_role("menuitem", name="거래처").click()
    expect(notice(page)).to_contain_text(re.compile(r"[1-9][\d,]* / 10,000"))
    notice(page).get_by_role("button", name="취소").click()
    expect(notice(page)).to_contain_text("실행을 취소했습니다")
    expect(head).to_be_visible()
    page.wait_for_function(
        "() => [...demo.server.messages.values()].filter((one) => one.mailboxIds.inbox).length === 10000"
    )


def test_what_was_marked_unseen_comes_back_as_it_was(desk: Desk) -> None:
    # So slow that the act is asked for before it is known what "everything" is: it waits for that.
    page = desk.open("/?size=2500&delay=300")
    head = page.get_by_text(re.compile("전체 2,500 · 안읽음"))
    before = head.inner_text()
    page.get_by_role("checkbox", name="모두 선택").click()
    page.get_by_role("button", name="2,500통 모두 선택").click()
    page.get_by_role("toolbar").get_by_role("button", name="읽음", exact=True).click()
    expect(page.get_by_text("전체 2,500 · 안읽음 0")).to_be_visible()
    page.keyboard.press("z")
    expect(head).to_have_text(before)


def test_old_and_large_attachments_go_at_once_with_a_preview_and_a_way_back(desk: Desk, tmp_path: Path) -> None:
    page = desk.open("/?size=3000")
    page.evaluate(
        "() => [...demo.server.messages.values()].slice(500).forEach((one) => { one.receivedAt -= 2 * 365 * 864e5 })"
    )
    page.evaluate("() => { location.hash = '#/attachments' }")
    total = page.locator(".sum")
    expect(total).to_contain_text(re.compile(r"\d"))
    everything = total.inner_text()
    pick(page.get_by_role("combobox", name="받은 때"), "1년 지난 메일")
    expect(total).not_to_have_text(everything)
    older = total.inner_text()
    pick(page.get_by_role("combobox", name="크기"), 1)
    expect(total).not_to_have_text(older)
    button = page.get_by_role("button", name=re.compile(r"조건에 맞는 [\d,]+개 모두 삭제"))
    expect(button).to_be_visible()
    look(page, "drawer", tmp_path)
    found = total.inner_text()
    count = re.search(r"[\d,]+", button.inner_text())
    assert count is not None
    button.click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text(f"첨부파일 {count[0]}개, 모두")
    look(page, "drawer-ask", tmp_path)
    dialog.get_by_role("button", name=re.compile("삭제")).click()
    expect(page.get_by_text("찾는 첨부파일이 없습니다")).to_be_visible()
    notice(page).get_by_role("button", name="실행 취소").click()
    expect(notice(page)).to_contain_text("실행을 취소했습니다")
    pick(page.get_by_role("combobox", name="크기"), 0)
    pick(page.get_by_role("combobox", name="크기"), 1)
    expect(total).to_have_text(found)


def test_the_new_menus_and_the_drawer_are_accessible_on_a_phone_too(
    new_desk: Callable[..., Desk], tmp_path: Path
) -> None:
    desk = new_desk(PHONE, theme="dark")
    page = desk.open()
    page.goto(desk.site + "/#/attachments")
    expect(page.get_by_role("combobox", name="받은 때")).to_be_visible()
    assert violations(page) == []
    assert page.evaluate("() => document.scrollingElement.scrollWidth <= innerWidth")
    look(page, "drawer-phone", tmp_path)


def test_the_paper_of_a_letter_is_remembered_when_it_is_opened_again(new_desk: Callable[..., Desk]) -> None:
    desk = new_desk(DESKTOP, theme="dark")
    page = desk.open("/?size=40")
    original = page.get_by_role("button", name="원래 색")
    for index in range(40):
        page.evaluate("at => { location.hash = `#inbox/inbox-${at}` }", index)
        letter_ = page.frame_locator("iframe[title='메일 본문']").locator(".letter")
        expect(letter_).to_be_visible()
        if original.count():
            break
    here = page.url
    original.click()
    expect(letter_).to_have_css("filter", "none")
    page.keyboard.press("u")
    desk.row(0 if not here.endswith("inbox-0") else 1).click()
    expect(page.get_by_role("article", name="메일 읽기").get_by_role("heading", level=2)).to_be_visible()
    page.evaluate("where => { location.href = where }", here)
    expect(page.get_by_role("button", name="어둡게 바꾸기")).to_be_visible()
    expect(letter_).to_have_css("filter", "none")


LOGIN = "acts@hanbit.example"
LEFT = "https://leave.bench.test"


def test_mails_are_saved_brought_in_forwarded_and_a_list_is_left_on_its_page(
    company: Company, new_person: Callable[..., Person], tmp_path: Path
) -> None:
    new_account(company, LOGIN, "문서진")
    for number in range(3):
        company.deliver(LOGIN, letter(LOGIN, f"계약 {number}번", f"본문 {number}\n"))
    news = b"List-Unsubscribe: <" + LEFT.encode() + b"/out?who=17>\r\n" + letter(LOGIN, "주간 소식", "소식\n")
    company.deliver(LOGIN, news)
    me = new_person(viewport=DESKTOP).sign_in(LOGIN, PASSWORD)
    page = me.page
    for words in ("계약 0번", "계약 1번", "계약 2번", "주간 소식"):
        me.bring(words)

    for words in ("계약 0번", "계약 1번"):
        me.row(words).get_by_role("checkbox").click()
    with page.expect_download() as coming:
        more(page, "파일로 저장")
    assert coming.value.suggested_filename == "메일 2통.zip"
    coming.value.save_as(tmp_path / "two.zip")
    with zipfile.ZipFile(tmp_path / "two.zip") as archive:
        assert sorted(name.partition(" ")[2] for name in archive.namelist()) == ["계약 0번.eml", "계약 1번.eml"]
    expect(me.notices).to_contain_text("메일 2통을 ZIP 파일로 저장했습니다")

    more(page, "첨부로 전달")
    page.get_by_role("combobox", name="받는사람").fill(f"{PARTNER},")
    page.get_by_role("textbox", name="제목").fill("계약 원본 둘")
    me.write("첨부를 보세요")
    me.send()
    expect(me.notices).to_contain_text("보냈습니다")
    with company.branch_imap() as session:
        sent = parsed(wait_for_mail(session, "계약 원본 둘"))
    inside = [part.get_payload(0) for part in sent.walk() if part.get_content_type() == "message/rfc822"]
    assert sorted(str(one["subject"]) for one in inside) == ["계약 0번", "계약 1번"]  # type: ignore[index]

    bring_in = """(line, subject) => { const data = new DataTransfer()
        const text = `From: a@b.example\\r\\nSubject: ${subject}\\r\\nMessage-ID: <drop@b.example>\\r\\n\\r\\nhello`
        data.items.add(new File([text], 'dropped.eml', { type: 'message/rfc822' }))
        data.items.add(new File(['x'], 'note.txt', { type: 'text/plain' }))
        for (const type of ['dragover', 'drop'])
          line.dispatchEvent(new DragEvent(type, { bubbles: true, cancelable: true, dataTransfer: data })) }"""
    inbox = page.get_by_role("navigation", name="메일함").get_by_role("link", name=re.compile("받은메일함"))
    inbox.evaluate(bring_in, "dropped in")
    expect(me.notices).to_contain_text("받은메일함에 메일 1통을 추가했습니다. 파일 1개는")
    expect(me.row("dropped in")).to_be_visible()
    me.notices.get_by_role("button", name="실행 취소").click()
    expect(page.get_by_role("row").filter(has_text="dropped in")).to_have_count(0)

    asked: list[dict[str, str]] = []

    def leave(route: Route) -> None:
        asked.append(route.request.all_headers())
        route.fulfill(body="<p>left</p>", content_type="text/html")

    page.context.route(f"{LEFT}/**", leave)
    me.read("주간 소식")
    me.unfold_banner()
    expect(page.get_by_text("이 발신자는 leave.bench.test 페이지에서 수신거부를 받습니다")).to_be_visible()
    look(page, "unsubscribe-page", tmp_path)
    page.get_by_role("button", name="수신거부 페이지").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("leave.bench.test")
    expect(dialog).to_contain_text("비밀번호를 묻는 페이지라면")
    look(page, "unsubscribe-ask", tmp_path)
    assert asked == []
    with page.context.expect_page() as opened:
        dialog.get_by_role("button", name="페이지 열기").click()
    expect(opened.value.get_by_text("left")).to_be_visible()
    assert opened.value.url == f"{LEFT}/out?who=17"
    assert opened.value.evaluate("() => window.opener") is None
    assert "referer" not in asked[0]
    opened.value.close()


def test_folders_change_places_by_keyboard_and_are_downloaded_as_mbox(
    company: Company, new_person: Callable[..., Person], tmp_path: Path
) -> None:
    login = "boxes@hanbit.example"
    new_account(company, login, "서가람")
    company.deliver(login, letter(login, "상자에 든 편지"))
    me = new_person(viewport=DESKTOP).sign_in(login, PASSWORD)
    page = me.page
    me.bring("상자에 든 편지")
    for name in ("가", "나"):
        page.get_by_role("button", name="메일함 만들기").click()
        page.get_by_role("dialog").get_by_label("이름").fill(name)
        page.get_by_role("dialog").get_by_role("button", name="메일함 만들기").click()
        expect(page.locator("a[aria-keyshortcuts]").filter(has_text=name)).to_be_visible()
    names = page.locator("a[aria-keyshortcuts] .name")
    expect(names).to_have_text(["가", "나"])
    page.locator("a[aria-keyshortcuts]").first.focus()
    page.keyboard.press("Alt+ArrowDown")
    expect(names).to_have_text(["나", "가"])
    expect(page.locator("a[aria-keyshortcuts]").nth(1)).to_be_focused()

    me.row("상자에 든 편지").get_by_role("checkbox").click()
    page.get_by_role("button", name="받은메일함 메뉴").click()
    page.get_by_role("menuitem", name="내려받기").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("받은메일함")).to_be_checked()
    dialog.get_by_label("파일 이름").fill("상자")
    pick(dialog.get_by_role("combobox", name="파일 형식"), "메일함마다 mbox (ZIP)")
    look(page, "folder-download", tmp_path)
    dialog.get_by_role("button", name="파일 만들기").click()
    made = page.get_by_role("listitem").filter(has_text="상자.zip")
    expect(made).to_contain_text("완료", timeout=60_000)
    with page.expect_download() as coming:
        made.get_by_role("button", name="내려받기").click()
    coming.value.save_as(tmp_path / "box.zip")
    with zipfile.ZipFile(tmp_path / "box.zip") as archive:
        assert archive.namelist() == ["받은메일함.mbox"]
        assert archive.read("받은메일함.mbox").startswith(b"From ")
