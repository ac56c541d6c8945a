"""What the vendor does: makes a bundle of an update out of this tree."""

import hashlib
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from smartmail.adapters.sql.migrate import floor, scripts
from smartmail.app.installation import ROOT
from smartmail.formats.update_bundle import BundleError, BundleFile, Manifest, sign

LOCK: Final = "requirements.lock"
_TAKEN: Final = ("src/smartmail", "web/dist", "tools/launcher")
_SINGLE: Final = ("smartmail", LOCK, "pyproject.toml", "LICENSE", "NOTICE")
_PIECE: Final = 1 << 20


def make_bundle(
    target: Path, key: Ed25519PrivateKey, *, version_id: str, version: str, made_at: int, root: Path = ROOT,
    wheels: Path | None = None, fixes: Sequence[str] = (), notes: str = "",
) -> Manifest:  # fmt: skip
    """Write a bundle of the tree below `root`: program, built webs, launcher, and the wheels of its lock if given.

    Raises BundleError, OSError.
    """
    if not (root / "web" / "dist").is_dir():
        raise BundleError("the webs are not built: start ./smartmail serve once, or run the tests of the web")
    found = dict(sorted(_files(root, wheels)))
    files = tuple(
        BundleFile(name, path.stat().st_size, _digest(path), os.access(path, os.X_OK)) for name, path in found.items()
    )
    known = scripts()
    manifest = Manifest(
        id=version_id, version=version, made_at=made_at, schema=len(known), floor=floor(known),
        packages=_digest(root / LOCK), fixes=tuple(fixes), notes=notes, files=files,
    )  # fmt: skip
    head = sign(manifest, key)
    with target.open("wb") as file:
        file.write(head)
        for path in found.values():
            with path.open("rb") as source:
                while piece := source.read(_PIECE):
                    file.write(piece)
    return manifest


def _files(root: Path, wheels: Path | None) -> Iterator[tuple[str, Path]]:
    for name in _SINGLE:
        yield name, root / name
    for folder in _TAKEN:
        for path in (root / folder).rglob("*"):
            if path.is_file() and not path.is_symlink() and "__pycache__" not in path.parts:
                yield path.relative_to(root).as_posix(), path
    if wheels is not None:
        for path in wheels.glob("*.whl"):
            yield f"wheels/{path.name}", path


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
