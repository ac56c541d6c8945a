"""Stays beside a serving node: brings a killed or hung supervisor back within seconds, hands signals through.

It also starts the version of the program that is chosen (./smartmail update), and goes back to the one before when that
does not come up.
"""

import os
import select
import signal
import subprocess
import sys
import time

from launcher import versions

# The supervisor reads from this descriptor and ends when we do.
LIFELINE = "SMARTMAIL_LIFELINE"
# It writes an octet to this one every turn, once it serves.
HEARTBEAT = "SMARTMAIL_HEARTBEAT"
_HUNG_S = 10.0
# Ended as asked, wrong usage, or "cannot start until you do something": starting again would not help.
_FINAL = {0, 2, 78}
# What keeps it from starting may pass: a full disk.
_TRY_AGAIN = 75
_LONG_LIFE_S = 10.0
_LONGEST_PAUSE_S = 3.0
_GIVE_UP_AFTER = 5


class Guard:
    def __init__(self, command: list[str], folder: str) -> None:
        self._command = command
        self._versions = folder
        self._child: subprocess.Popen | None = None
        self._stopping = False
        self._read, self._write = os.pipe()

    def run(self) -> int:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._pass_on)
        quick_deaths = 0
        has_lived = False
        while True:
            started = time.monotonic()
            version = versions.chosen(self._versions)
            code = self._run_once(version)
            if self._stopping:
                return _shell_code(code)
            if not versions.is_healthy(self._versions, version):
                before = versions.fall_back(self._versions, version)
                sys.stderr.write(
                    f"smartmail: version {version} did not come up; {before or 'the installed one'} runs again\n"
                )
                continue
            if code == versions.SWITCH:
                continue
            if code in _FINAL:
                return _shell_code(code)
            # A kill from outside says nothing about our health; ending by itself soon after the start does.
            lived = time.monotonic() - started > _LONG_LIFE_S
            has_lived = has_lived or lived
            quick_deaths = 0 if code < 0 or lived else quick_deaths + 1
            # A node that has served may only lack something for a while: disk space, the database's host.
            if quick_deaths >= _GIVE_UP_AFTER and code != _TRY_AGAIN and not has_lived:
                sys.stderr.write("smartmail: the supervisor ends again and again; giving up\n")
                return code
            sys.stderr.write(f"smartmail: the supervisor ended ({code}); starting it again\n")
            time.sleep(min(0.1 * 2**quick_deaths, _LONGEST_PAUSE_S))
            if self._stopping:
                return _shell_code(code)

    def _run_once(self, version: str) -> int:
        beats, beat = os.pipe()
        os.set_blocking(beat, False)
        chosen = versions.environment(self._versions, version)
        environment = {**os.environ, **chosen, LIFELINE: str(self._read), HEARTBEAT: str(beat)}
        self._child = subprocess.Popen(self._command, pass_fds=[self._read, beat], env=environment)
        os.close(beat)
        try:
            self._watch(beats, version)
        finally:
            os.close(beats)
        return self._wait()

    def _watch(self, beats: int, version: str) -> None:
        """Return when the supervisor has ended; one that fell silent is killed, its processes end with it.

        So is a version that was never ready, when its time is over.
        """
        looked = last = None
        healthy_by = None if versions.is_healthy(self._versions, version) else time.monotonic() + versions.HEALTH_S
        while True:
            ready = select.select([beats], [], [], 1.0)[0]
            now = time.monotonic()
            if healthy_by is not None and now > healthy_by:
                if not versions.is_healthy(self._versions, version):
                    self._child.kill()
                    return
                healthy_by = None
            if ready:
                if not os.read(beats, 4096):
                    return
                last = now
            elif last is not None and now - last > _HUNG_S and now - looked < 2.0:  # else we slept ourselves
                sys.stderr.write("smartmail: the supervisor gives no sign of life; ending it\n")
                self._child.kill()
                return
            looked = now

    def _wait(self) -> int:
        while True:
            try:
                return self._child.wait()
            except InterruptedError:
                continue

    def _pass_on(self, number: int, _frame: object) -> None:
        if number != signal.SIGHUP:
            self._stopping = True
        if self._child is not None and self._child.poll() is None:
            self._child.send_signal(number)


def _shell_code(code: int) -> int:
    """The exit code by which a shell tells of a process that a signal ended."""
    return code if code >= 0 else 128 - code


def run(command: list[str]) -> int:
    return Guard(command, versions.directory(command)).run()
