"""Mail to be searched, made up: Korean, Japanese, Chinese and Latin text whose words are as uneven as in life.

The n-th message is always the same, so that a query can be made of any of them.
"""

import itertools
import random
from functools import cache

from smartmail.formats.search.document import Document, compose

LANGUAGES = ("ko", "ko", "ko", "ko", "ko", "ko", "ja", "zh", "latin", "latin")
WORDS = 12_000
_KO = "회의 자료 보안 견적 계약 검토 부탁 안녕 프로젝트 일정 변경 안내 담당 확인 회신 인사 공지 서버 점검 보고 매출 분석 결과 공유 참석 고객 요청 개발 배포 완료".split()
_PARTICLES = (
    "",
    "",
    "은",
    "는",
    "이",
    "가",
    "을",
    "를",
    "에",
    "에서",
    "으로",
    "와",
    "의",
    "도",
    "까지",
    "부터",
    "입니다",
    "합니다",
)
_JA = "会議 資料 確認 お願い 致します 添付 契約 連絡 株式会社 予定 変更 報告 システム メール データ".split()
_ZH = "会议 资料 合同 确认 附件 公司 项目 报告 通知 系统 数据 安全 时间 客户 人员".split()
_LATIN = "invoice meeting report contract project schedule attached please review system security customer data team update".split()


@cache
def _vocabulary(language: str) -> tuple[list[str], list[float]]:
    chance = random.Random(language)
    hangul = [chr(code) for code in range(0xAC00, 0xD7A4, 9)]
    han = [chr(code) for code in range(0x4E00, 0x9000, 7)]
    kana = [chr(code) for code in range(0x3042, 0x3094)]
    parts = {
        "ko": (hangul, (2, 2, 2, 3, 3, 4), _KO),
        "ja": (han[:1200] + kana * 6, (1, 2, 2, 3, 4), _JA),
        "zh": (han, (1, 2, 2, 2, 3), _ZH),
        "latin": ([a + b for a in "bcdfghklmnprstvw" for b in "aeiou"], (1, 2, 2, 3, 4), _LATIN),
    }[language]
    letters, lengths, known = parts
    weights = [1 / (number + 8) for number in range(len(letters))]
    words = known + ["".join(chance.choices(letters, weights, k=chance.choice(lengths))) for _ in range(WORDS)]
    return words, list(itertools.accumulate(1 / (number + 20) for number in range(len(words))))


def text(chance: random.Random, language: str, words: int) -> str:
    """Return about so many words of a language."""
    known, weights = _vocabulary(language)
    chosen = chance.choices(known, cum_weights=weights, k=words)
    if language == "ko":
        return " ".join(map(str.__add__, chosen, chance.choices(_PARTICLES, k=words)))
    if language == "latin":
        return " ".join(chosen)
    return "".join(map(str.__add__, chosen, chance.choices(("", "", "", "、", "。\n"), k=words)))


def message(number: int) -> Document:
    """Return the search text of the n-th message: some 2 to 6 KB, as the text of mail is."""
    chance = random.Random(number)
    language = chance.choice(LANGUAGES)
    sender = chance.randrange(3_000)
    return compose(
        subject=text(chance, language, chance.randint(3, 8)),
        from_=f"{text(random.Random(sender), 'ko', 1)} person{sender}@example.com",
        to="직원 staff@example.org",
        other=f"message-id: <{chance.getrandbits(64):x}@mail.example.com>",
        body=text(chance, language, chance.randint(60, 480)),
        files=[(text(chance, language, 2) + ".pdf", text(chance, language, 100))] if chance.random() < 0.1 else (),
    )


def needle(chance: random.Random, messages: int, length: int) -> str:
    """Return a piece of some message without white space: what somebody may look for."""
    while True:
        body = message(chance.randrange(messages)).body
        start = chance.randrange(max(1, len(body) - length))
        piece = body[start : start + length]
        if len(piece) == length and not any(char.isspace() or char in "、。" for char in piece):
            return piece
