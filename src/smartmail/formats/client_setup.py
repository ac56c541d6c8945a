"""What mail programs ask to set themselves up, as each of them wants to read it.

NAME       client set-up
PURPOSE    From one list of servers to the documents of Thunderbird, Outlook and Apple's devices, and to DNS records.
LIMITS     Requests of `MAX_REQUEST` octets; a request with a document type declaration is not read at all.
SECURITY   Values go through an XML writer; nothing says whether an address exists, only whether its domain is served.
STANDARDS  RFC 6186 and RFC 8314 §5.1 (SRV of IMAP, POP3, submission), RFC 5804 §1.8 (SRV of ManageSieve), RFC 8620 §2.2
           (SRV of JMAP). The others are their makers' formats: the configuration file 1.1 of Thunderbird, Autodiscover of
           Outlook ("POX", 2006) and its JSON form, and the configuration profile of iOS and macOS.
"""

import plistlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal
from xml.etree import ElementTree as ET

Kind = Literal["imap", "pop3", "smtp", "sieve", "jmap"]
Security = Literal["tls", "starttls"]

MAX_REQUEST: Final = 16_384
_RESPONSE: Final = "http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006"
_OUTLOOK: Final = "http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a"
_DECLARATION: Final = '<?xml version="1.0" encoding="utf-8"?>\n'
_SERVICES: Final[dict[tuple[Kind, Security], str]] = {
    ("imap", "tls"): "_imaps._tcp",
    ("imap", "starttls"): "_imap._tcp",
    ("pop3", "tls"): "_pop3s._tcp",
    ("pop3", "starttls"): "_pop3._tcp",
    ("smtp", "tls"): "_submissions._tcp",
    ("smtp", "starttls"): "_submission._tcp",
    ("sieve", "starttls"): "_sieve._tcp",
    ("jmap", "tls"): "_jmap._tcp",
}


@dataclass(frozen=True, slots=True)
class MailServer:
    """One server as a client reaches it. In a list the better way of the same kind comes first."""

    kind: Kind
    host: str
    port: int
    security: Security


# --- Thunderbird --------------------------------------------------------------------------------------------------


def thunderbird(domain: str, name: str, servers: Iterable[MailServer]) -> bytes:
    """Return the configuration file for addresses of `domain`; `name` is shown to the person."""
    root = ET.Element("clientConfig", version="1.1")
    provider = ET.SubElement(root, "emailProvider", id=domain)
    for tag, text in (("domain", domain), ("displayName", name), ("displayShortName", name)):
        ET.SubElement(provider, tag).text = text
    for server in servers:
        if server.kind in ("imap", "pop3", "smtp"):
            tag = "outgoingServer" if server.kind == "smtp" else "incomingServer"
            _fields(ET.SubElement(provider, tag, type=server.kind), {
                "hostname": server.host, "port": str(server.port),
                "socketType": "SSL" if server.security == "tls" else "STARTTLS",
                # In clear inside TLS: that is what the format calls a plain password.
                "authentication": "password-cleartext", "username": "%EMAILADDRESS%",
            })  # fmt: skip
    return _text(root)


# --- Outlook ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AutodiscoverRequest:
    """What Outlook asks: for which address, and whether in the form that we answer."""

    address: str
    for_outlook: bool


def autodiscover_request(octets: bytes) -> AutodiscoverRequest | None:
    """Read a request; None when it is none. Declarations are refused: they are how XML bombs are made."""
    if len(octets) > MAX_REQUEST or re.search(rb"<!", octets) or b"\0" in octets:
        return None
    try:
        root = ET.fromstring(octets)  # noqa: S314 -- no declaration, small
    except (ET.ParseError, ValueError, LookupError):
        return None
    address = schema = ""
    for element in root.iter():
        tag = element.tag.rpartition("}")[2]
        if tag == "EMailAddress":
            address = (element.text or "").strip()
        elif tag == "AcceptableResponseSchema":
            schema = (element.text or "").strip()
    return AutodiscoverRequest(address, schema in ("", _OUTLOOK)) if address else None


def autodiscover(address: str, name: str, servers: Iterable[MailServer]) -> bytes:
    """Return the settings of an account, the first way of each kind."""
    response = _autodiscover()
    _fields(ET.SubElement(response, "User"), {"DisplayName": name, "AutoDiscoverSMTPAddress": address})
    account = ET.SubElement(response, "Account")
    _fields(account, {"AccountType": "email", "Action": "settings"})
    told: set[str] = set()
    for server in servers:
        if server.kind in ("imap", "pop3", "smtp") and server.kind not in told:
            told.add(server.kind)
            _fields(ET.SubElement(account, "Protocol"), {
                "Type": server.kind.upper(), "Server": server.host, "Port": str(server.port),
                "DomainRequired": "off", "LoginName": address, "SPA": "off", "SSL": "on",
                "Encryption": "SSL" if server.security == "tls" else "TLS", "AuthRequired": "on",
                **({"UsePOPAuth": "off", "SMTPLast": "off"} if server.kind == "smtp" else {}),
            })  # fmt: skip
    return _outer(response)


def autodiscover_error(code: int, message: str, time: str, number: int) -> bytes:
    """Return a refusal: 500 no such address, 600 not a request, 601 not in that form. `time` is HH:MM:SS."""
    response = _autodiscover()
    error = ET.SubElement(response, "Error", Time=time, Id=str(number))
    _fields(error, {"ErrorCode": str(code), "Message": message, "DebugData": ""})
    return _outer(response)


def _autodiscover() -> ET.Element:
    return ET.Element("Response", xmlns=_OUTLOOK)


def _outer(response: ET.Element) -> bytes:
    root = ET.Element("Autodiscover", xmlns=_RESPONSE)
    root.append(response)
    return _text(root)


# --- Apple --------------------------------------------------------------------------------------------------------


def apple_profile(
    address: str,
    name: str,
    organization: str,
    servers: Sequence[MailServer],
    identifiers: tuple[str, str],
    password: str | None = None,
) -> bytes:
    """Return a configuration profile with one mail account. `identifiers` are UUIDs of profile and account, the same each
    time for the same address, so that a second profile replaces the first. Without `password` the device asks for it.
    """
    incoming = next(server for server in servers if server.kind == "imap")
    outgoing = next(server for server in servers if server.kind == "smtp")
    account = {
        "PayloadType": "com.apple.mail.managed",
        "PayloadVersion": 1,
        "PayloadIdentifier": f"smartmail.account.{identifiers[1]}",
        "PayloadUUID": identifiers[1],
        "PayloadDisplayName": address,
        "EmailAccountType": "EmailTypeIMAP",
        "EmailAccountName": name,
        "EmailAccountDescription": organization or address,
        "EmailAddress": address,
        **_apple_server("Incoming", incoming, address, password),
        **_apple_server("Outgoing", outgoing, address, password),
        "OutgoingPasswordSameAsIncomingPassword": True,
    }
    profile = {
        "PayloadType": "Configuration",
        "PayloadVersion": 1,
        "PayloadIdentifier": f"smartmail.profile.{identifiers[0]}",
        "PayloadUUID": identifiers[0],
        "PayloadDisplayName": f"{organization or 'SmartMail'}: {address}",
        "PayloadOrganization": organization or "SmartMail",
        "PayloadRemovalDisallowed": False,
        "PayloadContent": [account],
    }
    return plistlib.dumps(profile)


def _apple_server(way: str, server: MailServer, address: str, password: str | None) -> dict[str, object]:
    fields: dict[str, object] = {
        f"{way}MailServerAuthentication": "EmailAuthPassword",
        f"{way}MailServerHostName": server.host,
        f"{way}MailServerPortNumber": server.port,
        f"{way}MailServerUseSSL": True,
        f"{way}MailServerUsername": address,
    }
    return fields if password is None else {**fields, f"{way}Password": password}


# --- DNS ----------------------------------------------------------------------------------------------------------


def srv_records(domain: str, servers: Iterable[MailServer]) -> list[tuple[str, str, str]]:
    """Return SRV records as (name, "SRV", text); of each kind the better way has the better priority.

    RFC 6186 §3.4: a way that is not offered is said to be absent with the target ".".
    """
    found, told, ranks = [], set(), dict.fromkeys(("imap", "pop3", "smtp", "sieve", "jmap"), 0)
    for server in servers:
        service = _SERVICES.get((server.kind, server.security))
        if service is not None and service not in told:
            found.append((f"{service}.{domain}", "SRV", f"{ranks[server.kind]} 1 {server.port} {server.host}."))
            ranks[server.kind] += 10
            told.add(service)
    absent = (service for service in _SERVICES.values() if service not in told)
    return [*found, *((f"{service}.{domain}", "SRV", "0 0 0 .") for service in absent)]


def _fields(parent: ET.Element, fields: dict[str, str]) -> None:
    for tag, text in fields.items():
        ET.SubElement(parent, tag).text = text


def _text(root: ET.Element) -> bytes:
    ET.indent(root)
    return (_DECLARATION + ET.tostring(root, encoding="unicode") + "\n").encode()
