"""Another machine, as far as one can be made of this one: what passes here and fails there leans on this one.

Elsewhere the clock is that of the Chatham islands, there is no language, one processor, no font, no network but loopback
and that without IPv6, the host is called `x`, nobody else may read new files, the temporary folder has a space and Korean
letters in its path, and the home folder is empty.
"""

import contextlib
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.house import place

# The Chatham islands, as a POSIX rule for machines without zone files: 12:45 or 13:45 before UTC.
FIXED = {
    "TZ": "<+1245>-12:45<+1345>,M9.5.0/2:45,M4.1.0/3:45", "LC_ALL": "C", "LANG": "C", "PYTHON_CPU_COUNT": "1",
}  # fmt: skip
FONTS = ("/usr/share/fonts", "/usr/local/share/fonts", "/var/cache/fontconfig")
# In mount, network and host name spaces of its own; none of it is seen outside or outlives the run.
_ENTER = f"""
set -e
for folder in {" ".join(FONTS)}; do
  if [ -d "$folder" ]; then mount -t tmpfs -o ro,size=64k none "$folder"; fi
done
echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6 || true
ip link set lo up
hostname x
umask 077
exec "$@"
"""
ENTER = ("unshare", "--mount", "--net", "--uts", "sh", "-c", _ENTER, "sh")


@dataclass(frozen=True)
class Place:
    """What a run there has before its command, and in its environment."""

    enter: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)


HERE = Place()


@contextlib.contextmanager
def opened() -> Iterator[Place]:
    """Make the place, and remove its folders afterwards. Needs root, as tests do that fill a file system."""
    with tempfile.TemporaryDirectory(prefix="임시 ", dir=place.folder()) as room:
        home = Path(room, "home")
        home.mkdir()
        folders = {"HOME": str(home), "TMPDIR": room, "PYTEST_DEBUG_TEMPROOT": room}
        yield Place(ENTER, {**FIXED, **folders})
