"""What the vendor does: makes a bundle of an update, or a package for machines that have nothing yet, out of this tree.

A package is the content of a bundle as files in one folder of an archive, the signed head of the bundle among them: what
installs is one thing, what updates takes it too (`update apply FOLDER`). The same tree, key and time give the same file.
"""

import gzip
import hashlib
import io
import os
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from smartmail.adapters.sql.migrate import floor, scripts
from smartmail.app.installation import ROOT
from smartmail.formats.update_bundle import HEAD_NAME, BundleError, BundleFile, Manifest, sign

LOCK: Final = "requirements.lock"
_TAKEN: Final = ("src/smartmail", "web/dist", "tools/launcher")
_SINGLE: Final = ("smartmail", LOCK, "pyproject.toml", "LICENSE", "NOTICE")
_LEFT_OUT: Final = "web/dist/demo/"  # a build that developers look at
_PIECE: Final = 1 << 20


def make_bundle(
    target: Path, key: Ed25519PrivateKey, *, version_id: str, version: str, made_at: int, root: Path = ROOT,
    wheels: Path | None = None, fixes: Sequence[str] = (), notes: str = "",
) -> Manifest:  # fmt: skip
    """Write a bundle of the tree below `root`: program, built webs, launcher, and the wheels of its lock if given.

    Raises BundleError, OSError.
    """
    found = _content(root, wheels)
    manifest = _manifest(found, version_id, version, made_at, tuple(fixes), notes)
    head = sign(manifest, key)
    with target.open("wb") as file:
        file.write(head)
        for path in found.values():
            with path.open("rb") as source:
                while piece := source.read(_PIECE):
                    file.write(piece)
    return manifest


def make_package(
    target: Path, key: Ed25519PrivateKey, *, version: str, made_at: int, wheels: Path, besides: Mapping[str, Path],
    root: Path = ROOT, fixes: Sequence[str] = (), notes: str = "",
) -> Manifest:  # fmt: skip
    """Write an archive of one folder `smartmail-VERSION`: what a bundle holds, and `besides`. Raises BundleError, OSError."""
    found = dict(sorted({**_content(root, wheels), **besides}.items()))
    manifest = _manifest(found, version, version, made_at, tuple(fixes), notes)
    head, folder = sign(manifest, key), f"smartmail-{version}"
    with (
        target.open("wb") as raw,
        gzip.GzipFile("", "wb", 6, raw, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive,
    ):
        archive.addfile(_entry(f"{folder}/{HEAD_NAME}", len(head), made_at, runs=False), io.BytesIO(head))
        for one, path in zip(manifest.files, found.values(), strict=True):
            with path.open("rb") as source:
                archive.addfile(_entry(f"{folder}/{one.name}", one.size, made_at, runs=one.runs), source)
    return manifest


def _entry(name: str, size: int, made_at: int, *, runs: bool) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mtime, entry.mode = size, made_at // 1000, 0o755 if runs else 0o644
    return entry


def _manifest(
    found: Mapping[str, Path], version_id: str, version: str, made_at: int, fixes: tuple[str, ...], notes: str
) -> Manifest:
    files = tuple(
        BundleFile(name, path.stat().st_size, _digest(path), os.access(path, os.X_OK)) for name, path in found.items()
    )
    known = scripts()
    return Manifest(
        id=version_id, version=version, made_at=made_at, schema=len(known), floor=floor(known),
        packages=_digest(found[LOCK]), fixes=fixes, notes=notes, files=files,
    )  # fmt: skip


def _content(root: Path, wheels: Path | None) -> dict[str, Path]:
    if not (root / "web" / "dist").is_dir():
        raise BundleError("the webs are not built: start ./smartmail serve once, or run the tests of the web")
    return dict(sorted(_files(root, wheels)))


def _files(root: Path, wheels: Path | None) -> Iterator[tuple[str, Path]]:
    for name in _SINGLE:
        yield name, root / name
    for folder in _TAKEN:
        for path in (root / folder).rglob("*"):
            name = path.relative_to(root).as_posix()
            is_left_out = name.startswith(_LEFT_OUT) or "__pycache__" in path.parts
            if path.is_file() and not path.is_symlink() and not is_left_out:
                yield name, path
    if wheels is not None:
        for path in wheels.glob("*.whl"):
            yield f"wheels/{path.name}", path


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
