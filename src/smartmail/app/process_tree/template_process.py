"""Main program of the template process: `python -m smartmail.app.process_tree.template_process DESCRIPTOR PARENT ENTRY`.

NAME        template process
PURPOSE     Has the whole program imported, and forks itself into a process of the tree when the supervisor asks: such a
            process serves in the time that opening a node takes, and shares the program's memory with the others.
STATES      importing → waiting → forking → waiting …
STRATEGIES  Forks twice: the one between ends at once, so that the kernel gives the new process to the supervisor, which
            is the reaper of its descendants. It is a child of the supervisor's like one that was started by exec.
LIMITS      One thread, no event loop, no open file of its own but the socket to the supervisor: a fork copies nothing that
            somebody else is using. Where there is a second thread all the same it ends, and processes start by exec.
FAILURE     May die at any moment: the supervisor starts processes by exec until there is another. Ends with its parent.
SECURITY    Hears the supervisor alone and holds no key, no settings and no connection; they reach the new process on a
            socket that only it keeps. Its environment is the supervisor's.
"""

import ctypes
import gc
import json
import os
import signal
import socket
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from smartmail.app.process_tree import worker

READY: Final = b"R"
LONGEST: Final = 16_384
MOST_DESCRIPTORS: Final = 250
"""Of one request; the kernel passes 253 (SCM_MAX_FD)."""
_OF_THE_GROUP: Final = frozenset((signal.SIGINT, signal.SIGHUP, signal.SIGTERM))
"""What Ctrl-C, a closed terminal and a service manager send to every process of a tree."""
_ARGUMENTS_START, _ARGUMENTS_END = 45, 46
"""Of /proc/self/stat behind the name, counted from nought (proc_pid_stat(5): fields 48 and 49)."""


@dataclass(frozen=True, slots=True)
class _Request:
    """A process that the supervisor wants: its name, and what it gets of the supervisor's descriptors."""

    name: str
    work: str
    """What it does, `module:function` over its channel; empty: what a process of the tree does."""
    output: int
    channel: int
    received: Mapping[int, int]
    """The supervisor's number of a listening socket → ours."""

    def close(self) -> None:
        for descriptor in (self.output, self.channel, *self.received.values()):
            os.close(descriptor)


def main(arguments: list[str]) -> int:
    """Serve until the supervisor hangs up. In a forked process: be that process, and return its exit code."""
    channel, parent, entry = socket.socket(fileno=int(arguments[0])), int(arguments[1]), arguments[2]
    worker.die_with(parent)
    # The supervisor's end is what ends us. Held back, not ignored: a new process must hear what comes at its first moment.
    signal.pthread_sigmask(signal.SIG_BLOCK, _OF_THE_GROUP)
    # Imports leave no garbage worth looking for: the collector would take a sixth of their time.
    gc.disable()
    worker.load_entry(entry)
    _preload(entry)
    # What is here now is never garbage: the collector would only touch, and so copy, pages that all share.
    gc.collect()
    gc.freeze()
    gc.enable()
    channel.send(READY)
    while (request := _hear(channel)) is not None:
        if _threads() != 1:
            return 1
        pid = _fork_twice()
        if pid == 0:
            channel.close()
            return _become(request)
        request.close()
        channel.send(json.dumps({"pid": pid}).encode())
    return 0


def _hear(channel: socket.socket) -> _Request | None:
    data, descriptors, flags, _ = socket.recv_fds(channel, LONGEST, MOST_DESCRIPTORS, socket.MSG_CMSG_CLOEXEC)
    if not data or flags & (socket.MSG_CTRUNC | socket.MSG_TRUNC):
        return None
    asked = json.loads(data)
    output, talk, *listening = descriptors
    return _Request(asked["name"], asked["work"], output, talk, dict(zip(asked["listening"], listening, strict=True)))


def _preload(entry: str) -> None:
    """Let the module of the entry import now what its processes would import one by one when they serve."""
    preload = getattr(sys.modules[entry.partition(":")[0]], "preload", None)
    if preload is not None:
        preload()


def _threads() -> int:
    return len(os.listdir("/proc/self/task"))


def _fork_twice() -> int:
    """Return the new process's id here, once it is the supervisor's child, and 0 in that process."""
    read, write = os.pipe()
    between = os.fork()
    if between:
        os.close(write)
        told = os.read(read, 32)
        os.close(read)
        # When this returns the kernel has given the new process its new parent.
        os.waitpid(between, 0)
        return int(told)
    made = 0
    try:
        made = os.fork()
        if made:
            os.write(write, str(made).encode())
    except OSError:
        os._exit(1)
    if made:
        os._exit(0)
    os.close(read)
    os.close(write)
    return 0


def _become(request: _Request) -> int:
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _OF_THE_GROUP)
    for standard in (1, 2):
        os.dup2(request.output, standard)
    os.close(request.output)
    _call_oneself("-m", "smartmail.app.process_tree.worker", request.name)
    channel = socket.socket(fileno=request.channel)
    if request.work:
        return worker.load_entry(request.work)(channel)  # type: ignore[no-any-return]
    return worker.work(request.name, channel, request.received)


def _call_oneself(*words: str) -> None:
    """Show other words in `ps` than the template's, where the kernel tells where ours lie and they are long enough."""
    with suppress(OSError, ValueError, IndexError, AttributeError):
        with open("/proc/self/stat", "rb") as stat:
            fields = stat.read().rpartition(b")")[2].split()
        start, end = int(fields[_ARGUMENTS_START]), int(fields[_ARGUMENTS_END])
        line = b"".join(word.encode() + b"\0" for word in (sys.orig_argv[0], *words))
        if start > 0 and len(line) <= end - start:
            ctypes.memmove(start, line.ljust(end - start, b"\0"), end - start)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
