"""Postfix as an exchanger of the internet: finds others by MX, proves them by DANE; a second address of it greylists."""

import subprocess
from dataclasses import dataclass

from tests.lab.authority import Issued
from tests.peers.postfix import DOMAIN, Postfix

GREY = "grey.test"
"""The domain of the second address."""
_POLICY = """\
import pathlib, sys, time
seen, first = pathlib.Path(sys.argv[1]), {}
while (line := sys.stdin.readline()):
    if line.strip():
        name, _, value = line.strip().partition("=")
        first[name] = value
        continue
    mark = seen / f"{first.get('client_address')} {first.get('sender')} {first.get('recipient')}"
    old = mark.exists() and time.time() - mark.stat().st_mtime > 1
    if not mark.exists():
        mark.touch()
    print("action=DUNNO\\n" if old else "action=450 4.2.0 Greylisted, try again later\\n", flush=True)
    first = {}
"""


@dataclass
class Exchanger(Postfix):
    """Postfix as the internet knows it: finds others by MX, proves them by DANE; a second address greylists."""

    certificate: Issued | None = None
    nameserver: str = ""
    client: str = ""
    grey: str = ""

    def write(self) -> None:
        super().write()
        assert self.certificate is not None
        self.certificate.write(self.folder / "mx.pem")
        (self.folder / "resolv.conf").write_text(f"nameserver {self.nameserver}\noptions trust-ad edns0\n")
        (self.folder / "seen").mkdir()
        (self.folder / "seen").chmod(0o777)
        (self.folder / "policy.py").write_text(_POLICY)
        script = f"/usr/bin/python3 {self.folder}/policy.py {self.folder}/seen"
        with (self.folder / "config" / "master.cf").open("a") as file:
            file.write(f"policy unix - n n - 0 spawn\n  user=nobody argv={script}\n")
            file.write(f"{self.grey}:{self.port} inet n - n - - smtpd\n")
            file.write("  -o smtpd_recipient_restrictions=$grey_restrictions\n")
        path = self.folder / "config" / "main.cf"
        ours = {
            "myhostname": f"mx.{DOMAIN}", "mynetworks": f"{self.client}/32", "transport_maps": "", "relay_domains": "",
            "virtual_mailbox_domains": f"{DOMAIN}, {GREY}", "smtp_host_lookup": "dns", "smtp_bind_address": self.address,
            "smtp_dns_support_level": "dnssec", "smtp_tls_security_level": "dane", "smtp_tls_loglevel": "1",
            "smtpd_tls_security_level": "may", "smtpd_tls_chain_files": f"{self.folder}/mx.pem",
            "grey_restrictions": "check_policy_service unix:private/policy, permit", "queue_run_delay": "2s",
            "minimal_backoff_time": "2s", "maximal_backoff_time": "4s",
        }  # fmt: skip
        kept = [line for line in path.read_text().splitlines() if line.partition(" =")[0] not in ours]
        path.write_text("\n".join(kept + [f"{name} = {value}" for name, value in ours.items()]) + "\n")

    def start(self) -> None:
        """Start with a resolver of our own, which no other process of the machine sees."""
        enter = 'mount --bind "$0" /etc/resolv.conf && exec "$@"'
        words = ["postfix", "-c", str(self.folder / "config"), "start"]
        command = ["unshare", "--mount", "sh", "-c", enter, str(self.folder / "resolv.conf"), *words]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30, start_new_session=True)
        assert done.returncode == 0, done.stdout + done.stderr + self.log()
