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


def asked(tmp_path, monkeypatch, *wheels):
    """Return the commands of a set-up where these wheels lie beside the program."""
    commands = []
    (tmp_path / "wheels").mkdir()
    for name in wheels:
        (tmp_path / "wheels" / name).touch()
    monkeypatch.setattr(
        environment, "step", lambda _root, _what, command, **options: commands.append((command, options))
    )
    return commands


def test_packages_that_came_along_are_taken_and_nobody_is_asked(tmp_path, monkeypatch):
    commands = asked(tmp_path, monkeypatch)
    environment._uv_or_pip(str(tmp_path), "packages", ["sync", "--require-hashes", "lock"], "python")
    ((command, options),) = commands
    assert command[1:] == [
        "pip", "sync", "--require-hashes", "lock", "--offline", "--no-index", "-f", str(tmp_path / "wheels"),
    ]  # fmt: skip
    assert options["env"]["UV_NO_CONFIG"] == "1" and options["env"]["UV_PYTHON_DOWNLOADS"] == "never"


def test_packages_that_came_along_do_not_fit_and_no_index_is_asked_instead(tmp_path, monkeypatch):
    asked(tmp_path, monkeypatch)

    def fail(*_words, **_options):
        raise environment.CannotSetUpError("no")

    monkeypatch.setattr(environment, "step", fail)
    monkeypatch.setattr(environment, "_pip", lambda _root: pytest.fail("pip would ask an index"))
    with pytest.raises(environment.CannotSetUpError):
        environment._uv_or_pip(str(tmp_path), "packages", ["sync", "lock"], "python")


def test_an_installer_that_is_not_the_locked_one_is_not_run(tmp_path, monkeypatch):
    commands = asked(tmp_path, monkeypatch, "uv-1-py3-none-any.whl")
    (tmp_path / "tools").mkdir()
    (tmp_path / "tools" / "uv.lock").write_text("uv==1 --hash=sha256:" + "0" * 64)
    with pytest.raises(environment.CannotSetUpError, match="damaged"):
        environment._make_installer(str(tmp_path), sys.executable)
    assert commands == [] and not Path(environment._uv(str(tmp_path))).exists()


def test_an_interpreter_that_no_package_is_for_is_passed_over_and_the_others_are_named(tmp_path, monkeypatch):
    own = f"cp3{sys.version_info[1]}"
    asked(tmp_path, monkeypatch, f"a-1-{own}-{own}-linux_x86_64.whl", "b-1-cp37-abi3-linux_x86_64.whl")
    monkeypatch.setattr(environment, "_candidates", lambda: [sys.executable])
    assert environment._interpreters(str(tmp_path)) == [sys.executable]
    (tmp_path / "wheels" / f"a-1-{own}-{own}-linux_x86_64.whl").rename(tmp_path / "wheels" / "a-1-cp34-cp34-x.whl")
    with pytest.raises(environment.CannotSetUpError, match=r"Python 3\.4$"):
        environment._interpreters(str(tmp_path))


def test_a_package_has_no_tools_of_developers(tmp_path):
    hashes = locks(tmp_path)
    environment.write_json(str(tmp_path / ".venv" / "smartmail.json"), {"run": hashes["run"]})
    (tmp_path / environment.LOCKS["dev"]).unlink()
    assert environment.ensure(str(tmp_path), "run") == str(tmp_path / ".venv" / "bin" / "python")
    with pytest.raises(environment.CannotSetUpError, match="need the source"):
        environment.ensure(str(tmp_path), "dev")


def test_the_unit_is_of_what_was_installed_whichever_version_is_chosen(tmp_path):
    from launcher import start

    version = tmp_path / "versions" / "2.0.0"
    (version / "src").mkdir(parents=True)
    (tmp_path / "versions" / "state.json").write_text('{"chosen": "2.0.0"}')
    for one in (version, version.parent):
        one.chmod(0o755)
    data = ["--data", str(tmp_path)]
    assert start.version_of("account", ["account", "list", *data])["SMARTMAIL_VERSION"] == "2.0.0"
    assert start.version_of("service", ["service", "install", *data]) == {}
