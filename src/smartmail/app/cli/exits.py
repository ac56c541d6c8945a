"""Exit codes of the commands: those of sysexits.h, so that a script can tell what went wrong.

0 done · 1 failed otherwise · 64 the command line is wrong · 65 a value is refused · 66 there is no such thing ·
69 not to be had now for another reason · 70 an error of ours · 73 it is there already · 75 try again later ·
77 not allowed · 78 the configuration keeps it from starting · 130 interrupted · 141 nobody reads the output.
"""

from typing import Final

OK: Final = 0
FAILED: Final = 1
USAGE: Final = 64
INTERRUPTED: Final = 130
UNREAD: Final = 141
_OF: Final = {
    "invalid": 65, "too_large": 65, "over_quota": 75, "state_mismatch": 75, "not_found": 66, "already_exists": 73,
    "unavailable": 75, "rate_limited": 75, "storage_full": 75, "internal": 70, "forbidden": 77, "auth_failed": 77,
    "proof_needed": 77, "policy_rejected": 77,
}  # fmt: skip


def of(code: str) -> int:
    """Return the exit code for the code of an error."""
    return _OF.get(code, FAILED)
