"""A package for machines without a network: what is in it, that it is always the same, and that a damaged one does nothing."""

import base64
import json
import os
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from smartmail.adapters.versions import VersionDirectory
from smartmail.app.installation import ROOT
from smartmail.app.papers.updating import make_package
from smartmail.formats.update_bundle import HEAD_NAME, BundleError, Manifest, verify

KEY = Ed25519PrivateKey.from_private_bytes(b"p" * 32)
PUBLIC = KEY.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
SOURCES = {
    "smartmail": "#!/bin/sh\nexit 3\n",
    "requirements.lock": "anyio==1\n",
    "pyproject.toml": "",
    "LICENSE": "ours",
    "NOTICE": "",
    "src/smartmail/__init__.py": "",
    "src/smartmail/__pycache__/x.pyc": "no",
    "web/dist/webmail/index.html": "<p>webmail",
    "web/dist/admin/index.html": "<p>admin",
    "web/dist/demo/index.html": "<p>for developers",
    "tools/launcher/installing.py": (ROOT / "tools/launcher/installing.py").read_text(),
    "wheels/anyio-1-py3-none-any.whl": "wheel",
}
BESIDES = {"vendor.key": base64.b64encode(PUBLIC).decode(), "licences/anyio-1/LICENSE": "theirs"}


def written(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def package(tmp_path: Path, name: str = "package.tar.gz") -> tuple[Path, Manifest]:
    root, extra = written(tmp_path / "root", SOURCES), written(tmp_path / "extra", BESIDES)
    (root / "smartmail").chmod(0o755)
    besides = {one: extra / one for one in BESIDES} | {"install": ROOT / "tools/launcher/install"}
    target = tmp_path / name
    made = make_package(
        target, KEY, version="1.4.0", made_at=1_700_000_000_000, wheels=root / "wheels", besides=besides, root=root
    )
    return target, made


def unpacked(tmp_path: Path) -> Path:
    with tarfile.open(package(tmp_path)[0]) as archive:
        archive.extractall(tmp_path / "unpacked", filter="data")
    return tmp_path / "unpacked" / "smartmail-1.4.0"


def install(folder: Path, tmp_path: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [folder / "install", "--user", "--prefix", tmp_path / "prefix", "--data", tmp_path / "data"],
        capture_output=True, text=True, check=False, env={"PATH": os.environ["PATH"], "HOME": str(tmp_path)},
    )  # fmt: skip


def test_it_holds_all_that_a_machine_without_a_network_needs_and_nothing_of_this_one(tmp_path):
    target, made = package(tmp_path)
    with tarfile.open(target) as archive:
        members = archive.getmembers()
    names = [one.name.removeprefix("smartmail-1.4.0/") for one in members]
    left_out = {"src/smartmail/__pycache__/x.pyc", "web/dist/demo/index.html"}
    assert set(names) == {HEAD_NAME, "install", *BESIDES, *SOURCES} - left_out
    assert names[0] == HEAD_NAME and names[1:] == [one.name for one in made.files]
    assert {(one.uid, one.gid, one.uname, one.isfile()) for one in members} == {(0, 0, "", True)}
    assert {one.name.partition("/")[2] for one in members if one.mode & 0o111} == {"install", "smartmail"}


def test_the_same_tree_gives_the_same_octets(tmp_path):
    first = package(tmp_path)[0].read_bytes()
    os.utime(tmp_path / "root" / "LICENSE", (1, 1))
    assert package(tmp_path, "again.tar.gz")[0].read_bytes() == first


DAMAGES = {
    "changed": lambda folder: (folder / "LICENSE").write_text("0urs"),
    "cut": lambda folder: (folder / "wheels/anyio-1-py3-none-any.whl").write_text("whe"),
    "missing": lambda folder: (folder / "web/dist/admin/index.html").unlink(),
    "without its list": lambda folder: (folder / HEAD_NAME).unlink(),
    "with a broken list": lambda folder: (folder / HEAD_NAME).write_bytes((folder / HEAD_NAME).read_bytes()[:60]),
}


@pytest.mark.parametrize("kind", DAMAGES)
def test_a_damaged_package_is_refused_and_leaves_nothing(tmp_path, kind):
    folder = unpacked(tmp_path)
    DAMAGES[kind](folder)
    told = install(folder, tmp_path)
    assert told.returncode == 1 and "damaged" in told.stderr
    assert not (tmp_path / "prefix").exists() and not (tmp_path / "data").exists()


def test_a_whole_one_is_put_in_place_and_what_it_starts_says_whether_it_is_done(tmp_path):
    folder = unpacked(tmp_path)
    # The program of this package ends with 3: not finished, and another try begins anew.
    for _ in range(2):
        told = install(folder, tmp_path)
        assert told.returncode == 1 and "not finished" in told.stderr, told.stderr
        assert (tmp_path / "prefix" / "wheels/anyio-1-py3-none-any.whl").read_text() == "wheel"
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "letters").touch()
    shutil.rmtree(tmp_path / "prefix")
    (tmp_path / "other").rename(tmp_path / "prefix")
    assert "holds something else" in install(folder, tmp_path).stderr


def test_where_one_is_installed_that_program_takes_it_as_an_update(tmp_path):
    folder, prefix = unpacked(tmp_path), tmp_path / "prefix"
    prefix.mkdir()
    (prefix / "installed.json").write_text(json.dumps({"version": "1.3.0", "data": str(tmp_path / "data")}))
    (prefix / "smartmail").write_text("import sys; print('asked:', *sys.argv[1:])")
    told = install(folder, tmp_path)
    assert f"asked: update apply {folder} --data {tmp_path / 'data'}" in told.stdout
    assert "update back" in told.stdout and told.returncode == 0
    assert sorted(one.name for one in prefix.iterdir()) == ["installed.json", "smartmail"]
    (prefix / "installed.json").write_text(json.dumps({"version": "1.3.0", "data": "/srv/others"}))
    assert "another --prefix" in install(folder, tmp_path).stderr


def test_an_unpacked_package_is_checked_and_installed_like_a_bundle(tmp_path):
    folder = unpacked(tmp_path)
    lock = tmp_path / "lock"
    lock.write_text(SOURCES["requirements.lock"])
    place = VersionDirectory(str(tmp_path / "versions"), str(lock))
    head = place.head(str(folder))
    manifest = verify(head, PUBLIC)
    place.check(str(folder), len(head), manifest)
    place.install(str(folder), len(head), manifest)
    home = tmp_path / "versions" / "1.4.0"
    assert (home / "web/dist/webmail/index.html").read_text() == "<p>webmail"
    assert (home / "smartmail").stat().st_mode & 0o111
    assert not (home / "wheels").exists()  # they are installed from once


@pytest.mark.parametrize("kind", ["changed", "cut", "missing"])
def test_an_unpacked_package_that_was_changed_is_no_update(tmp_path, kind):
    folder = unpacked(tmp_path)
    place = VersionDirectory(str(tmp_path / "versions"))
    head = place.head(str(folder))
    DAMAGES[kind](folder)
    for act in (place.check, place.install):
        with pytest.raises((BundleError, OSError)):
            act(str(folder), len(head), verify(head, PUBLIC))
    assert not (tmp_path / "versions").exists() or list((tmp_path / "versions").iterdir()) == []
