"""Headers of tables: what the admin web writes into its empty tables is known again, in each language."""

import json
from pathlib import Path

import pytest

from smartmail.base.i18n import LANGUAGES
from smartmail.service.people.directory_import.columns import FIELDS, recognised

CATALOGUES = Path(__file__).parents[3] / "web" / "i18n" / "admin"


@pytest.mark.parametrize("kind", FIELDS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_empty_table_of_the_admin_web_is_recognised(language, kind):
    said = json.loads((CATALOGUES / f"{language}.json").read_text("utf-8"))
    header = tuple(said[f"importField.{field}"] for field in FIELDS[kind])
    places, unknown, wrong = recognised(kind, header, {})
    assert (places, unknown, wrong) == ({field: place for place, field in enumerate(FIELDS[kind])}, [], [])


@pytest.mark.parametrize(
    ("kind", "header", "field"),
    [
        ("people", "부서이름", "department"), ("people", "부서 이름", "department"), ("people", "소속 부서", "department"),
        ("people", "팀명", "department"), ("people", "직위명", "position"), ("people", "部門名", "department"),
        ("departments", "부서이름", "name"), ("departments", "팀 이름", "name"), ("departments", "조직명", "name"),
        ("departments", "부서코드", "code"), ("departments", "상위 부서명", "parent"),
    ],
)  # fmt: skip
def test_headers_of_personnel_systems_are_recognised(kind, header, field):
    assert recognised(kind, (header,), {})[0] == {field: 0}
