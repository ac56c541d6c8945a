"""How a client writes MAIL and RCPT: parameters only where the peer offers their extension.

STANDARDS: RFC 5321 §4.1.1.2 and §4.1.1.3, RFC 1870, RFC 6152, RFC 6531 §3.4, RFC 3461 §4, RFC 6533 §3,
RFC 8689 §4.
"""

from smartmail.proto.lineio import LocalProtocolError
from smartmail.proto.smtp.client_events import Capabilities, Envelope, Recipient
from smartmail.proto.smtp.path import Path, parse_path
from smartmail.proto.smtp.xtext import utf8_encode, xtext_encode


def mail_command(envelope: Envelope, offered: Capabilities) -> bytes:
    """Return the MAIL line. Raises LocalProtocolError for a path that cannot go on the wire."""
    words = [f"MAIL FROM:{_wire(envelope.reverse_path)}"]
    if envelope.size and offered.has("SIZE"):
        words.append(f"SIZE={envelope.size}")
    if envelope.eightbit and offered.has("8BITMIME"):
        words.append("BODY=8BITMIME")
    if envelope.needs_smtputf8:
        words.append("SMTPUTF8")
    if envelope.require_tls:
        words.append("REQUIRETLS")
    if offered.has("DSN"):
        words += [f"RET={envelope.ret}"] if envelope.ret in {"FULL", "HDRS"} else []
        words += [f"ENVID={xtext_encode(envelope.envid)}"] if _encodable(envelope.envid) else []
    return " ".join(words).encode() + b"\r\n"


def rcpt_command(recipient: Recipient, offered: Capabilities) -> bytes:
    """Return the RCPT line. Raises LocalProtocolError for a path that cannot go on the wire."""
    words = [f"RCPT TO:{_wire(recipient.path)}"]
    if offered.has("DSN"):
        words += [f"NOTIFY={','.join(sorted(recipient.notify))}"] if recipient.notify else []
        words += _original(recipient.orcpt)
    return " ".join(words).encode() + b"\r\n"


def _original(orcpt: str) -> list[str]:
    kind, _, address = orcpt.partition(";")
    if not address:
        return []
    if kind.lower() == "utf-8":
        return [f"ORCPT={kind};{utf8_encode(address)}"]
    return [f"ORCPT={kind};{xtext_encode(address)}"] if _encodable(address) else []


def _encodable(text: str) -> bool:
    return bool(text) and text.isascii() and text.isprintable()


def _wire(path: Path) -> str:
    """A path that our own parser would not read back could smuggle words or lines into the dialog."""
    text = str(path)
    found = parse_path(text)
    if found is None or found != (path, len(text)):
        raise LocalProtocolError("a path that cannot be written")
    return text
