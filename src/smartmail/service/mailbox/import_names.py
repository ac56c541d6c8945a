"""Names of special mailboxes in other systems, and how a source's mailbox path becomes one of ours (MG-4).

A pure table with its arithmetic. Names compare in NFC, without case, blanks, and what surrounds them.
"""

import base64
import re
import unicodedata
from collections.abc import Sequence

from smartmail.domain.mailbox import MAX_DEPTH, MAX_NAME_OCTETS, MailboxRole

SPECIAL_NAMES: dict[MailboxRole, tuple[str, ...]] = {
    "inbox": (
        "inbox", "mbox", "in", "incoming", "posteingang", "boîte de réception", "bandeja de entrada",
        "받은편지함", "받은 메일함", "받은메일", "수신함", "수신 메일함", "전체받은메일함",
        "受信トレイ", "受信箱", "受信ボックス", "受信メール", "受信", "収件箱",
        "收件箱", "收件夹", "收件匣", "收信箱", "收信匣",
    ),
    "sent": (
        "sent", "sent items", "sent messages", "sent mail", "sent-mail", "outbox-sent", "gesendet", "envoyés", "enviados",
        "보낸편지함", "보낸 메일함", "보낸메일", "보낸 항목", "발신함", "발신 메일함", "발송함", "보낸메시지",
        "送信済み", "送信済みアイテム", "送信済みメール", "送信済みトレイ", "送信箱", "送信ボックス", "送信控え",
        "已发送", "已发送邮件", "已发邮件", "已发送消息", "寄件備份", "寄件備份匣", "已傳送", "已傳送郵件", "已寄郵件",
    ),
    "drafts": (
        "drafts", "draft", "draft messages", "entwürfe", "brouillons", "borradores",
        "임시보관함", "임시 보관함", "임시저장함", "임시 저장함", "임시편지함", "작성중인 메일", "작성중보관함", "초안",
        "下書き", "下書きトレイ", "下書き箱", "草稿",
        "草稿箱", "草稿夹", "草稿匣", "草稿夾", "草稿郵件",
    ),
    "trash": (
        "trash", "deleted items", "deleted messages", "deleted", "bin", "papierkorb", "corbeille", "papelera",
        "휴지통", "지운편지함", "지운 편지함", "지운 메일함", "삭제편지함", "삭제된 편지함", "지운 편지", "삭제 메일함", "삭제함",
        "ゴミ箱", "ごみ箱", "削除済み", "削除済みアイテム", "削除済みトレイ", "削除済みメール",
        "已删除", "已删除邮件", "已删除消息", "垃圾箱", "废件箱", "已刪除", "刪除的郵件", "已刪除的郵件", "垃圾桶", "回收桶",
        "資源回收筒",
    ),
    "junk": (
        "junk", "junk e-mail", "junk email", "junk mail", "spam", "bulk mail", "bulk", "unerwünscht", "courrier indésirable",
        "스팸메일함", "스팸편지함", "스팸함", "스팸", "스팸 메일", "정크 메일", "정크메일", "정크 메일함", "광고메일함", "불량편지함",
        "迷惑メール", "迷惑メールトレイ", "スパム", "迷惑フォルダ",
        "垃圾邮件", "垃圾邮件箱", "广告邮件", "垃圾郵件", "垃圾信件匣", "廣告信匣", "垃圾郵件匣",
    ),
    "archive": (
        "archive", "archives", "all mail", "archiv", "보관함", "보관 편지함", "보관메일함", "전체보관함", "전체 보관함",
        "영구보관함", "アーカイブ", "保管", "すべてのメール", "归档", "存档", "所有邮件", "封存", "封存郵件", "所有郵件",
    ),
}  # fmt: skip
"""Role → names in English, Korean, Japanese, simplified and traditional Chinese, and a few more. 내게쓴편지함 and its
like have no role: they keep their names.
"""

_ROOTS = ("[gmail]", "[google mail]", "inbox")
"""Names above the true tree: Gmail's, and the INBOX. prefix of servers that keep everything below the inbox."""
_ENCODED = re.compile(r"&([^-]*)-")
_UNWANTED = {"Cc", "Cs", "Zl", "Zp"}


def _folded(name: str) -> str:
    return "".join(unicodedata.normalize("NFC", name).casefold().split())


_ROLES: dict[str, MailboxRole] = {_folded(name): role for role, names in SPECIAL_NAMES.items() for name in names}


def role_of(name: str) -> MailboxRole | None:
    """Return the role that a name stands for, in any of the languages, or None."""
    return _ROLES.get(_folded(name))


def target_path(label: Sequence[str]) -> tuple[str, ...]:
    """Return where a source's mailbox goes: never empty, every name possible here. No name at all is the inbox."""
    parts = [part for part in label if part.strip()]
    if len(parts) > 1 and _folded(parts[0]) in _ROOTS:
        parts = parts[1:]
    names = [clean_name(part) for part in parts] or ["INBOX"]
    if len(names) > MAX_DEPTH:
        names = [*names[: MAX_DEPTH - 1], clean_name(" ".join(names[MAX_DEPTH - 1 :]))]
    if role_of(names[0]) == "inbox":
        names[0] = "INBOX"
    return tuple(names)


def clean_name(name: str) -> str:
    """Return a name as near to the given one as a mailbox name can be."""
    text = unicodedata.normalize("NFC", name.strip()).replace("/", "_")
    text = "".join("_" if unicodedata.category(character) in _UNWANTED else character for character in text)
    return text.encode("utf-8", "replace")[:MAX_NAME_OCTETS].decode("utf-8", "ignore").strip() or "_"


def decode_utf7(name: str) -> str:
    """Return a Maildir++ name decoded from IMAP's modified UTF-7 (RFC 3501 §5.1.3), or as it is when it is none."""
    try:
        return _ENCODED.sub(_decode_run, name)
    except (ValueError, UnicodeDecodeError):
        return name


def _decode_run(match: re.Match[str]) -> str:
    run = match[1]
    if not run:
        return "&"
    octets = base64.b64decode(run.replace(",", "/") + "=" * (-len(run) % 4), validate=True)
    return octets.decode("utf-16-be")


def encode_utf7(name: str) -> str:
    """Return a name in modified UTF-7, for Maildir++ directories."""
    return re.sub(r"&|[^\x20-\x7e]+", _encode_run, name)


def _encode_run(match: re.Match[str]) -> str:
    if match[0] == "&":
        return "&-"
    octets = base64.b64encode(match[0].encode("utf-16-be", "surrogatepass")).rstrip(b"=")
    return "&" + octets.decode("ascii").replace("/", ",") + "-"
