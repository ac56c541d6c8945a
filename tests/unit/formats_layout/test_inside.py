"""Files in files: messages, archives, what Outlook makes; opened one in another."""

from email.message import EmailMessage

from tests.unit.formats_extract import documents as plain
from tests.unit.formats_layout import packages as made

from smartmail.formats.layout import inside
from smartmail.formats.layout.inside import opened
from smartmail.formats.layout.reading import layout


def heads(found):
    return {head.field: head.text for head in found.heads}


def lines(found):
    return ["".join(run.text for run in block.runs) for page in found.pages for block in page.blocks]


def eml(*files, text="본문입니다."):
    mail = EmailMessage()
    mail["Subject"], mail["From"], mail["To"] = "견적 문의", "한지훈 <han@partner.example>", "kim@a.example"
    mail["Date"] = "Fri, 08 Jan 2027 09:00:00 +0900"
    mail.set_content(text)
    for name, octets in files:
        mail.add_attachment(octets, "application", "octet-stream", filename=name)
    return mail.as_bytes()


def test_an_outlook_message_tells_its_heads_its_text_and_its_files():
    found = layout(made.msg(("도면.docx", made.contract())), "", "회신.msg")
    assert (found.kind, heads(found)) == ("mail", {
        "subject": "견적 회신", "from": "한지훈 <han@partner.example>", "to": "김민지", "date": "2026-01-08T00:00+00:00",
    })  # fmt: skip
    assert lines(found) == ["첨부를 봐 주세요.", "고맙습니다."]
    assert [(file.name, file.size) for file in found.files] == [("도면.docx", len(made.contract()))]


def test_a_file_of_an_outlook_message_is_opened_and_laid_out():
    octets = made.msg(("도면.docx", made.contract()))
    file = opened(octets, "", "회신.msg", (0,))
    assert (file.name, file.octets) == ("도면.docx", made.contract())
    assert layout(file.octets, file.type, file.name).kind == "document"


def test_a_message_in_an_outlook_message_is_opened_and_so_is_its_file():
    octets = made.msg(inner=("원래 글", "안쪽 글", "속.txt", "속말".encode()))
    assert [file.name for file in layout(octets).files] == ["원래 글.eml"]
    file = opened(octets, "", "회신.msg", (0,))
    found = layout(file.octets, file.type, file.name)
    assert (heads(found)["subject"], lines(found)) == ("원래 글", ["안쪽 글"])
    assert opened(octets, "", "회신.msg", (0, 0)).octets == "속말".encode()


def test_winmail_dat_tells_its_files_and_opens_them():
    octets = plain.tnef(
        (0x8004, "제목".encode("cp949")), (0x800C, "본문".encode("cp949")), (0x9002, bytes(14)), (0x8010, b"a.docx\0"),
        (0x800F, made.contract()),
    )  # fmt: skip
    found = layout(octets, "application/ms-tnef", "winmail.dat")
    assert (found.kind, heads(found), lines(found)) == ("mail", {"subject": "제목"}, ["본문"])
    assert [file.name for file in found.files] == ["a.docx"]
    assert opened(octets, "", "winmail.dat", (0,)).octets == made.contract()


def test_an_archive_tells_its_files_and_opens_them_by_number():
    octets = plain.zipped({"도면/": b"", "도면/a.docx": made.contract(), "메일.eml": eml(("b.txt", b"in"))})
    found = layout(octets, "", "묶음.zip")
    assert (found.kind, [file.name for file in found.files]) == ("archive", ["도면/a.docx", "메일.eml"])
    assert opened(octets, "", "묶음.zip", (0,)).octets == made.contract()
    assert opened(octets, "", "묶음.zip", (1, 0)).octets == b"in"
    assert opened(octets, "", "묶음.zip", (2,)) is None
    assert opened(octets, "", "묶음.zip", (0, 0)) is None, "a document is no archive for a person"


def test_what_has_a_password_is_told_and_not_opened():
    octets = plain.zip_with_raw_name("비밀.txt".encode("cp949"), b"x" * 30, flags=1)
    (file,) = layout(octets, "", "a.zip").files
    assert (file.name, file.readable) == ("비밀.txt", False)
    assert opened(octets, "", "a.zip", (0,)) is None


def test_a_message_is_laid_out_like_one():
    found = layout(eml(("a.txt", b"x")), "message/rfc822", "문의.eml")
    assert heads(found)["from"] == "한지훈 <han@partner.example>"
    assert lines(found)[0] == "본문입니다."
    assert [file.name for file in found.files] == ["a.txt"]


def test_steps_sizes_and_numbers_are_bounded(monkeypatch):
    deep = b"end"
    for _ in range(8):
        deep = plain.zipped({"a.zip": deep})
    assert opened(deep, "", "a.zip", (0,) * inside.MAX_STEPS) is not None
    assert opened(deep, "", "a.zip", (0,) * (inside.MAX_STEPS + 1)) is None
    assert opened(deep, "", "a.zip", ()) is None
    many = plain.zipped({f"{at}.txt": b"" for at in range(inside.MAX_FILES + 5)})
    found = layout(many, "", "a.zip")
    assert (len(found.files), found.problem) == (inside.MAX_FILES, "limits")
    monkeypatch.setattr(inside, "MAX_FILE", 2)
    assert opened(plain.zipped({"a": b"xyz"}), "", "a.zip", (0,)) is None


def test_a_bomb_in_an_archive_is_not_opened():
    octets = plain.zipped({"a.bin": bytes(80 << 20)})
    assert opened(octets, "", "a.zip", (0,)) is None
