"""Texts that the server itself writes, one JSON file per language; `load` hands them to base.i18n."""

import functools
import json
from importlib.resources import files

from smartmail.base import i18n


def load() -> None:
    """Install the catalogues of all languages for this process; read once, however often services are composed."""
    i18n.install(_read())


@functools.cache
def _read() -> dict[str, dict[str, str]]:
    place = files(__package__)
    return {tag: json.loads((place / f"{tag}.json").read_text(encoding="utf-8")) for tag in i18n.LANGUAGES}
