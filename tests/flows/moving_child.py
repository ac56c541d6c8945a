"""Moves a database and kills itself at a step: `python -m tests.flows.moving_child DIRECTORY ADDRESS WHAT DONE`."""

import os
import signal
import sys

from smartmail.app.recovery.moving_database import moving
from smartmail.app.settings import load


def main() -> int:
    """Move, and be killed."""
    directory, address, what, done = sys.argv[1:]

    def told(now: str, at: int, _total: int) -> None:
        if now == what and at == int(done):
            os.kill(os.getpid(), signal.SIGKILL)

    moving(load(directory), address, "cli", trial=False, told=told)
    return 0


if __name__ == "__main__":
    sys.exit(main())
