"""Commands of ./smartmail beside a running node, each in a process of its own as an administrator runs them.

They are forked from a process that has imported the program once: an import takes longer than most commands. What a test
kills or starts in another environment is started by `subprocess`.
"""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import tempfile
from pathlib import Path

_PROCESSES = multiprocessing.get_context("forkserver")
_PROCESSES.set_forkserver_preload(["smartmail.app.cli.operations.running", "smartmail.app.recovery.restoring"])


def run_command(directory: Path, *words: str, given: str = "") -> subprocess.CompletedProcess[str]:
    """Run a command over a node's directory, with `given` on its standard input; return code and output."""
    line = [*words, "--data", str(directory)]
    with tempfile.TemporaryDirectory() as place:
        files = [os.path.join(place, name) for name in ("in", "out", "err")]
        for file, text in zip(files, (given, "", ""), strict=True):
            Path(file).write_text(text, encoding="utf-8")
        process = _PROCESSES.Process(target=_be, args=(line, files))
        process.start()
        process.join()
        out, err = (Path(file).read_text(encoding="utf-8") for file in files[1:])
    assert process.exitcode is not None
    return subprocess.CompletedProcess(line, process.exitcode, out, err)


def _be(line: list[str], files: list[str]) -> None:
    """Be the command, in the forked process."""
    from smartmail.app.cli import main

    for number, file in enumerate(files):
        descriptor = os.open(file, os.O_RDWR)
        os.dup2(descriptor, number)
        os.close(descriptor)
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 -- as long as the process
    sys.exit(main(line))
