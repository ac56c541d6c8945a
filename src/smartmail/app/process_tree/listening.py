"""What a running node listens to, as its supervisor wrote it down: `doctor` on the same machine looks there.

The ports of a node may come from its command line, which nobody else knows. The file is as old as the node's start, and says
nothing where none runs.
"""

import json
import os
import socket
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

_FILE = os.path.join("run", "listening.json")


def write_down(directory: str, listeners: Mapping[str, Sequence[socket.socket]]) -> None:
    """Note listener → (address, port) below a data directory; a disk that takes nothing keeps no node from serving."""
    found = {name: [sock.getsockname()[:2] for sock in sockets] for name, sockets in listeners.items()}
    place = Path(directory, _FILE)
    with suppress(OSError):
        place.with_suffix(".new").write_text(json.dumps(found), encoding="utf-8")
        place.with_suffix(".new").replace(place)


def written_down(directory: str) -> Mapping[str, list[tuple[str, int]]]:
    """Return listener → [(address, port)] of the newest start; nothing where nothing can be read."""
    try:
        found = json.loads(Path(directory, _FILE).read_text(encoding="utf-8"))
        return {name: [(str(address), int(port)) for address, port in places] for name, places in found.items()}
    except (OSError, ValueError, AttributeError, TypeError):
        return {}
