"""Makes .venv out of a lock file, and does nothing, quickly, when it is there.

Where a folder `wheels` lies beside the program, as in a package for machines without a network (tools/package.py), all comes
from there and nothing is asked of anybody; neither pip nor the venv module is needed then.
"""

import contextlib
import fcntl
import glob
import hashlib
import json
import os
import shutil
import subprocess
import sys
import threading
import time
import zipfile

LOCKS = {"run": "requirements.lock", "dev": "requirements-dev.lock"}
STATE = os.path.join(".cache", "launcher")
_OLDEST = (3, 11)
_PROBE = (
    "import sys,json,importlib.util as u;import ssl,zlib;"
    "print(json.dumps([list(sys.version_info[:3]),bool(u.find_spec('venv') and u.find_spec('ensurepip'))]))"
)


class CannotSetUpError(Exception):
    """What is missing, and the one thing to do about it."""


def ensure(root: str, kind: str) -> str:
    """Return the interpreter of an environment that satisfies the lock of `kind` ("run" or "dev")."""
    python = _python(root)
    locks = {name: os.path.join(root, lock) for name, lock in LOCKS.items()}
    # A package has no tools of developers.
    hashes = {name: digest(path) for name, path in locks.items() if name == "run" or os.path.exists(path)}
    if kind not in hashes:
        raise CannotSetUpError("this is an installation: testing and checking need the source")
    if _is_current(root, kind, hashes):
        return python
    with exclusive(root):
        if not _is_current(root, kind, hashes):
            # What is there may be more than what is asked for; it is never thrown away for less.
            had_tools = read_json(_stamp(root)).get("dev") is not None
            _set_up(root, "dev" if had_tools else kind, hashes)
    return python


def digest(path: str) -> str:
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def read_json(path: str) -> dict:
    try:
        with open(path, encoding="utf-8") as file:
            return json.load(file)
    except (OSError, ValueError):
        return {}


def write_json(path: str, values: dict) -> None:
    with open(path + ".new", "w", encoding="utf-8") as file:
        json.dump(values, file)
    os.replace(path + ".new", path)


@contextlib.contextmanager
def exclusive(root: str):
    """One set-up at a time; a second start waits for the first and then finds everything done."""
    os.makedirs(os.path.join(root, STATE), exist_ok=True)
    with open(os.path.join(root, STATE, "lock"), "w", encoding="ascii") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("waiting for another start of ./smartmail that sets things up")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def say(text: str) -> None:
    sys.stderr.write(f"smartmail: {text}\n")
    sys.stderr.flush()


def step(root: str, what: str, command: list[str], **options) -> None:
    """Run one command of the set-up, showing that time passes. Raises CannotSetUpError with its last words."""
    started = time.monotonic()
    log = os.path.join(root, STATE, "log")
    with open(log, "ab+") as output, _ticker(what, started):
        begin = output.seek(0, os.SEEK_END)
        try:
            code = subprocess.call(
                command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, **options
            )
        except OSError as error:
            raise CannotSetUpError(f"{what}: {error}") from error
        output.seek(begin)
        words = output.read().decode("utf-8", "replace").strip().splitlines()
    if code != 0:
        raise CannotSetUpError("\n  ".join([f"{what}: failed ({' '.join(command[:4])} …)", *words[-25:]]))
    say(f"{what}: done in {time.monotonic() - started:.1f} s")


@contextlib.contextmanager
def _ticker(what: str, started: float):
    done = threading.Event()

    def tick() -> None:
        on_terminal = sys.stderr.isatty()
        while not done.wait(0.5 if on_terminal else 15):
            seconds = time.monotonic() - started
            end = "\r" if on_terminal else "\n"
            sys.stderr.write(f"smartmail: {what} … {seconds:.0f} s{end}")
            sys.stderr.flush()

    thread = threading.Thread(target=tick, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def install_into(root: str, place: str, lock: str, what: str) -> None:
    """Install the locked packages into the folder `place`, with uv or, where it fails, with pip."""
    inside = _python(root)
    shutil.rmtree(place, ignore_errors=True)
    _uv_or_pip(root, what, ["install", "--target", place, "--require-hashes", "--python", inside, "-r", lock], inside)


def _uv_or_pip(root: str, what: str, arguments: list[str], inside: str) -> None:
    wheels = wheels_of(root)
    if wheels:
        near = ["--offline", "--no-index", "-f", wheels]
        step(root, what, [_uv(root), "pip", *arguments, *near], env={**_uv_environment(), "UV_NO_CACHE": "1"})
        return
    try:
        step(root, what, [_uv(root), "pip", *arguments], env=_uv_environment())
    except CannotSetUpError as error:
        # A company's package mirror is often known to pip alone.
        say(f"{str(error).splitlines()[-1].strip()}; trying pip instead")
        kept = [word for word in arguments[1:] if word not in {"--python", inside}]
        files = kept if "-r" in kept else [*kept[:-1], "-r", kept[-1]]
        step(root, f"{what} (pip)", [*_pip(root), "--python", inside, "install", "--quiet", *files])


def wheels_of(root: str) -> str:
    """Return the folder of packages that came with the program, "" where they come from an index."""
    place = os.path.join(root, "wheels")
    return place if os.path.isdir(place) else ""


def _python(root: str) -> str:
    return os.path.join(root, ".venv", "bin", "python")


def _uv(root: str) -> str:
    return os.path.join(root, STATE, "tool", "bin", "uv")


def _pip(root: str) -> list[str]:
    return [os.path.join(root, STATE, "tool", "bin", "python"), "-m", "pip", "--disable-pip-version-check"]


def _uv_environment() -> dict[str, str]:
    """The caller's settings of uv lead to other indexes and folders; ours come from the command line alone."""
    return {**os.environ, "UV_NO_CONFIG": "1", "UV_PYTHON_DOWNLOADS": "never", "UV_LINK_MODE": "copy"}


def _stamp(root: str) -> str:
    return os.path.join(root, ".venv", "smartmail.json")


def _is_current(root: str, kind: str, hashes: dict[str, str]) -> bool:
    stamp = read_json(_stamp(root))
    return stamp.get(kind) == hashes[kind] and os.path.exists(_python(root))


def _set_up(root: str, kind: str, hashes: dict[str, str]) -> None:
    problems = []
    for python in _interpreters(root):
        try:
            _set_up_with(root, kind, python)
        except CannotSetUpError as error:
            problems.append(str(error))
            continue
        # The developer's lock contains the other one.
        made = {"run": hashes["run"]} if kind == "run" else hashes
        write_json(_stamp(root), made)
        return
    raise CannotSetUpError("\n".join(problems) or "no usable Python was found")


def _set_up_with(root: str, kind: str, python: str) -> None:
    _make_installer(root, python)
    inside = _python(root)
    if not _belongs(inside, python):
        command = [_uv(root), "venv", "--clear", "--python", python, os.path.join(root, ".venv")]
        step(root, "environment", command, env=_uv_environment())
    path = os.path.join(root, LOCKS[kind])
    with open(path, encoding="utf-8") as file:
        count = sum("==" in line and not line.startswith((" ", "#")) for line in file)
    _uv_or_pip(root, f"{count} packages", ["sync", "--require-hashes", "--python", inside, path], inside)
    _point_to_source(root, inside)


def _make_installer(root: str, python: str) -> None:
    """uv in a small environment of its own, so that what the program runs on holds only what the lock names."""
    tool = os.path.join(root, STATE, "tool")
    lock = os.path.join(root, "tools", "uv.lock")
    marker = os.path.join(tool, "smartmail.json")
    wanted = {"uv": digest(lock), "python": python}
    if read_json(marker) == wanted and os.path.exists(_uv(root)):
        return
    if wheels_of(root):
        _unpack_installer(root, lock)
        write_json(marker, wanted)
        return
    step(root, f"installer for {python}", [python, "-m", "venv", "--clear", tool])
    step(root, "installer (uv)", [*_pip(root), "install", "--quiet", "--require-hashes", "-r", lock])
    write_json(marker, wanted)


def _unpack_installer(root: str, lock: str) -> None:
    """uv is one program inside its wheel: nothing is needed to install it."""
    found = glob.glob(os.path.join(glob.escape(wheels_of(root)), "uv-*.whl"))
    with open(lock, encoding="ascii") as file:
        known = file.read()
    wheel = next((path for path in found if f"sha256:{digest(path)}" in known), None)
    if wheel is None:
        raise CannotSetUpError("the package is damaged: its installer is not the one that was locked")
    os.makedirs(os.path.dirname(_uv(root)), exist_ok=True)
    with zipfile.ZipFile(wheel) as archive, open(_uv(root) + ".new", "wb") as made:
        name = next(one for one in archive.namelist() if one.endswith(".data/scripts/uv"))
        with archive.open(name) as source:
            shutil.copyfileobj(source, made)
    os.chmod(_uv(root) + ".new", 0o755)
    os.replace(_uv(root) + ".new", _uv(root))


def _belongs(inside: str, python: str) -> bool:
    """Whether .venv works and is of the interpreter's version."""
    code = "import sys;print(sys.version_info[:3])"
    answers = []
    for path in (inside, python):
        try:
            answers.append(subprocess.run([path, "-c", code], capture_output=True, text=True, check=True).stdout)
        except (OSError, subprocess.CalledProcessError):
            return False
    return answers[0] == answers[1]


def _point_to_source(root: str, inside: str) -> None:
    code = "import sysconfig;print(sysconfig.get_path('purelib'))"
    place = subprocess.run([inside, "-c", code], capture_output=True, text=True, check=True).stdout.strip()
    with open(os.path.join(place, "smartmail-source.pth"), "w", encoding="utf-8") as file:
        file.write(os.path.join(root, "src") + "\n")


def _interpreters(root: str) -> list[str]:
    """Interpreters to try, newest first. Raises CannotSetUpError when none can make an environment."""
    found = {}
    wheels = wheels_of(root)
    for path in _candidates():
        version, complete = _probe(path)
        is_for_it = not wheels or "cp{}{}".format(*version[:2] or (0, 0)) in pythons_of(wheels)
        if version >= _OLDEST and is_for_it:
            found.setdefault(version, []).append((complete, path))
    # Newest first; within one version those that are complete.
    ordered = [entry for version in sorted(found, reverse=True) for entry in sorted(found[version], reverse=True)]
    usable = [path for complete, path in ordered if complete or wheels]
    if usable:
        return usable
    if wheels:
        wanted = ", ".join(f"3.{minor[3:]}" for minor in pythons_of(wheels))
        raise CannotSetUpError(f"this package needs one of these on the machine: Python {wanted}")
    if not ordered:
        raise CannotSetUpError("Python 3.11 or later is needed. On Debian or Ubuntu: apt-get install python3-venv")
    return [_complete(root, ordered[0][1])]


def pythons_of(wheels: str) -> list[str]:
    """Return the interpreters that a folder of packages is for, such as cp313, oldest first."""
    tags = {part for name in os.listdir(wheels) for part in name.split("-") if part.startswith("cp3")}
    # One that is for all from some version on (abi3) says nothing of those after it.
    whole = {tag for tag in tags if any(f"-{tag}-{tag}-" in name for name in os.listdir(wheels))}
    return sorted(whole, key=lambda tag: int(tag[3:]))


def _candidates() -> list[str]:
    forced = os.environ.get("SMARTMAIL_PYTHON")
    if forced:
        return [forced]
    places = [*os.get_exec_path(), "/usr/local/bin", "/usr/bin"]
    names = [f"python3.{minor}" for minor in range(30, _OLDEST[1] - 1, -1)]
    paths = [os.path.join(place, name) for place in places for name in names]
    paths = [sys.executable, *(path for path in paths if os.access(path, os.X_OK))]
    return list(dict.fromkeys(paths))


def _probe(path: str) -> tuple[tuple[int, ...], bool]:
    try:
        done = subprocess.run([path, "-I", "-c", _PROBE], capture_output=True, text=True, timeout=20, check=True)
        version, complete = json.loads(done.stdout)
    except (OSError, ValueError, subprocess.SubprocessError):
        return (), False
    return tuple(version), complete


def _complete(root: str, path: str) -> str:
    """Debian keeps `venv` in a package of its own: install it as root, or say how."""
    version, _ = _probe(path)
    package = f"python{version[0]}.{version[1]}-venv"
    command = ["apt-get", "install", "-y", "--no-install-recommends", package]
    if os.geteuid() != 0 or not os.access("/usr/bin/apt-get", os.X_OK):
        raise CannotSetUpError(f"{path} lacks the venv module. Type:  sudo {' '.join(command)}")
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    with contextlib.suppress(CannotSetUpError):
        step(root, "package list", ["apt-get", "update"], env=quiet)
    step(root, package, command, env=quiet)
    return path
