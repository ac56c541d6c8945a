"""A real node's /health/ready while its database, its volume, its key and its processes go away and come back."""

import json
import signal
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest
from tests.house.postgres import OwnServer
from tests.peers.served import Served, served, until

CHECKS = ("database", "volumes", "key", "roles", "serving")
pytestmark = [pytest.mark.postgres, pytest.mark.slow]


@pytest.fixture
def database() -> Iterator[OwnServer]:
    server = OwnServer()
    yield server
    server.close()


def asked(node: Served, what: str) -> tuple[int, dict[str, object]]:
    """Return status and document, as a balancer gets them from the plain port; 0 where nobody answers."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{node.ports['http']}/health/{what}", timeout=30) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)
    except OSError:
        return 0, {}


def ready(node: Served) -> bool:
    return asked(node, "ready")[0] == 200


def fails(node: Served, check: str) -> bool:
    status, document = asked(node, "ready")
    return status == 503 and not document["checks"][check]


def hung(node: Served, name: str) -> bool:
    """Stop a process, and when asked again whoever came in its place: a poll of a busy machine may come after that."""
    pid = node.workers().get(name, 0)
    if pid:
        node.kill(pid, signal.SIGSTOP)
    return bool(pid)


def test_a_node_tells_the_truth_about_itself(tmp_path, database):
    directory, volume, key = tmp_path / "a", tmp_path / "volume", tmp_path / "master.key"
    directory.mkdir()
    (directory / "node.toml").write_text(
        f'processes = 1\n[database]\nurl = "{database.address}"\npool = 4\n[volume]\npath = "{volume}"\n',
        encoding="utf-8",
    )
    with served(directory, "--bench", "--key", str(key)) as node:
        # At once: what READY says is true.
        assert asked(node, "ready") == (200, {"status": "ready", "checks": dict.fromkeys(CHECKS, True)})

        database.stop()
        until(lambda: fails(node, "database"), 120, "a database that is away")
        # Asking so often is answered with 429 now and then.
        until(lambda: asked(node, "live")[0] == 200, 60, "live without the database")
        assert not ready(node)
        database.start()
        until(lambda: ready(node), 120, "ready with the database")

        for place in (volume, key):
            aside = place.with_suffix(".aside")
            place.rename(aside)
            until(lambda: not ready(node), 120, f"no {place.name}")  # noqa: B023 -- asked for at once
            aside.rename(place)
            until(lambda: ready(node), 120, f"ready with {place.name}")

        until(lambda: hung(node, "background") and fails(node, "roles"), 120, "roles that nobody serves")
        until(lambda: ready(node), 120, "ready with another process")

        node.stop()
        assert asked(node, "ready") == (0, {})
