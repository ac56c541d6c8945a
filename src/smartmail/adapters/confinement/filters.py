"""seccomp programs: which system calls are refused (seccomp(2), BPF as linux/filter.h has it). Pure.

STRATEGIES  A list of what is refused: what no mail server needs and an attacker would. A list of what is allowed would break
            with each release of the C library. Refused calls fail with EPERM; those of another architecture's table too.
"""

import struct
from collections.abc import Iterable, Mapping
from typing import Final

_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_ALLOW: Final = 0x7FFF0000
_REFUSE: Final = 0x00050000 | 1
"""SECCOMP_RET_ERRNO with EPERM."""
_NUMBER_AT, _ARCHITECTURE_AT = 0, 4
_X32: Final = 0x40000000
ARCHITECTURES: Final[Mapping[str, int]] = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_COLUMN: Final = {"x86_64": 0, "aarch64": 1}

NEVER: Final[Mapping[str, tuple[int, int]]] = {
    # Other processes, the kernel, its modules.
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271), "bpf": (321, 280),
    "perf_event_open": (298, 241), "userfaultfd": (323, 282), "io_uring_setup": (425, 425), "kexec_load": (246, 104),
    "kexec_file_load": (320, 294), "init_module": (175, 105), "finit_module": (313, 273), "delete_module": (176, 106),
    "keyctl": (250, 219), "add_key": (248, 217), "request_key": (249, 218), "syslog": (103, 116),
    # Namespaces and mounts.
    "unshare": (272, 97), "setns": (308, 268), "mount": (165, 40), "umount2": (166, 39), "pivot_root": (155, 41),
    "chroot": (161, 51), "open_tree": (428, 428), "move_mount": (429, 429), "fsopen": (430, 430), "fsconfig": (431, 431),
    "fsmount": (432, 432), "fspick": (433, 433), "mount_setattr": (442, 442), "open_by_handle_at": (304, 265),
    "fanotify_init": (300, 262),
    # The machine.
    "reboot": (169, 142), "swapon": (167, 224), "swapoff": (168, 225), "acct": (163, 89), "quotactl": (179, 60),
    "settimeofday": (164, 170), "clock_settime": (227, 112), "adjtimex": (159, 171), "clock_adjtime": (305, 266),
    "sethostname": (170, 161), "setdomainname": (171, 162), "vhangup": (153, 58),
}  # fmt: skip
"""Refused to every process of the tree: name → number on x86_64 and aarch64."""
NEVER_PARSING: Final[Mapping[str, tuple[int, int]]] = {
    "socket": (41, 198), "connect": (42, 203), "bind": (49, 200), "listen": (50, 201), "socketpair": (53, 199),
    "accept4": (288, 242), "execve": (59, 221), "execveat": (322, 281),
}  # fmt: skip
"""Refused besides to a process that reads hostile files: it talks to nobody and starts nothing."""


def program(machine: str, refused: Iterable[Mapping[str, tuple[int, int]]]) -> bytes | None:
    """Return the instructions of a filter, eight octets each; None for an architecture whose table we do not have."""
    if machine not in ARCHITECTURES:
        return None
    numbers = sorted(pair[_COLUMN[machine]] for table in refused for pair in table.values())
    checks = [_step(_AT_LEAST, _X32, yes=len(numbers) + 1)] if machine == "x86_64" else []
    # The last but one step allows; a jump leads past it.
    checks += [_step(_EQUAL, number, yes=len(numbers) - at) for at, number in enumerate(numbers)]
    head = [
        _step(_LOAD, _ARCHITECTURE_AT),
        _step(_EQUAL, ARCHITECTURES[machine], no=len(checks) + 2),
        _step(_LOAD, _NUMBER_AT),
    ]
    return b"".join([*head, *checks, _step(_RETURN, _ALLOW), _step(_RETURN, _REFUSE)])


def _step(code: int, value: int, *, yes: int = 0, no: int = 0) -> bytes:
    return struct.pack("=HBBI", code, yes, no, value)
