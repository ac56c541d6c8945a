"""An installation's own list of passwords that nobody may take: `common-passwords.txt` in the data directory, a word a line."""

from pathlib import Path
from typing import Final

from smartmail.policy import common_passwords

NAME: Final = "common-passwords.txt"


def load(directory: str) -> int:
    """Take the list, where there is one; return how many words. A file that cannot be read is none."""
    try:
        lines = (Path(directory) / NAME).read_text("utf-8", "replace").splitlines()
    except OSError:
        lines = []
    return common_passwords.install(lines)
