"""One copy of a message on its way to one account, as filters see it."""

from dataclasses import dataclass, field

from smartmail.domain.account import Account
from smartmail.domain.errors import MailError
from smartmail.domain.message import Added, Delivery
from smartmail.service.kernel.intake import Content


@dataclass(frozen=True, slots=True)
class Verdicts:
    """What was found out about the message before filters run; the mail-flow stages fill it.

    `is_spam`: the implicit keep goes to Junk and nothing is sent out. `aligned`: the sender is who the header says, so
    that a report reaches them and nobody else. `country` and `asn` are of the host that the message verifiably came
    from, None while nobody has found them out; `hops` of the way that it tells itself.
    """

    is_spam: bool = False
    aligned: bool = False
    spam_percent: int | None = None
    virus: int = 0
    country: str | None = None
    asn: int | None = None
    hops: int | None = None


NO_VERDICTS = Verdicts()


def environment(host: str = "", address: str = "") -> dict[str, str]:
    """Return the items of RFC 5183 §4.1 that are known; `address` is the peer's that brought the message.

    There is no remote-host: what a peer calls itself is not its name.
    """
    items = {"domain": host.partition(".")[2] or host, "host": host, "remote-ip": address}
    known = {name: value for name, value in items.items() if value}
    return {**known, "location": "MDA", "phase": "during", "name": "SmartMail"}


@dataclass(frozen=True, slots=True)
class Arrival:
    """A delivery of one copy. `copy` is what would be stored without filters.

    `can_refuse`: the peer still waits for the answer about this recipient alone, so that a reject costs no report
    (RFC 5429 §2.1). `strip`: octets of our Return-Path line in front. `environment` as RFC 5183 §4.1 names its items.
    """

    account: Account
    content: Content
    copy: Delivery
    reverse_path: str
    recipient: str
    can_refuse: bool
    strip: int = 0
    verdicts: Verdicts = NO_VERDICTS
    environment: dict[str, str] = field(default_factory=dict)
    require_tls: bool = False
    stored: list[Added | MailError | None] = field(default_factory=list)
    """What became of the copies that were kept; filled when they are."""
