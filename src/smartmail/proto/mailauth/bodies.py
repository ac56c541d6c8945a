"""Body hashes of one message, each kind made once, whoever asks for it: several signatures mostly want the same."""

from smartmail.proto.mailauth.canonical import BodyHasher, Form


class Bodies:
    """Hashers by canonical form and length limit: asked for first, then fed, then read."""

    def __init__(self) -> None:
        self._hashers: dict[tuple[Form, int | None], BodyHasher] = {}
        self._digests: dict[tuple[Form, int | None], tuple[bytes, int]] = {}

    @property
    def wanted(self) -> bool:
        """Say whether anybody asked for a hash."""
        return bool(self._hashers)

    def want(self, form: Form, limit: int | None = None) -> None:
        """Ask for a hash, before any octet of the body."""
        if (form, limit) not in self._hashers:
            self._hashers[form, limit] = BodyHasher(form, limit)

    def update(self, chunk: bytes) -> None:
        """Take the next octets of the body."""
        for hasher in self._hashers.values():
            hasher.update(chunk)

    def digest(self, form: Form, limit: int | None = None) -> tuple[bytes, int]:
        """Return a hash that was asked for and how many octets the whole canonical body has. The body has ended."""
        key = (form, limit)
        if key not in self._digests:
            hasher = self._hashers[key]
            self._digests[key] = hasher.digest(), hasher.octets
        return self._digests[key]
