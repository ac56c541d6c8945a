"""The tools of the letter: faces and points, edges and indents, tables with handles; what Hancom, Excel and Word bring; what
is wrong is said at its field.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from tests.e2e.controls import pick
from tests.e2e.demo_desk import PHONE, violations
from tests.e2e.writing_help import letter_of, paste

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Locator, Page
    from tests.e2e.demo_desk import Desk

pytestmark = pytest.mark.peer

HANCOM = """<HTML><HEAD><META NAME="Generator" CONTENT="Hancom HWP 11.0.0.8362"><STYLE type="text/css">
<!--
p.HStyle0
	{style-name:"바탕글"; margin-top:0.0pt; margin-left:0.0pt; margin-bottom:0.0pt; text-align:justify; text-indent:0.0pt;
	line-height:160%; font-size:10.0pt; font-family:함초롬바탕; color:#000000;}
-->
</STYLE></HEAD><BODY><!--StartFragment-->
<P CLASS=HStyle0 STYLE='text-align:center;line-height:180%;'><SPAN STYLE='font-family:"HY헤드라인M";font-size:18.0pt;color:#0000ff;'>납품 확인서</SPAN></P>
<P CLASS=HStyle0 STYLE='margin-left:20.0pt;'><SPAN STYLE='font-size:11.0pt;font-weight:bold;line-height:160%;'>1. 품목</SPAN></P>
<TABLE border="1" cellspacing="0" cellpadding="0" style='border-collapse:collapse;border:none;'>
<TR><TD colspan="2" valign="middle" bgcolor="#e5e5e5" style='width:300px;height:30px;border-left:solid #000000 1.1pt;border-right:solid #000000 1.1pt;border-top:solid #000000 1.1pt;border-bottom:solid #000000 0.4pt;padding:1.4pt 5.1pt 1.4pt 5.1pt'>
<P CLASS=HStyle0 STYLE='text-align:center;'>구분</P></TD></TR>
<TR><TD valign="middle" style='width:100px;height:30px;border:solid #000000 0.4pt;padding:1.4pt 5.1pt'><P CLASS=HStyle0>스핀들</P></TD>
<TD valign="middle" style='width:200px;height:30px;border:solid #000000 0.4pt;padding:1.4pt 5.1pt'><P CLASS=HStyle0 STYLE='text-align:right;'>4대</P></TD></TR>
</TABLE><P CLASS=HStyle0><img src="file:///C:/temp/hwp.bmp"></P><!--EndFragment--></BODY></HTML>"""
EXCEL = """<html xmlns:x="urn:schemas-microsoft-com:office:excel"><head><style>
<!--table {mso-displayed-decimal-separator:"\\.";}
td {padding-top:1px; padding-right:1px; color:black; font-size:11.0pt; font-family:"맑은 고딕", monospace; text-align:general; vertical-align:middle; border:none; white-space:nowrap;}
.xl65 {border:.5pt solid windowtext; background:#DDEBF7; mso-pattern:black none;}
.xl66 {font-size:14.0pt; text-align:right;}
--></style></head><body><!--StartFragment-->
<table border=0 cellpadding=0 cellspacing=0 width=288 style='border-collapse:collapse;width:216pt'>
<col width=72 style='width:54pt'><col width=216 style='mso-width-source:userset;width:162pt'>
<tr height=22 style='height:16.5pt'><td rowspan=2 height=44 class=xl65 width=72 style='height:33.0pt;width:54pt'>합계</td>
<td class=xl66 width=216 style='width:162pt'>1,250,000</td></tr><tr><td class=xl66>990,000</td></tr>
</table><!--EndFragment--></body></html>"""
WORD = """<html xmlns:w="urn:schemas-microsoft-com:office:word"><head><style>
<!-- /* Style Definitions */
p.MsoNormal {margin:0cm; margin-bottom:8.0pt; text-align:justify; line-height:107%; font-size:10.0pt; font-family:"맑은 고딕";}
p.MsoListParagraph {margin-left:40.0pt; text-indent:-20.0pt; font-size:10.0pt; font-family:"맑은 고딕";}
--></style></head><body lang=KO><!--StartFragment-->
<p class=MsoNormal align=right style='text-align:right'><span style='font-family:"바탕",serif;font-size:12.0pt'>2026년 12월 2일<o:p></o:p></span></p>
<p class=MsoListParagraph><![if !supportLists]><span>1.<span style='font:7.0pt "Times New Roman"'>&nbsp;&nbsp; </span></span><![endif]>첫째 항목</p>
<p class=MsoNormal style='display:none;mso-hide:all'>숨은 말</p>
<div style='position:absolute;top:-900px;margin-top:-400px'><p class=MsoNormal>떠 있는 말</p></div><!--EndFragment--></body></html>"""


def begin(desk: Desk) -> tuple[Page, Locator]:
    """Open a new letter, with the cursor in its words."""
    page = desk.open()
    page.keyboard.press("c")
    letter = letter_of(page)
    letter.click()
    return page, letter


def style(one: Locator, name: str) -> str:
    """How the browser draws something."""
    return str(one.evaluate("(one, name) => getComputedStyle(one)[name]", name))


def choose(page: Page, tool: str, word: str) -> None:
    """Choose from the list of a tool; its name says what is worn as well."""
    page.get_by_role("toolbar", name="서식").get_by_role("button", name=re.compile(f"^{tool}: ")).click()
    page.get_by_role("menuitem", name=word, exact=True).click()


def test_a_letter_wears_faces_points_edges_and_indents(desk: Desk) -> None:
    page, letter = begin(desk)
    choose(page, "글꼴", "바탕")
    choose(page, "글자 크기", "14pt")
    page.keyboard.insert_text("견적서")
    words = letter.get_by_text("견적서")
    assert style(words, "fontFamily").startswith("Batang")
    assert style(words, "fontSize") == "18.6667px"
    expect(page.get_by_role("button", name="글꼴: 바탕")).to_be_visible()
    expect(page.get_by_role("button", name="글자 크기: 14pt")).to_be_visible()
    paragraph = letter.locator("p").first
    page.get_by_role("button", name="오른쪽 맞춤").click()
    expect(page.get_by_role("button", name="오른쪽 맞춤")).to_have_attribute("aria-pressed", "true")
    assert style(paragraph, "textAlign") == "right"
    page.get_by_role("button", name="왼쪽 맞춤").click()
    for _ in range(2):
        page.get_by_role("button", name="들여쓰기").click()
    assert style(paragraph, "marginLeft") == "56px"
    page.get_by_role("button", name="내어쓰기").click()
    assert style(paragraph, "marginLeft") == "28px"
    # A folded window comes back as it was, looks and all.
    page.locator(".window").get_by_role("button", name="접기").click()
    page.locator(".tab .title").click()
    assert style(letter_of(page).get_by_text("견적서"), "fontFamily").startswith("Batang")
    assert style(letter_of(page).locator("p").first, "marginLeft") == "28px"


def test_a_table_has_handles(desk: Desk) -> None:
    page, letter = begin(desk)
    page.get_by_role("button", name="표 삽입").click()
    cells, rows = letter.locator("td"), letter.locator("tr")
    expect(cells).to_have_count(9)
    page.keyboard.insert_text("품목")
    page.get_by_role("button", name="맨 오른쪽에 열 추가").click()
    expect(cells).to_have_count(12)
    page.get_by_role("button", name="맨 아래에 행 추가").click()
    expect(rows).to_have_count(4)
    bar = page.get_by_role("toolbar", name="표")
    bar.get_by_role("button", name="행 삭제").click()
    expect(rows).to_have_count(3)
    expect(letter.get_by_text("품목")).to_have_count(0)
    bar.get_by_role("button", name="열 삭제").click()
    expect(cells).to_have_count(9)
    # The edge of a column is drawn.
    before = cells.first.bounding_box()
    assert before
    edge = before["x"] + before["width"] - 1
    page.mouse.move(edge - 3, before["y"] + 8)
    page.mouse.move(edge, before["y"] + 8)
    expect(letter.locator(".column-resize-handle").first).to_be_visible()
    page.mouse.down()
    page.mouse.move(edge + 60, before["y"] + 8, steps=4)
    page.mouse.up()
    after = cells.first.bounding_box()
    assert after
    assert 50 < after["width"] - before["width"] < 70
    bar.get_by_role("button", name="표 삭제").click()
    expect(letter.locator("table")).to_have_count(0)
    expect(bar).to_have_count(0)


def test_what_hancom_excel_and_word_bring_looks_as_it_did(desk: Desk) -> None:
    page, letter = begin(desk)
    paste(page, html=HANCOM, text="납품 확인서")
    title = letter.get_by_text("납품 확인서")
    assert (style(title, "fontSize"), style(title, "color")) == ("24px", "rgb(0, 0, 255)")
    assert "HY헤드라인M" in style(title, "fontFamily")
    assert style(letter.locator("p", has_text="납품 확인서"), "textAlign") == "center"
    assert style(letter.locator("p", has_text="1. 품목"), "marginLeft") == "26.6667px"
    expect(letter.locator("strong", has_text="1. 품목")).to_be_visible()
    head, spindle, count = letter.locator("td").all()
    expect(head).to_have_attribute("colspan", "2")
    assert style(head, "backgroundColor") == "rgb(229, 229, 229)"
    assert style(spindle, "borderTopStyle") == "solid"
    assert style(count.locator("p"), "textAlign") == "right"
    expect(letter.locator("img")).to_have_count(0)

    page.keyboard.press("Control+a")
    page.keyboard.press("Delete")
    paste(page, html=EXCEL, text="합계\t1,250,000")
    total, first, _second = letter.locator("td").all()
    expect(total).to_have_attribute("rowspan", "2")
    assert style(total, "backgroundColor") == "rgb(221, 235, 247)"
    assert (style(first, "fontSize"), style(first, "textAlign")) == ("18.6667px", "right")
    assert [round(one.evaluate("(one) => one.getBoundingClientRect().width")) for one in (total, first)] == [72, 216]

    page.keyboard.press("Control+a")
    page.keyboard.press("Delete")
    paste(page, html=WORD, text="2026년 12월 2일")
    day = letter.get_by_text("2026년 12월 2일")
    assert style(day, "fontSize") == "16px"
    assert "바탕" in style(day, "fontFamily")
    assert style(letter.locator("p", has_text="2026년"), "textAlign") == "right"
    assert style(letter.locator("p", has_text="첫째 항목"), "marginLeft") == "53.3333px"
    # Nothing hidden comes to light, nothing lies over others.
    expect(letter.get_by_text("숨은 말")).to_have_count(0)
    floating = letter.locator("p", has_text="떠 있는 말")
    assert (style(floating, "position"), style(floating, "marginTop")) == ("static", "0px")


def test_tools_without_room_stand_behind_more(new_desk: Callable[..., Desk]) -> None:
    page = new_desk(PHONE).open()
    page.get_by_role("button", name="쓰기", exact=True).click()
    tools = page.get_by_role("toolbar", name="서식")
    expect(tools.get_by_role("button", name="굵게")).to_be_visible()
    expect(tools.get_by_role("button", name="오른쪽 맞춤")).to_have_count(0)
    assert tools.evaluate("(one) => one.scrollWidth <= one.clientWidth")
    letter_of(page).click()
    page.keyboard.insert_text("합계")
    tools.get_by_role("button", name="서식 더 보기").click()
    tools.get_by_role("button", name="오른쪽 맞춤").click()
    assert style(letter_of(page).locator("p").first, "textAlign") == "right"


def test_what_is_wrong_is_said_at_its_field(desk: Desk) -> None:
    page, letter = begin(desk)
    page.keyboard.insert_text("받는 사람이 없는 메일")
    page.get_by_role("button", name="보내기", exact=True).click()
    to = page.get_by_role("combobox", name="받는사람")
    expect(to).to_be_focused()
    expect(to).to_have_attribute("aria-invalid", "true")
    expect(to).to_have_accessible_description("받는사람을 입력해 주세요.")
    expect(page.locator(".window").get_by_role("alert")).to_contain_text("받는사람을 입력해 주세요.")
    expect(page.get_by_role("region", name="알림").get_by_text("받는사람을 입력")).to_have_count(0)
    assert violations(page) == []
    page.keyboard.insert_text("haeun.lee@hanbit-tech.example,")
    page.keyboard.press(",")
    expect(to).not_to_have_attribute("aria-invalid", "true")
    page.get_by_role("button", name="참조·숨은참조").click()
    copies = page.get_by_role("combobox", name="참조", exact=True)
    copies.fill("틀린주소")
    copies.press("Control+Enter")
    expect(copies).to_be_focused()
    expect(copies).to_have_accessible_description(re.compile("주소 형식이 맞지 않습니다"))
    expect(to).not_to_have_attribute("aria-invalid", "true")
    expect(letter).to_be_visible()


def test_somebodys_own_face_and_size_are_those_of_their_letters(desk: Desk) -> None:
    page = desk.open()
    page.goto(desk.site + "/#/settings/writing")
    pick(page.get_by_label("글꼴", exact=True), "맑은 고딕")
    pick(page.get_by_label("글자 크기", exact=True), "11pt")
    page.go_back()
    expect(page.locator("[role=row]").first).to_be_visible()
    page.keyboard.press("c")
    expect(page.get_by_role("button", name="글꼴: 맑은 고딕")).to_be_visible()
    page.get_by_role("combobox", name="받는사람").fill("haeun.lee@hanbit-tech.example,")
    page.get_by_role("textbox", name="제목").fill("글꼴을 정한 메일")
    letter_of(page).click()
    page.keyboard.insert_text("맑게 씁니다")
    assert style(letter_of(page).get_by_text("맑게 씁니다"), "fontSize") == "14.6667px"
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("region", name="알림")).to_contain_text("보냈습니다")
    page.get_by_role("link", name="보낸메일함").click()
    page.get_by_role("row").filter(has_text="글꼴을 정한 메일").first.click()
    words = page.frame_locator("iframe[title='메일 본문']").get_by_text("맑게 씁니다")
    assert style(words, "fontSize") == "14.6667px"
    assert style(words, "fontFamily").startswith('"Malgun Gothic"')
