"""The open letter in Chromium over the demo: a column that can be read, what is docked beside it, one banner, where the focus
is after each act.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Locator, Page, expect
from tests.e2e.demo_desk import AXE, PHONE, WIDE, Desk, settle

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = [pytest.mark.peer, pytest.mark.shared_page]

LIST_ONLY = {"width": 1366, "height": 768}
SMALL = {"width": 1024, "height": 768}
COLUMN_PX = 624
_FOUND = """async () => {
  const found = await axe.run('article', {
    runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice'], resultTypes: ['violations'] });
  return found.violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html.slice(0, 120))]);
}"""
_WORDS = "() => document.querySelector('article iframe')?.contentDocument?.body?.innerText.trim().length > 0"


def letter_of(page: Page) -> Locator:
    return page.get_by_role("article", name="메일 읽기")


def open_found(desk: Desk, search: str, size: int = 300) -> Page:
    """Open the newest letter that a search finds; wait until its text is there."""
    page = desk.open(f"/?size={size}#?q={search}")
    desk.row(0).locator(".subject").click()
    page.wait_for_function(_WORDS)
    return page


def box(one: Locator) -> dict[str, float]:
    found = one.bounding_box()
    assert found is not None
    return dict(found)


def findings(page: Page) -> list[object]:
    """What axe finds in the open letter, by best practice too."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text())
    settle(page)
    return list(page.evaluate(_FOUND))


def focused(page: Page) -> str:
    """Where the keyboard is: the list, the letter, or the name of what has it."""
    return str(
        page.evaluate(
            """() => { const at = document.activeElement;
              if (at?.getAttribute('role') === 'grid') return 'list';
              if (at?.classList.contains('scroll')) return 'letter';
              return at === document.body ? 'nowhere' : (at?.getAttribute('aria-label') ?? at?.textContent ?? '').trim(); }"""
        )
    )


@pytest.mark.parametrize(("size", "docked"), [(WIDE, True), (LIST_ONLY, True), (SMALL, False), (PHONE, False)])
def test_files_and_conversation_are_docked_where_there_is_room_and_stand_above_the_text_elsewhere(
    new_desk: Callable[..., Desk], size: dict[str, int], docked: bool
) -> None:
    desk = new_desk(size)
    page = open_found(desk, "filename:xlsx")
    article = letter_of(page)
    frame, files = article.locator("iframe"), article.get_by_role("region", name="첨부")
    side = article.get_by_role("region", name="메일 옆 패널")
    expect(side).to_have_count(1 if docked else 0)
    text, cards = box(frame), box(files)
    if docked:
        assert box(side)["width"] == 324
        assert cards["x"] >= text["x"] + text["width"]
        # The conversation names the open letter, and leads to the others.
        expect(side.locator("[aria-current=true]")).to_have_count(1)
    else:
        assert cards["y"] + cards["height"] <= text["y"]
    around = box(article.locator(".scroll"))
    middle = around["x"] + around["width"] / 2
    head = box(article.locator(".subject"))
    assert head["x"] + head["width"] / 2 == pytest.approx(middle, abs=9)
    assert text["width"] <= COLUMN_PX
    if size is not PHONE:
        assert head["width"] == pytest.approx(COLUMN_PX, abs=1)


def test_the_first_page_of_a_pdf_lies_beside_the_letter_once_it_is_read(new_desk: Callable[..., Desk]) -> None:
    desk = new_desk(LIST_ONLY)
    page = desk.open("/?size=60")
    # Held back: the letter does not wait for its file, and nothing moves when it comes.
    page.evaluate(
        """() => { const octets = demo.previewOctets.bind(demo);
          window.asked = 0;
          demo.previewOctets = async (...what) => { window.asked += 1;
            await new Promise((go) => (window.release = go));
            return octets(...what); };
          const file = (name, size) => ({ partId: name, blobId: `f-${name}`, name, type: 'application/octet-stream', size,
            disposition: 'attachment', cid: null });
          demo.server.arrive({ subject: '견적서를 보냅니다', text: '읽을 글', preview: '읽을 글', hasAttachment: true,
            from: [{ name: '한지훈', email: 'han@partner.example' }],
            attachments: [file('표.xlsx', 10), file('견적서.pdf', 1264200), file('사진.jpg', 10)] }); }"""
    )
    page.get_by_role("row").filter(has_text="견적서를 보냅니다").locator(".subject").click()
    page.wait_for_function(_WORDS)
    files = letter_of(page).get_by_role("region", name="첨부")
    expect(files.get_by_role("listitem")).to_have_count(3)
    page.wait_for_function("() => window.release")
    canvas = files.locator("canvas")
    card = files.get_by_role("listitem").filter(has=page.locator("canvas"))
    before = box(card)
    page.evaluate("() => window.release()")
    expect(canvas).to_have_css("opacity", "1")
    assert box(card) == before
    # One picture of one file; it is drawn, and it is the way to the whole.
    assert canvas.evaluate(
        """(one) => { const pen = one.getContext('2d');
          return pen.getImageData(0, 0, one.width, one.height).data.some((part, at) => at % 4 < 3 && part < 90); }"""
    )
    # A letter that changes has the same file still.
    letter_of(page).get_by_role("button", name="별표", exact=True).first.click()
    expect(letter_of(page).get_by_role("button", name="별표 해제").first).to_be_visible()
    settle(page)
    assert page.evaluate("() => window.asked") == 1
    page.evaluate("() => (window.release = null)")
    files.get_by_role("button", name="견적서.pdf").click()
    expect(page.get_by_role("dialog", name="견적서.pdf")).to_be_visible()


def test_nothing_of_a_doubtful_letter_is_opened_by_itself(new_desk: Callable[..., Desk]) -> None:
    page = new_desk(LIST_ONLY).open("/?size=60")
    page.evaluate(
        """() => { const file = (name) => ({ partId: name, blobId: `f-${name}`, name, type: 'application/pdf', size: 1000,
            disposition: 'attachment', cid: null });
          demo.server.arrive({ subject: '바뀐 계좌', text: '읽을 글', preview: '읽을 글', hasAttachment: true,
            from: [{ name: '박지훈', email: 'park@yuanda.example' }], attachments: [file('계좌.pdf')] }); }"""
    )
    page.get_by_role("row").filter(has_text="바뀐 계좌").locator(".subject").click()
    page.wait_for_function(_WORDS)
    letter = letter_of(page)
    expect(letter.get_by_role("alert")).to_be_visible()
    # A card as of any other file: who wants to see it presses it.
    expect(letter.get_by_role("region", name="메일 옆 패널").get_by_role("button", name="계좌.pdf")).to_be_visible()
    expect(letter.locator(".files .page")).to_have_count(0)


def test_a_letter_in_latin_letters_has_a_shorter_line_and_one_of_fixed_width_may_be_wider(desk: Desk) -> None:
    page = desk.open("/?size=60")
    page.evaluate(
        """() => { const wide = '<div style="width: 900px">' + '넓은 글 '.repeat(80) + '</div>';
          demo.server.arrive({ subject: 'wide one', html: wide }); }"""
    )
    row = page.get_by_role("row").filter(has_text="wide one")
    row.locator(".subject").click()
    page.wait_for_function(_WORDS)
    frame = letter_of(page).locator("iframe")
    assert box(frame)["width"] > COLUMN_PX
    inner = "(frame) => frame.contentDocument.scrollingElement.scrollWidth <= frame.clientWidth"
    assert frame.evaluate(inner), "it pans sideways though it may be made smaller"
    # As it is seen beside the side of the letter: nothing lies over it.
    side = letter_of(page).get_by_role("region", name="메일 옆 패널")
    assert box(frame)["x"] + box(frame)["width"] <= box(side)["x"]
    page = open_found(desk, "from:carter")
    assert box(letter_of(page).locator("iframe"))["width"] == 540


def test_of_several_causes_the_most_severe_is_told_and_the_others_wait_behind_it(desk: Desk) -> None:
    page = open_found(desk, "from:yuanda")
    article = letter_of(page)
    banners = article.locator(".causes .banner")
    expect(banners).to_have_count(1)
    expect(article.get_by_role("alert")).to_contain_text("사칭이 의심되는 메일입니다")
    rest = article.get_by_role("button", name=re.compile("^안내 1건 더"))
    expect(rest).to_have_attribute("aria-expanded", "false")
    # Whoever hears the page is told of what is folded, too.
    expect(article.get_by_role("alert")).to_contain_text("보낸 사람이나 내용을 확인해 주세요")
    rest.press("Enter")
    expect(banners).to_have_count(2)
    expect(banners.nth(0)).to_contain_text("사칭이 의심되는")
    expect(banners.nth(1)).to_contain_text("DMARC 실패")
    article.get_by_role("button", name="사유와 경로").first.click()
    expect(page.get_by_role("complementary", name="메일 상세 정보")).to_be_visible()


def test_mild_causes_take_one_line(desk: Desk) -> None:
    page = desk.open("/?size=60")
    desk.row(0).locator(".subject").click()
    page.wait_for_function(_WORDS)
    causes = letter_of(page).locator(".causes")
    expect(causes.locator(".banner")).to_have_count(1)
    assert box(causes)["height"] <= 48


def test_the_focus_goes_to_the_letter_and_back_to_the_list(desk: Desk) -> None:
    page = desk.open("/?size=60")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_function(_WORDS)
    assert focused(page) == "letter"
    page.keyboard.press("u")
    expect(letter_of(page)).to_have_count(0)
    assert focused(page) == "list"
    # By the button that goes with the letter.
    page.keyboard.press("Enter")
    page.wait_for_function(_WORDS)
    letter_of(page).get_by_role("button", name="목록").click()
    expect(letter_of(page)).to_have_count(0)
    page.wait_for_function("() => document.activeElement?.getAttribute('role') === 'grid'")
    # From within the letter's own frame.
    page.keyboard.press("Enter")
    page.wait_for_function(_WORDS)
    page.frame_locator("article iframe").locator("body").click()
    page.keyboard.press("u")
    expect(letter_of(page)).to_have_count(0)
    page.wait_for_function("() => document.activeElement?.getAttribute('role') === 'grid'")


@pytest.mark.parametrize("key", ["#", "!"])
def test_the_focus_is_on_the_next_letter_or_on_the_list_after_the_open_one_went_away(desk: Desk, key: str) -> None:
    page = desk.open("/?size=60")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_function(_WORDS)
    page.keyboard.press(key)
    expect(page.get_by_role("region", name="알림").get_by_role("button", name="실행 취소")).to_be_visible()
    page.wait_for_function("() => document.activeElement !== document.body")
    assert focused(page) in {"letter", "list"}


def test_a_closed_dialog_gives_the_focus_back(desk: Desk) -> None:
    page = open_found(desk, "filename:xlsx")
    card = letter_of(page).get_by_role("region", name="첨부").get_by_role("button", name=re.compile("xlsx")).first
    card.focus()
    card.press("Enter")
    page.get_by_role("dialog", name=re.compile("미리보기")).wait_for()
    page.keyboard.press("Escape")
    expect(card).to_be_focused()
    # Deleted for good: the question and the letter go together.
    page.get_by_role("link", name="휴지통").click()
    desk.row(0).locator(".subject").click()
    page.wait_for_function(_WORDS)
    page.keyboard.press("#")
    page.get_by_role("dialog").get_by_role("button", name="영구 삭제").click()
    page.wait_for_function("() => document.activeElement !== document.body")
    assert focused(page) in {"letter", "list"}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_open_letter_keeps_best_practice_too(new_desk: Callable[..., Desk], theme: str) -> None:
    desk = new_desk(theme=theme)
    page = open_found(desk, "from:yuanda")
    expect(letter_of(page).get_by_role("heading", level=1)).to_have_count(1)
    assert findings(page) == []
    letter_of(page).get_by_role("button", name="자세히", exact=True).click()
    letter_of(page).get_by_role("button", name=re.compile("^안내 1건 더")).click()
    assert findings(page) == []
    page.set_viewport_size({"width": 1024, "height": 768})
    assert findings(page) == []
    page.set_viewport_size({"width": 1200, "height": 768})
    page.get_by_role("link", name="고객 문의").click()
    desk.row(0).locator(".subject").click()
    expect(page.get_by_role("region", name="함께 처리하기")).to_contain_text("담당자 없음")
    assert findings(page) == []


def test_nothing_moves_for_those_who_want_no_motion(new_desk: Callable[..., Desk]) -> None:
    desk = new_desk()
    desk.page.emulate_media(reduced_motion="reduce")
    page = desk.open("/?size=60")
    desk.row(0).locator(".subject").click()
    page.wait_for_function(_WORDS)
    assert page.locator("article .content").evaluate("(one) => getComputedStyle(one).animationDuration") == "0s"
