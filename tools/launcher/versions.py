"""Which version of the program a command is run with: the one that was installed, or a chosen update (./smartmail update).

The folder DATA/versions is written by smartmail.adapters.versions; only names and small files are read here.
"""

import json
import os

RUNNING = "SMARTMAIL_VERSION"
SWITCH = 76  # the supervisor's exit code: start the version that is chosen now
HEALTH_S = 120.0


def directory(words: list[str]) -> str:
    """Return the folder of versions of the data directory that a command line names (default: ./data)."""
    data = "data"
    for number, word in enumerate(words):
        if word == "--data" and number + 1 < len(words):
            data = words[number + 1]
        elif word.startswith("--data="):
            data = word.partition("=")[2]
    return os.path.join(os.path.abspath(data), "versions")


def chosen(folder: str) -> str:
    """Return the id of the version that shall run, "" for the one that was installed."""
    state = _state(folder)["chosen"]
    return state if state and os.path.isdir(os.path.join(folder, state, "src")) and is_trusted(folder, state) else ""


def is_trusted(folder: str, version: str) -> bool:
    """Whether a version may run as who we are: root runs only what root has put there, not what a server's account could have."""
    if not hasattr(os, "geteuid") or os.geteuid():
        return True
    try:
        found = [os.stat(one, follow_symlinks=False) for one in (folder, os.path.join(folder, version))]
    except OSError:
        return False
    return all(one.st_uid == 0 and not one.st_mode & 0o022 for one in found)


def environment(folder: str, version: str) -> dict[str, str]:
    """Return what must be in the environment of a program of that version."""
    if not version:
        return {RUNNING: ""}
    place = os.path.join(folder, version)
    paths = [os.path.join(place, name) for name in ("src", "site")]
    return {RUNNING: version, "PYTHONPATH": os.pathsep.join(path for path in paths if os.path.isdir(path))}


def is_healthy(folder: str, version: str) -> bool:
    """Whether a version has ever served; the installed one need not prove it."""
    return not version or version in _lines(folder, "healthy")


def fall_back(folder: str, version: str) -> str:
    """Let the version before run in the place of one that does not come up; return it."""
    state = _state(folder)
    if state["chosen"] != version:
        return state["chosen"]
    with open(os.path.join(folder, "failed"), "a", encoding="ascii") as file:
        file.write(version + "\n")
    path = os.path.join(folder, "state.json")
    with open(path + ".new", "w", encoding="ascii") as file:
        json.dump({"chosen": state["previous"], "previous": ""}, file)
        file.flush()
        os.fsync(file.fileno())
    os.replace(path + ".new", path)
    return state["previous"]


def _state(folder: str) -> dict[str, str]:
    try:
        with open(os.path.join(folder, "state.json"), encoding="ascii") as file:
            found = json.load(file)
    except (OSError, ValueError):
        found = {}
    # An id is one name: nothing that leads elsewhere is run.
    return {name: os.path.basename(str(found.get(name, ""))) for name in ("chosen", "previous")}


def _lines(folder: str, name: str) -> set[str]:
    try:
        with open(os.path.join(folder, name), encoding="ascii") as file:
            return set(file.read().split("\n")) - {""}
    except OSError:
        return set()
