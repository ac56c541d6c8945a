"""Which brands a letter says it comes from: by the name of the sender, the subject, or what its text, links and pictures show."""

import re
from typing import Final, NamedTuple

from smartmail.formats.lookalike import registered
from smartmail.formats.phrases import Phrases, folded, standing
from smartmail.service.protection.filtering.intents.brands import BRANDS, FREE_MAIL, Brand

_OFFICIAL: Final = re.compile(r"no-?_?reply|do-?not-?reply")
# What may stand beside a brand's name where the sender is the brand itself, and not somebody who works with it.
_SERVICE_WORDS: Final = """
    고객지원 고객만족 고객 센터 지원 보안 안전 관리자 관리 운영 팀 알림 공지 안내 서비스 공식 본사 메일 계정 페이 쇼핑 배송 물류 통관 택배 카드 은행 발송 자동 시스템 전자세금계산서 세금
    담당자 조회 주식회사 support security secure service services team center centre account accounts notification
    notifications notice alert alerts info help helpdesk desk customer care billing payment payments delivery
    express parcel shipping tracking admin administrator online portal office mail no reply noreply inc llc
    corp global korea japan china us usa update updates verification verify protection fraud docs document
    documents drive cloud 365 sign via the member membership id store bank card official message voicemail
    storage カスタマー サポート センター セキュリティ サービス 事務局 株式会社 お客様 お知らせ 通知 公式 カード 銀行 プライム ショッピング 会員 客服 中心 安全 服务 服務 团队 團隊 官方
    管理员 管理員 系统 系統 支持 账户 帳戶 邮件 郵件 集团 有限公司 公司 速运 速運 物流
"""
# Possessive, the longest first: one way to read a name, however long it is.
_SERVICE: Final = re.compile(f"(?:{'|'.join(sorted(_SERVICE_WORDS.split(), key=len, reverse=True))})*+")


class Claim(NamedTuple):
    """A brand that is named, as it is named; `strong` where the sender's own name is the brand's."""

    brand: Brand
    name: str
    strong: bool = False


_NAMES: Final = {folded(name): (brand, name) for brand in BRANDS for name in brand.names}
_PHRASES: Final = Phrases(_NAMES)


def claims_by_name(sender_name: str) -> list[Claim]:
    """Return the brands that a sender's name holds, the strong claims first."""
    own = folded(sender_name)
    found = [Claim(*_NAMES[one], strong=_is_itself(own, one)) for one in _named(own, sender_name)]
    return sorted(found, key=lambda one: not one.strong)


def claims_by_text(shown: str, text: str, plain: str) -> list[Claim]:
    """Return the brands that a letter names: in what it shows, and in its `text`, folded (`plain`: in small letters)."""
    named = dict.fromkeys((*_named(folded(shown), shown), *_named(text, plain)))
    return [Claim(*_NAMES[one]) for one in named]


def _named(text: str, plain: str) -> list[str]:
    return sorted(standing(_PHRASES.found(text), plain.lower()))


def _is_itself(own: str, name: str) -> bool:
    before, _, after = own.partition(name)
    return _SERVICE.fullmatch(before) is not None and _SERVICE.fullmatch(after) is not None


def is_of(address: str, brand: Brand) -> bool:
    """Say whether an address is of a brand's own domains; under those of free mail only its machines are."""
    local, _, domain = address.rpartition("@")
    if domain in FREE_MAIL:
        return domain in brand.domains and _OFFICIAL.search(local) is not None
    return is_under(domain, brand)


def is_under(host: str, brand: Brand) -> bool:
    """Say whether a host lies under a brand's domains."""
    return any(host == one or host.endswith(f".{one}") for one in brand.domains) or registered(host) in brand.domains
