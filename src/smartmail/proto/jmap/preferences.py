"""Shapes of UserPreferences: our own type for what a person chose for their screens. One object a person."""

from typing import Any, Final

from msgspec import Struct

PREFERENCES_ID: Final = "singleton"


class PreferencesObject(Struct, rename="camel", frozen=True):
    """`values`: name → any JSON; the server gives no name a meaning."""

    id: str
    values: dict[str, Any]


PREFERENCES_PROPERTIES: Final = ("id", "values")
