"""Contacts as a table: what Outlook (Korean, English, Japanese, Chinese), Google and Korean groupware write as CSV.

STRATEGIES  Columns are known by their names, whatever their order; what nobody knows is left out. 이름 is the given name where
            the table has 성 too, and else the whole one, as in Outlook and in groupware. Charset and separator are found by
            `csv_table`, which reads CP949.
Must not know where cards are kept. What is written can be read back, as far as a table holds it.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from smartmail.formats import csv_table
from smartmail.formats.jscontact import component, entries, full_address, shown_name
from smartmail.formats.vcard import dates

Card = dict[str, Any]

_NAMES: Final[dict[str, tuple[str, ...]]] = {
    "surname": ("성", "last name", "family name", "surname", "姓", "姓氏"),
    "given": ("given name", "first name", "名", "名字"),
    "given2": ("중간 이름", "middle name", "additional name", "ミドル ネーム", "中间名", "中間名"),
    "title": ("호칭", "title prefix", "name prefix", "敬称", "称谓", "稱謂"),
    "full": ("성명", "표시 이름", "display name", "full name", "name", "file as", "氏名", "表示名", "显示名", "姓名", "顯示名稱"),
    "either": ("이름",),
    "nickname": ("별명", "애칭", "nickname", "ニックネーム", "昵称", "暱稱"),
    "company": ("회사", "회사명", "직장", "소속", "company", "organization", "organization name", "organization 1 - name", "会社名", "会社",
                "公司", "单位", "單位"),
    "department": ("부서", "부서명", "department", "organization department", "organization 1 - department", "部署", "部门", "部門"),
    "title-of-work": ("직함", "직위", "직급", "job title", "organization title", "organization 1 - title", "役職", "职务", "職稱", "职称"),
    "role": ("직책", "role", "profession", "职位", "職務"),
    "web": ("웹 페이지", "홈페이지", "web page", "website", "website 1 - value", "url", "web ページ", "ホームページ", "网页", "網頁"),
    "birthday": ("생일", "생년월일", "birthday", "誕生日", "生日"),
    "notes": ("메모", "비고", "참고", "notes", "note", "メモ", "附注", "备注", "附註", "備註"),
    "keywords": ("범주", "그룹", "그룹명", "categories", "labels", "group membership", "分類", "分类", "类别", "類別"),
}  # fmt: skip
_EMAIL: Final = re.compile(
    r"(?:전자 ?메일|이메일|메일|e-?mail|電子メール|电子邮件|電子郵件|电邮)(?: ?(\d))?(?: ?-)?(?: ?(?:주소|address|value|アドレス|地址))?(?: ?(\d))?\Z"
)
_PHONES: Final[tuple[tuple[re.Pattern[str], Card], ...]] = (
    (re.compile(r"(?:휴대폰|휴대 ?전화|핸드폰|이동 ?전화|mobile|mobile phone|cell|cell phone|携帯電話|携帯|移动电话|手机|行動電話|手機)(?: ?번호)?\d?\Z"),
     {"features": {"mobile": True}}),
    (re.compile(r"(?:근무처 팩스|회사 팩스|팩스|business fax|work fax|fax|会社 ?fax|商务传真|传真|商務傳真|傳真)(?: ?번호)?\Z"),
     {"features": {"fax": True}, "contexts": {"work": True}}),
    (re.compile(r"(?:집 팩스|home fax|自宅 ?fax|住宅传真|住家傳真)\Z"), {"features": {"fax": True}, "contexts": {"private": True}}),
    (re.compile(r"(?:근무처 전화|회사 전화|직장 전화|사무실 전화|내선|business phone|work phone|company main phone|会社電話|商务电话|办公电话|商務電話|公司電話)(?: ?번호)?(?: ?\d)?\Z"),
     {"contexts": {"work": True}}),
    (re.compile(r"(?:집 전화|자택 전화|home phone|自宅電話|住宅电话|住家電話)(?: ?번호| ?番号)?(?: ?\d)?\Z"), {"contexts": {"private": True}}),
    (re.compile(r"(?:전화|전화 ?번호|연락처|phone|phone number|telephone|other phone|基本電話|phone \d - value|電話番号|電話|电话|기타 전화)(?: ?\d)?\Z"), {}),
)  # fmt: skip
_PLACES: Final = {
    "work": ("근무지", "회사", "business", "会社", "商务", "商務"),
    "private": ("집", "자택", "home", "自宅", "住宅", "住家"),
    "": ("", "기타", "other", "address 1 -"),
}
_PLACE_PARTS: Final = {
    "name": ("주소 번지", "번지", "street", "番地", "街道", "住所"),
    "locality": ("구/군/시", "시", "city", "市区町村", "市", "城市"),
    "region": ("시/도", "도", "state", "region", "都道府県", "省/市/自治区", "省/市", "省"),
    "postcode": ("우편 번호", "우편번호", "postal code", "zip", "郵便番号", "邮政编码", "郵遞區號"),
    "country": ("국가", "country/region", "country", "国/地域", "国家/地区", "國家/地區"),
    "full": ("주소", "address", "formatted", "地址"),
}
_EMPTY_DATES: Final = frozenset({"0/0/00", "0000-00-00", "00/00/00"})
_SPLIT_WORDS: Final = re.compile(r"\s*(?:;|,|:::)\s*")

HEADERS: Final = {
    "ko": ("표시 이름", "성", "이름", "회사", "부서", "직함", "전자 메일 주소", "전자 메일 2 주소", "전자 메일 3 주소", "휴대폰", "근무처 전화",
           "집 전화 번호", "근무처 팩스", "근무지 주소", "집 주소", "웹 페이지", "생일", "범주", "메모"),
    "en": ("Display Name", "Last Name", "First Name", "Company", "Department", "Job Title", "E-mail Address", "E-mail 2 Address",
           "E-mail 3 Address", "Mobile Phone", "Business Phone", "Home Phone", "Business Fax", "Business Address", "Home Address",
           "Web Page", "Birthday", "Categories", "Notes"),
}  # fmt: skip


def is_contacts(table: csv_table.Table) -> bool:
    """Say whether a table has any column that tells whom it is about."""
    return any(_email_of(name) or _name_of(name) for name in map(_folded, table.header))


def cards(table: csv_table.Table) -> Iterator[tuple[int, Card]]:
    """Yield (line, card without uid) of each row; a row that says nothing known gives an empty card."""
    header = [_folded(name) for name in table.header]
    columns = [(at, name) for at, name in enumerate(header)]
    apart = any(_name_of(name) == "surname" for name in header)
    for row in table.rows:
        yield row.line, _card([(name, row.cells[at].strip()) for at, name in columns if row.cells[at].strip()], apart)


def write(found: Iterable[Mapping[str, Any]], language: str) -> bytes:
    """Return cards as a table that Excel and Outlook open, with headings in Korean or English."""
    return csv_table.write(HEADERS["ko" if language == "ko" else "en"], map(_row, found))


# -- reading --------------------------------------------------------------------------------------------------------


def _folded(name: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", name).casefold().replace("_", " ").split())


def _name_of(name: str) -> str:
    return next((key for key, names in _NAMES.items() if name in names), "")


def _email_of(name: str) -> bool:
    return _EMAIL.match(name) is not None


def _card(cells: list[tuple[str, str]], apart: bool) -> Card:
    plain: dict[str, str] = {}
    card: Card = {}
    where: dict[str, dict[str, str]] = {}
    for name, text in cells:
        key = _name_of(name)
        if key:
            plain.setdefault(("given" if apart else "full") if key == "either" else key, text)
        elif _email_of(name):
            _add(card, "emails", "e", {"address": text[:1_000]})
        elif (phone := _phone_of(name)) is not None:
            for number in filter(None, map(str.strip, text.split(":::"))):
                _add(card, "phones", "p", {"number": number[:1_000], **phone})
        elif (place := _place_of(name)) is not None:
            where.setdefault(place[0], {})[place[1]] = text
    return _named(plain) | card | _placed(where) | _told(plain)


def _add(card: Card, name: str, letter: str, value: Card) -> None:
    held = card.setdefault(name, {})
    held[f"{letter}{len(held) + 1}"] = value


def _phone_of(name: str) -> Card | None:
    return next((dict(found) for pattern, found in _PHONES if pattern.match(name)), None)


def _place_of(name: str) -> tuple[str, str] | None:
    for context, heads in _PLACES.items():
        for head in heads:
            rest = name.removeprefix(head).strip() if not head or name.startswith(head) else None
            part = next((kind for kind, names in _PLACE_PARTS.items() if rest in names), None)
            if part is not None:
                return context, part
    return None


def _named(plain: Mapping[str, str]) -> Card:
    components = [
        {"kind": kind, "value": plain[kind]} for kind in ("title", "surname", "given", "given2") if kind in plain
    ]
    name: Card = {"components": components} if components else {}
    if plain.get("full"):
        name["full"] = plain["full"]
    return {"name": name} if name else {}


def _placed(where: Mapping[str, Mapping[str, str]]) -> Card:
    found: Card = {}
    for context, parts in where.items():
        components = [{"kind": kind, "value": text} for kind, text in parts.items() if kind != "full"]
        address: Card = {"components": components} if components else {}
        if "full" in parts:
            address["full"] = parts["full"]
        found[f"a{len(found) + 1}"] = address | ({"contexts": {context: True}} if context else {})
    return {"addresses": found} if found else {}


def _told(plain: Mapping[str, str]) -> Card:
    card: Card = {}
    if plain.get("nickname"):
        card["nicknames"] = {"n1": {"name": plain["nickname"]}}
    company: Card = {"name": plain["company"]} if plain.get("company") else {}
    if plain.get("department"):
        company |= {"units": [{"name": plain["department"]}]}
    if company:
        card["organizations"] = {"o1": company}
    titles = [(plain.get("title-of-work"), "title"), (plain.get("role"), "role")]
    found = {f"t{at}": {"name": name, "kind": kind} for at, (name, kind) in enumerate(titles, 1) if name}
    if found:
        card["titles"] = found
    web = plain.get("web", "")
    if web:
        card["links"] = {"l1": {"uri": web if "://" in web else f"https://{web}"}}
    date = _date_of(plain.get("birthday", ""))
    if date is not None:
        card["anniversaries"] = {"b1": {"kind": "birth", "date": date}}
    if plain.get("notes"):
        card["notes"] = {"n1": {"note": plain["notes"]}}
    words = [word[:255] for word in _SPLIT_WORDS.split(plain.get("keywords", "")) if word and not word.startswith("*")]
    if words:
        card["keywords"] = dict.fromkeys(words, True)
    return card


def _date_of(text: str) -> Card | None:
    if not text or text in _EMPTY_DATES:
        return None
    parts = re.findall(r"\d+", text)
    if len(parts) != 3:
        return dates.date_of(text)
    # 1990-02-03, 1990. 2. 3., 1990/2/3, and as English Outlook writes it 2/3/1990.
    year, month, day = parts if len(parts[0]) == 4 else (parts[2], parts[0], parts[1])
    return dates.date_of(f"{year}-{month:0>2}-{day:0>2}")


# -- writing --------------------------------------------------------------------------------------------------------


def _row(card: Mapping[str, Any]) -> list[str]:
    organization = next(iter(entries(card, "organizations")), {})
    emails = [one["address"] for one in entries(card, "emails")][:3]
    born: Card = next((one["date"] for one in entries(card, "anniversaries") if one["kind"] == "birth"), {})
    notes = "\n".join(one["note"] for one in entries(card, "notes"))
    return [
        shown_name(card), component(card, "surname"), component(card, "given"), organization.get("name", ""),
        " ".join(unit["name"] for unit in organization.get("units", ())),
        next((one["name"] for one in entries(card, "titles")), ""),
        *emails, *[""] * (3 - len(emails)),
        *_phones(card),
        _address(card, "work"), _address(card, "private"),
        next((one["uri"] for one in entries(card, "links")), ""), dates.shown(born, dashes=True),
        ";".join(card.get("keywords", ())), notes,
    ]  # fmt: skip


def _phones(card: Mapping[str, Any]) -> list[str]:
    """Return one mobile, one at work, one at home and one fax; the rest finds the places that are left."""
    places = {"mobile": "", "work": "", "private": "", "fax": ""}
    left: list[str] = []
    for one in entries(card, "phones"):
        features, contexts = one.get("features", {}), one.get("contexts", {})
        place = "fax" if "fax" in features else "mobile" if "mobile" in features else next(iter(contexts), "")
        if place in places and not places[place]:
            places[place] = one["number"]
        else:
            left.append(one["number"])
    for place in ("work", "mobile", "private"):
        if left and not places[place]:
            places[place] = left.pop(0)
    return list(places.values())


def _address(card: Mapping[str, Any], context: str) -> str:
    for one in entries(card, "addresses"):
        if context in one.get("contexts", {}) or (context == "work" and not one.get("contexts")):
            return full_address(one)
    return ""
