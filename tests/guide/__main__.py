"""Take the pictures of the guides: `.venv/bin/python -m tests.guide [--language ko] [SCENE…]`.

A demo company of its own is started, furnished, and walked through by Chromium; each picture replaces the one of its name.
"""

from __future__ import annotations

import argparse
import os
import pathlib
import shutil
import sys
import tempfile

from playwright.sync_api import Browser, sync_playwright
from tests.e2e.company import Company, running_company
from tests.e2e.conftest import build_webmail
from tests.guide import cast, furnishing
from tests.guide.album import LANGUAGES, LOCALES, SCENES, folder, small
from tests.guide.playing import play, stage_for

GUIDES = ("user", "admin")


def take(company: Company, browser: Browser, guide: str, language: str, names: list[str]) -> list[str]:
    """Take the pictures of one guide in one language; return what failed."""
    place = folder(guide, language)
    place.mkdir(parents=True, exist_ok=True)

    def keep(name: str, png: bytes) -> None:
        (place / f"{name}.png").write_bytes(small(png))
        print(f"{guide} {language} {name}", flush=True)

    stage = stage_for(company, browser, guide, language, keep)
    try:
        return play(stage, guide, names)
    finally:
        stage.page.context.close()


def main() -> int:
    """Take all, or the scenes that are named; 1 where one failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.guide", description=__doc__)
    parser.add_argument("--language", choices=LANGUAGES, action="append")
    parser.add_argument("scenes", nargs="*", metavar="SCENE", help=", ".join(SCENES))
    options = parser.parse_args()
    chosen = [key for key, one in SCENES.items() if not options.scenes or {key, one.name} & set(options.scenes)]
    languages = options.language or LANGUAGES
    build_webmail("webmail")
    build_webmail("admin")
    failed: list[str] = []
    with (
        tempfile.TemporaryDirectory() as place,
        running_company(pathlib.Path(place), cast.NAMES | furnishing.NAMES) as company,
        sync_playwright() as playwright,
    ):
        for language in LANGUAGES:
            cast.found(company, cast.CASTS[language])
        if any(key.startswith("admin/") for key in chosen):
            furnishing.furnish(company)
        for language in languages:
            # Fonts follow the language of the browser.
            browser = playwright.chromium.launch(
                executable_path=shutil.which("chromium"),
                args=["--no-sandbox", "--ignore-certificate-errors"],
                env=os.environ | {"LANG": f"{LOCALES[language].replace('-', '_')}.UTF-8", "LANGUAGE": language},
            )
            for guide in GUIDES:
                if names := [key for key in chosen if key.startswith(f"{guide}/")]:
                    failed += take(company, browser, guide, language, names)
            browser.close()
    print("\n".join(failed), file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
