"""Letters that mail systems exchange: in clear ASCII, in Korean, with addresses in Korean, with a large file."""

import base64
import itertools
import random
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["plain", "korean", "utf8", "large"]
LOCAL_PART = "상자"
"""Local part of recipients of `utf8` letters."""
_numbers = itertools.count(1)
_TEXT = {
    "plain": "Hello,\r\n.\r\n..two dots and a line that ends with spaces   \r\n-- \r\nbye\r\n",
    "korean": "안녕하세요,\r\n.\r\n다음 주 회의 자료를 보내 드립니다.\r\n감사합니다.\r\n",
    "utf8": "한글 주소로 보내는 편지입니다.\r\n",
    "large": "자료를 첨부합니다.\r\n",
}
_LARGE = 1 << 20


@dataclass(frozen=True)
class Letter:
    """`octets` as submitted; `options` of MAIL FROM."""

    message_id: str
    sender: str
    to: str
    octets: bytes
    options: list[str] = field(default_factory=list)


def letter(kind: Kind, sender: str, to: str) -> Letter:
    """Write one that no other is like."""
    number, local = next(_numbers), sender.partition("@")[2]
    message_id = f"letter.{number}.{random.SystemRandom().randrange(1 << 40)}@{local}"
    if kind == "utf8":
        to = f"{LOCAL_PART}@{to.partition('@')[2]}"
    head = [
        f"From: {_name(kind)} <{sender}>", f"To: <{to}>", f"Subject: {_subject(kind, number)}",
        "Date: Thu, 26 Nov 2026 10:00:00 +0900", f"Message-ID: <{message_id}>", "MIME-Version: 1.0",
    ]  # fmt: skip
    body = _TEXT[kind]
    if kind == "large":
        text = "\r\n".join(head) + "\r\n" + _with_file(body, number)
    else:
        charset, encoding = ("us-ascii", "7bit") if kind == "plain" else ("utf-8", "8bit")
        head += [f"Content-Type: text/plain; charset={charset}", f"Content-Transfer-Encoding: {encoding}"]
        text = "\r\n".join(head) + "\r\n\r\n" + body
    options = {"plain": [], "utf8": ["BODY=8BITMIME", "SMTPUTF8"]}.get(kind, ["BODY=8BITMIME"])
    return Letter(message_id, sender, to, text.encode(), options)


def _name(kind: Kind) -> str:
    return {"plain": "Kim Minji", "utf8": "김민지"}.get(kind, _word("김민지"))


def _subject(kind: Kind, number: int) -> str:
    words = {
        "plain": "Notes of the meeting",
        "korean": _word("회의 자료"),
        "utf8": "한글 제목",
        "large": _word("첨부 자료"),
    }
    return f"{words[kind]} {number}"


def _word(text: str) -> str:
    return f"=?utf-8?B?{base64.b64encode(text.encode()).decode()}?="


def _with_file(text: str, number: int) -> str:
    """Return type and body of a message of two parts, the second of which has a million octets of its own."""
    octets = random.Random(number).randbytes(_LARGE)
    file = base64.encodebytes(octets).decode().replace("\n", "\r\n")
    mark = f"=_part{number}"
    return (
        f'Content-Type: multipart/mixed; boundary="{mark}"\r\n\r\n'
        f"--{mark}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{text}\r\n"
        f"--{mark}\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n"
        f'Content-Disposition: attachment; filename="data.bin"\r\n\r\n{file}--{mark}--\r\n'
    )
