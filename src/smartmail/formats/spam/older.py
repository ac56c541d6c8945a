"""Models that were kept before lessons were counted by script: which scripts they know, told from what they hold.

A model that learned Korean mail has a weight for every one of the commonest pieces of Korean; one that learned English
has weights there by chance only, as often as anywhere. Wholly known or not at all: the guess decides whether the model
goes on to be heard, never what it says.
"""

from collections.abc import Callable
from typing import Final

from smartmail.formats.spam.counts import Counts, Script

_COMMON: Final[dict[Script, tuple[str, ...]]] = {
    "latin": (
        " the", "the ", " and", "and ", " to ", " of ", " for", "for ", "tion", "ing ", " you", "you ", "this",
        " thi", "that", " tha", "ther", "with", " wit", "have", " hav", "your", " in ", " is ", "ment", " com", " on ",
        "the", "and", "to", "of", "for", "you", "this", "in", "is", "a",
    ),
    "hangul": ("니다", "습니", "합니", "하고", "에서", "으로", "입니", "세요", "주세", "해주", "바랍", "랍니",
               "안내", "확인", "드립", "립니", "있습", "인하", "하시", "시기", "기바", "요청", "감사", "사합",
               "안녕", "녕하", "하세"),
    "kana": ("です", "ます", "した", "ので", "から", "して", "いた", "ただ", "お願", "願い", "いし", "しま", "ませ", "せん",
             "まし", "ござ", "ざい", "いま", "くだ", "ださ", "さい", "ため", "につ", "つい",
             "いて", "おり", "りま"),
    "han": ("我们", "您好", "公司", "请您", "以及", "可以", "如果", "通知", "进行", "有限", "限公", "相关", "工作",
            "时间", "联系", "谢谢", "一个", "使用", "信息", "管理", "附件", "已经", "需要", "系统", "问题", "服务", "产品"),
}  # fmt: skip
_MISSING: Final = 1
"""Of the common pieces that may be without a weight."""
_CROWDED: Final = 0.9
"""Share of all numbers with a weight from which on nothing can be told."""


def counts_of(good: int, bad: int, taught: Callable[[str], bool], crowded: float) -> Counts:
    """Return lessons by script of an older model: its lessons in equal parts for each script that it knows."""
    found = Counts()
    if crowded >= _CROWDED:
        return found
    known = [one for one, common in _COMMON.items() if sum(not taught(token) for token in common) <= _MISSING]
    for script in known:
        found.add(script, good // len(known), spam=False)
        found.add(script, bad // len(known), spam=True)
    return found
