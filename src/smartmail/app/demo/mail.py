"""Mail of the demo company, octet by octet as clients of this region send it: every legacy charset, HTML, files.

Built by hand, not by our composer, because the point is what others write.
"""

import base64
import quopri
from collections.abc import Iterator
from dataclasses import dataclass
from email.utils import formatdate

from smartmail.domain.mailbox import MailboxRole

HERO = "minji.kim@hanbit.example"
"""Whose mailbox is the showcase."""


@dataclass(frozen=True, slots=True)
class DemoMessage:
    """One message for one account. `age_s` seconds before now; keywords in JMAP spelling."""

    to: str
    octets: bytes
    age_s: int
    keywords: tuple[str, ...] = ()
    mailbox_role: MailboxRole = "inbox"


@dataclass(frozen=True, slots=True)
class _Letter:
    name: str
    address: str
    subject: str
    text: str
    charset: str = "utf-8"
    encoding: str = "base64"
    html: str = ""
    files: tuple[tuple[str, str, bytes], ...] = ()


_PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAoAAAAKCAIAAAACUFjqAAAAFklEQVR4nGNkqPjPgBsw4ZEbwdIAQpoBkf1cdM4AAAAASUVORK5CYII="
)
_CSV = "품목,수량,단가\r\n노트북,10,1200000\r\n모니터,20,350000\r\n".encode("cp949")

LETTERS = (
    (_Letter("박서준", "seojun.park@hanbit.example", "[견적서] 3분기 장비 구매 건", "김민지 책임님, 안녕하세요.\r\n\r\n요청하신 3분기 장비 견적서를 첨부합니다.\r\n금요일까지 검토 부탁드립니다.\r\n\r\n박서준 드림\r\n", files=(("견적서_3분기.csv", "text/csv", _CSV),)), 1800, ()),
    (_Letter("이지우", "jiwoo.lee@hanbit.example", "예산 회의 안건 공유", "이번 주 예산 회의 안건입니다.\r\n1. 상반기 집행률\r\n2. 하반기 추가 예산\r\n3. 기타\r\n", html="<p>이번 주 <b>예산 회의</b> 안건입니다.</p><ol><li>상반기 집행률</li><li>하반기 추가 예산</li><li>기타</li></ol><p style=\"color:#555\">재무팀 이지우</p>"), 5400, ("$flagged",)),
    (_Letter("최하은", "haeun.choi@hanbit.example", "Re: 연차 사용 계획 회신 부탁드립니다", "네, 확인했습니다. 감사합니다.\r\n\r\n> 연차 사용 계획을 회신해 주세요.\r\n", "euc-kr", "base64"), 9000, ("$seen", "$answered")),
    (_Letter("정도윤", "doyun.jung@hanbit-trading.example", "똠방각하 공연 단체 관람 (펲시콜라 협찬)", "쀍뷁똠 같은 글자도 깨지지 않아야 합니다.\r\n관람 신청은 내일까지입니다.\r\n", "cp949", "base64"), 14400, ()),
    (_Letter("통관팀", "minji.kim@hanbit-trading.example", "수입신고필증 송부", "수입신고필증을 보내 드립니다. 확인 바랍니다.\r\n", "iso-2022-kr", "7bit"), 21600, ("$seen",)),
    (_Letter("田中一郎", "tanaka@hanbit-trading.example", "来週の打ち合わせについて", "お世話になっております。\r\n来週の打ち合わせは火曜日の午後でお願いいたします。\r\n田中\r\n", "iso-2022-jp", "7bit"), 30000, ()),
    (_Letter("王芳", "wang.fang@hanbit-trading.example", "关于合同的修改意见", "您好，\r\n合同的修改意见已经整理好了，请查收。\r\n王芳\r\n", "gb18030", "base64"), 43200, ()),
    (_Letter("陳怡君", "chen@hanbit-tech.example", "系統維護通知", "各位同仁：\r\n本週六晚上十點將進行系統維護，請提前儲存資料。\r\n", "big5", "quoted-printable"), 60000, ("$seen",)),
    (_Letter("Alex Smith", "smith@hanbit-tech.example", "Release notes for the portal", "Hi Minji,\r\n\r\nthe new portal goes live on Monday. The notes are below.\r\n\r\n- faster search\r\n- shared mailboxes\r\n\r\nAlex\r\n"), 90000, ("$seen",)),
    (_Letter("한유진", "yujin.han@hanbit-tech.example", "화면 시안 첨부드립니다 (v2)", "시안 두 장을 첨부합니다.\r\n", html="<p>시안 두 장을 첨부합니다.</p><p><img src=\"cid:draft@demo\" alt=\"시안\"></p><p><img src=\"https://tracker.example/open.gif\" width=\"1\" height=\"1\"></p>", files=(("화면 시안 v2.png", "image/png", _PNG), ("회의록.txt", "text/plain", "회의록 본문입니다.\r\n".encode()))), 120000, ()),
    (_Letter("사내 공지", "haeun.choi@hanbit.example", "[공지] 12월 건강검진 일정 안내", "임직원 여러분께,\r\n12월 건강검진 일정을 안내드립니다.\r\n", html="<table border=\"1\" cellpadding=\"6\"><tr><th>날짜</th><th>대상</th></tr><tr><td>12월 3일</td><td>경영지원팀</td></tr><tr><td>12월 4일</td><td>영업팀</td></tr></table>"), 172800, ("$seen",)),
)  # fmt: skip


def messages(now_s: int) -> Iterator[DemoMessage]:
    """Yield all demo mail, oldest first."""
    for number, (letter, age_s, keywords) in sorted(enumerate(LETTERS), key=lambda item: -item[1][1]):
        yield DemoMessage(HERO, _octets(letter, number, now_s - age_s), age_s, keywords)
    for number, age_s in ((100, 200_000), (101, 260_000)):
        sent = _Letter("김민지", HERO, f"주간 보고 {number - 99}", "주간 보고 드립니다.\r\n")
        yield DemoMessage(
            HERO, _octets(sent, number, now_s - age_s, to="jiwoo.lee@hanbit.example"), age_s, ("$seen",), "sent"
        )


def _octets(letter: _Letter, number: int, at: int, to: str = HERO) -> bytes:
    head = [
        b"From: " + _word(letter.name, letter.charset) + f" <{letter.address}>".encode(),
        b"To: " + _word("김민지", "utf-8") + f" <{to}>".encode(),
        b"Subject: " + _word(letter.subject, letter.charset),
        f"Date: {formatdate(at)}".encode(),
        f"Message-ID: <demo-{number}@hanbit.example>".encode(),
        b"MIME-Version: 1.0",
    ]
    return b"\r\n".join(head) + b"\r\n" + _body(letter, number)


def _body(letter: _Letter, number: int) -> bytes:
    text = _part(f"text/plain; charset={letter.charset}", letter.encoding, letter.text.encode(letter.charset))
    if letter.html:
        html = _part(
            "text/html; charset=utf-8", "quoted-printable", f"<html><body>{letter.html}</body></html>".encode()
        )
        text = _multipart("alternative", f"=_alt{number}", [text, html])
    if not letter.files:
        return text
    parts = [text]
    for name, media_type, octets in letter.files:
        word = _word(name, "utf-8").decode()
        extra = "Content-ID: <draft@demo>\r\n" if media_type == "image/png" else ""
        parts.append(
            _part(
                f'{media_type}; name="{word}"',
                "base64",
                octets,
                f'Content-Disposition: attachment; filename="{word}"\r\n{extra}',
            )
        )
    return _multipart("mixed", f"=_mix{number}", parts)


def _part(content_type: str, encoding: str, octets: bytes, extra: str = "") -> bytes:
    head = f"Content-Type: {content_type}\r\nContent-Transfer-Encoding: {encoding}\r\n{extra}\r\n".encode()
    if encoding == "base64":
        octets = base64.encodebytes(octets).replace(b"\n", b"\r\n")
    elif encoding == "quoted-printable":
        octets = quopri.encodestring(octets.replace(b"\r\n", b"\n")).replace(b"\n", b"\r\n")
    return head + octets


def _multipart(kind: str, boundary: str, parts: list[bytes]) -> bytes:
    head = f'Content-Type: multipart/{kind}; boundary="{boundary}"\r\n\r\n'.encode()
    mark = f"--{boundary}".encode()
    return head + b"".join(mark + b"\r\n" + part.rstrip(b"\r\n") + b"\r\n" for part in parts) + mark + b"--\r\n"


def _word(text: str, charset: str) -> bytes:
    if text.isascii():
        return text.encode()
    coded = base64.b64encode(text.encode(charset)).decode()
    return f"=?{charset}?B?{coded}?=".encode()
