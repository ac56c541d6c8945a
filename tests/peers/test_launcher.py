"""./smartmail before the program: guard, signals, quick path, clear words. Nothing is downloaded here."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))

from launcher import environment, web  # noqa: E402 - the launcher is no package of the product

GUARD = "import sys; sys.path.insert(0, sys.argv[1]); from launcher import guard; sys.exit(guard.run(sys.argv[2:]))"
# Writes its pid, then waits for a signal; ends with 0 on SIGTERM, and when the guard is gone. It looks up ten times a
# second: a signal that comes between the end of a handler and the next select would else wait with it.
CHILD = """
import os, select, signal, sys
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
signal.signal(signal.SIGHUP, lambda *_: print('hup', flush=True))
print(os.getpid(), flush=True)
while True:
    if select.select([int(os.environ['SMARTMAIL_LIFELINE'])], [], [], 0.1)[0]:
        sys.exit(0)
"""


@pytest.fixture
def guard():
    started = []

    def start(*command):
        process = subprocess.Popen(
            [sys.executable, "-c", GUARD, str(ROOT / "tools"), *command],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # else the kernel may send SIGHUP to all that we have started
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()


def gone(pid):
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            if Path(f"/proc/{pid}/stat").read_text().split(")")[1].split()[0] == "Z":
                return True
        except (FileNotFoundError, ProcessLookupError):
            return True
        time.sleep(0.01)
    return False


def test_a_killed_supervisor_is_started_again(guard):
    process = guard(sys.executable, "-c", CHILD)
    for _ in range(3):
        pid = int(process.stdout.readline())
        killed = time.monotonic()
        os.kill(pid, signal.SIGKILL)
    int(process.stdout.readline())
    assert time.monotonic() - killed < 60


def test_a_supervisor_that_hangs_is_ended_and_started_again(guard):
    process = guard(
        sys.executable,
        "-c",
        # A sign of life first: one that never gave any is taken to be starting.
        CHILD.replace("print(os", "os.write(int(os.environ['SMARTMAIL_HEARTBEAT']), b'.')\nprint(os"),
    )
    pid = int(process.stdout.readline())
    os.kill(pid, signal.SIGSTOP)
    assert int(process.stdout.readline()) != pid
    assert gone(pid)


def test_signals_reach_the_supervisor_and_a_stop_is_final(guard):
    process = guard(sys.executable, "-c", CHILD)
    pid = int(process.stdout.readline())
    process.send_signal(signal.SIGHUP)
    assert process.stdout.readline() == b"hup\n"
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 0
    assert gone(pid)


def test_a_killed_launcher_ends_the_supervisor(guard):
    process = guard(sys.executable, "-c", CHILD)
    pid = int(process.stdout.readline())
    process.kill()
    assert gone(pid)


@pytest.mark.parametrize("code", [0, 2, 78])
def test_what_starting_again_would_not_help_is_final(guard, code):
    assert guard(sys.executable, "-c", f"print(1); raise SystemExit({code})").wait(60) == code


def locks(tmp_path):
    for name in environment.LOCKS.values():
        (tmp_path / name).write_text(name)
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "python").symlink_to(sys.executable)
    return {kind: environment.digest(str(tmp_path / name)) for kind, name in environment.LOCKS.items()}


def test_an_environment_with_tools_serves_both(tmp_path):
    hashes = locks(tmp_path)
    environment.write_json(str(tmp_path / ".venv" / "smartmail.json"), hashes)
    started = time.perf_counter()
    for kind in ("run", "dev"):
        assert environment.ensure(str(tmp_path), kind) == str(tmp_path / ".venv" / "bin" / "python")
    assert time.perf_counter() - started < 20.0  # no installer ran


def test_a_changed_lock_makes_the_environment_stale(tmp_path):
    hashes = locks(tmp_path)
    environment.write_json(str(tmp_path / ".venv" / "smartmail.json"), hashes)
    (tmp_path / environment.LOCKS["run"]).write_text("other")
    now = {kind: environment.digest(str(tmp_path / name)) for kind, name in environment.LOCKS.items()}
    assert not environment._is_current(str(tmp_path), "run", now)
    assert environment._is_current(str(tmp_path), "dev", now)


def test_old_or_broken_interpreters_are_passed_over(tmp_path, monkeypatch):
    old, broken = tmp_path / "old", tmp_path / "broken"
    old.write_text("#!/bin/sh\necho '[[3, 9, 1], true]'\n")
    broken.write_text("#!/bin/sh\nexit 127\n")
    for path in (old, broken):
        path.chmod(0o755)
    monkeypatch.setattr(environment, "_candidates", lambda: [str(old), str(broken), sys.executable])
    assert environment._interpreters(str(tmp_path)) == [sys.executable]


def test_without_any_usable_interpreter_the_remedy_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(environment, "_candidates", list)
    with pytest.raises(environment.CannotSetUpError, match="apt-get install"):
        environment._interpreters(str(tmp_path))


def test_a_failing_step_shows_its_last_words(tmp_path):
    (tmp_path / environment.STATE).mkdir(parents=True)
    with pytest.raises(environment.CannotSetUpError, match="what went wrong"):
        environment.step(str(tmp_path), "thing", ["sh", "-c", "echo what went wrong; exit 3"])


def test_web_sources_are_told_apart_by_content(tmp_path):
    source = tmp_path / "web" / "webmail" / "a.ts"
    source.parent.mkdir(parents=True)
    source.write_text("1")
    (tmp_path / "web" / "node_modules").mkdir()
    before = web._signature(str(tmp_path / "web"), by_content=True)
    quick = web._signature(str(tmp_path / "web"), by_content=False)
    os.utime(source, (1, 1))
    assert web._signature(str(tmp_path / "web"), by_content=True) == before
    assert web._signature(str(tmp_path / "web"), by_content=False) != quick
    (tmp_path / "web" / "node_modules" / "b.js").write_text("x")
    assert web._signature(str(tmp_path / "web"), by_content=True) == before
    source.write_text("2")
    assert web._signature(str(tmp_path / "web"), by_content=True) != before


def test_two_set_ups_at_once_take_turns(tmp_path):
    code = (
        "import sys,time; sys.path.insert(0, sys.argv[1]); from launcher import environment\n"
        "with environment.exclusive(sys.argv[2]):\n"
        "    open(sys.argv[2] + '/log', 'a').write('in\\n'); time.sleep(0.2); open(sys.argv[2] + '/log', 'a').write('out\\n')"
    )
    command = [sys.executable, "-c", code, str(ROOT / "tools"), str(tmp_path)]
    both = [subprocess.Popen(command, stderr=subprocess.DEVNULL) for _ in range(2)]
    assert [process.wait(60) for process in both] == [0, 0]
    assert (tmp_path / "log").read_text().split() == ["in", "out", "in", "out"]
