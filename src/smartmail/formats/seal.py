"""Sealing at rest: the arithmetic of suites, small objects, streamed blobs, wrapped keys and keyed hashes.

NAME        seal
PURPOSE     Turn plain octets into octets that tell nothing and cannot be changed, cut or swapped unnoticed.
            Pure: nonces and random keys come in as arguments. Must not know where keys or sealed octets are kept.
STATES      Only a BlobSealer has one: open until finish().
LIMITS      A key seals at most 2**32 small objects with random nonces (NIST SP 800-38D §8.3) and, as data key,
            exactly one blob of at most 2**32 segments (256 TiB).
FAILURE     SealError, alone: wrong key, other place, damaged, cut, reordered, unknown suite.
SECURITY    Every object carries its suite; the authenticated data name suite, kind and ids, so that a sealed value
            moved to another row, account or segment does not open. Keys never show in repr().
STANDARDS   AES-256-GCM (NIST SP 800-38D), ChaCha20-Poly1305 (RFC 8439), HKDF (RFC 5869), HMAC-SHA-256 (RFC 2104), the STREAM construction of
            Hoang, Reyhanitabar, Rogaway and Vizár (2015) for segments.

Layouts
    small    suite(1) nonce(12) ciphertext tag(16)
    wrapped  suite(1) suite of the wrapped key(1) nonce(12) ciphertext(32) tag(16)
    blob     "SMB" format(1) suite(1) log2 of the segment size(1) 0 0, then segments: ciphertext(<= 65536) tag(16);
             every segment but the last is full, and there is always a last one, be it empty
"""

import hmac
from collections.abc import Callable
from enum import IntEnum, StrEnum, unique
from functools import lru_cache
from typing import Final, NamedTuple, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF, HKDFExpand

KEY_OCTETS: Final = 32
NONCE_OCTETS: Final = 12
TAG_OCTETS: Final = 16
ID_OCTETS: Final = 16
HASH_OCTETS: Final = 16
SEGMENT_OCTETS: Final = 65536
SEALED_SEGMENT_OCTETS: Final = SEGMENT_OCTETS + TAG_OCTETS
HEADER_OCTETS: Final = 8
SMALL_OVERHEAD: Final = 1 + NONCE_OCTETS + TAG_OCTETS
WRAPPED_OCTETS: Final = 2 + NONCE_OCTETS + KEY_OCTETS + TAG_OCTETS

AES_256_GCM: Final = 1
CHACHA20_POLY1305: Final = 2
SUITE_NAMES: Final = {AES_256_GCM: "AES-256-GCM", CHACHA20_POLY1305: "ChaCha20-Poly1305"}


class SealError(Exception):
    """Sealed octets that do not open: wrong key, other place, damaged, cut, reordered or unknown suite."""


@unique
class Kind(IntEnum):
    """What a small object is. Numbers are part of the format: never changed, never used again."""

    SUMMARY = 1
    SEARCH_TEXT = 2
    SEARCH_BUCKET = 3
    SEARCH_TERMS = 4
    MAILBOX_NAME = 5
    KEYWORD = 6
    IDENTITY = 7
    SUBMISSION = 8
    SCRIPT = 9
    ACCOUNT_SETTING = 10
    DRAFT = 11
    NOTE = 12
    SENT_BY = 13
    PUSH_SUBSCRIPTION = 14
    CREDENTIAL_LABEL = 17
    DEVICE = 18
    ANNOTATION = 19
    INSPECTION = 26
    TAG = 25
    ENVELOPE = 20
    QUEUE_PREFIX = 21
    QUEUE_NOTE = 22
    QUARANTINE = 23
    TRACE = 24
    ORGANIZATION_SETTING = 40
    SIGNING_KEY = 41
    AUDIT_TEXT = 42
    FILTER_MODEL = 43
    TEMPORARY_FILE = 44
    INSTALLATION_SETTING = 60
    TLS_KEY = 61
    STAND_IN = 70
    LIST_MEMBER = 71
    RELAY = 72
    APPROVAL = 73
    APPROVAL_ACT = 210
    APPROVAL_LETTER = 316
    SENDER_RULE = 75
    PHISHING_CASE = 76
    PURGE = 77
    REVIEW = 90
    INVESTIGATION = 91
    DESTRUCTION = 92
    ADMIN_ROLE = 110
    PROPOSAL = 111
    POLICY_CHANGE = 120
    TRAVEL_PASS = 125
    FACTOR = 96
    FACTOR_LABEL = 97
    FACTOR_BEGUN = 98
    RECOVERY_ADDRESS = 93
    CONSENT_TEXT = 94
    OAUTH_LABEL = 95
    ADMIN_ANSWER = 140
    ADMIN_JOB = 141
    ADMIN_KEY_LABEL = 142
    WEBHOOK = 143
    ACT_REASON = 144
    PERSON_FACTS = 160
    PLANNED_CHANGE = 161
    LEAVING = 165
    SPONSORSHIP = 166
    DIRECTORY_IMPORT = 162
    BACKUP_PART = 170
    BACKUP_PACK = 171
    BACKUP_INDEX = 172
    BACKUP_KEYS = 173
    BACKUP_FILES = 174
    VOLUME_SECRET = 180
    ABSENCE = 191
    IMPORTED_PASSWORD = 193
    MASTER_COMING = 194
    MASTER_FILE = 195
    OPENING = 196
    KEY_OF_NEWER_BLOB = 197
    APPEARANCE = 198
    FIGURES = 205
    LEAK_INCIDENT = 206
    LEAK_VALUES = 207
    KEY_OF_BIG_FILE = 213
    BIG_FILE = 214
    BIG_LINK = 215
    BIG_DOWNLOAD = 216
    PASSWORD_HASH = 217
    PHOTOGRAPH = 218
    KEY_OF_SECURE_LETTER = 219
    SECURE_LETTER = 220
    SECURE_TICKET = 221
    SECURE_VIEW = 222
    TEAM_TEMPLATE = 240
    PARCEL = 245
    PULL = 256
    PULL_SAID = 257
    INVITATION = 246
    BULLETIN = 251
    SHARE_REQUEST = 273
    RECURRING = 289
    LEAK_EXCEPTION = 315
    KEY_EARLIER = 223
    KEY_COMING = 224
    KEY_HASHES = 225
    CORRESPONDENCE = 226
    ADDRESS_BOOK = 230
    CONTACT_CARD = 231
    CONTACT_LINE = 232
    KEY_OF_INSTALLATION = 200
    KEY_OF_ORGANIZATION = 201
    KEY_OF_QUEUE = 202
    KEY_OF_ACCOUNT = 203
    KEY_OF_BLOB = 204


class Purpose(StrEnum):
    """What a keyed hash is for: the HKDF label, so that hashes of two purposes can never be compared."""

    MESSAGE_ID = "message-id"
    SUBJECT = "subject"
    MAILBOX_NAME = "mailbox-name"
    KEYWORD = "keyword"
    QUEUE_ADDRESS = "queue-address"
    DELIVERY = "delivery"
    PULL = "pull"
    PULL_OCTETS = "pull-octets"
    IMPORT = "import"
    SEARCH_TERM = "search-term"
    TOKEN = "token"  # noqa: S105 -- a label
    CAPABILITY = "capability"
    CURSOR = "cursor"
    BOUNCE_ADDRESS = "bounce-address"
    LIST_MEMBER = "list-member"
    LOOP_MARK = "loop-mark"
    UNSUBSCRIBE = "unsubscribe"
    KEY_CHECK = "key-check"
    VAPID = "vapid"
    ANNOTATION = "annotation"
    SCRAM_SALT = "scram-salt"
    SCRIPT_NAME = "script-name"
    FILTER_MEMORY = "filter-memory"
    SENDER_COUNTRY = "sender-country"
    REMOTE_PICTURE = "remote-picture"
    CORRESPONDENT = "correspondent"
    INVITATION = "invitation"
    AUDIT_LINK = "audit-link"
    AUDIT_HEAD = "audit-head"
    AUDIT_GONE = "audit-gone"
    AUDIT_ANCHOR = "audit-anchor"
    AUDIT_TAG = "audit-tag"
    AUDIT_HEADS = "audit-heads"
    RECORDS = "records"
    DEFENCE = "defence"
    TLS = "tls"
    VOLUME = "volume"
    OAUTH_CLIENT = "oauth-client"
    OAUTH_CONSENT = "oauth-consent"
    SENDER_RULE = "sender-rule"
    QUARANTINE_LINK = "quarantine-link"
    SIMILARITY = "similarity"
    RECOVERY_CODE = "recovery-code"
    LEAK_EXCEPTION = "leak-exception"
    TRACE = "trace"
    DOMAIN_PROOF = "domain-proof"
    POLICY_CHANGE = "policy-change"
    BACKUP = "backup"
    CONTACT_UID = "contact-uid"
    BRAND = "brand"


class Aead(Protocol):
    """Authenticated encryption with associated data, bound to one key."""

    def encrypt(self, nonce: bytes, data: bytes | memoryview, associated_data: bytes, /) -> bytes:
        """Return ciphertext and tag."""
        ...

    def decrypt(self, nonce: bytes, data: bytes | memoryview, associated_data: bytes, /) -> bytes:
        """Return the plain octets. Raises InvalidTag."""
        ...


SUITES: dict[int, Callable[[bytes], Aead]] = {AES_256_GCM: AESGCM, CHACHA20_POLY1305: ChaCha20Poly1305}
"""Suite id → cipher. Only tests that measure the cost of sealing ever change it."""


class SealKey:
    """A key made ready: its cipher and the hash keys derived from it are built once. Safe to share by threads."""

    __slots__ = ("_hash_keys", "aead", "octets", "suite")

    def __init__(self, octets: bytes, suite: int = AES_256_GCM) -> None:
        """Raises SealError for an unknown suite or a key of another length than 32 octets."""
        if suite not in SUITES or len(octets) != KEY_OCTETS:
            raise SealError("unknown suite or key length")
        self.octets = octets
        self.suite = suite
        self.aead = SUITES[suite](octets)
        self._hash_keys: dict[str, bytes] = {}

    def __repr__(self) -> str:
        return f"SealKey(suite={self.suite})"

    def hash_key(self, purpose: Purpose) -> bytes:
        """Return the 32 octets derived for a purpose."""
        known = self._hash_keys.get(purpose)
        if known is None:
            known = self._hash_keys[purpose] = derive(self.octets, purpose)
        return known


def derive(octets: bytes, purpose: Purpose) -> bytes:
    """Return 32 octets derived from a key for one purpose (HKDF-SHA-256, RFC 5869)."""
    return HKDF(SHA256(), KEY_OCTETS, salt=None, info=b"smartmail/1/" + purpose.value.encode()).derive(octets)


class HashRoot:
    """What a key's hash keys are derived from, without the key: its HKDF pseudorandom key (RFC 5869 §2.2).

    When a key is replaced, hashes that lie in the store must stay what they are: the root is kept under the new key, and
    the old key can go, for the root does not tell it.
    """

    __slots__ = ("_keys", "octets")

    def __init__(self, octets: bytes) -> None:
        self.octets = octets
        self._keys: dict[str, bytes] = {}

    @classmethod
    def of(cls, key: SealKey) -> "HashRoot":
        """Return the root of a key: it gives the same hash keys."""
        return cls(hmac.digest(bytes(32), key.octets, "sha256"))

    def __repr__(self) -> str:
        return "HashRoot()"

    def hash_key(self, purpose: Purpose) -> bytes:
        """Return the 32 octets derived for a purpose."""
        known = self._keys.get(purpose)
        if known is None:
            info = b"smartmail/1/" + purpose.value.encode()
            known = self._keys[purpose] = HKDFExpand(SHA256(), KEY_OCTETS, info).derive(self.octets)
        return known


def keyed_hash(key: SealKey | HashRoot, purpose: Purpose, *fields: bytes) -> bytes:
    """Return 16 octets that only the holder of `key` can compute; fields keep their borders."""
    # Lengths before each field, or ("ab", "c") would hash like ("a", "bc").
    framed = b"".join([len(field).to_bytes(8, "big") + field for field in fields])
    return hmac.digest(key.hash_key(purpose), framed, "sha256")[:HASH_OCTETS]


# --- small objects -----------------------------------------------------------------------------------------------


def context(kind: Kind, *ids: int | bytes) -> bytes:
    """Return what binds a small object to its place: its kind, then the ids from the owner down.

    An id is a number below 2**128 or 16 octets. Raises ValueError for anything else: that is our own mistake.
    """
    return _kind_octets(kind) + b"".join([_id_octets(one) for one in ids])


def _id_octets(one: int | bytes) -> bytes:
    if isinstance(one, int):
        return one.to_bytes(ID_OCTETS, "big")
    if len(one) != ID_OCTETS:
        raise ValueError("an id has 16 octets")
    return one


@lru_cache(maxsize=256)
def _kind_octets(kind: Kind) -> bytes:
    return b"S" + int(kind).to_bytes(2, "big")


def seal_small(key: SealKey, place: bytes, nonce: bytes, plain: bytes) -> bytes:
    """Seal one value for one place (see `context`). `nonce` is 12 random octets, never used twice."""
    suite = _SUITE_OCTET[key.suite]
    return suite + nonce + key.aead.encrypt(nonce, plain, suite + place)


def open_small(key: SealKey, place: bytes, sealed: bytes) -> bytes:
    """Return the plain value. Raises SealError."""
    if len(sealed) < SMALL_OVERHEAD or sealed[0] != key.suite:
        raise SealError("not sealed with this suite")
    try:
        return key.aead.decrypt(sealed[1:13], sealed[13:], sealed[:1] + place)
    except InvalidTag:
        raise SealError("wrong key, other place or damaged") from None


_SUITE_OCTET: Final = [bytes([suite]) for suite in range(256)]


def wrap_key(key: SealKey, place: bytes, nonce: bytes, wrapped: SealKey) -> bytes:
    """Seal a key under another for one place. Always 62 octets."""
    suites = bytes((key.suite, wrapped.suite))
    return suites + nonce + key.aead.encrypt(nonce, wrapped.octets, b"K" + suites + place)


def unwrap_key(key: SealKey, place: bytes, sealed: bytes) -> SealKey:
    """Return the key that wrap_key sealed. Raises SealError."""
    if len(sealed) != WRAPPED_OCTETS or sealed[0] != key.suite:
        raise SealError("not a key wrapped with this suite")
    try:
        octets = key.aead.decrypt(sealed[2:14], sealed[14:], b"K" + sealed[:2] + place)
    except InvalidTag:
        raise SealError("wrong key, other place or damaged") from None
    return SealKey(octets, sealed[1])


# --- blobs -------------------------------------------------------------------------------------------------------


def segment_count(size: int) -> int:
    """Return how many segments a blob of `size` plain octets has: at least one."""
    return max(1, -(-size // SEGMENT_OCTETS))


def sealed_size(size: int) -> int:
    """Return the sealed size of `size` plain octets."""
    return HEADER_OCTETS + size + TAG_OCTETS * segment_count(size)


def blob_header(suite: int) -> bytes:
    """Return the first octets of a sealed blob."""
    return b"SMB\x01" + bytes((suite, 16, 0, 0))


def _segment_nonce(number: int, last: bool) -> bytes:
    # A counter is enough: a data key seals one blob, once. The flag makes a cut at a segment border fail.
    return b"\0\0\0\0\0\0\0" + number.to_bytes(4, "big") + (b"\x01" if last else b"\0")


def _segment_place(suite: int, organization: int, blob: bytes) -> bytes:
    if len(blob) != ID_OCTETS:
        raise ValueError("a blob id has 16 octets")
    return b"B" + bytes((suite,)) + organization.to_bytes(ID_OCTETS, "big") + blob


class BlobSealer:
    """Seals one blob as its octets come. `key` is a fresh data key: it must never have sealed anything before."""

    def __init__(self, key: SealKey, organization: int, blob: bytes) -> None:
        self._key = key
        self._place = _segment_place(key.suite, organization, blob)
        self._head = blob_header(key.suite)
        self._pending: list[bytes | memoryview] = []
        self._waiting = 0
        self._number = 0
        self._finished = False
        self.size = 0
        """Plain octets taken so far."""

    def update(self, data: bytes | memoryview) -> bytes:
        """Take plain octets; return sealed octets to append, often none. Keeps at most one segment back."""
        self._pending.append(data)
        self._waiting += len(data)
        self.size += len(data)
        if self._waiting <= SEGMENT_OCTETS:
            return b""
        return self._seal_full()

    def _seal_full(self) -> bytes:
        # Strictly more than a segment must wait: only then is it known that the segment is not the last one.
        view = memoryview(b"".join(self._pending))
        full = (len(view) - 1) // SEGMENT_OCTETS
        out = [self._head]
        out += [self._seal(view[at * SEGMENT_OCTETS : (at + 1) * SEGMENT_OCTETS], last=False) for at in range(full)]
        rest = bytes(view[full * SEGMENT_OCTETS :])
        self._head = b""
        self._pending = [rest]
        self._waiting = len(rest)
        return b"".join(out)

    def finish(self) -> bytes:
        """Return the last sealed octets. The sealer is of no use afterwards."""
        if self._finished:
            raise ValueError("a blob is finished once")
        self._finished = True
        return self._head + self._seal(b"".join(self._pending), last=True)

    def _seal(self, plain: bytes | memoryview, *, last: bool) -> bytes:
        number = self._number
        self._number += 1
        return self._key.aead.encrypt(_segment_nonce(number, last), plain, self._place + number.to_bytes(8, "big"))


class Span(NamedTuple):
    """Sealed octets to read for a range of plain ones: `offset` and `length` in the sealed blob."""

    offset: int
    length: int
    first: int
    """Number of the first segment."""
    skip: int
    """Plain octets of the first segment that come before the range."""
    take: int
    """Plain octets of the range, cut at the end of the blob."""


class BlobOpener:
    """Opens a blob of `size` plain octets, whole or by range, given its sealed octets.

    The size (kept beside the wrapped key) decides which segment is the last, so that a cut blob never opens.
    """

    def __init__(self, key: SealKey, organization: int, blob: bytes, size: int) -> None:
        self._key = key
        self._place = _segment_place(key.suite, organization, blob)
        self.size = size
        self.segments = segment_count(size)

    def segments_for(self, start: int, length: int) -> Span:
        """Return the whole segments that hold plain octets [start, start + length), cut at the blob's end."""
        start = min(max(start, 0), self.size)
        take = min(max(length, 0), self.size - start)
        first = min(start // SEGMENT_OCTETS, self.segments - 1)
        last = first if take == 0 else (start + take - 1) // SEGMENT_OCTETS
        offset = HEADER_OCTETS + first * SEALED_SEGMENT_OCTETS
        end = min(HEADER_OCTETS + (last + 1) * SEALED_SEGMENT_OCTETS, sealed_size(self.size))
        return Span(offset, end - offset, first, start - first * SEGMENT_OCTETS, take)

    def open_segment(self, number: int, sealed: bytes | memoryview) -> bytes:
        """Return the plain octets of one segment. Raises SealError."""
        last = number == self.segments - 1
        try:
            return self._key.aead.decrypt(_segment_nonce(number, last), sealed, self._place + number.to_bytes(8, "big"))
        except (InvalidTag, OverflowError):
            raise SealError("wrong key, other blob, cut or damaged") from None

    def open_span(self, span: Span, sealed: bytes | memoryview) -> bytes:
        """Return the plain octets of the range that `span` was made for. Raises SealError."""
        if len(sealed) != span.length:
            raise SealError("the blob is shorter than it should be")
        if span.length <= SEALED_SEGMENT_OCTETS:
            plain = self.open_segment(span.first, sealed)
        else:
            view = memoryview(sealed)
            cuts = range(0, span.length, SEALED_SEGMENT_OCTETS)
            parts = [
                self.open_segment(span.first + at, view[cut : cut + SEALED_SEGMENT_OCTETS])
                for at, cut in enumerate(cuts)
            ]
            plain = b"".join(parts)
        if span.skip == 0 and span.take == len(plain):
            return plain
        return plain[span.skip : span.skip + span.take]

    def open_whole(self, sealed: bytes) -> bytes:
        """Return all plain octets, the header checked. Raises SealError."""
        if sealed[:HEADER_OCTETS] != blob_header(self._key.suite):
            raise SealError("not a blob of this suite")
        return self.open_span(self.segments_for(0, self.size), memoryview(sealed)[HEADER_OCTETS:])
