"""What a node's processes cost: CPU until it serves, memory at rest, time from a kill to the next greeting.

  .venv/bin/python -m tests.bench.process_start [ROUNDS]

Both ways in turn, on nodes of their own: processes forked from the template process, and each started by exec.
"""

import asyncio
import contextlib
import json
import signal
import statistics
import sys
import tempfile
import time
from pathlib import Path

from tests.bench.process_tree import cpu_seconds, proportional_kib, tree
from tests.peers.served import Served, put_node_file, served

_REST_S = 3.0
_ROUNDS = 5


def measure(*, template: bool, rounds: int) -> dict[str, float]:
    """Start a node, look at it, and kill its processes `rounds` times."""
    with tempfile.TemporaryDirectory(prefix="smartmail-start-") as folder:
        directory = Path(folder) / "data"
        put_node_file(directory, f"template = {str(template).lower()}\n")
        begun = time.monotonic()
        with served(directory, "--bench") as node:
            ready = time.monotonic() - begun
            root = node.everyone()[0]
            cpu = cpu_seconds([root])
            time.sleep(_REST_S)
            memory = proportional_kib([root]) / 1024
            kills = [(_edges(node), _background(node)) for _ in range(rounds)]
            return {
                "ready_s": ready,
                "cpu_to_ready_s": cpu,
                "pss_mib": memory,
                "processes": len(tree([root])),
                "edges_killed_to_greeting_s": statistics.median(edge for edge, _ in kills),
                "background_killed_to_ready_s": statistics.median(other for _, other in kills),
            }


def _edges(node: Served) -> float:
    """Kill all that serve at once; until somebody greets again."""
    for name, pid in node.workers().items():
        if name.startswith("edge-"):
            node.kill(pid, signal.SIGKILL)
    begun = time.monotonic()
    asyncio.run(_greeted(node))
    took = time.monotonic() - begun
    _whole(node)
    return took


async def _greeted(node: Served) -> None:
    while True:
        with contextlib.suppress(OSError, TimeoutError, EOFError):
            async with asyncio.timeout(60):
                reader, writer = await asyncio.open_connection(node.address, node.ports["imap"])
                line = await reader.readline()
                writer.close()
                if line.startswith(b"* OK"):
                    return
        await asyncio.sleep(0.005)


def _background(node: Served) -> float:
    before = node.starts
    node.kill(node.workers()["background"], signal.SIGKILL)
    begun = time.monotonic()
    while node.starts == before:
        time.sleep(0.005)
    took = time.monotonic() - begun
    _whole(node)
    return took


def _whole(node: Served) -> None:
    """Wait until nobody starts any more: the next kill shall find a node at rest."""
    while len(node.workers()) < 3:
        time.sleep(0.05)
    time.sleep(_REST_S)


def main(arguments: list[str]) -> None:
    """Print both ways, one line of JSON each."""
    rounds = int(arguments[0]) if arguments else _ROUNDS
    for template in (True, False):
        found = measure(template=template, rounds=rounds)
        print(
            json.dumps({"template": template, **{name: round(value, 2) for name, value in found.items()}}), flush=True
        )


if __name__ == "__main__":
    main(sys.argv[1:])
