"""What a process gives up of its rights, in the kernel's own terms (Linux; elsewhere nothing can be given up, and nothing breaks).

`kernel` makes the system calls; `filters` writes the seccomp programs as pure octets. Who gives up what, and when, is
app.rights' business, and the parsing children's own.
"""

from smartmail.adapters.confinement.kernel import (
    CAP_DAC_OVERRIDE,
    CAP_FOWNER,
    Account,
    become,
    confine,
    confine_parser,
    drop_capabilities,
    make_files_as,
)

__all__ = [
    "CAP_DAC_OVERRIDE",
    "CAP_FOWNER",
    "Account",
    "become",
    "confine",
    "confine_parser",
    "drop_capabilities",
    "make_files_as",
]
