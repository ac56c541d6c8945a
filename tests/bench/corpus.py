"""Office mail for load: the mix of a Korean company, the same for one seed, cheap to give out.

24 % plain text of 1.5–5 KB, 46 % text and HTML of 8–26 KB, 20 % with an inline picture (30–110 KB), 8 % with a file of
180–500 KB, 2 % of 0.55–0.95 MB: median about 18 KB, mean about 60 KB. `LETTERS` (1–6 KB) fills large mailboxes.
Bodies come out of a pool; each message has its own header.
"""

import base64
import random
from datetime import datetime, timedelta, timezone
from email.header import Header
from email.utils import format_datetime

_KOREAN = (
    "안녕하세요 지난주 회의에서 말씀드린 견적서 초안을 보내 드립니다 검토하신 뒤 의견을 주시면 반영하겠습니다 "
    "생산 일정 납기 품질 검사 결과 협력사 계약서 수정본 결재 부서장 승인 예산 집행 내역 분기 실적 해외 지사 출장 "
    "보고 서버 점검 안내 금요일 저녁 여섯 시부터 두 시간 동안 접속이 제한됩니다 감사합니다"
).split()
_ENGLISH = (
    "please find attached the revised draft minutes agenda forecast shipment warranty invoice regards team".split()
)
_ZONE = timezone(timedelta(hours=9))
_BEGIN = datetime(2026, 3, 2, 9, tzinfo=_ZONE)

# Share in percent, kind, least and greatest octets.
Mix = tuple[tuple[int, str, int, int], ...]
OFFICE: Mix = (
    (24, "plain", 1_500, 5_000),
    (46, "alternative", 8_000, 26_000),
    (20, "picture", 30_000, 110_000),
    (8, "file", 180_000, 500_000),
    (2, "file", 550_000, 950_000),
)
LETTERS: Mix = ((60, "plain", 1_200, 3_500), (40, "alternative", 3_000, 6_000))


class Corpus:
    """Messages by number. `run` makes Message-IDs new, so that no server takes them for repeats."""

    def __init__(self, mix: Mix = OFFICE, seed: int = 1, run: str = "run", pool: int = 200) -> None:
        rng = random.Random(f"smartmail bench {seed}")
        self._run = run
        # Content fields, empty line and body, ready to send.
        self._bodies = [_body(rng, kind, octets) for kind, octets in _plan(mix, pool)]
        self._subjects = [_subject(rng) for _ in range(120)]

    def message(self, number: int, recipient: str) -> bytes:
        """Return a message with CRLF, dots not stuffed; no body line begins with a dot."""
        chosen = number * 2_654_435_761 & 0xFFFFFFFF
        date = format_datetime(_BEGIN + timedelta(minutes=number))
        answered = f"<{self._run}.{max(0, number - 2)}@mail.partner.example>"
        return b"".join(
            (
                f"Received: from out{number % 5}.partner.example (out{number % 5}.partner.example [198.51.100.7])\r\n"
                f"\tby relay.partner.example with ESMTPS id {chosen:08x};\r\n\t{date}\r\n"
                f"Date: {date}\r\nMessage-ID: <{self._run}.{number}@mail.partner.example>\r\n"
                f"In-Reply-To: {answered}\r\nReferences: {answered}\r\n"
                "From: =?utf-8?B?67CV7ISc7Jew?= <seoyeon.park@partner.example>\r\n"
                f"To: <{recipient}>\r\nSubject: ".encode(),
                self._subjects[(chosen >> 9) % len(self._subjects)],
                b"\r\nMIME-Version: 1.0\r\n",
                self._bodies[chosen % len(self._bodies)],
            )
        )


def _plan(mix: Mix, pool: int) -> list[tuple[str, int]]:
    """Return kind and size of each body: shares and spread exactly as told, not left to luck."""
    plan = []
    for share, kind, least, most in mix:
        count = pool * share // 100
        plan += [(kind, round(least * (most / least) ** ((at + 0.5) / count))) for at in range(count)]
    return plan


def _subject(rng: random.Random) -> bytes:
    text = " ".join(rng.choices(_KOREAN, k=rng.randint(3, 8)))
    return Header(text, "utf-8", header_name="Subject").encode(linesep="\r\n").encode()


def _text(rng: random.Random, octets: int) -> str:
    words: list[str] = []
    size = 0
    while size < octets:
        word = rng.choice(_ENGLISH if rng.random() < 0.15 else _KOREAN)
        words.append(word + (".\r\n" if rng.random() < 0.07 else ""))
        size += len(word.encode()) + 1
    return " ".join(words)


def _base64(octets: bytes) -> bytes:
    return base64.encodebytes(octets).replace(b"\n", b"\r\n")


def _part(content: str, octets: bytes) -> bytes:
    return f"{content}\r\nContent-Transfer-Encoding: base64\r\n\r\n".encode() + _base64(octets)


def _multipart(kind: str, boundary: str, parts: list[bytes]) -> bytes:
    opening = f'Content-Type: multipart/{kind};\r\n boundary="{boundary}"\r\n\r\n'.encode()
    inside = b"".join(f"--{boundary}\r\n".encode() + part for part in parts)
    return opening + inside + f"--{boundary}--\r\n".encode()


def _plain(rng: random.Random, octets: int) -> bytes:
    # In base64 a text grows by a third.
    return _part("Content-Type: text/plain; charset=utf-8", _text(rng, octets * 3 // 4).encode())


def _alternative(rng: random.Random, octets: int) -> bytes:
    rows = _text(rng, octets // 2).replace("\r\n", "</p>\r\n<p>")
    page = f'<html><head><title>m</title></head><body style="font-family:sans-serif"><p>{rows}</p></body></html>'
    html = _part("Content-Type: text/html; charset=utf-8", page.encode())
    return _multipart("alternative", f"alt-{rng.getrandbits(48):012x}", [_plain(rng, octets // 3), html])


def _body(rng: random.Random, kind: str, octets: int) -> bytes:
    if kind == "plain":
        return _plain(rng, octets)
    if kind == "alternative":
        return _alternative(rng, octets)
    inner = min(octets // 3, 18_000)
    name = Header(f"{rng.choice(_KOREAN)}_{rng.randrange(1000)}", "utf-8").encode()
    media, disposition, outer = (
        ("image/png", "inline", "related") if kind == "picture" else ("application/pdf", "attachment", "mixed")
    )
    fields = (
        f'Content-Type: {media}; name="{name}"\r\nContent-Disposition: {disposition}; filename="{name}"\r\n'
        f"Content-ID: <{rng.getrandbits(40):010x}@partner.example>"
    )
    attached = _part(fields, rng.randbytes(max(1_000, (octets - inner) * 3 // 4)))
    return _multipart(outer, f"out-{rng.getrandbits(48):012x}", [_alternative(rng, inner), attached])
