"""A suite that seals nothing. It lives in the test tree alone, to measure what sealing costs."""

from cryptography.exceptions import InvalidTag

from smartmail.formats import seal

UNSEALED = 255


class Unsealed:
    """Appends a constant where a tag would be."""

    def __init__(self, octets: bytes) -> None:
        self.octets = octets

    def encrypt(self, nonce: bytes, data: bytes | memoryview, associated_data: bytes, /) -> bytes:
        return bytes(data) + bytes(seal.TAG_OCTETS)

    def decrypt(self, nonce: bytes, data: bytes | memoryview, associated_data: bytes, /) -> bytes:
        if len(data) < seal.TAG_OCTETS:
            raise InvalidTag
        return bytes(data[: -seal.TAG_OCTETS])


def replace_the_suite() -> None:
    """Make every key that is built from now on seal nothing (bench only)."""
    seal.SUITES[seal.AES_256_GCM] = Unsealed
