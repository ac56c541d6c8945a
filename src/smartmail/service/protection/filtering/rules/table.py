"""All rules with their weights: a positive weight speaks against a message, and 6 make it junk.

An administrator gives a rule another weight, or switches it off (`./smartmail scan rule`). The texts are the catalogue
keys `rule.<name>`. Weights are judgement, checked against the sets of tests/bench; what they add up to is told with
each verdict.
"""

from typing import Final

from smartmail.service.protection.filtering.intents.lures import LURES
from smartmail.service.protection.filtering.intents.offers import OFFERS

HOST: Final = {
    "helo-address": 1.0, "helo-bare": 1.0, "helo-ours": 4.0, "reverse-missing": 1.0, "reverse-generic": 0.8,
    "reverse-contradicts": 0.5,
}  # fmt: skip
LISTS: Final = {"list-address": 3.5, "list-domain": 3.0, "list-link": 3.5, "list-welcome": -2.0}
PROOF: Final = {
    "spf-fail": 2.0,
    "spf-softfail": 0.7,
    "dkim-fail": 0.5,
    "dmarc-fail": 1.5,
    "unproved": 0.6,
    "proved": -0.5,
}
HEADER: Final = {
    "date-missing": 0.8, "date-future": 1.2, "date-old": 0.8, "message-id-missing": 0.8, "message-id-ours": 1.5,
    "from-missing": 2.5, "from-many": 1.0, "from-encoded": 2.5, "subject-hidden": 2.0, "recipients-missing": 0.5,
}  # fmt: skip
PAGE: Final = {
    "text-hidden": 2.0, "text-tiny": 1.0, "text-colour": 0.7, "text-invisible": 1.0, "page-form": 1.5, "page-script": 0.7,
    "page-refresh": 2.0, "picture-only": 1.5,
}  # fmt: skip
LINKS: Final = {
    "link-contradicts": 1.5, "link-address": 2.0, "link-user": 3.0, "link-port": 0.7, "link-shortener": 0.8,
    "link-scripts": 3.0, "link-program": 2.5, "link-qr": 1.5, "link-data": 2.5,
}  # fmt: skip
ADVERTISING: Final = {"advertisement": 0.0, "advertisement-variant": 2.0, "letter-impersonal": 1.5}
FILES: Final = {
    "file-program": 6.0, "file-script": 6.0, "file-shortcut": 6.0, "file-image": 4.0, "file-help": 4.0,
    "file-disguised": 2.5, "file-double": 4.0, "file-reversed": 6.0, "file-macro": 2.0, "file-macro-auto": 4.0,
    "file-template": 4.0, "file-hwp-eps": 4.0, "file-hwp-ole": 1.0, "file-hwp-script": 5.0, "file-encrypted": 1.0,
    "file-packed-program": 6.0, "file-deep": 2.0, "file-unbounded": 1.0, "file-opaque": 0.5, "file-pdf-script": 1.0,
    "file-html-form": 4.0, "file-html-script": 2.0, "file-object": 3.0,
}  # fmt: skip
IMPERSONATION: Final = {
    "name-of-colleague": 2.5, "domain-lookalike": 5.0, "domain-brand": 4.0, "link-lookalike": 4.0, "own-domain": 3.0,
    "name-holds-address": 2.5, "reply-to-differs": 0.7, "first-to-person": 0.0, "first-to-company": 0.2,
    "proof-lost": 2.0, "chain-hijack": 3.0, "account-change": 1.0, "bec": 5.0,
}  # fmt: skip
INTENTS: Final = {"brand-claimed": 3.0, **{one.rule: one.masked for one in (*OFFERS, *LURES)}}
"""Of an intent where the sender is seen to hide; as it stands it weighs `Intent.weight`. One message has one of them. `brand-claimed`
weighs `CLAIMED_ALONE` where there is none (intents.py).
"""
ENGINES: Final = {"virus": 0.0, "engine-score": 1.0, "engine-failed": 0.0}
"""`engine-score` multiplies what the engine says."""

WEIGHTS: Final[dict[str, float]] = {
    **HOST, **LISTS, **PROOF, **HEADER, **PAGE, **LINKS, **ADVERTISING, **FILES, **IMPERSONATION, **INTENTS, **ENGINES,
}  # fmt: skip
