"""Node roles: which listeners each one serves, and how a node spreads them over processes by default."""

from dataclasses import dataclass

# Offset of each listener's port from the port base; with base 0 they are the standard ports.
PORTS = {
    "smtp": 25,
    "lmtp": 24,
    "submission": 587,
    "submissions": 465,
    "imap": 143,
    "imaps": 993,
    "pop3": 110,
    "pop3s": 995,
    "sieve": 4190,
    "https": 443,
    "https-certificate": 444,
    "http": 80,
}

# Only roles that this version runs; a role with listeners is an edge role.
ROLES: dict[str, tuple[str, ...]] = {
    "edge-mx": ("smtp", "lmtp"),
    "edge-submit": ("submission", "submissions"),
    "edge-imap": ("imap", "imaps"),
    "edge-pop": ("pop3", "pop3s"),
    "edge-sieve": ("sieve",),
    "edge-web": ("https", "https-certificate", "http"),
    "delivery": (),
    "relay": (),
    "jobs": (),
}


@dataclass(frozen=True, slots=True)
class ProcessPlan:
    """One process of the tree: its name in logs and `ps`, and the roles that it runs."""

    name: str
    roles: tuple[str, ...]

    @property
    def listeners(self) -> tuple[str, ...]:
        """Names of the listeners that the roles serve."""
        return tuple(name for role in self.roles for name in ROLES[role])


def plan(roles: tuple[str, ...], edge_processes: int) -> list[ProcessPlan]:
    """Spread `roles` over processes: all edge roles in each of `edge_processes`, the others in one more."""
    edge = tuple(role for role in roles if ROLES[role])
    background = tuple(role for role in roles if not ROLES[role])
    processes = [ProcessPlan(f"edge-{number}", edge) for number in range(1, edge_processes + 1)] if edge else []
    if background:
        processes.append(ProcessPlan("background", background))
    return processes
