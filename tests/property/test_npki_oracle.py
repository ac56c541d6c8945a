"""Key files and signatures beside another reader of Korean certificates, and OpenSSL beside ours."""

import shutil
import subprocess
from pathlib import Path

import pytest
from pypinksign.pypinksign import PinkSign
from tests.lab import npki
from tests.lab.npki import PASSWORD, Issued, Pki

from smartmail.formats.npki import keyfile


@pytest.fixture(scope="module")
def pki() -> Pki:
    return Pki()


@pytest.fixture(scope="module")
def person(pki: Pki) -> Issued:
    return pki.leaf()


@pytest.mark.parametrize("way", ["seed15", "seed4", "pbes2-seed"])
def test_another_reader_opens_the_same_files_with_the_same_r(person: Issued, way: str, tmp_path: Path):
    file = npki.key_file(person, way=way)
    (tmp_path / "signCert.der").write_bytes(person.der)
    (tmp_path / "signPri.key").write_bytes(file)
    other = PinkSign(
        pubkey_path=str(tmp_path / "signCert.der"), prikey_path=str(tmp_path / "signPri.key"),
        prikey_password=PASSWORD.encode(),
    )  # fmt: skip
    opened = keyfile.open_key(file, PASSWORD.encode())
    assert other._rand_num.asOctets() == opened.random == person.random
    assert other.sign(b"line") == person.key.sign(b"line", npki.padding.PKCS1v15(), npki.hashes.SHA256())


@pytest.mark.peer
def test_openssl_verifies_what_a_page_signs(pki: Pki, person: Issued, tmp_path: Path):
    if shutil.which("openssl") is None:
        pytest.fail("openssl is missing")
    (tmp_path / "line.cms").write_bytes(npki.signed("line", person, others=[pki.sub]))
    (tmp_path / "root.pem").write_bytes(pki.root.certificate.public_bytes(npki.Encoding.PEM))
    done = subprocess.run(
        ["openssl", "cms", "-verify", "-inform", "DER", "-in", tmp_path / "line.cms", "-CAfile", tmp_path / "root.pem",
         "-purpose", "any", "-binary"],
        capture_output=True, check=False, timeout=20,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (0, b"line"), done.stderr
