"""`python tree_program.py DIR PORT ENTRY`: a supervisor over the workers of tree_entry.py.

`SAY_STATES` in the environment: before READY it says how its door shows the processes.
"""

import asyncio
import os
import sys

import msgspec

from smartmail.app.process_tree.process_table import SupervisorTable
from smartmail.app.process_tree.sockets import PATIENCE_S, Patience, bind_all
from smartmail.app.process_tree.supervisor import Supervisor, say
from smartmail.app.settings import load
from smartmail.app.worker_context import CannotStartError

directory, port, entry = sys.argv[1:4]
settings = load(directory, roles=("edge-mx", "jobs"))
listen = msgspec.structs.replace(
    settings.file.listen, addresses=("127.0.0.1",), ports={"smtp": int(port)}, off=("lmtp",)
)
settings = msgspec.structs.replace(settings, file=msgspec.structs.replace(settings.file, listen=listen, drain_s=3))
lifeline = os.environ.get("LIFELINE")
try:
    patience = Patience(float(os.environ.get("PATIENCE_S", PATIENCE_S)), lambda text: print(text, flush=True))
    sockets = bind_all(settings, patience)
except CannotStartError as error:
    print(error, flush=True)
    sys.exit(78)


def ready() -> None:
    if os.environ.get("SAY_STATES"):
        rows = asyncio.run(SupervisorTable(os.path.join(directory, "run")).rows())
        say(" ".join(f"{row.name}={row.state}" for row in rows))
    say("READY")


sys.exit(Supervisor(settings, sockets, ready, entry).run(int(lifeline) if lifeline else None))
