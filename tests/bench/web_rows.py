"""What the webmail must reach in a browser (must, aim), and how its figures are gathered and told."""

from __future__ import annotations

import gzip
import json
import re
import statistics
from dataclasses import dataclass
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "benchmarks.md"
HEADING = "## The webmail in a browser"


@dataclass(frozen=True)
class WebRow:
    """One figure; `share` of the samples must lie below it (0.5: the median)."""

    figure: str
    title: str
    unit: str
    must: float
    aim: float
    share: float = 0.5


ROWS = (
    WebRow("js", "JavaScript before the first rows, gzip", "KB", 120, 80),
    WebRow("css", "CSS before the first rows, gzip", "KB", 25, 15),
    WebRow("composer", "the composer's editor, gzip", "KB", 150, 140),
    WebRow("cold", "session to first 50 rows, cold cache, p75", "ms", 1000, 600, 0.75),
    WebRow("warm", "the same, again, p75", "ms", 400, 250, 0.75),
    WebRow("requests", "requests before the first rows", "", 6, 4),
    WebRow("lcp", "telephone: largest paint", "ms", 2000, 1500),
    WebRow("tbt", "telephone: time that scripts block", "ms", 200, 100),
    WebRow("cls", "telephone: layout shift", "", 0.05, 0.02),
    WebRow("key", "j, k to paint, p95", "ms", 50, 32, 0.95),
    WebRow("interaction", "any interaction of the session, p95", "ms", 150, 100, 0.95),
    WebRow("open_cached", "a letter that was fetched ahead, p95", "ms", 100, 60, 0.95),
    WebRow("open_fresh", "a letter that was not, p95", "ms", 300, 200, 0.95),
    WebRow("jump", "a jump of 50,000 rows", "ms", 250, 150),
    WebRow("fling", "longest frame in 10 s of flinging", "ms", 50, 33),
    WebRow("search", "first results of a search, p95", "ms", 700, 300, 0.95),
    WebRow("arrival", "new mail: delivered to row on screen, p95", "ms", 1500, 700, 0.95),
    WebRow("send", "send pressed to composer closed, p95", "ms", 100, 50, 0.95),
    WebRow("heap", "heap after 500 letters", "MB", 150, 100),
    WebRow("overseas_cold", "300 ms, 1.5 Mbit/s: cold start", "ms", 4000, 2500),
    WebRow("overseas_next", "the same: next letter (fetched ahead), p95", "ms", 150, 100, 0.95),
)


class Figures:
    """Samples by figure."""

    def __init__(self) -> None:
        """Begin with none."""
        self.samples: dict[str, list[float]] = {}

    def add(self, figure: str, value: float) -> None:
        """Note a sample."""
        self.samples.setdefault(figure, []).append(float(value))

    def value(self, row: WebRow) -> float | None:
        """Return the figure of a row; None where nothing was measured."""
        samples = sorted(self.samples.get(row.figure, ()))
        if not samples:
            return None
        if row.share == 0.5:
            return statistics.median(samples)
        return samples[min(len(samples) - 1, int(len(samples) * row.share))]

    def sizes(self, build: Path) -> None:
        """Measure what a build makes the browser fetch: scripts, styles, the editor; the longest catalogue is in it."""
        manifest = json.loads((build / ".vite" / "manifest.json").read_text())

        def zipped(files: set[str]) -> float:
            return sum(len(gzip.compress((build / file).read_bytes(), 9)) for file in files) / 1024

        catalogues = [zipped({entry["file"]}) for key, entry in manifest.items() if key.endswith(".json")]
        # The page names its script, what that imports statically, and its styles.
        named = set(re.findall(r'(?:src|href)="/(assets/[^"]+)"', (build / "index.html").read_text()))
        self.add("js", zipped({file for file in named if file.endswith(".js")}) + max(catalogues, default=0.0))
        self.add("css", zipped({file for file in named if file.endswith(".css")}))
        editor = {entry["file"] for key, entry in manifest.items() if key.endswith("RichEditor.svelte")}
        self.add("composer", zipped(editor))


def verdict(row: WebRow, value: float | None) -> str:
    """Return how a value stands to its bounds."""
    if value is None:
        return "–"
    return "✔ aim" if value <= row.aim else "✔" if value <= row.must else "✘"


def told(row: WebRow, value: float | None) -> str:
    """Return a value for people."""
    if value is None:
        return "–"
    return f"{value:.3f}" if row.must < 1 else f"{value:,.0f}"


def print_table(figures: Figures) -> bool:
    """Print the figures with a bar against what must be reached; whether all of it was."""
    good = True
    print()
    for row in ROWS:
        value = figures.value(row)
        good = good and value is not None and value <= row.must
        share = 0.0 if value is None else min(1.5, value / row.must)
        bar = "█" * round(share * 20)
        shown = f"{told(row, value)} {row.unit}".strip()
        print(f"  {row.title:<50} {shown:>10}  {bar:<20.30} {verdict(row, value)} (must {row.must:g}, aim {row.aim:g})")
    return good


def write_page(figures: Figures, machine: str) -> Path:
    """Put the table at the end of the page of benchmarks, in place of an older one."""
    lines = [
        HEADING, "", f"Written by `./smartmail bench web --page` on {machine}. One Chromium, a mailbox of 100,000 messages.", "",
        "| what | unit | SmartMail | must | aim | |", "|---|---|---:|---:|---:|---|",
    ]  # fmt: skip
    for row in ROWS:
        value = figures.value(row)
        lines.append(
            f"| {row.title} | {row.unit} | {told(row, value)} | {row.must:g} | {row.aim:g} | {verdict(row, value)} |"
        )
    return put_section(lines)


def put_section(lines: list[str]) -> Path:
    """Put a section, whose first line is its heading, in the place of an older one or at the end of the page of benchmarks."""
    page = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    before, _, after = page.partition(f"\n{lines[0]}\n")
    _, found, later = after.partition("\n## ")
    rest = f"\n## {later.strip()}\n" if found else ""
    PAGE.write_text(f"{before.rstrip()}\n\n{chr(10).join(lines)}\n{rest}", encoding="utf-8")
    return PAGE
