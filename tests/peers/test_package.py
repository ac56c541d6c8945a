"""Machines without a network: packages that an update brings, and in full runs a package from its making to the way back.

The machine of the second test is made of name spaces: no route, an /etc of its own, an empty home, no uv, node or pip.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from tests.peers.served import ROOT, until
from tests.strength import FULL
from tests.unit.serving.test_update_bundle import FILES, bundle, manifest, take

from smartmail.adapters.versions import VersionDirectory
from smartmail.app.installation import INSTALLER
from smartmail.formats.update_bundle import BundleError

PATHS = ("/usr/sbin", "/usr/bin", "/sbin", "/bin")
ABSENT = ("uv", "node", "npm", "pip", "pip3")


def wheel(path: Path) -> bytes:
    info = "letters-1.0.dist-info"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("letters.py", "GREETING = 'hello'\n")
        archive.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: letters\nVersion: 1.0\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "letters.py,,\n")
    return path.read_bytes()


def test_an_update_installs_the_packages_that_it_brings(tmp_path):
    name = "letters-1.0-py3-none-any.whl"
    octets = wheel(tmp_path / name)
    lock = f"letters==1.0 --hash=sha256:{hashlib.sha256(octets).hexdigest()}\n".encode()
    files = {**FILES, "requirements.lock": lock, f"wheels/{name}": octets}
    path, place = tmp_path / "bundle", VersionDirectory(str(tmp_path / "versions"), installer=str(INSTALLER))
    path.write_bytes(bundle(manifest(files, packages=hashlib.sha256(lock).hexdigest()), files))
    take(place, path)
    home = tmp_path / "versions" / "1.4.0"
    assert (home / "site" / "letters.py").read_text() == "GREETING = 'hello'\n"
    assert not (home / "wheels").exists()
    # What the lock does not name is not installed, and nobody else is asked for it.
    files["requirements.lock"] = lock.replace(b"sha256:", b"sha256:0")[: len(lock)]
    path.write_bytes(bundle(manifest(files, id="1.5.0", packages="0" * 64), files))
    with pytest.raises(BundleError, match="cannot be installed"):
        take(place, path)
    assert not (tmp_path / "versions" / "1.5.0").exists()


class Machine:
    """A process that keeps the name spaces open, and a folder that every account may enter."""

    def __init__(self, room: Path) -> None:
        self.room = room
        shutil.copytree("/etc", room / "etc", symlinks=True)
        (room / "home").mkdir()
        found = [
            os.path.realpath(path) for folder in PATHS for name in ABSENT if os.path.exists(path := f"{folder}/{name}")
        ]
        hidden = "\n".join(f"mount --bind /dev/null {path}" for path in dict.fromkeys(found))
        enter = f"set -e; ip link set lo up; mount --bind {room}/etc /etc\n{hidden}\necho ready; exec cat"
        self._keeper = subprocess.Popen(
            ["unshare", "--net", "--mount", "sh", "-c", enter], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert self._keeper.stdout.readline() == b"ready\n"
        self._started: list[subprocess.Popen] = []

    def _words(self, words: tuple[str, ...]) -> list[str]:
        clean = [f"HOME={self.room}/home", f"PATH={':'.join(PATHS)}"]
        return ["nsenter", "-t", str(self._keeper.pid), "-n", "-m", "env", "-i", *clean, *words]

    def run(self, *words: str) -> str:
        done = subprocess.run(
            self._words(words), capture_output=True, text=True, cwd=self.room, timeout=300, check=False
        )
        assert done.returncode == 0, (words, done.stdout, done.stderr)
        return done.stdout

    def start(self, *words: str) -> None:
        with (self.room / "log").open("ab") as log:
            self._started.append(subprocess.Popen(self._words(words), stdout=log, stderr=log))

    def log(self) -> str:
        return (self.room / "log").read_text()

    def close(self) -> None:
        for one in self._started:
            one.terminate()
            one.wait(60)
        self._keeper.communicate()


@pytest.fixture
def machine() -> Iterator[Machine]:
    room = Path(tempfile.mkdtemp())
    room.chmod(0o755)
    one = Machine(room)
    yield one
    one.close()
    shutil.rmtree(room)


def make(room: Path, version: str) -> None:
    key = room / "vendor.pem"
    if not key.exists():
        made = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        key.write_bytes(made)
    subprocess.run(
        [sys.executable, "tools/package.py", "--out", room, "--signing-key", key, "--version", version,
         "--wheels", room / "wheels", "--pythons", f"3.{sys.version_info[1]}"],
        cwd=ROOT, check=True,
    )  # fmt: skip
    name = f"smartmail-{version}-linux-x86_64.tar.gz"
    subprocess.run(["sha256sum", "--check", f"{name}.sha256"], cwd=room, check=True)
    subprocess.run(["tar", "-xzf", name], cwd=room, check=True)


def test_a_package_is_installed_updated_and_taken_back_without_a_network(request):
    if not FULL or os.geteuid():
        return  # two packages are made, which fetches 40 MB; tests/unit/app/test_package.py has what a landing asks
    machine = request.getfixturevalue("machine")
    room, program, data = machine.room, f"{machine.room}/program/smartmail", f"{machine.room}/srv/data"
    make(room, "8.0.0")
    assert machine.run("ip", "route") == ""
    told = machine.run(f"{room}/smartmail-8.0.0/install", "--prefix", f"{room}/program", "--data", data)
    assert "SmartMail 8.0.0 is installed" in told
    unit = (room / "etc/systemd/system/smartmail.service").read_text()
    machine.start(*unit.partition("ExecStart=")[2].partition("\n")[0].split())

    def answers() -> bool:
        words = ("curl", "--silent", "--insecure", "--output", "/dev/null", "--write-out", "%{http_code}")
        done = subprocess.run(
            machine._words((*words, "https://localhost/")), capture_output=True, text=True, check=False
        )
        return done.stdout == "200"

    def states() -> dict[str, dict]:
        told = machine.run(program, "update", "list", "--data", data, "--json")
        return {one["id"]: one for one in json.loads(told)["items"]}

    until(answers, 120)
    make(room, "9.0.0")
    told = machine.run(f"{room}/smartmail-9.0.0/install", "--prefix", f"{room}/program")
    assert "it takes this package as an update" in told and "update back" in told
    until(lambda: states()["9.0.0"]["healthy"], 120)
    until(answers, 60)
    assert states()["installed"]["previous"]
    machine.run(program, "update", "back", "--data", data)
    until(lambda: machine.log().count("READY") == 3, 120)
    until(answers, 60)
    assert states()["installed"]["running"] and not states()["9.0.0"]["chosen"]
    # Neither of them stayed root for what root had put there.
    assert machine.log().count("It runs as smartmail.") == 3
