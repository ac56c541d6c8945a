"""Composition of updates, and what the vendor does: makes a bundle out of this tree."""

import hashlib
import os
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from smartmail.adapters.geoip.files import read_table
from smartmail.adapters.sql.migrate import floor, scripts
from smartmail.app.floor import Floor, Ports
from smartmail.app.installation import ROOT
from smartmail.formats.geo_table import Facts, GeoTableError, Kind
from smartmail.formats.update_bundle import BundleError, BundleFile, Manifest, sign
from smartmail.service.catalogue import OperationServices
from smartmail.service.operations.figures import FigureParts
from smartmail.service.operations.rule_packs import RulePackService
from smartmail.service.operations.updates import UpdateService
from smartmail.service.protection.geo_files import GeoFiles

LOCK: Final = "requirements.lock"
_TAKEN: Final = ("src/smartmail", "web/dist", "tools/launcher")
_SINGLE: Final = ("smartmail", LOCK, "pyproject.toml", "LICENSE", "NOTICE")
_PIECE: Final = 1 << 20


def compose_updates(ports: Ports, floor_: Floor, figures: FigureParts) -> OperationServices:
    """Return the services; the figures come along."""
    return OperationServices(
        figures,
        UpdateService(
            ports.store, floor_.authority, floor_.proposals, ports.versions, ports.clock, schema=len(scripts())
        ),
        GeoFiles(ports.store, floor_.authority, floor_.tracing.geo, _table_of, ports.clock),
        RulePackService(ports.store, floor_.authority, floor_.ruling.configuration, floor_.ruling.packs, ports.clock),
    )


def _table_of(octets: bytes, kind: Kind | None, facts: Facts) -> bytes:
    with tempfile.NamedTemporaryFile(prefix="smartmail-geo-") as file:
        file.write(octets)
        file.flush()
        try:
            return read_table(
                file.name, kind=kind, source=facts.source or "upload", licence=facts.licence, date=facts.date
            )
        except GeoTableError as error:
            # What is wrong with it, not where it lay for a moment.
            raise GeoTableError(str(error).replace(file.name, "the file")) from error


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
