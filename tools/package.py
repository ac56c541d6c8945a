"""Makes a package for machines without a network: smartmail-VERSION-linux-x86_64.tar.gz, and its SHA-256 beside it.

    .venv/bin/python tools/package.py --out FOLDER --signing-key vendor.pem

In it: the program, the built webs, all packages of requirements.lock as wheels for each interpreter that is supported, the
installer of packages (uv), the guide, the texts of all licences, the vendor's public key, and `install`. The interpreter itself is
the machine's: those of distributions lean on libraries of theirs and cannot be carried elsewhere.

Only this makes it needs a network (the wheels; all are checked against the locks). The same commit, webs and key give the same
octets: the time in it is that of the commit.
"""

import argparse
import base64
import hashlib
import os
import subprocess
import sys
import tempfile
import tomllib
import zipfile
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tools"), str(ROOT / "src")]

from launcher import environment, web  # noqa: E402 - the launcher is no package of the product

from smartmail.app.installation import VENDOR_KEY  # noqa: E402
from smartmail.app.papers.updating import LOCK, make_package  # noqa: E402

PYTHONS = ("3.11", "3.12", "3.13", "3.14")
PLATFORMS = ("manylinux_2_28", "manylinux_2_27", "manylinux_2_26", "manylinux_2_24", "manylinux_2_17", "manylinux2014",
             "manylinux1")  # fmt: skip
"""What runs with glibc 2.28, which tools/launcher/installing.py asks for."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--out", required=True, type=Path, metavar="FOLDER")
    parser.add_argument(
        "--signing-key", required=True, type=Path, metavar="FILE", help="made by: smartmail update key FILE"
    )
    parser.add_argument("--version", help="such as 1.4.0 (that of pyproject.toml)")
    parser.add_argument("--wheels", type=Path, metavar="DIR", help="kept there and used again (fetched each time)")
    parser.add_argument("--pythons", nargs="+", default=PYTHONS, metavar="3.N", help=" ".join(PYTHONS))
    parser.add_argument("--fixes", nargs="+", default=[], metavar="CVE")
    parser.add_argument("--notes", default="", metavar="TEXT")
    options = parser.parse_args()
    key = load_pem_private_key(options.signing_key.read_bytes(), None)
    public = base64.b64encode(key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()
    version = options.version or tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    web.ensure(str(ROOT))
    options.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as work:
        wheels = options.wheels or Path(work, "wheels")
        fetch(wheels, options.pythons)
        target = options.out / f"smartmail-{version}-linux-x86_64.tar.gz"
        make_package(
            target, key, version=version, made_at=commit_time(), wheels=wheels, besides=besides(wheels, public, Path(work)),
            fixes=options.fixes, notes=options.notes,
        )  # fmt: skip
    with target.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    target.with_name(target.name + ".sha256").write_text(f"{digest}  {target.name}\n", encoding="ascii")
    print(f"{target}: {target.stat().st_size:,} B, SHA-256 {digest}")
    return 0


def fetch(wheels: Path, pythons: list[str]) -> None:
    """Fetch what the locks name for every interpreter, once."""
    platforms = [word for one in PLATFORMS for word in ("--platform", f"{one}_x86_64")]
    tool = ROOT / ".cache" / "launcher" / "tool" / "bin" / "python"
    for lock in (ROOT / LOCK, ROOT / "tools" / "uv.lock"):
        for python in pythons:
            subprocess.run(
                [tool, "-m", "pip", "download", "--quiet", "--no-deps", "--require-hashes", "--only-binary", ":all:",
                 "--implementation", "cp", "--python-version", python, *platforms, "-d", wheels, "-r", lock],
                check=True,
            )  # fmt: skip


def besides(wheels: Path, public: str, work: Path) -> dict[str, Path]:
    """Return what a package has besides the content of a bundle, by name."""
    found = {name: ROOT / name for name in ("README.md", "README.ko.md", "tools/uv.lock")}
    found["install"] = ROOT / "tools" / "launcher" / "install"
    found["docs/sbom.json"] = ROOT / "docs" / "compliance" / "sbom.json"
    for path in (ROOT / "docs" / "guide-admin").rglob("*"):
        if path.is_file():
            found[path.relative_to(ROOT).as_posix()] = path
    key = work / VENDOR_KEY
    key.write_text(public + "\n", encoding="ascii")
    found[VENDOR_KEY] = key
    return {**found, **licences(wheels, work / "licences")}


def licences(wheels: Path, folder: Path) -> dict[str, Path]:
    """Take the texts of licences out of the wheels: what is passed on has them with it."""
    found = {}
    for wheel in sorted(wheels.glob("*.whl")):
        package = "-".join(wheel.name.split("-")[:2])
        with zipfile.ZipFile(wheel) as archive:
            for name in archive.namelist():
                last = os.path.basename(name)
                if ".dist-info/" in name and last.upper().startswith(("LICEN", "COPYING", "NOTICE", "AUTHORS")):
                    path = folder / package / last
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_bytes(archive.read(name))
                    found[f"licences/{package}/{last}"] = path
    return found


def commit_time() -> int:
    told = subprocess.run(
        ["git", "log", "-1", "--format=%ct"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout  # fmt: skip
    return int(told) * 1000


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (environment.CannotSetUpError, OSError, subprocess.CalledProcessError) as error:
        sys.exit(f"package: {error}")
