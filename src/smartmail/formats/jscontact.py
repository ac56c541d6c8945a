"""Cards as JSON (JSContact, RFC 9553): is it one, how large, what is it found by.

NAME       jscontact
PURPOSE    `checked` says whether a value is a card: known properties have their types, unknown ones are kept as they are
           (RFC 9553 §1.7). `line_of` takes out what a card is found and listed by. Pure.
LIMITS     `MAX_DEPTH` levels, `MAX_ENTRIES` of one map; octets are the caller's business.
FAILURE    CardError with the property.
SECURITY   A link that runs a program (`javascript:`) is no link; pictures inside a card are pictures.
Must not know where cards are kept, nor JMAP's own properties (id, addressBookIds, blobId).
"""

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from smartmail.formats import name_match

MAX_DEPTH: Final = 10
MAX_ENTRIES: Final = 5_000
MAX_UID: Final = 1_000
VERSION: Final = "1.0"

Card = dict[str, Any]
Key = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{1,255}$")]
Word = Annotated[str, Meta(min_length=1, max_length=255)]
Pref = Annotated[int, Meta(ge=1, le=100)]
Moment = Annotated[str, Meta(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d*[1-9])?Z$")]
Marks = dict[Word, Literal[True]]
Name = str | UnsetType
_RUNS: Final = re.compile(r"\s*(?:javascript|vbscript|file|blob|filesystem|data)\s*:", re.IGNORECASE)
_PICTURE: Final = re.compile(r"data:image/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/]+={0,2}\Z")
_SOUND: Final = re.compile(r"data:audio/[a-z0-9.+-]{1,60};base64,[A-Za-z0-9+/]+={0,2}\Z")


class CardError(ValueError):
    """What is no card. `property`: the first part of the path to what is wrong, "" for all of it."""

    def __init__(self, name: str, text: str) -> None:
        super().__init__(f"{name}: {text}" if name else text)
        self.property = name


class _Any(Struct, rename="camel", kw_only=True):
    """An object of which more properties may be known elsewhere."""


class _Part(_Any, kw_only=True):
    kind: Word
    value: str
    phonetic: Name = UNSET


class _Name(_Any, kw_only=True):
    components: list[_Part] | UnsetType = UNSET
    is_ordered: bool | UnsetType = UNSET
    default_separator: Name = UNSET
    full: Name = UNSET
    sort_as: dict[Word, str] | UnsetType = UNSET
    phonetic_system: Name = UNSET
    phonetic_script: Name = UNSET


class _Qualified(_Any, kw_only=True):
    contexts: Marks | UnsetType = UNSET
    pref: Pref | UnsetType = UNSET
    label: Name = UNSET


class _Named(_Qualified, kw_only=True):
    name: str


class _Unit(_Any, kw_only=True):
    name: str
    sort_as: Name = UNSET


class _Organization(_Any, kw_only=True):
    name: Name = UNSET
    units: list[_Unit] | UnsetType = UNSET
    sort_as: Name = UNSET
    contexts: Marks | UnsetType = UNSET


class _Title(_Any, kw_only=True):
    name: str
    kind: Name = UNSET
    organization_id: Name = UNSET


class _Speaking(_Any, kw_only=True):
    grammatical_gender: Name = UNSET
    pronouns: dict[Key, Any] | UnsetType = UNSET


class _Email(_Qualified, kw_only=True):
    address: Annotated[str, Meta(min_length=1, max_length=1_000)]


class _Service(_Qualified, kw_only=True):
    service: Name = UNSET
    uri: Name = UNSET
    user: Name = UNSET


class _Phone(_Qualified, kw_only=True):
    number: Annotated[str, Meta(min_length=1, max_length=1_000)]
    features: Marks | UnsetType = UNSET


class _Language(_Any, kw_only=True):
    language: Word
    contexts: Marks | UnsetType = UNSET
    pref: Pref | UnsetType = UNSET


class _Address(_Qualified, kw_only=True):
    components: list[_Part] | UnsetType = UNSET
    is_ordered: bool | UnsetType = UNSET
    country_code: Name = UNSET
    coordinates: Name = UNSET
    time_zone: Name = UNSET
    full: Name = UNSET
    default_separator: Name = UNSET


class _Resource(_Qualified, kw_only=True):
    uri: str
    kind: Name = UNSET
    media_type: Name = UNSET


class _Anniversary(_Any, kw_only=True):
    kind: Word
    date: dict[str, Any]
    place: dict[str, Any] | UnsetType = UNSET


class _Note(_Any, kw_only=True):
    note: str
    created: Moment | UnsetType = UNSET
    author: dict[str, Any] | UnsetType = UNSET


class _Personal(_Any, kw_only=True):
    kind: Word
    value: str
    level: Name = UNSET
    list_as: Annotated[int, Meta(ge=1)] | UnsetType = UNSET
    label: Name = UNSET


class _Relation(_Any, kw_only=True):
    relation: Marks | UnsetType = UNSET


class _Card(Struct, rename="camel", kw_only=True):
    """RFC 9553 §2: the properties that are known here."""

    type_: Literal["Card"] | UnsetType = msgspec.field(name="@type", default=UNSET)
    version: Name = UNSET
    uid: Annotated[str, Meta(min_length=1, max_length=MAX_UID)]
    kind: Word | UnsetType = UNSET
    created: Moment | UnsetType = UNSET
    updated: Moment | UnsetType = UNSET
    language: Name = UNSET
    prod_id: Name = UNSET
    members: dict[Annotated[str, Meta(min_length=1, max_length=MAX_UID)], Literal[True]] | UnsetType = UNSET
    related_to: dict[str, _Relation] | UnsetType = UNSET
    name: _Name | UnsetType = UNSET
    nicknames: dict[Key, _Named] | UnsetType = UNSET
    organizations: dict[Key, _Organization] | UnsetType = UNSET
    speak_to_as: _Speaking | UnsetType = UNSET
    titles: dict[Key, _Title] | UnsetType = UNSET
    emails: dict[Key, _Email] | UnsetType = UNSET
    online_services: dict[Key, _Service] | UnsetType = UNSET
    phones: dict[Key, _Phone] | UnsetType = UNSET
    preferred_languages: dict[Key, _Language] | UnsetType = UNSET
    calendars: dict[Key, _Resource] | UnsetType = UNSET
    scheduling_addresses: dict[Key, dict[str, Any]] | UnsetType = UNSET
    addresses: dict[Key, _Address] | UnsetType = UNSET
    crypto_keys: dict[Key, _Resource] | UnsetType = UNSET
    directories: dict[Key, _Resource] | UnsetType = UNSET
    links: dict[Key, _Resource] | UnsetType = UNSET
    media: dict[Key, _Resource] | UnsetType = UNSET
    localizations: dict[str, dict[str, Any]] | UnsetType = UNSET
    anniversaries: dict[Key, _Anniversary] | UnsetType = UNSET
    keywords: Marks | UnsetType = UNSET
    notes: dict[Key, _Note] | UnsetType = UNSET
    personal_info: dict[Key, _Personal] | UnsetType = UNSET


class Line(Struct, frozen=True, array_like=True):
    """What a card is found and listed by."""

    uid: str
    kind: str
    name: str
    given: str = ""
    surname: str = ""
    surname2: str = ""
    nicknames: tuple[str, ...] = ()
    organizations: tuple[str, ...] = ()
    titles: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    members: tuple[str, ...] = ()
    created: str = ""
    updated: str = ""
    words: str = ""
    """All of them folded, one in a line: what is typed is looked for here, and its initials in `sounds`."""
    sounds: str = ""
    reading: str = ""
    given_reading: str = ""
    surname_reading: str = ""
    """How a name is read (たなか for 田中), where the card says so; `reading` is the whole name, the surname first."""


def checked(raw: Mapping[str, Any]) -> Card:
    """Return the card, with `@type` and `version`. Raises CardError."""
    card: Card = {"@type": "Card", "version": VERSION, **raw}
    _bounded(card)
    try:
        known = msgspec.convert(card, _Card)
    except msgspec.ValidationError as error:
        raise _told(str(error)) from None
    if card["version"] != VERSION:
        raise CardError("version", "only 1.0 is known")
    if known.members is not UNSET and known.kind != "group":
        # RFC 9553 §2.1.6.
        raise CardError("members", "only a group has members")
    _check_links(known)
    return card


def _told(text: str) -> CardError:
    name = re.search(r"`\$\.([\w@]+)", text) or re.search(r"field `([\w@]+)`", text)
    return CardError(name[1] if name else "", text[:200])


def _bounded(value: Any, depth: int = 0) -> None:
    if depth > MAX_DEPTH:
        raise CardError("", f"more than {MAX_DEPTH} levels")
    below: list[Any] = []
    if isinstance(value, dict):
        below = [*value, *value.values()]
    elif isinstance(value, list):
        below = value
    elif isinstance(value, str) and not _whole(value):
        raise CardError("", "a text that is no Unicode")
    if len(below) > 2 * MAX_ENTRIES:
        raise CardError("", f"more than {MAX_ENTRIES} entries")
    for one in below:
        _bounded(one, depth + 1)


def _whole(text: str) -> bool:
    """Say whether a text can be written: no half of a surrogate pair, no NUL."""
    return "\0" not in text and not any("\ud800" <= char <= "\udfff" for char in text)


def _check_links(card: _Card) -> None:
    for name in ("links", "calendars", "crypto_keys", "directories"):
        found: dict[str, _Resource] | UnsetType = getattr(card, name)
        for one in () if found is UNSET else found.values():
            if _RUNS.match(one.uri) and not (name == "crypto_keys" and one.uri.startswith("data:")):
                raise CardError(name, "not a link")
    for one in () if card.media is UNSET else card.media.values():
        inside = _SOUND if one.kind == "sound" else _PICTURE
        if _RUNS.match(one.uri) and not inside.match(one.uri):
            raise CardError("media", "not a picture")
    for service in () if card.online_services is UNSET else card.online_services.values():
        if service.uri is not UNSET and _RUNS.match(service.uri):
            raise CardError("onlineServices", "not a link")


# -- what a card is found by ----------------------------------------------------------------------------------------

_MOST: Final = 50
_LONGEST: Final = 2_000


def line_of(card: Mapping[str, Any]) -> Line:
    """Return the line of a card that was `checked`."""
    line = _told_line(card)
    names = (line.name, line.surname + line.given, line.given, line.surname, line.surname2, *line.nicknames)
    ways = (*line.emails, *line.phones, *map(figures, line.phones), *line.services, *line.addresses)
    names = (*names, line.reading, line.surname_reading, line.given_reading)
    words = name_match.folded("\n".join((*names, *line.organizations, *line.titles, *ways, *line.notes)))
    return msgspec.structs.replace(line, words=words, sounds=name_match.sounds(words))


def figures(number: str) -> str:
    """Return the figures of a telephone number: it is found however they are grouped."""
    return "".join(char for char in number if char.isdigit())


def _told_line(card: Mapping[str, Any]) -> Line:
    return Line(
        uid=card["uid"],
        kind=card.get("kind", "individual"),
        name=shown_name(card),
        given=component(card, "given"),
        surname=component(card, "surname"),
        surname2=component(card, "surname2"),
        nicknames=_texts(card, "nicknames", "name"),
        organizations=_cut(_organizations(card)),
        titles=_texts(card, "titles", "name"),
        emails=_texts(card, "emails", "address"),
        phones=_texts(card, "phones", "number"),
        services=_texts(card, "onlineServices", "user", "uri"),
        addresses=_cut(filter(None, map(full_address, entries(card, "addresses")))),
        notes=_texts(card, "notes", "note"),
        members=tuple(card.get("members", ())),
        created=card.get("created", ""),
        updated=card.get("updated", ""),
        reading=_reading(card),
        given_reading=reading_of(card, "given"),
        surname_reading=reading_of(card, "surname"),
    )


def entries(card: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """Return the values of a map of a card, the preferred ones first."""
    found = [one for one in (card.get(name) or {}).values() if isinstance(one, dict)]
    return sorted(found, key=lambda one: one.get("pref", 101))


def _texts(card: Mapping[str, Any], name: str, *properties: str) -> tuple[str, ...]:
    return _cut(one[each] for one in entries(card, name) for each in properties if one.get(each))


def _organizations(card: Mapping[str, Any]) -> Iterator[str]:
    for one in entries(card, "organizations"):
        yield from filter(None, (one.get("name", ""), *(unit["name"] for unit in one.get("units", ()))))


def _cut(texts: Any) -> tuple[str, ...]:
    return tuple(text[:_LONGEST] for text in list(texts)[:_MOST])


def component(card: Mapping[str, Any], kind: str) -> str:
    """Return the parts of a name of one kind, with blanks between."""
    parts = (card.get("name") or {}).get("components", ())
    return " ".join(one["value"] for one in parts if one["kind"] == kind)


def reading_of(card: Mapping[str, Any], kind: str) -> str:
    """Return how the parts of a name of one kind are read: what a card says of their sound, or of what they sort as."""
    name = card.get("name") or {}
    parts = [one for one in name.get("components", ()) if one["kind"] == kind]
    heard = [one.get("phonetic") or "" for one in parts]
    told = " ".join(heard) if heard and all(heard) else (name.get("sortAs") or {}).get(kind, "")
    return str(told)[:_LONGEST]


def _reading(card: Mapping[str, Any]) -> str:
    heard = {kind: reading_of(card, kind) for kind in ("surname", "given")}
    if not any(heard.values()):
        return ""
    # Blanks would set those apart whose surname nobody marked.
    return "".join("".join((text or component(card, kind)).split()) for kind, text in heard.items())


def shown_name(card: Mapping[str, Any]) -> str:
    """Return the name as it is shown: what the card says, or its parts in the order of their writing, or a company, an
    address, a telephone number.
    """
    name = card.get("name") or {}
    if name.get("full"):
        return str(name["full"])[:_LONGEST]
    joined = joined_name(name.get("components", ()), ordered=name.get("isOrdered", False))
    others = (joined, *_texts(card, "nicknames", "name"), *_organizations(card), *_texts(card, "emails", "address"))
    return next((one for one in (*others, *_texts(card, "phones", "number")) if one), "")[:_LONGEST]


_ORDER: Final = ("title", "given", "given2", "surname", "surname2", "generation", "credential")
_EASTERN: Final = ("surname", "surname2", "given", "given2")
_ASIAN: Final = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3\s]+\Z")


def joined_name(parts: Any, *, ordered: bool = False) -> str:
    """Return a name out of its parts: 김 + 민지 → 김민지, Emily + Carter → Emily Carter."""
    shown = [one for one in parts if one["value"].strip() or one["kind"] == "separator"]
    if ordered and any(one["kind"] == "separator" for one in shown):
        return "".join(one["value"] for one in shown).strip()
    core = [one for one in shown if one["kind"] in _EASTERN]
    eastern = bool(core) and all(_ASIAN.match(one["value"]) for one in core)
    if not ordered:
        order = (*_EASTERN, "title", "generation", "credential") if eastern else _ORDER
        shown.sort(key=lambda one: order.index(one["kind"]) if one["kind"] in order else len(order))
    if not eastern:
        return " ".join(one["value"].strip() for one in shown)
    name = "".join(one["value"].strip() for one in shown if one["kind"] in _EASTERN)
    more = [one["value"].strip() for one in shown if one["kind"] not in _EASTERN]
    return " ".join([name, *more])


def full_address(address: Mapping[str, Any]) -> str:
    """Return an address in one line."""
    if address.get("full"):
        return str(address["full"])
    parts = [one["value"] for one in address.get("components", ()) if one["kind"] != "separator"]
    return " ".join(filter(None, parts))
