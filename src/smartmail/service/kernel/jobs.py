"""What runs by itself: declared where a service is made (app.wiring), run by edge.jobs.loops. Must not know how it is run."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass


async def _nothing() -> None:
    return


@dataclass(frozen=True, slots=True)
class Job:
    """A job: its name in leases and logs, the pause between runs in milliseconds, and its work, which bears being begun again.

    It is done once in the cluster, by the node that leases its name; `everywhere` needs no lease; `any_clock`: a node does it also while
    its own clock is off. `due`: it runs when something of that kind is due; one look tells it for all kinds. `stop` ends what its work
    began and left running, when the node ends.
    """

    name: str
    every_ms: int
    work: Callable[[], Awaitable[object]]
    everywhere: bool = False
    any_clock: bool = False
    due: str = ""
    stop: Callable[[], Awaitable[object]] = _nothing


def when_due(name: str, kind: str, work: Callable[[], Awaitable[object]]) -> Job:
    """Return a job of any number of processes at once: each leases its own rows, or one of two does the act that both have found."""
    return Job(name, 0, work, everywhere=True, due=kind)
