"""A command's imports are over when the collector of garbage begins, and the command works with it."""

import gc
import subprocess
import sys

from smartmail.app import cli

_SEES = """
import gc, runpy, sys
from smartmail.app.cli import completion
completion.run = lambda options: 0 if gc.isenabled() and gc.get_freeze_count() else 1
sys.argv = ["smartmail", "completion", "bash"]
runpy.run_module("smartmail.app.cli", run_name="__main__")
"""


def test_a_command_runs_after_it_was_told_that_all_is_imported(monkeypatch):
    done = []
    completion = cli._module("completion")
    monkeypatch.setattr(completion, "run", lambda _: done.append("run") or 0)
    assert cli.main(["completion", "bash"], imported=lambda: done.append("imported")) == 0
    assert done == ["imported", "run"]
    assert gc.isenabled()


def test_the_program_collects_garbage_while_a_command_runs():
    assert subprocess.run([sys.executable, "-c", _SEES], check=False, timeout=120).returncode == 0
