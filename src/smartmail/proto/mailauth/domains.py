"""Domain names as look-ups see them: well-formedness, labels, ancestry (RFC 1035 §2.3.4); A-labels."""

from typing import Final

from smartmail.formats.address import domain_to_ascii

MAX_NAME: Final = 253
MAX_LABEL: Final = 63


def lookup_name(domain: str) -> str:
    """Return the form of a domain that is asked for and compared: A-labels, lower case, no dot at the end."""
    return domain_to_ascii(domain)


def is_well_formed(name: str) -> bool:
    """Say whether a name can be asked for: labels of 1 to 63 octets, 253 in all."""
    return 0 < len(name) <= MAX_NAME and all(0 < len(label) <= MAX_LABEL for label in name.split("."))


def is_within(name: str, ancestor: str) -> bool:
    """Say whether `name` is `ancestor` or lies below it; both in look-up form."""
    return name == ancestor or name.endswith("." + ancestor)
