"""The launcher builds the web apps anew when a chapter of a guide has changed: its pages are part of them."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))

from launcher import web  # noqa: E402 - the launcher is no package of the product


def test_chapters_and_sources_count_and_what_was_built_does_not(tmp_path):
    chapter = tmp_path / "docs" / "guide-user" / "ko" / "reading.md"
    source = tmp_path / "web" / "webmail" / "main.ts"
    built = tmp_path / "web" / "dist" / "webmail" / "index.html"
    other = tmp_path / "docs" / "status.md"
    for file in (chapter, source, built, other):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("one")

    def signature():
        return web._signature(str(tmp_path / "web"), by_content=True)

    first = signature()
    for file in (built, other):
        file.write_text("two")
    assert signature() == first
    chapter.write_text("two")
    second = signature()
    assert second != first
    source.write_text("two")
    assert signature() not in (first, second)
