"""Host names under which people and other mail servers reach an installation."""

from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True)
class HostNames:
    """`mail`: in greetings, Received lines and MX records; `app`: the webmail; `admin`: administration; `content`: files and
    previews, without a session.
    """

    mail: str
    app: str
    admin: str
    content: str


KINDS = tuple(one.name for one in fields(HostNames))
"""Names of the fields, as the node file has them in its table [names]."""
EVERYWHERE = HostNames("localhost", "localhost", "admin.localhost", "files.localhost")
"""What browsers lead to this machine by themselves (RFC 6761 §6.3): in force until somebody sets others."""
