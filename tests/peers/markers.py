"""Words that nobody else writes, the forms in which they could lie on a disk, and a search of whole files for them."""

import base64
import contextlib
import os
import quopri
import random
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

_CONSONANTS, _VOWELS = "bcdfghjklmnpqrstvwxz", "aeiouy"
_PIECE = 400
"""Files per call of grep."""


def make_markers(count: int, rng: random.Random) -> list[str]:
    """Return `count` markers of 16 octets or more: Latin letters, every third one Korean syllables."""
    return [_korean(rng) if number % 3 == 2 else _latin(rng) for number in range(count)]


def _latin(rng: random.Random) -> str:
    return "".join(rng.choice(_CONSONANTS) + rng.choice(_VOWELS) for _ in range(8))


def _korean(rng: random.Random) -> str:
    # Not those whose UTF-16 holds a line feed: grep takes its patterns by the line.
    syllables = [chr(code) for code in range(0xAC00, 0xD7A4) if code & 0xFF not in {0x0A, 0x0D}]
    return "".join(rng.choice(syllables) for _ in range(8))


def forms(marker: str) -> set[bytes]:
    """Return how a marker may lie in a file: encodings, base64 at each alignment, quoted-printable, escapes."""
    encodings = [marker.encode("utf-8"), marker.encode("utf-16-le"), marker.encode("utf-16-be")]
    with contextlib.suppress(UnicodeEncodeError):
        encodings.append(marker.encode("euc-kr"))
    found = set(encodings)
    for octets in encodings:
        found |= set(_base64_forms(octets))
        found.add(octets.hex().encode())
    utf8 = encodings[0]
    if not marker.isascii():
        found.add(quopri.encodestring(utf8).replace(b"=\n", b"")[:36])
        found.add("".join(f"%{octet:02X}" for octet in utf8).encode())
        found.add(marker.encode("unicode_escape"))
    else:
        found.add(marker.upper().encode())
    return found


def _base64_forms(octets: bytes) -> Iterator[bytes]:
    """Return what of the base64 text does not depend on neighbours, for each alignment, in both alphabets."""
    for shift in range(3):
        text = base64.b64encode(bytes(shift) + octets)
        start, end = -(-shift * 8 // 6), (shift + len(octets)) * 8 // 6
        inner = text[start:end]
        yield inner
        yield inner.replace(b"+", b"-").replace(b"/", b"_")
        # Modified UTF-7 of mailbox names.
        yield inner.replace(b"/", b",")


def search(markers: Iterable[str], files: Iterable[str]) -> dict[str, list[str]]:
    """Return marker → files that hold it in any form; grep reads octets, not text."""
    needles: dict[bytes, str] = {}
    for marker in markers:
        needles.update(dict.fromkeys(forms(marker), marker))
    assert not any(b"\n" in needle or len(needle) < 12 for needle in needles)
    every = sorted(files)
    hits: dict[str, list[str]] = {}
    with tempfile.NamedTemporaryFile() as patterns:
        patterns.write(b"\n".join(needles) + b"\n")
        patterns.flush()
        for start in range(0, len(every), _PIECE):
            command = ["grep", "-a", "-o", "-H", "-Z", "-F", "-f", patterns.name, "--", *every[start : start + _PIECE]]
            done = subprocess.run(command, env={"LC_ALL": "C", "PATH": os.environ["PATH"]}, capture_output=True)
            # A process that has ended since it was listed has closed its files.
            troubles = [line for line in done.stderr.splitlines() if not line.startswith(b"grep: /proc/")]
            assert troubles == [] and (done.returncode in {0, 1} or done.stderr), done.stderr
            for line in done.stdout.split(b"\n"):
                name, found, needle = line.partition(b"\0")
                if found:
                    hits.setdefault(needles[needle], []).append(name.decode())
    return hits


def files_below(*places: Path) -> list[str]:
    """Return all regular files."""
    found = [str(place) for place in places if place.is_file()]
    for place in places:
        for folder, _, names in os.walk(place):
            found += [os.path.join(folder, name) for name in names if os.path.isfile(os.path.join(folder, name))]
    return found


def files_opened(pids: Iterable[int]) -> list[str]:
    """Return the regular files that processes hold open, deleted ones and those in memory too, as readable paths."""
    found = []
    for pid in pids:
        with contextlib.suppress(OSError):
            for number in os.listdir(f"/proc/{pid}/fd"):
                path = f"/proc/{pid}/fd/{number}"
                with contextlib.suppress(OSError):
                    if os.path.isfile(path):
                        found.append(path)
    return found
