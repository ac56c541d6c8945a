"""Processes that are forked from one that has imported the program, on a real node (docs/adr/0065)."""

import asyncio
import signal
from pathlib import Path

from tests.peers.served import served, until

_WITHIN_S = 60.0
# A library that every process which serves has loaded, and that nothing else needs.
_OF_THE_PROGRAM = "httptools"


def has_imported_the_program(pid: int) -> bool:
    return _OF_THE_PROGRAM in Path(f"/proc/{pid}/maps").read_text()


def test_only_the_template_imports_the_program(tmp_path):
    with served(tmp_path / "data", "--bench") as node:
        assert set(node.workers()) == {"edge-1", "edge-2", "background"}
        assert all(has_imported_the_program(pid) for pid in node.workers().values())
        assert has_imported_the_program(node.template())
        # What the first start needs was made in a process of its own, which is gone.
        assert not has_imported_the_program(node.supervisor())
        assert not node.complaints(), node.complaints()
        # Each of the three has said so, or a word of the first start would be taken for one of the next.
        until(lambda: node.starts >= 3, _WITHIN_S, "the words of the first start")
        template, edge, starts = node.template(), node.workers()["edge-1"], node.starts
        node.kill(template, signal.SIGKILL)
        node.kill(edge, signal.SIGKILL)
        until(lambda: node.starts > starts and node.template() not in {0, template}, _WITHIN_S, "all of them")
        assert asyncio.run(logs_in(node))


async def logs_in(node):
    session = await node.imap("u0@bench.test")
    session.close()
    return True


def test_what_keeps_a_node_from_starting_is_told_by_the_supervisor(tmp_path):
    directory = tmp_path / "data"
    with served(directory, "--bench") as node:
        assert node.stop() == 0
        # The key of another installation.
        key = Path(f"{directory}.key")
        key.write_text(key.read_text().swapcase())
        node.start(wait=False)
        until(lambda: not node.is_running, _WITHIN_S, "the end")
        assert node.stop() == 78
        assert "smartmail: " in node.stderr.decode()
        assert "Traceback" not in node.stderr.decode()
