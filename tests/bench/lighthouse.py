"""What Lighthouse says of the webmail: `./smartmail bench lighthouse [--rounds N] [--page]`.

Its own settings for a desk and for a telephone, over a real node on loopback: the sign-in page and the list of the demo
company. Lighthouse is installed into `.cache/lighthouse` by its own lock; a landing does not need it. Each score is the
median of the rounds; what costs points is told.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playwright.sync_api import sync_playwright
from tests.bench import report
from tests.bench.web_rows import put_section
from tests.e2e.company import DESKTOP, Person, running_company
from tests.e2e.conftest import build_webmail
from tests.e2e.filled_mailbox import WANG
from tests.peers.served import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
SOURCE = Path(__file__).with_name("lighthouse")
MUST = {"performance": 0.95, "accessibility": 1.0, "best-practices": 1.0}
FORMS = ("desktop", "mobile")
HEADING = "## Lighthouse"


@dataclass(frozen=True)
class Score:
    """The median score of one category for one page; what cost points in the last round, in words."""

    page: str
    form: str
    category: str
    score: float
    lost: tuple[str, ...]

    @property
    def good(self) -> bool:
        """Whether it is what must be reached."""
        return self.score >= MUST[self.category]


def installed() -> Path:
    """Return the folder in which Lighthouse is installed as its lock says; install it there first where it is not."""
    folder = ROOT / ".cache" / "lighthouse"
    folder.mkdir(parents=True, exist_ok=True)
    if not same(folder, "package-lock.json") or not (folder / "node_modules" / "lighthouse").exists():
        print("installing Lighthouse", flush=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(SOURCE / name, folder / name)
        own = os.environ | {"PUPPETEER_SKIP_DOWNLOAD": "1"}
        subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"], cwd=folder, env=own, check=True)
    shutil.copy(SOURCE / "run.mjs", folder / "run.mjs")
    return folder


def same(folder: Path, name: str) -> bool:
    """Say whether a file lies in a folder as it does in the sources."""
    return (folder / name).exists() and (folder / name).read_bytes() == (SOURCE / name).read_bytes()


def asked(folder: Path, port: int, site: str, form: str) -> dict[str, Any]:
    """Ask Lighthouse once. A trace that Chromium did not keep is asked for once more."""
    for _ in range(2):
        command = ["node", str(folder / "run.mjs"), str(port), f"{site}/", form]
        run = subprocess.run(command, check=True, stdout=subprocess.PIPE, timeout=180)
        answer: dict[str, Any] = json.loads(run.stdout)
        if answer["error"] is None:
            return answer
    sys.exit(f"Lighthouse could not measure: {answer['error']['message']}")


def scores(page: str, form: str, answers: list[dict[str, Any]]) -> Iterator[Score]:
    """Make the scores of a page out of what was answered in all rounds."""
    last = answers[-1]["lost"]
    for category in MUST:
        value = statistics.median(each["scores"][category] for each in answers)
        lost = tuple(f"{one['title']} {one['shown']}".strip() for one in last if one["category"] == category)
        yield Score(page, form, category, value, lost)


def measure(rounds: int) -> list[Score]:
    """Ask for the sign-in page, sign in, ask for the list."""
    folder, found = installed(), list[Score]()
    program = shutil.which("chromium")
    if program is None:
        sys.exit("Chromium is missing: ./smartmail test installs what tests and benchmarks need.")
    build_webmail("webmail")
    data = Path(tempfile.mkdtemp(prefix="smartmail-bench-lighthouse-"))
    try:
        with sync_playwright() as playwright, running_company(data) as company:
            port = free_port()
            browser = playwright.chromium.launch_persistent_context(
                str(data / "profile"),
                executable_path=program,
                args=["--no-sandbox", f"--remote-debugging-port={port}", "--ignore-certificate-errors"],
                ignore_https_errors=True,
                locale="ko-KR",
                viewport=DESKTOP,
            )
            person = Person(browser.new_page(), company.site)
            for page in ("sign-in page", "list"):
                if page == "list":
                    person.sign_in(WANG)
                for form in FORMS:
                    print(f"measuring {page}, {form}", flush=True)
                    found += scores(page, form, [asked(folder, port, company.site, form) for _ in range(rounds)])
            browser.close()
    finally:
        shutil.rmtree(data, ignore_errors=True)
    return found


def print_table(found: list[Score]) -> None:
    """Print each score with its bar, and what costs points below it."""
    print()
    for each in found:
        title = f"{each.page}, {each.form}: {each.category}"
        bar = "█" * round(each.score * 20)
        print(f"  {title:<44} {each.score:.2f}  {bar:<20} {'✔' if each.good else '✘'} (must {MUST[each.category]:g})")
        for one in each.lost if not each.good else ():
            print(f"      {one}")


def write_page(found: list[Score]) -> Path:
    """Put the table into the page of benchmarks."""
    about = (
        f"Written by `./smartmail bench lighthouse --page` on {report.machine()}, with Lighthouse's own settings. The sign-in page "
        "is that of a first visit; the list is that of a browser that keeps what the sign-in page fetched."
    )
    lines = [HEADING, "", about, "", "| page | settings | category | score | must | |", "|---|---|---|---:|---:|---|"]
    for each in found:
        verdict = "✔" if each.good else "✘"
        must = MUST[each.category]
        lines.append(f"| {each.page} | {each.form} | {each.category} | {each.score:.2f} | {must:g} | {verdict} |")
    return put_section(lines)


def main(words: list[str] | None = None) -> int:
    """Print the table; 1 when something that must be reached is not."""
    parser = argparse.ArgumentParser(prog="./smartmail bench lighthouse", description=__doc__.splitlines()[0])  # type: ignore[union-attr]
    parser.add_argument("--rounds", type=int, default=3, help="runs of each page (3)")
    parser.add_argument("--page", action="store_true", help="write the table into docs/benchmarks.md")
    options = parser.parse_args(words)
    found = measure(options.rounds)
    print_table(found)
    if options.page:
        print(f"written: {write_page(found)}")
    return 0 if all(each.good for each in found) else 1


if __name__ == "__main__":
    sys.exit(main())
