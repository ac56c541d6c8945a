"""Messages that OpenSSL signs: streamed objects of indefinite length, signers named by key id, no attributes."""

import subprocess

import pytest
from cryptography.hazmat.primitives import serialization
from tests.unit.formats import smime_house as house
from tests.unit.formats.test_smime import judged

from smartmail.formats.smime import Trust

CA = house.authority()
KIM = house.person(CA)
EC = house.person(CA, kind="ec")


def openssl(folder, signer: house.Signer, *options: str) -> bytes:
    key = signer.key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "signer.pem").write_bytes(signer.pem + key)
    (folder / "body").write_bytes(house.CONTENT)
    done = subprocess.run(
        ["openssl", "cms", "-sign", "-in", folder / "body", "-signer", folder / "signer.pem", *options],
        capture_output=True, check=True, timeout=60,
    )  # fmt: skip
    octets = done.stdout.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    return b"From: Kim <kim@b.test>\r\n" + octets


@pytest.mark.parametrize(
    ("signer", "options"),
    [
        (KIM, ["-binary", "-stream"]),
        (KIM, ["-binary", "-nodetach", "-stream"]),
        (KIM, ["-binary", "-noattr"]),
        (KIM, ["-binary", "-md", "sha512", "-keyopt", "rsa_padding_mode:pss"]),
        (EC, ["-binary", "-md", "sha384"]),
        (KIM, ["-nodetach"]),
    ],
    ids=["stream", "opaque-stream", "no-attributes", "pss", "ec", "opaque-text"],
)
def test_openssl(tmp_path, signer, options) -> None:
    octets = openssl(tmp_path, signer, *options)
    trust, at = Trust((CA.certificate,)), int(house.NOW.timestamp())
    assert judged(octets, trust, at).faults == ()
    if "-nodetach" not in options:
        assert judged(octets.replace("초안".encode(), "원본".encode()), trust, at).faults != ()
