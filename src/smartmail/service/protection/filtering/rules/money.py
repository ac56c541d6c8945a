"""Letters that want money sent elsewhere, in five languages: an account that changes, a payment in haste, gift cards.

Words alone say nothing: an account word, a word of change and one of payment stand near each other, or a request to pay beside
haste or secrecy. Even that is what honest suppliers write: it is a caution (`account-change`) until the sender is shown to be
somebody else than they say (`bec`).
"""

from typing import Final, NamedTuple

from smartmail.formats.address import normalize, split_address
from smartmail.formats.lookalike import likeness, registered
from smartmail.formats.phrases import Phrases, folded, near
from smartmail.service.protection.filtering.intents.brands import FREE_MAIL
from smartmail.service.protection.filtering.rules.check import Match
from smartmail.service.protection.filtering.rules.evidence import Evidence

_ACCOUNT: Final = (
    "계좌", "거래은행", "입금처", "송금처", "口座", "振込先", "送金先", "账户", "账号", "收款行", "开户行", "帳戶", "帳號", "賬戶", "收款銀行",
    "bank account", "bank details", "banking details", "banking information", "account details",
    "payment instruction", "remittance details", "remittance account", "wiring instruction", "wire instruction",
    "bank information", "beneficiary account",
)  # fmt: skip
_CHANGED: Final = (
    "변경", "바뀌", "바뀐", "교체", "変更", "変わ", "切り替え", "变更", "更改", "更换", "改为", "變更", "更換", "改為", "change", "changing",
    "update", "updating", "switch", "moved",
)  # fmt: skip
_NEW: Final = ("새로운", "신규", "새", "新しい", "新", "新的", "new", "different", "another")
_PAYMENT: Final = (
    "송금", "이체", "입금", "결제", "대금", "지급", "送金", "振込", "振り込", "支払", "入金", "汇款", "转账", "付款", "货款", "打款", "匯款", "轉帳",
    "轉賬", "貨款", "payment", "remit", "pay", "invoice", "transfer", "settle",
)  # fmt: skip
_ASKED: Final = (
    "송금해", "송금부탁", "송금바랍", "송금좀", "송금처리", "송금을부탁", "송금진행", "송금하", "이체해", "이체부탁", "이체바랍", "이체좀", "이체처리", "이체진행",
    "입금해주", "입금해줘", "결제해줘", "결제처리해", "대금지급을", "대금을먼저", "송금이필요", "이체가필요", "送金して", "送金をお願い", "送金手続", "振り込んで", "振込をお願い",
    "振込手続", "お振込みを", "送金が必要", "振込が必要", "汇款", "转账", "打款", "安排付款", "匯款", "轉帳", "轉賬", "wire transfer", "bank transfer",
    "make a payment", "process a payment", "process payment", "process the payment", "process this payment",
    "send a payment", "urgent payment", "wire the funds", "transfer the funds", "transfer funds", "send a wire",
    "outstanding payment", "initiate a payment", "make payment",
)  # fmt: skip
_SECRET: Final = (
    "긴급", "급히", "급하게", "비공개", "비밀리", "기밀", "아무에게도", "지금바로", "지금당장", "전화하지말", "통화가어려", "통화는어려", "회의중이라", "회의중이니",
    "오늘중으로", "메일로만", "urgent", "confidential", "keep this between", "as soon as possible", "discreet", "do not tell",
    "in a meeting", "cannot talk", "can't talk", "asap", "right away", "before end of day", "only by email",
    "immediately", "至急", "緊急", "内密", "極秘", "誰にも", "会議中", "電話に出られ", "本日中に", "メールのみ", "紧急", "保密", "机密", "请勿告诉", "不要告诉",
    "正在开会", "不方便接电话", "马上", "保密", "機密", "請勿告訴", "不要告訴", "正在開會", "不方便接電話", "馬上", "盡快",
)  # fmt: skip
_CARD: Final = (
    "기프트카드", "상품권", "구글기프트", "gift card", "giftcard", "google play card", "itunes card", "steam card", "ギフトカード",
    "アマゾンカード", "礼品卡", "充值卡", "禮品卡", "禮物卡", "點數卡",
)  # fmt: skip
_BOUGHT: Final = (
    "사서", "구매해", "구매하", "구입해", "구입하", "핀번호", "번호를보내", "뒷면", "긁어", "사다", "buy", "purchase", "scratch", "codes",
    "pick up", "get me", "need some", "買って", "購入して", "購入し", "コードを", "番号を", "购买", "买", "卡密", "刮开", "購買", "買幾張", "刮開",
    "代買",
)  # fmt: skip


class _Wording(NamedTuple):
    """A word of each of two groups within `span` characters; where a word of `payment` is wanted, it stands in the next clause."""

    groups: tuple[tuple[str, ...], ...]
    span: int
    payment: tuple[str, ...] = ()


def _bare(*groups: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(map(folded, group)) for group in groups)


_CLAUSE: Final = 60
"""Characters of folded text in which an account that changes and the payment are one matter."""
_WORDINGS: Final = (
    _Wording(_bare(_ACCOUNT, _CHANGED), 18, *_bare(_PAYMENT)),
    _Wording(_bare(_ACCOUNT, _NEW), 6, *_bare(_PAYMENT)),
    _Wording(_bare(_ASKED, _SECRET), 90),
    _Wording(_bare(_CARD, _BOUGHT), 40),
)
_PHRASES: Final = Phrases(
    word for wording in _WORDINGS for group in (*wording.groups, wording.payment) for word in group
)


async def check_money(evidence: Evidence) -> list[Match]:
    """Return the match of the wording, with the words that make it."""
    found = wording_of(evidence.folded)
    return [Match("account-change", (" · ".join(found),))] if found else []


def wording_of(text: str) -> tuple[str, ...]:
    """Return the words of a folded text that want money sent elsewhere; nothing when it does not."""
    held = _PHRASES.found(text)
    for wording in _WORDINGS:
        words = near(text, [held.intersection(group) for group in wording.groups], wording.span)
        if words and wording.payment:
            clause = near(text, [words[:1], held.intersection(wording.payment)], _CLAUSE)
            words = (*words, clause[1]) if clause else ()
        if words:
            return words
    return ()


DISGUISED: Final = frozenset({
    "domain-lookalike", "domain-brand", "own-domain", "name-holds-address", "chain-hijack", "proof-lost",
})  # fmt: skip
"""Signs that a sender is somebody else than they say, whoever knows them."""
BROKEN: Final = frozenset({"dmarc-fail", "spf-fail", "message-id-ours"})
"""Signs against a stranger alone: of whom one knows they are how their mail always comes."""


async def check_compromise(evidence: Evidence) -> list[Match]:
    """Return the match of the combination. Asked last: it looks at what others matched."""
    return [Match("bec")] if "account-change" in evidence.matched and is_disguised(evidence) else []


def is_disguised(evidence: Evidence) -> bool:
    """Say whether the sender is shown to be somebody else: a look-alike, a proof that broke, answers that go elsewhere."""
    matched, proved = evidence.matched, evidence.specimen.findings.aligned
    if matched & DISGUISED or (evidence.stranger and not proved and matched & BROKEN):
        return True
    if "name-of-colleague" in matched and (not proved or registered(evidence.sender_domain) in FREE_MAIL):
        return True
    return "reply-to-differs" in matched and (_diverts(evidence) if proved else True)


def _diverts(evidence: Evidence) -> bool:
    """Say whether answers to a proved sender go to nobody's domain, or to one that looks like the sender's."""
    own = evidence.sender_domain
    domains = [split_address(normalize(one.address))[1] for one in evidence.specimen.summary.reply_to]
    return any(registered(one) in FREE_MAIL or likeness(one, own) is not None for one in domains if one)
