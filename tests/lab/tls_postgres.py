"""PostgreSQL of Debian's package, for what the wheel of all other tests cannot do: TLS, and addresses that may come in.

Its files are unpacked only (tools/system_packages.toml): no cluster is made of them, and no service starts.
"""

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.house import place
from tests.lab.authority import Issued
from tests.lab.switch import Host

from smartmail.app.cli import system_packages

_LISTING = Path(__file__).resolve().parents[2] / "tools/system_packages.toml"
_USER = "nobody"
_QUICK = "full_page_writes = off\njit = off\n"
# As Debian's file has it for who administers, by peer; here he is another user of the machine.
_ADMINISTRATOR = "local all postgres trust\n"


def _programs() -> Path:
    layer = system_packages.unpacked(_LISTING)["postgresql-17"]
    if os.geteuid() != 0 or not layer.exists():
        pytest.fail("root and the files of postgresql-17 are needed: ./smartmail test brings them")
    return layer / "usr/lib/postgresql/17/bin"


@contextlib.contextmanager
def tls_postgres(host: Host, settings: str, admitted: str, shown: Issued) -> Iterator[str]:
    """Run PostgreSQL on a host with lines of its two files, `postgresql.conf` and `pg_hba.conf`, and a certificate, until the
    block ends. Yields the address of its administrator, on this machine alone.
    """
    programs, folder = _programs(), Path(tempfile.mkdtemp(prefix="smartmail-tls-pg-", dir=place.folder()))

    def run(name: str, *words: str) -> None:
        said = subprocess.run(
            [str(programs / name), "-D", str(folder), *words], user=_USER, group="nogroup", extra_groups=[], cwd="/",
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=120, check=False,
        )  # fmt: skip
        log = folder / "log"
        assert said.returncode == 0, log.read_text() if log.exists() else name

    try:
        shutil.chown(folder, _USER, "nogroup")
        run("initdb", "--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync")
        (folder / "postgresql.conf").write_text(f"{_QUICK}unix_socket_directories = '{folder}'\n{settings}")
        (folder / "pg_hba.conf").write_text(_ADMINISTRATOR + admitted)
        for name in ("server.crt", "server.key"):
            shown.write(folder / name).chmod(0o600)
            shutil.chown(folder / name, _USER, "nogroup")
        host.inside(run, "pg_ctl", "-w", "-l", str(folder / "log"), "start")
        try:
            yield f"postgresql://postgres@/postgres?host={folder}"
        finally:
            run("pg_ctl", "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
