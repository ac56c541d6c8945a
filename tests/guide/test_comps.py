"""`docs/design/`: each screen that was drawn has its picture as it is built, and both stand beside each other in the README."""

import re

import pytest
from PIL import Image
from tests.guide.comps import BUILT, COMPS, DESIGN, DRAWN, MOST_OCTETS

README = (DESIGN / "README.md").read_text("utf-8")
FIFTEEN = {
    "list-pane", "list-only", "reading-wide", "compose", "search", "settings", "receipts", "orgchart", "signin", "phone",
    "admin-overview", "admin-people", "admin-policy", "admin-trace", "components",
}  # fmt: skip


def section(name):
    """What the README says about a screen."""
    return README.partition(f"\n## {name}\n")[2].partition("\n## ")[0]


def test_every_drawing_has_a_way_to_its_screen():
    assert set(COMPS) == FIFTEEN


@pytest.mark.parametrize("folder", [BUILT, DRAWN], ids=["built", "drawn"])
def test_every_picture_is_there_and_small(folder):
    assert {path.stem for path in folder.iterdir()} == FIFTEEN
    for path in folder.iterdir():
        assert path.stat().st_size <= MOST_OCTETS, path
        with Image.open(path) as picture:
            picture.load()
            assert picture.format == "PNG"


@pytest.mark.parametrize("name", sorted(FIFTEEN))
def test_both_stand_beside_each_other_with_what_is_equal_and_what_differs(name):
    told = section(name)
    for folder in (DRAWN, BUILT):
        assert re.search(rf'<img src="{folder.name}/{name}\.png" alt="[^"]{{10,}}"', told), folder.name
    assert "**Equal.**" in told
    assert "**Differs.**" in told


def test_every_link_of_the_folder_leads_somewhere():
    for page in DESIGN.glob("*.md"):
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text("utf-8")):
            if not target.startswith("http"):
                assert (page.parent / target).exists(), f"{page.name}: {target}"
