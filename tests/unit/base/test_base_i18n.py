"""Messages in the reader's language."""

import json
from importlib import resources

import pytest

from smartmail.base import i18n


@pytest.fixture
def catalogues():
    """Two small languages; the real ones come back afterwards."""
    before = dict(i18n._catalogues)
    i18n.install({"en": {"hello": "Hello {name}", "only": "English", "empty": "x"}, "ko": {"hello": "{name}님", "empty": ""}})  # fmt: skip
    yield
    i18n.install(before)


def test_the_readers_language_then_english(catalogues):
    assert i18n.translate("ko", "hello", name="민지") == "민지님"
    assert i18n.translate("en", "hello", name="Minji") == "Hello Minji"
    assert i18n.translate("ko", "only") == "English"
    assert i18n.translate("ko", "empty") == "x"
    assert i18n.translate("xx", "only") == "English"


def test_an_unknown_key_is_an_error_of_ours(catalogues):
    with pytest.raises(KeyError):
        i18n.translate("ko", "nothing")


def test_values_are_not_templates(catalogues):
    """A subject that looks like a place is text and reads nothing out of us."""
    assert i18n.translate("en", "hello", name="{0.__class__} {name}") == "Hello {0.__class__} {name}"


def test_install_replaces_everything(catalogues):
    i18n.install({"en": {"other": "Other"}})
    with pytest.raises(KeyError):
        i18n.translate("en", "only")


def test_the_shipped_catalogues_are_those_of_the_languages():
    folder = resources.files("smartmail.app.catalogues")
    shipped = {entry.name.removesuffix(".json") for entry in folder.iterdir() if entry.name.endswith(".json")}
    assert shipped == set(i18n.LANGUAGES)
    assert i18n.FALLBACK in shipped
    for language in shipped:
        assert all(
            isinstance(text, str) for text in json.loads((folder / f"{language}.json").read_text("utf-8")).values()
        )
