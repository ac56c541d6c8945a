"""What the guide says of the admin API is there: every method and path that its pages name."""

import re
from pathlib import Path

import pytest

from smartmail.edge.httpd.admin.matching import Matcher
from smartmail.edge.httpd.admin.operation import ROOT
from smartmail.edge.httpd.admin.table import OPERATIONS

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "guide-admin"
NAMED = re.compile(r"\b(GET|POST|PUT|PATCH|DELETE)\s+(/admin/v1/[A-Za-z0-9{}/_-]+)")


@pytest.mark.parametrize("language", ["ko", "en"])
def test_what_the_guide_names_is_served(language):
    text = (GUIDE / language / "admin-api.md").read_text(encoding="utf-8")
    named = {(method, path.replace("NUMBER", "1")) for method, path in NAMED.findall(text)}
    assert len(named) > 10
    matcher = Matcher(OPERATIONS)
    for method, path in named - {("GET", f"{ROOT}/openapi.json")}:
        found = matcher.find(path)
        assert found is not None, path
        assert method in found[0], (method, path)
