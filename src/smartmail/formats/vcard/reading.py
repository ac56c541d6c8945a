"""A vCard's properties as a JSContact card (RFC 9555 §2).

What has no place there stays in `vCardProps` (§2.15.1) and is written out again. Links that run something and pictures that
are none are left out. The card still has to be `jscontact.checked`, and has no uid when the file gave none.
"""

import base64
import re
from collections.abc import Callable
from typing import Any, Final

import msgspec

from smartmail.formats.pictures import media_type_of
from smartmail.formats.vcard import dates, places
from smartmail.formats.vcard.kinds import (
    ANNIVERSARIES,
    APPLE_LABELS,
    CHAT,
    CONTEXTS,
    FEATURES,
    HEARD,
    KEPT,
    KINDS,
    MEDIA,
    N_PARTS,
)
from smartmail.formats.vcard.lines import Property, octets_of, split, texts, unescaped

Card = dict[str, Any]
_MAX_KEPT: Final = 100
_KEY: Final = re.compile(r"[A-Za-z0-9_-]{1,255}\Z")
_RUNS: Final = re.compile(r"\s*(?:javascript|vbscript|file|blob|filesystem|data)\s*:", re.IGNORECASE)
_DATA: Final = re.compile(r"data:image/(png|jpe?g|gif|webp)[^,]{0,60};base64,", re.IGNORECASE)
_PICTURES: Final = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp"})
_HEARD: Final = frozenset(HEARD.values())
_IGNORED: Final = frozenset({"VERSION", "BEGIN", "END", "X-ABLABEL", "X-ABADR", "PROFILE", "LABEL", "MAILER"})


class _Reader:
    """Collects the parts of one card."""

    def __init__(self, properties: tuple[Property, ...]) -> None:
        self.card: Card = {}
        self.labels = {one.group: unescaped(one.value) for one in properties if one.name == "X-ABLABEL" and one.group}
        self.parts: dict[str, str] = {}
        told = ((kind, one) for kind, name in HEARD.items() for one in properties if one.name == name)
        self.heard = {kind: text[:1_000] for kind, one in told if (text := unescaped(one.value).strip())}
        self.kept: list[list[Any]] = []

    def put(self, where: str, one: Property, letter: str, value: Card) -> None:
        """Add an entry to one of the card's maps, under its own key if it brought one."""
        entries: dict[str, Any] = self.card.setdefault(where, {})
        key = one.first("PROP-ID")
        number = len(entries) + 1
        while not _KEY.match(key) or key in entries:
            key, number = f"{letter}{number}", number + 1
        entries[key] = value

    def qualified(self, one: Property) -> Card:
        """Return contexts, pref and label of a property."""
        types, found = one.types(), Card()
        label = self.labels.get(one.group, "")
        types |= {APPLE_LABELS[label]} if label in APPLE_LABELS else set()
        contexts = {name: True for word, name in CONTEXTS.items() if word in types}
        if contexts:
            found["contexts"] = contexts
        pref = one.first("PREF")
        if pref.isascii() and pref.isdigit() and len(pref) < 4 and 1 <= int(pref) <= 100:
            found["pref"] = int(pref)
        elif "pref" in types:
            found["pref"] = 1
        if label and label not in APPLE_LABELS:
            found["label"] = label
        return found


def card_of(properties: tuple[Property, ...]) -> Card:
    """Return the card of a vCard's properties."""
    reader = _Reader(properties)
    has_name = any(one.name == "N" for one in properties)
    for one in properties:
        act = _ACTS.get(one.name)
        if act is not None:
            act(reader, one)
        elif one.name not in _IGNORED and not (one.name in _HEARD and has_name) and len(reader.kept) < _MAX_KEPT:
            params = {name.lower(): values for name, values in one.params.items()}
            reader.kept.append(
                [one.name.lower(), params | ({"group": one.group} if one.group else {}), "unknown", one.value]
            )
    card = reader.card
    if card.get("kind") != "group":
        card.pop("members", None)
    for name in [name for name, value in card.items() if value in ({}, "")]:
        del card[name]
    return card | ({"vCardProps": reader.kept} if reader.kept else {})


# -- names ----------------------------------------------------------------------------------------------------------


def _fn(reader: _Reader, one: Property) -> None:
    text = unescaped(one.value).strip()
    if text and one.first("DERIVED").lower() != "true":
        reader.card.setdefault("name", {}).setdefault("full", text)


def _n(reader: _Reader, one: Property) -> None:
    fields = [[part.strip() for part in texts(field, ",") if part.strip()] for field in split(one.value, ";")]
    components = [
        {"kind": kind, "value": value} for kind, values in zip(N_PARTS, fields, strict=False) for value in values
    ]
    if components:
        name = reader.card.setdefault("name", {})
        if "components" not in name:
            name.update(_sounded(components, reader.heard))


def _sounded(components: list[Card], heard: dict[str, str]) -> Card:
    """Return a name with the readings of its parts (かな beside 漢字) on them; several parts of one kind share one."""
    name: Card = {"components": components}
    for kind, text in heard.items():
        parts = [one for one in components if one["kind"] == kind]
        if len(parts) == 1:
            parts[0]["phonetic"] = text
        else:
            name.setdefault("sortAs", {})[kind] = text
    return name


def _nickname(reader: _Reader, one: Property) -> None:
    for text in filter(None, texts(one.value, ",")):
        reader.put("nicknames", one, "n", {"name": text} | reader.qualified(one))


def _org(reader: _Reader, one: Property) -> None:
    name, *units = texts(one.value, ";")
    found: Card = {"name": name} if name else {}
    if any(units):
        found["units"] = [{"name": unit} for unit in units if unit]
    if found:
        contexts = reader.qualified(one).get("contexts")
        reader.put("organizations", one, "o", found | ({"contexts": contexts} if contexts else {}))


def _title(reader: _Reader, one: Property) -> None:
    text = unescaped(one.value).strip()
    if text:
        reader.put("titles", one, "t", {"name": text, "kind": "role" if one.name == "ROLE" else "title"})


# -- ways to reach --------------------------------------------------------------------------------------------------


def _email(reader: _Reader, one: Property) -> None:
    address = unescaped(one.value).strip()
    address = address[7:] if address.lower().startswith("mailto:") else address
    if address:
        reader.put("emails", one, "e", {"address": address[:1_000]} | reader.qualified(one))


def _tel(reader: _Reader, one: Property) -> None:
    number = unescaped(one.value).strip()
    number = number[4:] if number.lower().startswith("tel:") and one.first("VALUE").lower() != "text" else number
    if not number:
        return
    types = one.types() | {APPLE_LABELS.get(reader.labels.get(one.group, ""), "")}
    features = {name: True for word, name in FEATURES.items() if word in types}
    found = {"number": number[:1_000]} | reader.qualified(one)
    reader.put("phones", one, "p", found | ({"features": features} if features else {}))


def _adr(reader: _Reader, one: Property) -> None:
    found = places.address_of(one)
    if found:
        reader.put("addresses", one, "a", found | reader.qualified(one))


def _service(reader: _Reader, one: Property) -> None:
    text = unescaped(one.value).strip()
    if not text or _RUNS.match(text):
        return
    service = one.first("SERVICE-TYPE") or one.first("X-SERVICE-TYPE") or CHAT.get(one.name, "")
    user = one.first("USERNAME") or one.first("X-USER")
    plain = one.first("VALUE").lower() == "text" or one.name in CHAT
    found: Card = {"user": text} if plain else {"uri": text}
    if service:
        found["service"] = service
    if user:
        found["user"] = user
    reader.put("onlineServices", one, "s", found | reader.qualified(one))


def _link(reader: _Reader, one: Property) -> None:
    uri = unescaped(one.value).strip()
    if uri and not _RUNS.match(uri):
        kind = {"kind": "contact"} if one.name == "CONTACT-URI" else {}
        reader.put("links", one, "l", {"uri": uri} | kind | reader.qualified(one))


def _media(reader: _Reader, one: Property) -> None:
    uri = _picture(one)
    if uri:
        reader.put("media", one, "m", {"kind": MEDIA[one.name], "uri": uri} | reader.qualified(one))


def _picture(one: Property) -> str:
    value = one.value.replace("\\,", ",").replace("\\;", ";").strip()
    encoded = one.first("ENCODING").lower() in {"b", "base64"}
    match = _DATA.match(value)
    if not encoded and match is None:
        return "" if _RUNS.match(value) or one.name == "SOUND" else value
    octets = octets_of(value[match.end() :] if match is not None else value)
    media_type = media_type_of(octets or b"")
    if octets is None or media_type not in _PICTURES or one.name == "SOUND":
        return ""
    return f"data:{media_type};base64,{base64.b64encode(octets).decode()}"


# -- the rest -------------------------------------------------------------------------------------------------------


def _anniversary(reader: _Reader, one: Property) -> None:
    date = dates.date_of(unescaped(one.value), one.first("CALSCALE"))
    if date is not None:
        reader.put("anniversaries", one, "b", {"kind": ANNIVERSARIES[one.name], "date": date})


def _note(reader: _Reader, one: Property) -> None:
    text = unescaped(one.value)
    if text.strip():
        reader.put("notes", one, "n", {"note": text})


def _categories(reader: _Reader, one: Property) -> None:
    words = {text[:255]: True for text in texts(one.value, ",") if text}
    reader.card["keywords"] = reader.card.get("keywords", {}) | words


def _language(reader: _Reader, one: Property) -> None:
    if one.value.strip():
        found = {key: value for key, value in reader.qualified(one).items() if key != "label"}
        reader.put("preferredLanguages", one, "l", {"language": unescaped(one.value).strip()[:255]} | found)


def _kind(reader: _Reader, one: Property) -> None:
    kind = unescaped(one.value).strip().lower()
    if kind in KINDS:
        reader.card["kind"] = kind


def _member(reader: _Reader, one: Property) -> None:
    uid = unescaped(one.value).strip()
    if uid:
        reader.card.setdefault("members", {})[uid[:1_000]] = True


def _plain(name: str) -> Callable[[_Reader, Property], None]:
    def act(reader: _Reader, one: Property) -> None:
        text = unescaped(one.value).strip()
        if text:
            reader.card.setdefault(name, text[:1_000])

    return act


def _moment(name: str) -> Callable[[_Reader, Property], None]:
    def act(reader: _Reader, one: Property) -> None:
        reader.card[name] = dates.moment_of(one.value)

    return act


def _jsprop(reader: _Reader, one: Property) -> None:
    """RFC 9555 §3.2.1: a whole property of the card; it outweighs what other lines say of it."""
    name = one.first("JSPTR").removeprefix("/").replace("~1", "/").replace("~0", "~")
    try:
        value = msgspec.json.decode(unescaped(one.value).encode())
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        return
    if name and name not in KEPT:
        reader.card[name] = value


_ACTS: Final[dict[str, Callable[[_Reader, Property], None]]] = {
    "FN": _fn, "N": _n, "NICKNAME": _nickname, "ORG": _org, "TITLE": _title, "ROLE": _title,
    "EMAIL": _email, "TEL": _tel, "ADR": _adr,
    "IMPP": _service, "SOCIALPROFILE": _service, "X-SOCIALPROFILE": _service, **dict.fromkeys(CHAT, _service),
    "URL": _link, "CONTACT-URI": _link, **dict.fromkeys(MEDIA, _media), **dict.fromkeys(ANNIVERSARIES, _anniversary),
    "X-ANNIVERSARY": lambda reader, one: _anniversary(reader, Property("ANNIVERSARY", one.value, one.params, one.group)),
    "NOTE": _note, "CATEGORIES": _categories, "LANG": _language,
    "KIND": _kind, "X-ADDRESSBOOKSERVER-KIND": _kind, "MEMBER": _member, "X-ADDRESSBOOKSERVER-MEMBER": _member,
    "UID": _plain("uid"), "PRODID": _plain("prodId"), "LANGUAGE": _plain("language"),
    "REV": _moment("updated"), "CREATED": _moment("created"), "JSPROP": _jsprop,
}  # fmt: skip
