"""What is shown of a file that is not given: pixels anew, marked; and its page, which holds words of others."""

import io
import re

from PIL import Image
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen import canvas
from tests.unit.formats_layout import packages as made

from smartmail.formats.layout.markup import Markup
from smartmail.formats.layout.model import Box, Cell, Layout, Page, Paragraph, Picture, PictureFile, Run, Table, View
from smartmail.formats.layout.views import view


def picture(form: str, mode: str = "RGB", size: tuple[int, int] = (400, 300), **saved: object) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size, "white" if mode == "RGB" else (255, 255, 255, 0)).save(out, form, **saved)
    return out.getvalue()


def read(found: View) -> Image.Image:
    [one] = found.pages
    return Image.open(io.BytesIO(one.octets))


def test_pictures_are_written_anew_with_the_mark_and_without_what_they_carry():
    exif = Image.Exif()
    exif[0x010F] = "SecretCamera"
    octets = picture("JPEG", exif=exif.tobytes(), comment=b"SecretComment")
    assert b"SecretCamera" in octets
    found = view(octets, mark="lee@b.example 2026-11-27")
    drawn = read(found)
    assert b"Secret" not in found.pages[0].octets and drawn.size == (400, 300)
    assert drawn.convert("L").getextrema()[0] < 220 < 250 < read(view(octets)).convert("L").getextrema()[0]
    for form in ("PNG", "WEBP", "GIF", "BMP"):
        assert read(view(picture(form), mark="x")).format == "JPEG"


def test_what_shines_through_stays_so():
    drawn = read(view(picture("PNG", "RGBA"), mark="lee"))
    assert (drawn.format, drawn.mode, drawn.getpixel((5, 5))[3]) == ("PNG", "RGBA", 0)


def test_large_pictures_become_smaller_and_broken_ones_nothing():
    assert max(read(view(picture("PNG", size=(5000, 3000)), mark="x")).size) == 2200
    assert view(picture("PNG")[:60], mark="x") is None
    assert view(b"\x89PNG\r\n\x1a\n", mark="x") is None
    assert view(picture("PNG", size=(6000, 5000)), mark="x") is None


def test_pictures_of_documents_are_anew_too():
    found = view(made.contract(), "", "a.docx", mark="lee@b.example")
    assert found.layout.kind == "document"
    assert all(one.octets and one.octets not in made.contract() for one in found.layout.pictures)


def test_a_pdf_that_is_locked_or_broken_says_so():
    assert view(b"%PDF-1.4 nothing").problem == "damaged"


def test_words_of_others_stay_words_and_looks_are_classes():
    evil = "<script>alert(1)</script>\"'"
    cell = Cell((Paragraph((Run(evil, color="ff0000"),)),), columns=2, fill="000000")
    blocks = (
        Paragraph((Run(evil, bold=True, size=20.0), Run("²", script="super")), "center", heading=1, marker=evil, indent=2),
        Table(((cell,),), (100,)), Picture(0, 100), Picture(7),
    )  # fmt: skip
    layout = Layout("document", (Page(evil, blocks),), (PictureFile("image/png", b"p"),))
    markup = Markup(lambda key: key + evil)
    html = markup.view(View(layout=layout), str)
    assert "<script" not in html and "style=" not in html and html.count("&lt;script&gt;") >= 4
    style = markup.style()
    assert (
        "color:#ff0000" in style and "background-color:#000000;color:#ffffff" in style and "text-align:center" in style
    )
    assert set(re.findall(r"\bl\d+\b", html)) == set(re.findall(r"\bl\d+\b", style))
    assert 'src="data:image/png;base64,cA=="' in html and "missing" in html and 'colspan="2"' in html


def test_slides_sheets_and_text():
    boxes = (Box(0.1, 0.2, 0.5, 0.5, (Paragraph((Run("슬라이드", size=36.0),)),), "ffffff", "middle"),)
    slides = Markup(str)
    html = slides.view(
        View(layout=Layout("slides", (Page(boxes=boxes, width=720.0, height=540.0, back="003366"),))), str
    )
    assert "슬라이드" in html and "left:10%" in slides.style() and "font-size:5cqw" in slides.style()
    sheets = Layout("sheets", (Page("예산<", (Table(((Cell((Paragraph((Run("1"),)),)),),)),)),))
    assert "<h2>예산&lt;</h2>" in Markup(str).view(View(layout=sheets), str)
    assert Markup(str).view(View(text="a<b"), str) == '<article class="paper"><pre>a&lt;b</pre></article>'


def test_words_of_a_pdf_that_carries_no_font_for_them_stand_beside_its_pages():
    pdfmetrics.registerFont(UnicodeCIDFont("HYSMyeongJo-Medium"))
    out = io.BytesIO()
    paper = canvas.Canvas(out)
    paper.drawString(72, 720, "Plain words")
    paper.showPage()
    paper.setFont("HYSMyeongJo-Medium", 20)
    paper.drawString(72, 720, "부품 납품 계약서")
    paper.showPage()
    paper.save()
    found = view(out.getvalue(), mark="lee")
    assert (len(found.pages), found.text) == (2, "부품 납품 계약서")
    html = Markup(str).view(found, str)
    assert html.count("<img") == 2 and "부품 납품 계약서" in html
