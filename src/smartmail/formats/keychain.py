"""Keys as their rows keep them: the wrapped key in use and, after it, what hangs on it since the key was changed.

NAME        keychain
PURPOSE     One value of a row says all that is needed to open what lies under a key, whichever of its successors sealed it:
            so a change of the key is one statement, a copy of the row is whole, and overwriting it destroys everything.
            Pure. Must not know where rows lie, nor who asks.
STATES      A key that was never changed is its 62 octets alone. `coming`: the next key, under the one in use. `hashes`: what
            keyed hashes come from, since the first change. `earlier`: keys of before, under the one in use.
FAILURE     SealError, alone.
SECURITY    Each link is bound to its role, to the kind and the owner of the key.

Layout      wrapped key(62) [ format(1) = 1, turn(4), links: role(1) at(8) wrapped(62) ]
"""

import struct
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from smartmail.formats.seal import (
    NONCE_OCTETS,
    WRAPPED_OCTETS,
    HashRoot,
    Kind,
    SealError,
    SealKey,
    context,
    unwrap_key,
    wrap_key,
)

_FORMAT: Final = 1
_HEAD: Final = struct.Struct(">BI")
_LINK: Final = struct.Struct(f">Bq{WRAPPED_OCTETS}s")
_ROLES: Final = {Kind.KEY_COMING: 1, Kind.KEY_EARLIER: 2, Kind.KEY_HASHES: 3}
_KINDS: Final = {number: kind for kind, number in _ROLES.items()}

Random = Callable[[int], bytes]


class Link(NamedTuple):
    """A key that hangs on the one in use. `at`: when it was made or went out of use, in milliseconds."""

    role: Kind
    at: int
    wrapped: bytes


class Chain(NamedTuple):
    """What a row keeps. `turn` grows with each change: of two chains of one owner the greater is the newer."""

    head: bytes
    turn: int = 0
    links: tuple[Link, ...] = ()


class Earlier(NamedTuple):
    """A key of before, and when it went out of use."""

    at: int
    key: SealKey


@dataclass(frozen=True, slots=True)
class OpenChain:
    """A chain whose links are open."""

    key: SealKey
    hashes: SealKey | HashRoot
    coming: SealKey | None = None
    earlier: tuple[Earlier, ...] = ()

    @property
    def others(self) -> tuple[SealKey, ...]:
        """Return the other keys that something may lie under, those that come first."""
        coming = () if self.coming is None else (self.coming,)
        return coming + tuple(one.key for one in reversed(self.earlier))


def parse(octets: bytes) -> Chain:
    """Return what a row keeps. Raises SealError: destroyed, or damaged."""
    head, rest = octets[:WRAPPED_OCTETS], octets[WRAPPED_OCTETS:]
    if len(head) != WRAPPED_OCTETS:
        raise SealError("the key was destroyed" if not octets else "not a wrapped key")
    if not rest:
        return Chain(head)
    if len(rest) < _HEAD.size or (len(rest) - _HEAD.size) % _LINK.size:
        raise SealError("the links of a key are damaged")
    form, turn = _HEAD.unpack_from(rest)
    found = list(_LINK.iter_unpack(rest[_HEAD.size :]))
    if form != _FORMAT or any(role not in _KINDS for role, _at, _wrapped in found):
        raise SealError("the links of a key are of a newer version")
    return Chain(head, turn, tuple(Link(_KINDS[role], at, wrapped) for role, at, wrapped in found))


def to_octets(chain: Chain) -> bytes:
    """Return what a row is to keep."""
    if not chain.turn:
        return chain.head
    links = [_LINK.pack(_ROLES[one.role], one.at, one.wrapped) for one in chain.links]
    return b"".join([chain.head, _HEAD.pack(_FORMAT, chain.turn), *links])


def head_of(octets: bytes) -> bytes:
    """Return the wrapped key in use; a destroyed one is b""."""
    return octets[:WRAPPED_OCTETS]


def with_head(octets: bytes, head: bytes) -> bytes:
    """Return the same chain with the same key wrapped under another one. (No turn: the key is the same.)"""
    return head + octets[WRAPPED_OCTETS:]


def opened(chain: Chain, key: SealKey, kind: Kind, owner: int) -> OpenChain:
    """Open the links of a chain with its key. Raises SealError."""
    found = OpenChain(key, key)
    for link in chain.links:
        inner = unwrap_key(key, _place(link.role, kind, owner), link.wrapped)
        if link.role is Kind.KEY_COMING:
            found = replace(found, coming=inner)
        elif link.role is Kind.KEY_HASHES:
            found = replace(found, hashes=HashRoot(inner.octets))
        else:
            found = replace(found, earlier=(*found.earlier, Earlier(link.at, inner)))
    return found


def announced(
    chain: Chain, known: OpenChain, coming: SealKey, kind: Kind, owner: int, at: int, random: Random
) -> Chain:
    """Return a chain with the next key on it: whoever has read it opens what will lie under that one."""
    link = _link(known.key, Kind.KEY_COMING, coming, kind, owner, at, random)
    return Chain(chain.head, chain.turn + 1, (*chain.links, link))


def without_coming(chain: Chain) -> Chain:
    """Return a chain whose next key was given up."""
    return Chain(chain.head, chain.turn + 1, tuple(one for one in chain.links if one.role is not Kind.KEY_COMING))


def switched(chain: Chain, known: OpenChain, head: bytes, kind: Kind, owner: int, at: int, random: Random) -> Chain:
    """Return the chain of the next key: the one of before hangs on it, and so does what hashes come from.

    `head` is the next key wrapped. Raises SealError when none was announced.
    """
    coming = known.coming
    if coming is None:
        raise SealError("no next key was announced")
    root = known.hashes if isinstance(known.hashes, HashRoot) else HashRoot.of(known.hashes)
    links = [_link(coming, Kind.KEY_HASHES, SealKey(root.octets), kind, owner, at, random)]
    before = (*known.earlier, Earlier(at, known.key))
    links += [_link(coming, Kind.KEY_EARLIER, one.key, kind, owner, one.at, random) for one in before]
    return Chain(head, chain.turn + 1, tuple(links))


def without_earlier(chain: Chain, until: int) -> Chain:
    """Return a chain whose keys that went out of use up to a time are destroyed."""
    kept = tuple(one for one in chain.links if one.role is not Kind.KEY_EARLIER or one.at > until)
    return Chain(chain.head, chain.turn + 1, kept)


def _link(
    under: SealKey, role: Kind, key: SealKey, kind: Kind, owner: int, at: int, random: Random
) -> Link:  # fmt: skip
    return Link(role, at, wrap_key(under, _place(role, kind, owner), random(NONCE_OCTETS), key))


def _place(role: Kind, kind: Kind, owner: int) -> bytes:
    return context(role, int(kind), owner)
