"""Wording of those who want money sent elsewhere, in five languages; with any sign of 사칭 it is business e-mail compromise.

Words are found as they stand in text without blanks and marks: one look at each, linear in the text.
"""

import re
import unicodedata
from typing import Final

from smartmail.base.text import without_invisible
from smartmail.service.filtering.rules.check import Match
from smartmail.service.filtering.rules.evidence import Evidence

MAX_TEXT: Final = 20_000
_MARKS: Final = re.compile(r"[\W_]+")

# Alone they say it.
_CHANGE: Final = [
    "계좌변경", "계좌가변경", "변경된계좌", "계좌번호변경", "계좌번호가변경", "결제계좌", "입금계좌변경", "송금계좌", "새로운계좌", "신규계좌로", "계좌정보변경", "계좌를변경",
    "거래은행변경", "기프트카드", "상품권구매", "문화상품권", "구글기프트", "changeofbank", "changedourbank", "newbankaccount",
    "bankaccountchange", "updatedbankdetails", "newbankdetails", "changeofaccount", "updatedpaymentinstruction",
    "newpaymentinstruction", "changedbankaccount", "newbankinginformation",
    "bankingdetailshavechanged", "bankdetailshavechanged", "口座変更", "口座が変更", "口座番号変更", "振込先変更", "振込先の変更", "振込先が変更",
    "新しい口座", "ギフトカード", "銀行口座の変更", "账户变更", "账号变更", "银行账户变更", "收款账户变更", "更改收款", "新的收款账户", "更换账户", "礼品卡", "賬戶變更",
    "帳戶變更", "帳號變更", "銀行帳戶變更", "收款帳戶變更", "更改收款帳", "新的收款帳戶", "禮品卡", "禮物卡",
]  # fmt: skip
_PAY: Final = [
    "송금", "이체", "입금", "결제해", "대금지급", "wiretransfer", "banktransfer", "makeapayment", "processapayment",
    "remittance", "giftcard", "送金", "振込", "振り込み", "お支払い", "汇款", "转账", "付款", "匯款", "轉帳", "轉賬",
]  # fmt: skip
_HASTE: Final = [
    "긴급", "급히", "비공개", "비밀리", "기밀", "아무에게도", "지금바로", "전화하지말", "통화가어려", "회의중이라", "urgent", "confidential",
    "keepthisbetween", "assoonaspossible", "discreet", "donottell", "至急", "緊急", "内密", "極秘", "誰にも",
    "紧急", "保密", "机密", "请勿告诉", "緊急", "保密", "機密", "請勿告訴",
]  # fmt: skip


def bare(text: str) -> str:
    """Return a text without blanks and marks, in small letters: as words are looked for."""
    return _MARKS.sub("", text).lower()


async def check_money(evidence: Evidence) -> list[Match]:
    """Return the match of the wording."""
    text = without_invisible(unicodedata.normalize("NFKC", evidence.words[:MAX_TEXT]))
    plain = bare(text)
    found = next((word for word in _CHANGE if word in plain), "")
    if not found:
        pay, haste = next((one for one in _PAY if one in plain), ""), next((one for one in _HASTE if one in plain), "")
        found = f"{pay} · {haste}" if pay and haste else ""
    return [Match("account-change", (found,))] if found else []


SUSPICIOUS: Final = frozenset({
    "name-of-colleague", "domain-lookalike", "domain-brand", "own-domain", "reply-to-differs", "name-holds-address",
    "first-to-person", "first-to-company", "chain-hijack", "proof-lost", "dmarc-fail", "country-changed",
})  # fmt: skip


async def check_compromise(evidence: Evidence) -> list[Match]:
    """Return the match of the combination. Asked last: it looks at what others matched."""
    if "account-change" not in evidence.matched:
        return []
    signs = sorted(evidence.matched & SUSPICIOUS)
    return [Match("bec")] if signs else []
