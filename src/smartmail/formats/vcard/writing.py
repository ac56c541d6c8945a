"""JSContact cards as vCards 3.0 and 4.0 (RFC 9555 §3).

STRATEGIES  A 4.0 card is read again before it goes out, and each property that came back differently goes as JSPROP beside
            its lines: so nothing is lost. 3.0 is for old programs and says what they understand.
SECURITY    Values are escaped and hold no controls: a name cannot begin a line of its own.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, Literal

import msgspec

from smartmail.formats.jscontact import reading_of, shown_name
from smartmail.formats.vcard import dates, places
from smartmail.formats.vcard.kinds import ANNIVERSARIES, CONTEXTS, FEATURES, HEARD, KEPT, MEDIA, N_PARTS
from smartmail.formats.vcard.lines import Property, escaped, found_cards, shown
from smartmail.formats.vcard.reading import card_of

Version = Literal["3.0", "4.0"]
_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u2028\u2029\x85]")
_DATA: Final = re.compile(r"data:image/(png|jpeg|gif|webp);base64,([A-Za-z0-9+/=]+)\Z")
_URI: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{1,30}:[^\s]+\Z")
_NAME: Final = re.compile(r"[A-Za-z0-9-]{1,60}\Z")
_WORDS: Final = {name: word for word, name in CONTEXTS.items()}
_TYPES: Final = {name: word for word, name in FEATURES.items()}
_PROPERTIES: Final = {kind: name for name, kind in ANNIVERSARIES.items()}
_MEDIA: Final = {kind: name for name, kind in MEDIA.items()}


def written(card: Mapping[str, Any], version: Version) -> str:
    """Return the vCard of a card that was `jscontact.checked`, with CRLF behind each line."""
    lines = list(_Writer(card, version).lines())
    if version == "4.0":
        lines += _what_is_lost(card, lines)
    body = "".join(f"{shown(one)}\r\n" for one in lines)
    return f"BEGIN:VCARD\r\nVERSION:{version}\r\n{body}END:VCARD\r\n"


def _what_is_lost(card: Mapping[str, Any], lines: list[Property]) -> Iterator[Property]:
    """Yield what another reader would not get back out of these lines."""
    text = "".join(f"{shown(one)}\r\n" for one in lines)
    found, _ = found_cards(f"BEGIN:VCARD\r\n{text}END:VCARD\r\n".encode("utf-8", "replace"))
    back = card_of(found[0].properties)
    for name, value in card.items():
        if name not in KEPT and back.get(name) != value:
            pointer = "/" + name.replace("~", "~0").replace("/", "~1")
            yield Property("JSPROP", escaped(msgspec.json.encode(value).decode()), {"JSPTR": [pointer]})


class _Writer:
    def __init__(self, card: Mapping[str, Any], version: Version) -> None:
        self._card = card
        self._new = version == "4.0"
        self._labels = 0

    def lines(self) -> Iterator[Property]:
        """Yield all properties but VERSION."""
        yield from self._head()
        yield from self._names()
        yield from self._reached()
        yield from self._rest()

    def _entries(self, name: str) -> Iterator[tuple[str, dict[str, Any]]]:
        for key, one in (self._card.get(name) or {}).items():
            if isinstance(one, dict):
                yield key, one

    def _line(
        self, name: str, key: str, one: Mapping[str, Any], value: str, more: Mapping[str, list[str]] | None = None
    ) -> Iterator[Property]:
        """Yield a property with its key, contexts, preference and label."""
        params: dict[str, list[str]] = {}
        if self._new and key:
            params["PROP-ID"] = [key]
        types = [_WORDS[word] for word in one.get("contexts", ()) if word in _WORDS]
        types += [_TYPES[word] for word in one.get("features", ()) if word in _TYPES]
        if "pref" in one and self._new:
            params["PREF"] = [str(one["pref"])]
        elif one.get("pref") == 1:
            types.append("pref")
        if types:
            params["TYPE"] = types
        label, group = one.get("label", ""), ""
        if label:
            self._labels += 1
            group = f"item{self._labels}"
        yield Property(name, _CONTROLS.sub(" ", value), params | dict(more or {}), group)
        if label:
            yield Property("X-ABLABEL", _text(label), {}, group)

    def _head(self) -> Iterator[Property]:
        card = self._card
        uid = str(card.get("uid", ""))
        plain = {} if not self._new or _URI.match(uid) else {"VALUE": ["text"]}
        yield Property("UID", _text(uid), plain)
        kind = card.get("kind")
        if kind in {"individual", "group", "org", "location", "device", "application"}:
            if self._new:
                yield Property("KIND", kind)
            elif kind == "group":
                yield Property("X-ADDRESSBOOKSERVER-KIND", kind)
        for member in card.get("members", ()):
            yield Property("MEMBER" if self._new else "X-ADDRESSBOOKSERVER-MEMBER", _text(member))
        if "updated" in card:
            yield Property("REV", dates.stamp(card["updated"]))
        if self._new:
            yield from (
                Property(name, _text(card[key]))
                for name, key in (("PRODID", "prodId"), ("LANGUAGE", "language"))
                if isinstance(card.get(key), str)
            )
            if "created" in card:
                yield Property("CREATED", dates.stamp(card["created"]))

    def _names(self) -> Iterator[Property]:
        name = self._card.get("name") or {}
        told = {} if name.get("full") or not self._new else {"DERIVED": ["true"]}
        yield Property("FN", _text(shown_name(self._card)), told)
        parts: dict[str, list[str]] = {}
        for one in name.get("components", ()):
            parts.setdefault(one["kind"], []).append(_text(one["value"]))
        last = 7 if self._new and ("surname2" in parts or "generation" in parts) else 5
        if parts or not self._new:
            yield Property("N", ";".join(",".join(parts.get(kind, ())) for kind in N_PARTS[:last]))
        for kind, written in HEARD.items():
            if text := reading_of(self._card, kind):
                yield Property(written, _text(text))
        for key, one in self._entries("nicknames"):
            yield from self._line("NICKNAME", key, one, _text(one["name"]))
        for key, one in self._entries("organizations"):
            units = [_text(unit["name"]) for unit in one.get("units", ())]
            yield from self._line("ORG", key, one, ";".join([_text(one.get("name", "")), *units]))
        for key, one in self._entries("titles"):
            yield from self._line("ROLE" if one.get("kind") == "role" else "TITLE", key, one, _text(one["name"]))

    def _reached(self) -> Iterator[Property]:
        for key, one in self._entries("emails"):
            yield from self._line("EMAIL", key, one, _text(one["address"]))
        for key, one in self._entries("phones"):
            yield from self._line("TEL", key, one, _text(one["number"]), {"VALUE": ["text"]} if self._new else None)
        for key, one in self._entries("addresses"):
            yield from self._address(key, one)
        for key, one in self._entries("onlineServices"):
            yield from self._service(key, one)
        for key, one in self._entries("links"):
            yield from self._line("CONTACT-URI" if one.get("kind") == "contact" else "URL", key, one, _text(one["uri"]))

    def _address(self, key: str, one: dict[str, Any]) -> Iterator[Property]:
        more: dict[str, list[str]] = {}
        if self._new:
            found = {"LABEL": "full", "CC": "countryCode", "TZ": "timeZone", "GEO": "coordinates"}
            more = {name: [str(one[own])] for name, own in found.items() if one.get(own)}
        value = places.value_of(one, whole=self._new)
        if not self._new and not one.get("components"):
            value = f";;{_text(one.get('full', ''))};;;;"
        yield from self._line("ADR", key, one, value, more)

    def _service(self, key: str, one: dict[str, Any]) -> Iterator[Property]:
        uri, user, service = one.get("uri", ""), one.get("user", ""), one.get("service", "")
        more = {"SERVICE-TYPE": [service]} if service else {}
        if uri and user:
            more["USERNAME"] = [user]
        if not uri:
            more["VALUE"] = ["text"]
        name = "IMPP" if uri and not service else "SOCIALPROFILE" if self._new else "X-SOCIALPROFILE"
        yield from self._line(name, key, one, _text(uri or user), more)

    def _rest(self) -> Iterator[Property]:
        for key, one in self._entries("media"):
            yield from self._media(key, one)
        for key, one in self._entries("anniversaries"):
            date = dates.shown(one["date"], dashes=not self._new)
            scale = one["date"].get("calendarScale")
            if date and one["kind"] in _PROPERTIES and (self._new or one["kind"] == "birth"):
                more = {"CALSCALE": [scale]} if isinstance(scale, str) and scale else None
                yield from self._line(_PROPERTIES[one["kind"]], key, {}, date, more)
        for key, one in self._entries("notes"):
            yield from self._line("NOTE", key, {}, _text(one["note"]))
        if self._card.get("keywords"):
            yield Property("CATEGORIES", ",".join(map(_text, self._card["keywords"])))
        for key, one in self._entries("preferredLanguages") if self._new else ():
            yield from self._line("LANG", key, one, _text(one["language"]))
        yield from self._kept()

    def _media(self, key: str, one: dict[str, Any]) -> Iterator[Property]:
        name = _MEDIA.get(one.get("kind", ""))
        match = _DATA.match(one["uri"])
        if name is None:
            return
        if match is None or self._new:
            yield from self._line(name, key, one, one["uri"], {} if self._new else {"VALUE": ["uri"]})
        else:
            yield from self._line(name, key, one, match[2], {"ENCODING": ["b"], "TYPE": [match[1].upper()]})

    def _kept(self) -> Iterator[Property]:
        """What a vCard brought that nobody here knows (RFC 9555 §2.15.1)."""
        for one in self._card.get("vCardProps") or ():
            if not (isinstance(one, list) and len(one) >= 4 and isinstance(one[0], str) and isinstance(one[3], str)):
                continue
            if not _NAME.match(one[0]) or one[0].upper() in {"BEGIN", "END", "VERSION"} or not isinstance(one[1], dict):
                continue
            params = {
                name.upper(): [_CONTROLS.sub("", value) for value in values]
                for name, values in one[1].items()
                if name != "group"
                and _NAME.match(name)
                and isinstance(values, list)
                and all(isinstance(v, str) for v in values)
            }
            yield Property(one[0].upper(), _CONTROLS.sub(" ", one[3].replace("\r", "").replace("\n", "\\n")), params)


def _text(text: str) -> str:
    return escaped(_CONTROLS.sub(" ", text.replace("\r\n", "\n").replace("\r", "\n")))
