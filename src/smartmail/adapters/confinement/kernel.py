"""Giving up rights: user, capabilities, no_new_privs, seccomp, Landlock (credentials(7), capabilities(7), landlock(7)).

STATES     All of it counts for the calling thread and what it starts: it is done before there is a second thread.
FAILURE    What the kernel does not have is left out; what it refuses of user and capabilities raises OSError, for a process that
           believes itself without rights must be so.
"""

import ctypes
import os
import platform
import struct
import sys
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from typing import Final, NamedTuple

from smartmail.adapters.confinement.filters import NEVER, NEVER_PARSING, program

CAP_DAC_OVERRIDE: Final = 1
CAP_FOWNER: Final = 3
_CAP_LAST: Final = 63
_CAPABILITY_VERSION: Final = 0x20080522
_PR_CAPBSET_DROP, _PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS, _PR_CAP_AMBIENT = 24, 22, 38, 47
_PR_CAP_AMBIENT_CLEAR_ALL, _SECCOMP_MODE_FILTER = 4, 2
_CAPGET, _CAPSET = {"x86_64": (125, 126), "aarch64": (90, 91)}.get(platform.machine(), (0, 0))
_SETFSUID, _SETFSGID = {"x86_64": (122, 123), "aarch64": (151, 152)}.get(platform.machine(), (0, 0))
_LANDLOCK_CREATE, _LANDLOCK_RESTRICT, _LANDLOCK_ASK_VERSION = 444, 446, 1
_FILE_RIGHTS: Final = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
"""Version of Landlock → how many rights over files it knows: all of them are handled, and none is given."""
_NET_SINCE, _SCOPE_SINCE = 4, 6
_NET_RIGHTS, _SCOPES = 0b11, 0b11


class Account(NamedTuple):
    """Who a process becomes."""

    uid: int
    gid: int
    name: str


def become(account: Account) -> None:
    """Be another user for good; for root, before there are threads. Raises OSError, PermissionError."""
    _bound(())
    os.setgroups(_groups(account))
    os.setresgid(account.gid, account.gid, account.gid)
    os.setresuid(account.uid, account.uid, account.uid)


def drop_capabilities(keep: Iterable[int] = ()) -> None:
    """Hold no capability but those in `keep`, nor get one back by starting a program. Raises OSError."""
    if sys.platform != "linux" or not _CAPSET:
        return
    wanted = set(keep)
    _bound(wanted)
    with suppress(OSError):
        _prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL)
    _, permitted = _capabilities()
    left = permitted & sum(1 << number for number in wanted)
    _set_capabilities(left, left)


def _bound(keep: Collection[int]) -> None:
    """Let no program that is started hold another capability than these."""
    for number in range(_CAP_LAST + 1):
        if number not in keep:
            # Without CAP_SETPCAP there is nothing to lose; beyond the last one there is none.
            with suppress(OSError):
                _prctl(_PR_CAPBSET_DROP, number)


def confine() -> None:
    """Gain no right by any program that is started, and make no system call of filters.NEVER, nor do our children."""
    _confine(NEVER)


def confine_parser() -> None:
    """Open no file and no connection, start nothing, hold no capability: for who reads hostile octets out of a pipe."""
    with suppress(OSError):
        drop_capabilities()
    _no_new_privileges()
    _shut_out()
    _confine(NEVER, NEVER_PARSING)


def make_files_as(account: Account) -> None:
    """Let files that this thread and its children of later make belong to an account, as root who reads what is theirs."""
    if sys.platform != "linux" or not _SETFSUID:
        return
    effective, permitted = _capabilities()
    with suppress(OSError):
        _call(_SETFSGID, account.gid)
        _call(_SETFSUID, account.uid)
        # The kernel takes the rights over others' files away with that; we are still root.
        _set_capabilities(effective, permitted)


def _groups(account: Account) -> list[int]:
    return os.getgrouplist(account.name, account.gid) if account.name else [account.gid]


def _confine(*tables: Mapping[str, tuple[int, int]]) -> None:
    _no_new_privileges()
    octets = program(platform.machine(), tables) if sys.platform == "linux" else None
    if octets is None:
        return
    held = ctypes.create_string_buffer(octets, len(octets))
    # struct sock_fprog: a length, and a pointer at its own alignment.
    fprog = ctypes.create_string_buffer(struct.pack("@HP", len(octets) // 8, ctypes.addressof(held)))
    with suppress(OSError):
        _prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.addressof(fprog))


def _no_new_privileges() -> None:
    with suppress(OSError):
        _prctl(_PR_SET_NO_NEW_PRIVS, 1)


def _shut_out() -> None:
    """Handle every right that Landlock knows and give none."""
    with suppress(OSError):
        version = _call(_LANDLOCK_CREATE, None, 0, _LANDLOCK_ASK_VERSION)
        files = (1 << _FILE_RIGHTS.get(version, 16)) - 1
        rights = [files, _NET_RIGHTS if version >= _NET_SINCE else 0, _SCOPES if version >= _SCOPE_SINCE else 0]
        known = 3 if version >= _SCOPE_SINCE else 2 if version >= _NET_SINCE else 1
        attributes = ctypes.create_string_buffer(struct.pack(f"={known}Q", *rights[:known]), 8 * known)
        ruleset = _call(_LANDLOCK_CREATE, ctypes.addressof(attributes), 8 * known, 0)
        try:
            _call(_LANDLOCK_RESTRICT, ruleset, 0)
        finally:
            os.close(ruleset)


def _capabilities() -> tuple[int, int]:
    header = ctypes.create_string_buffer(struct.pack("=Ii", _CAPABILITY_VERSION, 0))
    data = ctypes.create_string_buffer(24)
    _call(_CAPGET, ctypes.addressof(header), ctypes.addressof(data))
    low_effective, low_permitted, _, high_effective, high_permitted, _ = struct.unpack("=6I", data.raw[:24])
    return high_effective << 32 | low_effective, high_permitted << 32 | low_permitted


def _set_capabilities(effective: int, permitted: int) -> None:
    low, high = 0xFFFFFFFF, 32
    octets = struct.pack("=6I", effective & low, permitted & low, 0, effective >> high, permitted >> high, 0)
    header = ctypes.create_string_buffer(struct.pack("=Ii", _CAPABILITY_VERSION, 0))
    data = ctypes.create_string_buffer(octets, len(octets))
    _call(_CAPSET, ctypes.addressof(header), ctypes.addressof(data))


def _prctl(option: int, *values: int) -> None:
    if sys.platform != "linux":
        return
    padded = [ctypes.c_ulong(one) for one in (*values, 0, 0, 0, 0)][:4]
    if ctypes.CDLL(None, use_errno=True).prctl(option, *padded) < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def _call(number: int, *values: int | None) -> int:
    syscall = ctypes.CDLL(None, use_errno=True).syscall
    syscall.restype = ctypes.c_long
    said = syscall(
        ctypes.c_long(number), *(ctypes.c_void_p(one) if one is None else ctypes.c_ulong(one) for one in values)
    )
    if said < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return int(said)
