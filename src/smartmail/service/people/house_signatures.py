"""The company's signature (조직 서명): policy has the words, the directory fills in whose they are.

Marks such as `{{이름}}` stand for facts of the writer, in any of the five languages. A line whose marks are all empty is
left out: nobody signs with "Tel. ".
SECURITY  Only the writer's own facts, for the writer. What policy wrote as HTML is made safe before a screen gets it.
"""

import re
from collections.abc import Mapping, Sequence
from html import escape
from typing import Final, Protocol

from smartmail.base.i18n import LANGUAGES
from smartmail.domain.account import Account
from smartmail.formats.footer import Footer, footer_of
from smartmail.formats.seal import SealError
from smartmail.policy import knobs
from smartmail.policy.deciding import PolicyView
from smartmail.ports.store_directory import DirectoryStore
from smartmail.ports.store_organization import OrganizationStore
from smartmail.service.flow.outgoing.footers import words_of
from smartmail.service.people.organization.people import PeopleService
from smartmail.service.people.organization.writing import tables


class _Store(DirectoryStore, OrganizationStore, Protocol): ...


MARKS: Final[Mapping[str, Sequence[str]]] = {
    "name": ("이름", "name", "名前", "姓名"),
    "title": ("직위", "title", "役職", "职位", "職稱"),
    "duty": ("직책", "duty", "職責", "职责"),
    "department": ("부서", "department", "部署", "部门", "部門"),
    "company": ("회사", "company", "会社", "公司"),
    "phone": ("전화", "phone", "電話", "电话"),
    "extension": ("내선", "extension", "内線", "分机", "分機"),
    "mobile": ("휴대전화", "mobile", "携帯", "手机", "手機"),
    "workplace": ("근무지", "workplace", "勤務地", "办公地点", "辦公地點"),
    "email": ("메일", "email", "メール", "邮箱", "信箱"),
}
"""Fact → its marks. web/webmail/src/writing/merging.ts knows those of templates."""
_FACT: Final = {mark: fact for fact, marks in MARKS.items() for mark in marks}
_MARK: Final = re.compile(r"\{\{\s*([^{}]{1,20}?)\s*\}\}")
_MARKUP: Final = re.compile(r"<[a-zA-Z/!]")


class HouseSignatures:
    """Makes them."""

    def __init__(self, store: _Store, people: PeopleService) -> None:
        self._store = store
        self._people = people

    async def told(self, account: Account, policy: PolicyView) -> dict[str, object] | None:
        """Return what a composer puts under letters; None where policy has none for this person. Raises NotFound."""
        if not policy[knobs.SIGNATURE_TEXT]:
            return None
        words = words_of(policy[knobs.SIGNATURE_TEXT])
        language = account.language or policy[knobs.LANGUAGE]
        own = words.get(language) or next((words[one] for one in LANGUAGES if words.get(one)), "")
        made = filled(own, await self._facts(account))
        if made is None:
            return None
        return {"text": made.text, "html": made.html, "required": policy[knobs.SIGNATURE_USE] == "required"}

    async def _facts(self, account: Account) -> dict[str, str]:
        row, seats = await self._people.rows(account)
        try:
            facts = await self._people.facts(row)
        except SealError:
            facts = {}
        known = await tables(self._store, account.organization_id)
        company = await self._store.organization(account.organization_id)
        return {
            **{name: facts.get(name, "") for name in ("phone", "extension", "mobile", "workplace")},
            "name": account.name, "title": known.name(row.position_id) or account.title,
            "duty": known.name(seats[0].duty_id) if seats else "", "department": account.department.split(" / ")[-1],
            "company": company.name, "email": account.login,
        }  # fmt: skip


def filled(words: str, facts: Mapping[str, str]) -> Footer | None:
    """Return a signature with somebody's facts in its marks; None for one that shows nothing."""
    is_html = _MARKUP.search(words) is not None
    lines = []
    for line in words.split("\n"):
        asked = [_FACT.get(mark.lower()) for mark in _MARK.findall(line)]
        named = [fact for fact in asked if fact is not None]
        if named and not any(facts.get(fact) for fact in named):
            continue
        lines.append(_MARK.sub(lambda mark: _value(mark, facts, is_html=is_html), line))
    return footer_of("\n".join(lines))


def _value(mark: re.Match[str], facts: Mapping[str, str], *, is_html: bool) -> str:
    fact = _FACT.get(mark[1].lower())
    if fact is None:
        return mark[0]
    value = facts.get(fact, "")
    return escape(value) if is_html else value
