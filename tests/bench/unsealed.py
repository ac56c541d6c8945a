"""SmartMail with a suite that seals nothing: `python -m tests.bench.unsealed serve …`. For what sealing costs, alone."""

import sys

from tests.unit.formats_seal.unsealed import replace_the_suite

from smartmail.app import cli
from smartmail.app.cli import serve
from smartmail.app.serving.bootstrap import run_worker as sealed_worker
from smartmail.app.worker_context import WorkerContext

# Each process imports this module: the supervisor as a program, the workers by the name of their entry.
replace_the_suite()


async def run_worker(context: WorkerContext) -> None:
    """Work as ever, over keys of the other suite."""
    await sealed_worker(context)


def main() -> int:
    serve.ENTRY = "tests.bench.unsealed:run_worker"
    return cli.main(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
