"""Attachments seen without a download: documents as they look, PDFs in Korean, files inside files, all of them in one ZIP."""

from __future__ import annotations

import base64
import json
import re
import zipfile
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from playwright.sync_api import Locator, Page, expect
from tests.e2e.company import DESKTOP, Company, Person
from tests.e2e.demo_desk import PHONE, Desk, asked_at, violations
from tests.e2e.pictures import keep_picture
from tests.e2e.test_reading_company import bring_in, with_files
from tests.e2e.test_second_factor import PASSWORD, new_account
from tests.e2e.writing_help import look
from tests.strength import FULL
from tests.unit.formats_extract import documents as plain
from tests.unit.formats_layout import charts, old_documents
from tests.unit.formats_layout import old_packages as old
from tests.unit.formats_layout import open_packages as opened
from tests.unit.formats_layout import packages as made

from smartmail.formats.layout.reading import layout

if TYPE_CHECKING:
    import pathlib
    from collections.abc import Callable

DOCUMENTS = {
    "계약서.docx": made.contract,
    "예산.xlsx": made.budget,
    "계획.pptx": made.plan,
    "회의록.hwpx": made.minutes,
    "옛회의록.hwp": made.hwp_minutes,
    "옛예산.xls": old.budget,
    "옛계약서.doc": old_documents.agreement,
    "옛계획.ppt": old_documents.strategy,
    "보고.docx": lambda: charts.word(charts.TURNOVER, charts.SHARES),
    "분기.xlsx": lambda: charts.sheet(charts.TURNOVER),
    "분기.pptx": lambda: charts.slide(charts.TURNOVER),
    "공문.odt": opened.notice,
    "지출.ods": opened.spending,
    "제안.odp": opened.proposal,
    "편지.rtf": opened.rich,
    "회신.msg": lambda: made.msg(("도면.docx", made.contract()), inner=("원래 글", "안쪽 글", "속.txt", b"x")),
}
# Dark pixels of each third of a line of three characters.
INK = """() => {
  const canvas = document.querySelector('dialog canvas');
  if (!canvas || canvas.width < 100) return null;
  const scale = canvas.width / 595;
  const [left, top, size] = [50 * scale, (842 - 814) * scale, 14 * scale];
  const pen = new OffscreenCanvas(canvas.width, canvas.height).getContext('2d', { willReadFrequently: true });
  pen.drawImage(canvas, 0, 0);
  const data = pen.getImageData(left, top, size * 3, size * 1.6);
  const ink = [0, 0, 0];
  for (let at = 0; at < data.data.length; at += 4)
    if (data.data[at] < 140 && data.data[at + 3] > 0) ink[Math.min(2, Math.floor(((at / 4) % data.width) / size))] += 1;
  return ink[0] > 0 ? ink : null;
}"""


def preview_of(page: Page) -> Locator:
    return page.get_by_role("dialog", name=re.compile("미리보기"))


def arrived(desk: Desk, name: str, answer: Any, octets: bytes = b"") -> Locator:
    """Let a letter with this file come to the demo, whose server says `answer` of its looks; open the file."""
    page = desk.page
    page.evaluate(
        """([name, layout, octets]) => {
          demo.previewLayout = async () => layout;
          if (octets) demo.previewOctets = async () =>
            new Blob([Uint8Array.from(atob(octets), (char) => char.charCodeAt(0))], { type: 'application/pdf' });
          demo.server.arrive({ subject: `서류 ${name}`, text: 'x', preview: 'x', hasAttachment: true,
            from: [{ name: '한지훈', email: 'han@partner.example' }],
            attachments: [{ partId: '2', blobId: 'f-x', name, type: 'application/octet-stream', size: 12345,
              disposition: 'attachment', cid: null }] });
        }""",
        [name, answer, base64.b64encode(octets).decode()],
    )
    page.get_by_role("row", name=re.compile(f"서류 {name}")).first.locator(".subject").click()
    page.get_by_role("region", name="첨부").get_by_role("button", name=re.compile(name)).first.click()
    preview = preview_of(page)
    expect(preview).to_be_visible()
    return preview


def at_list(desk: Desk) -> Page:
    """Come back to the list in the page that is open; it is loaded where there is none, or something stands open in it."""
    page = desk.page
    if not page.url.startswith(desk.site) or page.locator("dialog[open]").count():
        return desk.open()
    page.evaluate("location.hash = ''")
    page.locator("[role=row]").first.wait_for()
    return page


def told(name: str) -> Any:
    return json.loads(msgspec.json.encode(layout(DOCUMENTS[name](), "", name)))


@pytest.mark.parametrize(("theme", "viewport"), [("light", DESKTOP), ("dark", PHONE)])
@pytest.mark.parametrize("name", DOCUMENTS)
def test_documents_look_like_themselves_and_shut_nobody_out(
    kept_desk: Callable[..., Desk], tmp_path: pathlib.Path, name: str, theme: str, viewport: dict[str, int]
) -> None:
    desk = kept_desk(viewport=viewport, theme=theme, goes_on=True)
    page = at_list(desk)
    preview = arrived(desk, name, told(name))
    if name == "분기.xlsx":
        expect(preview.get_by_role("img", name=re.compile("4분기 403억"))).to_be_visible()
    elif name == "분기.pptx":
        chart = preview.get_by_role("img", name=re.compile("매출: 1분기 310억, 2분기 290억"))
        drawn, frame = chart.bounding_box(), preview.locator(".slide").bounding_box()
        assert drawn and frame
        assert abs(drawn["width"] - frame["width"] / 2) < 2
    elif name == "보고.docx":
        expect(preview.get_by_role("img", name="분기별 매출")).to_be_visible()
        expect(preview.get_by_role("cell", name="403억")).to_be_visible()
        expect(preview.get_by_text("가 50%")).to_be_visible()
    elif name.endswith(("docx", "doc", "hwpx", "hwp", "odt", "rtf")):
        heading = preview.get_by_role("heading", name=re.compile("계약서|회의록")).last
        expect(heading).to_have_css("text-align", "center")
        expect(preview.get_by_role("cell", name="일정")).to_have_attribute("rowspan", "2")
        expect(preview.get_by_role("cell", name="내용")).to_have_attribute("colspan", "2")
        picture = preview.get_by_role("img", name="문서 속 그림")
        page.wait_for_function("() => document.querySelector('dialog img')?.naturalWidth === 8")
        expect(picture).to_be_visible()
    elif name.endswith(("xlsx", "xls", "ods")):
        expect(preview.get_by_role("cell", name="1,240,000,000원")).to_be_visible()
        expect(preview.get_by_role("cell", name="2027년 예산안")).to_have_attribute("colspan", "4")
        preview.get_by_role("tab", name="일정").click()
        expect(preview.get_by_role("cell", name="1.5")).to_be_visible()
        expect(preview.get_by_role("tab", name="숨김")).to_have_count(0)
        preview.get_by_role("tab", name="예산").click()
    elif name.endswith(("pptx", "ppt", "odp")):
        slide = preview.get_by_role("listitem").first.locator(".slide")
        title, frame = preview.get_by_text("2027년 사업 계획").bounding_box(), slide.bounding_box()
        assert title and frame
        assert frame["y"] < title["y"] < frame["y"] + frame["height"] * 0.2
        assert abs((title["x"] + title["width"] / 2) - (frame["x"] + frame["width"] / 2)) < frame["width"] * 0.05
    else:
        expect(preview.get_by_role("heading", name="견적 회신")).to_be_visible()
        expect(preview.get_by_role("button", name=re.compile("도면.docx"))).to_be_visible()
    keep_picture(page, tmp_path / f"{name}-{theme}.png")
    assert page.evaluate("document.querySelector('dialog').scrollWidth <= innerWidth")
    # A landing asks axe at one of the two sizes, by the name.
    if FULL or asked_at(name) == (viewport is PHONE):
        assert violations(page) == []
    page.keyboard.press("Escape")
    expect(preview).to_have_count(0)


def test_a_file_inside_a_file_opens_and_escape_leads_back_one_step(desk: Desk) -> None:
    page = desk.open()
    preview = arrived(desk, "회신.msg", told("회신.msg"))
    preview.get_by_role("button", name=re.compile("도면.docx")).click()
    expect(preview.get_by_role("heading", name="도면.docx")).to_be_visible()
    expect(preview.get_by_role("button", name="회신.msg 파일로 돌아가기")).to_be_visible()
    page.keyboard.press("Escape")
    expect(preview.get_by_role("heading", name="회신.msg")).to_be_visible()
    page.keyboard.press("Escape")
    expect(preview).to_have_count(0)


def test_a_pdf_whose_korean_font_is_not_embedded_shows_korean(desk: Desk) -> None:
    asked: list[str] = []
    page = desk.open()
    page.on("response", lambda answer: asked.append(f"{answer.status} {answer.url.rpartition('/')[2]}"))
    # A box for each character, or none at all, would have the same ink three times.
    octets = plain.pdf(b"KSCms-UHC-H", "이이뿔".encode("cp949"))
    arrived(desk, "한글.pdf", None, octets)
    thin, same, thick = page.wait_for_function(INK).json_value()
    assert abs(thin - same) < thin * 0.3
    assert thick > thin * 1.5
    assert "200 KSCms-UHC-H.bcmap" in asked


def test_files_of_a_letter_are_seen_opened_and_taken_together(
    company: Company, new_person: Callable[..., Person], tmp_path: pathlib.Path
) -> None:
    login = "previewer@hanbit.example"
    new_account(company, login, "보는이")
    person = new_person(viewport=DESKTOP).sign_in(login, PASSWORD)
    files = {name: ("application/octet-stream", octets()) for name, octets in DOCUMENTS.items()}
    winmail = plain.tnef((0x8004, b"TNEF"), (0x9002, bytes(14)), (0x8010, b"inner.docx\0"), (0x800F, made.contract()))
    files["winmail.dat"] = ("application/ms-tnef", winmail)
    files["묶음.zip"] = ("application/zip", plain.zipped({"속/회의록.hwpx": made.minutes(), "속/사진.png": made.png()}))
    bring_in(company, login, with_files(login, "서류 여러 가지", files))
    person.read("서류 여러 가지")
    page, preview = person.page, preview_of(person.page)
    region = page.get_by_role("region", name="첨부")
    shown = {
        "계약서.docx": "부품 납품 계약서", "예산.xlsx": "1,240,000,000원", "계획.pptx": "2027년 사업 계획",
        "회의록.hwpx": "시제품을 한 주 앞당긴다", "옛회의록.hwp": "주간 회의록", "회신.msg": "첨부를 봐 주세요.",
        "옛예산.xls": "1,240,000,000원", "공문.odt": "부가가치세는 따로 한다.", "지출.ods": "2027년 1월 13일", "제안.odp": "매출 목표 310억", "편지.rtf": "굵게 기울임 밑줄",
    }  # fmt: skip
    for name, text in shown.items():
        region.get_by_role("button", name=name).first.click()
        expect(preview).to_contain_text(text, timeout=60_000)
        page.keyboard.press("Escape")
        expect(preview).to_have_count(0)
    for outer, inner, text in (
        ("winmail.dat", "inner.docx", "부품 납품 계약서"), ("묶음.zip", "회의록.hwpx", "시제품을 한 주 앞당긴다"),
        ("회신.msg", "원래 글.eml", "안쪽 글"),
    ):  # fmt: skip
        region.get_by_role("button", name=outer).first.click()
        preview.get_by_role("button", name=re.compile(re.escape(inner))).click(timeout=60_000)
        expect(preview).to_contain_text(text, timeout=60_000)
        page.keyboard.press("Escape")
        expect(preview.get_by_role("button", name=re.compile(re.escape(inner)))).to_be_visible(timeout=60_000)
        page.keyboard.press("Escape")
        expect(preview).to_have_count(0)
    region.get_by_role("button", name="묶음.zip").first.click()
    preview.get_by_role("button", name=re.compile("사진.png")).click(timeout=60_000)
    page.wait_for_function("() => document.querySelector('dialog img')?.naturalWidth === 8")
    with page.expect_download() as started:
        preview.get_by_role("link", name="내려받기").click()
    assert started.value.path().read_bytes() == made.png()
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    expect(preview).to_have_count(0)
    look(page, "files", tmp_path)
    with page.expect_download() as started:
        region.get_by_role("link", name="모두 저장").click()
    assert started.value.suggested_filename == "서류 여러 가지.zip"
    with zipfile.ZipFile(started.value.path()) as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == {
            name: octets for name, (_, octets) in files.items()
        }
