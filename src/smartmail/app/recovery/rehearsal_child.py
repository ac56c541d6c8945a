"""Main program of a rehearsal: `python -m smartmail.app.recovery.rehearsal_child PARENT`.

NAME        rehearsal child
PURPOSE     Restores a backup into a sandbox, compares it and reads everything, beside a node that serves: in a process of
            its own, so that neither its work nor its memory is felt by those who read mail.
STATES      Hears one line of JSON on stdin (settings, place, name, folder), tells steps as lines on stdout, the last of
            which is the result or an error's code.
LIMITS      Low priority of processor and disk where the system has them.
FAILURE     Ends with its parent: stdin ends. Its owner removes the sandbox.
SECURITY    What opens a bucket comes by the pipe, never by the command line or the environment.
"""

import asyncio
import json
import os
import sys
import threading
from contextlib import suppress
from typing import Any, Final

import msgspec

from smartmail.app import catalogues
from smartmail.app.opening.backing import NodeBackupHost, backup_plan
from smartmail.app.recovery.restoring import rehearse
from smartmail.app.settings import Settings, SettingsError
from smartmail.app.worker_context import CannotStartError
from smartmail.base import log
from smartmail.domain.errors import MailError, StorageFull
from smartmail.formats.seal import SealError
from smartmail.ports.backup import PlaceError, PlaceSpec

_NICENESS: Final = 10


def main() -> int:
    """Rehearse once."""
    asked = json.loads(sys.stdin.buffer.readline())
    threading.Thread(target=_watch_parent, name="lifeline", daemon=True).start()
    with suppress(OSError):
        os.nice(_NICENESS)
    catalogues.load()
    log.configure(threshold="warning", process="rehearsal")
    _tell(asyncio.run(_rehearse(asked)))
    return 0


async def _rehearse(asked: dict[str, Any]) -> dict[str, Any]:
    try:
        settings = msgspec.convert(asked["settings"], Settings)
        given = asked["place"]
        place = (
            backup_plan(settings.file.backup).place
            if given is None
            else NodeBackupHost().open(msgspec.convert(given, PlaceSpec))
        )
        if place is None:
            return {"error": "unavailable", "detail": "no place for backups is set"}
        done = await rehearse(settings, place, asked["folder"], asked["name"], lambda *step: _tell({"step": step}))
    except MailError as error:
        return {"error": error.code, "detail": error.detail or error.public or error.code}
    except OSError as error:
        return {"error": StorageFull.code if error.errno == 28 else "unavailable", "detail": str(error)}
    except (PlaceError, SealError, SettingsError, CannotStartError) as error:
        return {"error": "unavailable", "detail": str(error)}
    return {"done": {**done.document(), "snapshot": done.restored.snapshot}}


def _tell(line: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def _watch_parent() -> None:
    # The descriptor itself: a thread inside sys.stdin holds its lock, which the interpreter wants when it ends.
    with suppress(OSError):
        while os.read(0, 4096):
            pass
    os._exit(1)


if __name__ == "__main__":
    sys.exit(main())
