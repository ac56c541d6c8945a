"""A footer below the words: where it goes, where it does not, and that all else stays as it was."""

import email
import email.policy
from email.message import EmailMessage

import pytest

from smartmail.formats import footer
from smartmail.formats.footer import Footer, footer_of
from smartmail.formats.mime.parts import list_parts
from smartmail.formats.mime.scanner import scan

KOREAN = footer_of("이 메일은 받는 분만 보실 수 있습니다.\n잘못 받으셨으면 지워 주십시오.")
RICH = footer_of('<p>이 메일은 <b>대외비</b>입니다.</p><script>alert(1)</script><img src=x onerror="x()">')


def put(message: bytes, what: Footer | None = KOREAN, *, once: bool = True) -> bytes | None:
    """The message with its footer as the services put it; None where it stays."""
    assert what is not None
    parts = list_parts(scan(message))
    header = message[: parts[0].body_start]
    if not footer.may_change(header, parts):
        return None
    edits = {}
    for index in footer.places(parts):
        part = parts[index]
        own = message[part.header_start : part.body_start]
        edit = footer.edit(part, own, message[part.body_start : part.body_end], what, once=once)
        if edit is not None:
            edits[index] = (own, edit)
    if not edits:
        return None
    chunks = footer.pieces(parts, edits, len(message), header)
    return b"".join(chunk if isinstance(chunk, bytes) else message[chunk[0] : chunk[1]] for chunk in chunks)


def read(message: bytes | None) -> EmailMessage:
    assert message is not None
    return email.message_from_bytes(message, policy=email.policy.default)  # type: ignore[return-value]


def text_of(mail: EmailMessage) -> str:
    return mail.get_content().replace("\r\n", "\n")


def letter(text: str, html: str | None = None, files: tuple[bytes, ...] = ()) -> EmailMessage:
    mail = EmailMessage(policy=email.policy.SMTP)
    mail["From"], mail["To"], mail["Subject"] = "a@a.kr", "b@b.kr", "보고"
    mail.set_content(text)
    if html is not None:
        mail.add_alternative(html, subtype="html")
    for octets in files:
        mail.add_attachment(octets, maintype="application", subtype="octet-stream", filename="파일.bin")
    return mail


def test_it_stands_below_both_texts_and_files_stay_as_they_were():
    before = letter("안녕하세요.\n", "<html><body><p>안녕하세요.</p></body></html>", (bytes(range(256)) * 9,))
    after = read(put(before.as_bytes()))
    plain, html = after.get_body(("plain",)), after.get_body(("html",))
    assert text_of(plain).startswith("안녕하세요.\n\n-----")
    assert plain.get_content().rstrip().endswith("잘못 받으셨으면 지워 주십시오.")
    assert "보실 수 있습니다.<br>잘못" in html.get_content()
    assert html.get_content().rstrip().endswith("</div></body></html>")
    [file] = after.iter_attachments()
    assert (file.get_filename(), file.get_content()) == ("파일.bin", bytes(range(256)) * 9)
    assert [(name, str(value)) for name, value in after.items()] == [(n, str(v)) for n, v in before.items()]


def test_a_message_that_is_one_text_may_be_of_any_charset():
    old = "From: a@a.kr\r\nSubject: x\r\n".encode() + (
        b"Content-Type: text/plain; charset=euc-kr; format=flowed\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
        + "가나다\r\n".encode("euc-kr")
    )
    after = read(put(old))
    assert text_of(after).startswith("가나다\n\n---")
    assert "지워 주십시오." in after.get_content()
    assert after["content-type"].params["format"] == "flowed"
    assert after["mime-version"] == "1.0"
    bare = read(put(b"From: a@a.kr\r\n\r\nhello\r\n"))
    assert text_of(bare).startswith("hello\n\n---")


def test_br_16_a_thread_of_five_answers_has_one():
    mail = put(letter("처음").as_bytes())
    for turn in range(5):
        quoted = "".join(f"> {line}\n" for line in read(mail).get_content().splitlines())
        answer = letter(f"답 {turn}\n\n{quoted}").as_bytes()
        mail = put(answer) or answer
    assert read(mail).get_content().count("지워 주십시오.") == 1
    assert put(mail, once=False) is not None
    html = read(put(letter("x", "<p>x</p>").as_bytes())).get_body(("html",)).get_content()
    assert put(letter("답", f"<p>답</p><blockquote>{html}</blockquote>").as_bytes()) is not None, (
        "the plain text lacks it"
    )
    assert (
        read(put(letter("답", f"<p>답</p><blockquote>{html}</blockquote>").as_bytes()))
        .get_body(("html",))
        .get_content()
        .count("지워 주십시오.")
        == 1
    )


@pytest.mark.parametrize(
    "message",
    [
        b'Content-Type: multipart/signed; boundary=b; protocol="application/pkcs7-signature"\r\n\r\n--b\r\n\r\nx\r\n--b--\r\n',
        b"Content-Type: application/pkcs7-mime; smime-type=enveloped-data\r\n\r\nMIIB\r\n",
        b"Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\nContent-Type: multipart/encrypted; boundary=b\r\n\r\n--b\r\n\r\nx\r\n--a--\r\n",
        b"DKIM-Signature: v=1; a=rsa-sha256\r\nContent-Type: text/plain\r\n\r\nx\r\n",
        b"Auto-Submitted: auto-replied\r\n\r\nx\r\n",
        b"\r\n-----BEGIN PGP SIGNED MESSAGE-----\r\n\r\nx\r\n",
        b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n\xff\xfe\xff\xc3(\r\n",
        b"Content-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\niVBO\r\n",
    ],
)  # fmt: skip
def test_what_proves_something_or_cannot_be_read_is_left_alone(message):
    assert put(b"From: a@a.kr\r\n" + message) is None


def test_rich_words_lose_what_is_no_words():
    assert RICH == Footer("이 메일은 대외비입니다.", RICH.html)
    assert "script" not in RICH.html
    assert "onerror" not in RICH.html
    assert footer_of("  \n ") is None
    assert footer_of("a < b & c") == Footer("a < b & c", "a &lt; b &amp; c")
