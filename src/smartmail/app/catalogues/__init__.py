"""Texts that the server itself writes, one JSON file per language; `load` hands them to base.i18n."""

import json
from importlib.resources import files

from smartmail.base import i18n


def load() -> None:
    """Install the catalogues of all languages for this process."""
    place = files(__package__)
    i18n.install({tag: json.loads((place / f"{tag}.json").read_text(encoding="utf-8")) for tag in i18n.LANGUAGES})
