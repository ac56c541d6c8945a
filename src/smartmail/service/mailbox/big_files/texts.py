"""What is sealed of big files, and the key that each file has.

A file has a key of its own, under which all that belongs to it is sealed: its name, its parts, its links and who fetched
it. That key alone lies under the account's, so that a file is handed over by wrapping one key anew.
"""

from dataclasses import dataclass

import msgspec

from smartmail.domain.account import Account
from smartmail.domain.big_files import BigDownload, BigFile, BigLink, LinkProof
from smartmail.formats.seal import KEY_OCTETS, NONCE_OCTETS, Kind, SealKey, context, wrap_key
from smartmail.ports.clock import Clock
from smartmail.service.kernel.keyring import Keyring, Sealer


class FileText(msgspec.Struct, frozen=True, array_like=True):
    """What a file is. `sha256` in hexadecimal, "" before its verdict; `found`: the malware; `signs` as in file_names."""

    name: str
    media_type: str
    sha256: str = ""
    found: str = ""
    signs: tuple[str, ...] = ()


class LinkText(msgspec.Struct, frozen=True, array_like=True):
    """What a link is. `token` is its secret, told to its owner again; `salt` and `proof_hash` are of the password, or of
    the code, which ends at `code_until`. `view_only`: it shows the file and never gives it.
    It is followed from `countries` and from `networks` alone, where there are any. `letter`: the Message-ID of the mail whose
    attachment it was.
    """

    token: str
    recipient: str = ""
    subject: str = ""
    proof: LinkProof = ""
    salt: bytes = b""
    proof_hash: bytes = b""
    code_until: int = 0
    view_only: bool = False
    countries: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()
    letter: str = ""


class DownloadText(msgspec.Struct, frozen=True, array_like=True):
    """Who fetched: address, its country ("" unknown), and what the program calls itself."""

    address: str
    country: str = ""
    agent: str = ""


@dataclass(frozen=True, slots=True)
class OpenFile:
    """A file with what is sealed of it."""

    row: BigFile
    text: FileText
    keys: Sealer


class FileKeys:
    """Makes and opens the keys of files."""

    def __init__(self, keyring: Keyring, clock: Clock) -> None:
        self._keyring = keyring
        self._clock = clock

    async def make(self, account: Account, file_id: bytes) -> tuple[Sealer, bytes]:
        """Return the sealer of a new file, and its key wrapped for the account. Raises SealError."""
        key = SealKey(self._clock.random(KEY_OCTETS))
        return Sealer(key, 0, self._clock), await self.wrapped(account, file_id, key)

    async def wrapped(self, account: Account, file_id: bytes, key: SealKey) -> bytes:
        """Return a file's key wrapped for an account. Raises SealError."""
        top = await self._keyring.account(account)
        return wrap_key(top.key, _place(account.id, file_id), self._clock.random(NONCE_OCTETS), key)

    async def open(self, row: BigFile) -> OpenFile:
        """Return a file with its text. Raises NotFound (its account is gone), SealError (its key was destroyed)."""
        top = await self._keyring.account_by_id(row.account_id)
        keys = Sealer(top.unwrap_at(_place(row.account_id, row.id), row.wrapped_key), 0, self._clock)
        return OpenFile(row, msgspec.msgpack.decode(keys.open(Kind.BIG_FILE, row.sealed, row.id), type=FileText), keys)


def seal_file(keys: Sealer, file_id: bytes, text: FileText) -> bytes:
    """Seal what a file is."""
    return keys.seal(Kind.BIG_FILE, msgspec.msgpack.encode(text), file_id)


def seal_link(keys: Sealer, link_id: bytes, text: LinkText) -> bytes:
    """Seal what a link is."""
    return keys.seal(Kind.BIG_LINK, msgspec.msgpack.encode(text), link_id)


def open_link(keys: Sealer, row: BigLink) -> LinkText:
    """Open what a link is. Raises SealError."""
    return msgspec.msgpack.decode(keys.open(Kind.BIG_LINK, row.sealed, row.id), type=LinkText)


def seal_download(keys: Sealer, download_id: bytes, text: DownloadText) -> bytes:
    """Seal who fetched."""
    return keys.seal(Kind.BIG_DOWNLOAD, msgspec.msgpack.encode(text), download_id)


def open_download(keys: Sealer, row: BigDownload) -> DownloadText:
    """Open who fetched. Raises SealError."""
    return msgspec.msgpack.decode(keys.open(Kind.BIG_DOWNLOAD, row.sealed, row.id), type=DownloadText)


def _place(account_id: int, file_id: bytes) -> bytes:
    return context(Kind.KEY_OF_BIG_FILE, account_id, file_id)
