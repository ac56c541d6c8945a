"""From rows of a table to distribution lists as they shall be, each error with its line and column. Pure.

STRATEGIES  Empty cells leave what is there. The first row of a list that says something about it counts, a later one may
            say it too, and only add members. Words for who may write are recognised in five languages.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, get_args

import msgspec

from smartmail.domain.addressing import ListText, Member, Moderation, Posting, ReplyTo
from smartmail.domain.directory_import import Finding
from smartmail.domain.errors import MailError
from smartmail.formats.address import split_address
from smartmail.service.flow.addressing.standing import checked, spelled
from smartmail.service.people.directory_import.columns import plain
from smartmail.service.people.directory_import.drafts import Record, several

MAX_NAME: Final = 100
MAX_PREFIX: Final = 60

_POST: Final[Mapping[str, str]] = {
    "anyone": "anyone, anybody, everyone, all, 누구나, 전체, 모두, 誰でも, 全員, 任何人, 所有人",
    "inside": "inside, internal, company, 사내, 내부, 회사, 社内, 內部, 内部, 公司, 公司内部",
    "members": "members, member, 구성원, 멤버, 회원, メンバー, 成员, 成員",
    "moderators": "moderators, moderator, managers, 관리자, 승인자, 運営者, 司会者, 管理者, 管理员, 管理員",
}
_MODERATION: Final[Mapping[str, str]] = {
    "never": "never, no, none, 없음, 안함, なし, しない, 无, 無, 不审核, 不審核",
    "strangers": "strangers, outsiders, others, 외부, 외부인, 권한없는사람, 部外者, 外部, 陌生人, 外人",
    "all": "all, always, 모두, 전부, 항상, すべて, 全部",
}
_REPLY_TO: Final[Mapping[str, str]] = {
    "author": "author, sender, 보낸사람, 작성자, 送信者, 作者, 发件人, 寄件者",
    "list": "list, group, 메일링리스트, 그룹메일, 목록, リスト, 列表, 清單",
}


def _words(table: Mapping[str, str], values: Sequence[str]) -> dict[str, str]:
    return {plain(word): value for value in values for word in table[value].split(",")}


WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "post": _words(_POST, get_args(Posting)),
    "moderation": _words(_MODERATION, get_args(Moderation)),
    "reply_to": _words(_REPLY_TO, get_args(ReplyTo)),
}


class RowError(Exception):
    """A cell that is wrong."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.code)
        self.finding = finding


@dataclass(slots=True)
class ListWanted:
    """A list as its rows want it. `members`: each with the line that names it; `emptied`: a cell says that nobody is in it
    beside them.
    """

    record: Record
    text: ListText
    members: dict[Member, int] = field(default_factory=dict)
    emptied: bool = False
    names_members: bool = False


def member_word(member: Member, groups: Mapping[int, str], departments: Mapping[int, str]) -> str:
    """Return what names a member in a cell, "" for a group or department that is gone."""
    if member.department:
        code = departments.get(member.department, "")
        return f"{'department' if member.below else 'department-only'}:{code}" if code else ""
    if member.group:
        return f"group:{groups[member.group]}" if member.group in groups else ""
    return member.address


def read_all(reader: "ListReader", records: Sequence[Record]) -> tuple[dict[str, ListWanted], list[Finding]]:
    """Return lists by address and what is wrong; a list of which a row is wrong is not there."""
    found: dict[str, ListWanted] = {}
    wrong: list[Finding] = []
    spoilt: set[str] = set()
    for record in records:
        key = ""
        try:
            key = reader.address(record)
            reader.read(record, key, found)
        except RowError as error:
            wrong.append(error.finding)
            spoilt.add(key)
    for key in spoilt:
        found.pop(key, None)
    return found, wrong


class ListReader:
    """Reads rows against the lists that there are."""

    def __init__(
        self,
        texts: Mapping[str, ListText],
        groups: Mapping[str, int],
        departments: Mapping[str, int],
        domains: frozenset[str],
        domain: str,
    ) -> None:
        """`groups` by name, `departments` by code; `domain`: for addresses without one."""
        self._texts = texts
        self._groups = groups
        self._departments = departments
        self._domains = domains
        self._domain = domain or (next(iter(domains)) if len(domains) == 1 else "")

    def address(self, record: Record) -> str:
        """Return the address of a row's list. Raises RowError."""
        text = record.get("address")
        if not text:
            raise RowError(record.wrong("address", "empty"))
        key = spelled(self._full(text))
        local, domain = split_address(key)
        if not local or not domain or " " in key or not key.isprintable():
            raise RowError(record.wrong("address", "no-address", text))
        if domain not in self._domains:
            raise RowError(record.wrong("address", "foreign-domain", domain))
        return key

    def read(self, record: Record, key: str, found: dict[str, ListWanted]) -> None:
        """Take a row into the list that it is about. Raises RowError."""
        known = found.get(key)
        before = known.text if known else self._texts.get(key) or ListText("", ())
        text = self._text(record, before)
        if known is None and not text.owners:
            raise RowError(record.wrong("owners", "empty"))
        if known is None:
            known = found[key] = ListWanted(record, text)
        known.text = text
        cell = record.get("members")
        known.emptied = known.emptied or cell == ""
        known.names_members = known.names_members or bool(cell)
        for word in several(cell or ""):
            known.members.setdefault(self._member(record, key, word), record.line)

    def _full(self, word: str) -> str:
        return word if "@" in word or not self._domain else f"{word}@{self._domain}"

    def _text(self, record: Record, text: ListText) -> ListText:
        said: dict[str, Any] = {
            "name": self._short(record, "name", MAX_NAME), "prefix": self._short(record, "prefix", MAX_PREFIX),
            "owners": self._addresses(record, "owners"), "moderators": self._addresses(record, "moderators"),
        }  # fmt: skip
        if said["owners"] == ():
            raise RowError(record.wrong("owners", "empty"))
        for name, words in WORDS.items():
            cell = record.get(name)
            if cell and plain(cell) not in words:
                raise RowError(record.wrong(name, "no-such-word", cell))
            said[name] = words[plain(cell)] if cell else None
        return msgspec.structs.replace(text, **{name: one for name, one in said.items() if one is not None})

    def _short(self, record: Record, name: str, most: int) -> str | None:
        text = record.get(name)
        if text and (len(text) > most or not text.isprintable()):
            raise RowError(record.wrong(name, "too-long", text))
        return text

    def _addresses(self, record: Record, name: str) -> tuple[str, ...] | None:
        cell = record.get(name)
        if cell is None:
            return None
        words = several(cell)
        try:
            return checked([self._full(one) for one in words]) if words else ()
        except MailError:
            raise RowError(record.wrong(name, "no-address", cell)) from None

    def _member(self, record: Record, key: str, word: str) -> Member:
        kind, colon, rest = word.partition(":")
        if colon and kind == "group":
            if rest not in self._groups:
                raise RowError(record.wrong("members", "no-such-group", rest))
            return Member(group=self._groups[rest])
        if colon and kind in {"department", "department-only"}:
            if rest not in self._departments:
                raise RowError(record.wrong("members", "no-such-department", rest))
            return Member(department=self._departments[rest], below=kind == "department")
        try:
            [address] = checked([self._full(word)])
        except MailError:
            raise RowError(record.wrong("members", "no-address", word)) from None
        if address == key:
            raise RowError(record.wrong("members", "circle", key))
        return Member(address)
