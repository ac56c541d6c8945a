"""Runs this node: SMTP, submission, LMTP, IMAP and HTTPS, on loopback until the node file says otherwise.

The first start makes keys, database, volume and certificate, and prints where a browser does the rest.
Ctrl-C (or SIGTERM) lets sessions end, then stops; SIGHUP reads settings and certificates again.
"""

import argparse
import os
import sys
from contextlib import suppress

from smartmail.app.cli import settings_options
from smartmail.app.cluster.node_lock import NodeLock
from smartmail.app.opening.restore_journal import clear_journal
from smartmail.app.process_tree import rights
from smartmail.app.process_tree.child import DEFAULT_ENTRY
from smartmail.app.process_tree.sockets import bind_all, outward_address
from smartmail.app.process_tree.supervisor import Supervisor, say
from smartmail.app.process_tree.template import Template
from smartmail.app.serving import preparing
from smartmail.app.settings import Settings, SettingsError
from smartmail.app.tls import certificates
from smartmail.app.worker_context import CannotStartError, CannotStartYetError, Prepared
from smartmail.domain.host_names import EVERYWHERE

HELP = "run the mail system on this machine"
add_arguments = settings_options.add_serve_arguments
ENTRY = DEFAULT_ENTRY
"""What the processes run."""

# The launcher gives the supervisor a descriptor that ends when the launcher does.
LIFELINE = "SMARTMAIL_LIFELINE"
# … and one that it writes its heartbeat to.
HEARTBEAT = "SMARTMAIL_HEARTBEAT"
_CANNOT_START = 78  # EX_CONFIG: the launcher does not try again
_TRY_AGAIN = 75  # EX_TEMPFAIL: the launcher tries again for ever


def run(options: argparse.Namespace) -> int:
    """Prepare the node, then supervise its processes."""
    # Gone before a process could inherit them: they are numbers of descriptors that only we have.
    lifeline, heartbeat = os.environ.pop(LIFELINE, ""), os.environ.pop(HEARTBEAT, "")
    template: Template | None = None
    lock: NodeLock | None = None
    try:
        settings = settings_options.read(options)
        lock = NodeLock(settings.directory)
        clear_journal(settings)
        listeners = bind_all(settings)
        runs_as = rights.give_up(settings)
        # Everything that is started from here on has no more rights than we have.
        template = _template(settings)
        certificates.ensure(settings)
        # Proves that the files fit together before any process needs them.
        certificates.server_context(certificates.files(settings))
        prepared = preparing.prepare(settings, template)
    except (SettingsError, CannotStartError) as error:
        if template is not None:
            template.close()
        if lock is not None:
            lock.release()
        print(f"smartmail: {error}", file=sys.stderr)
        return _TRY_AGAIN if isinstance(error, CannotStartYetError) else _CANNOT_START
    supervisor = Supervisor(settings, listeners, lambda: _announce(settings, prepared, runs_as), ENTRY, template)
    try:
        return supervisor.run(int(lifeline) if lifeline else None, int(heartbeat) if heartbeat else None)
    finally:
        lock.release()


def _template(settings: Settings) -> Template:
    """Start the template early: it imports the program while we bind and look for certificates."""
    template = Template(ENTRY, wanted=settings.file.template)
    with suppress(OSError):
        if template.is_due(0.0):
            template.start()
    return template


def _from_elsewhere(settings: Settings, link: str, files: certificates.CertificateFiles) -> list[str]:
    """Return what opens the set-up from another machine, as long as this one has no name that leads to it."""
    address = outward_address(settings.addresses)
    if not address or settings.file.names.mail != EVERYWHERE.mail:
        return []
    shown = f"[{address}]" if ":" in address else address
    return [
        "  From another machine (its browser warns; compare the fingerprint of the certificate before you go on):",
        f"  https://{shown}:{settings.ports()['https']}{link[link.index('/setup') :]}",
        *([f"  fingerprint   SHA-256 {files.fingerprint()}"] if files.authority else []),
    ]


def _announce(settings: Settings, prepared: Prepared, runs_as: str) -> None:
    for line in summary(settings, prepared, runs_as):
        say(line)
    say("READY")


def summary(settings: Settings, prepared: Prepared, runs_as: str = "") -> list[str]:
    """Return what the administrator must know: addresses, ports, certificate, set-up link, notes."""
    ports, names, files = settings.ports(), settings.file.names, certificates.files(settings)
    lines = ["", "SmartMail is running.", f"  data         {settings.directory}", f"  master key   {settings.key_file}"]
    if ports["https"]:
        lines.append(f"  webmail      https://{names.app}:{ports['https']}/")
        lines.append(f"  admin        https://{names.admin}:{ports['https']}/")
    served = [f"{name} {port}" for name, port in ports.items() if port is not None]
    lines.append(f"  addresses    {', '.join(settings.addresses)}")
    lines.append(f"  ports        {' · '.join(served)}")
    if files.authority:
        lines.append(f"  authority    {files.authority}")
    lines.append(f"  certificate  SHA-256 {files.fingerprint()}")
    if runs_as:
        lines.append(f"  rights       {runs_as}")
    if prepared.setup_link:
        lines += [
            "",
            "  Set up this installation in a browser (the address works once, for an hour):",
            f"  {prepared.setup_link}",
            *_from_elsewhere(settings, prepared.setup_link, files),
        ]
    lines += [f"  {note}" for note in prepared.notes]
    lines.append("")
    return lines
