"""Messages in the reader's language.

`app` hands the catalogues over at start; pure code only asks. A missing key is an error of ours and raises,
so that a test finds it before a reader does.
"""

from collections.abc import Mapping

from smartmail.base import korean

LANGUAGES = ("ko", "en", "ja", "zh-Hans", "zh-Hant")
FALLBACK = "en"

_catalogues: dict[str, Mapping[str, str]] = {}


def install(catalogues: Mapping[str, Mapping[str, str]]) -> None:
    """Replace all catalogues: language tag → key → text with `{name}` places."""
    _catalogues.clear()
    _catalogues.update(catalogues)


def translate(language: str, key: str, **values: object) -> str:
    """Return the text of `key` for a reader of `language`, falling back to English.

    Raises KeyError when no catalogue has the key.
    """
    text = _catalogues.get(language, {}).get(key) or _catalogues.get(FALLBACK, {})[key]
    if not values:
        return text
    return (korean.fitted(text, values) if language == "ko" else text).format(**values)
