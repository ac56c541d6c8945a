"""Replies of other servers explained: from code, enhanced code and well-known wording to a cause.

Wording comes first: a greylisting server and one whose disk is full both say 451, and only their words tell them apart.
Then the enhanced code (RFC 3463, RFC 7372, RFC 7505), then the class. The sentence for a cause, what it is and what to
do, is `reply.<cause>` in the catalogues. Patterns are plain alternatives: linear in the reply, which is cut before.
"""

import re
from typing import Final, Literal, get_args

Cause = Literal[
    "greylisted", "rate", "blocked_address", "no_reverse", "authentication", "spam", "virus", "attachment",
    "mailbox_full", "mailbox_closed", "unknown_recipient", "unknown_domain", "sender_refused", "relay_refused",
    "too_large", "too_many_recipients", "too_many_connections", "tls_needed", "tls_failed", "login_refused", "loop",
    "unreachable", "lost", "dns", "no_mail", "international", "own_exchanger", "protocol", "busy", "policy",
    "temporary", "refused", "cancelled",
]  # fmt: skip
CAUSES: Final = get_args(Cause)
_LOOKED_AT: Final = 1000

_WORDS: Final[tuple[tuple[Cause, str], ...]] = (
    ("greylisted", (r"gr[ae]y-?list|postgrey|try again (?:in|after) \d+ (?:sec|min)|please (?:re)?try (?:again )?(?:in|after) \d+"
                   r"|temporar\w+ (?:deferred|rejected).{0,40}new sender|come back later")),
    ("cancelled", r"^an administrator removed the message"),
    ("own_exchanger", r"best mail exchanger is this server"),
    ("no_mail", r"null mx|rfc ?7505|does not exist or takes no mail|takes no mail|does not accept (?:any )?mail"),
    ("dns", r"^dns gave no answer|host (?:or domain )?name lookup|dns (?:timeout|failure|error)"),
    ("authentication", (r"\bdmarc\b|\bspf\b|\bdkim\b|sender policy framework|unauthenticated (?:e-?mail|sender)"
                       r"|authentication (?:checks?|information)")),
    ("no_reverse", r"\bptr\b|reverse (?:dns|name|host)|rdns|forward.confirmed|cannot find your (?:hostname|reverse)"),
    ("blocked_address", (r"spamhaus|spamcop|barracuda|\brbl\b|dnsbl|\bsbl\b|\bxbl\b|\bpbl\b|sorbs|black.?list|block.?list"
                        r"|kisa-?rbl|spamlist\.or\.kr|(?:your|client|sending) (?:ip|host|address).{0,40}(?:block|refus|reject|listed|banned)|banned sending (?:ip|host)"
                        r"|poor reputation|low reputation")),
    ("rate", (r"rate.?limit|too many (?:messages|mails|emails)|sending (?:too )?(?:fast|quick)|throttl|unusual rate|mail at a rate"
             r"|exceed\w* .{0,30}(?:rate|messages per|limit per)|daily (?:limit|quota) exceeded|temporarily deferred due to .{0,30}complaints")),
    ("too_many_connections", r"too many (?:concurrent |simultaneous )?(?:smtp )?(?:connections|sessions)|connection limit"),
    ("too_many_recipients", r"too many recipients|recipient limit|number of recipients"),
    ("virus", r"\bvirus|malware|infected|trojan"),
    ("attachment", r"attachment.{0,40}(?:not (?:allowed|permitted)|block|prohibit|reject)|(?:block|prohibit|illegal)\w* attachment|5\.7\.0.{0,60}security issue"),
    ("spam", r"\bspam|unsolicited|bulk mail|junk|content (?:rejected|refused)|message content|looks like (?:ube|uce)"),
    ("mailbox_full", (r"mailbox (?:is )?full|over ?quota|quota exceeded|exceed\w* .{0,20}quota|insufficient (?:system )?storage|out of (?:storage|space)"
                     r"|storage (?:exceeded|allocation)|용량|초과")),
    ("mailbox_closed", (r"(?:mailbox|account|user|recipient).{0,30}(?:disabled|inactive|suspended|deactivated|discontinued|expired|locked|dormant)"
                       r"|휴면|정지")),
    ("too_large", r"(?:message|mail|size).{0,30}(?:too (?:large|big)|exceeds?)|size limit|maximum (?:message )?size|exceeds what the peer takes"),
    ("relay_refused", r"relay(?:ing)? (?:is )?(?:denied|not permitted|access denied|not allowed|prohibited)|unable to relay|not (?:a|an) (?:open )?relay|we do not relay"),
    ("unknown_domain", r"(?:domain|host).{0,20}(?:not found|unknown|does(?:n't| not) exist)|unrouteable|bad destination (?:mailbox )?(?:system|domain)|nxdomain"),
    ("unknown_recipient", (r"(?:user|mailbox|recipient|account|address|name).{0,40}(?:unknown|not (?:found|exist|available|known|listed)|does(?:n't| not) exist|invalid|unavailable|no such)"
                          r"|no such (?:user|recipient|mailbox|account|address|person)|unknown (?:user|recipient|mailbox|account|local)|invalid (?:recipient|mailbox|address)|없는 (?:사용자|계정|주소)|존재하지")),
    ("sender_refused", r"sender.{0,40}(?:reject|denied|refus|not (?:allowed|exist)|invalid|verif|unknown)|(?:bad|invalid) sender|return-?path"),
    ("tls_needed", r"must issue a starttls|starttls (?:is )?required|encryption (?:is )?(?:needed|required)|tls (?:is )?required|offers no tls"),
    ("tls_failed", r"^tls with|tls handshake|certificate|tlsa|mta-sts"),
    ("login_refused", r"refused the login|authentication (?:required|failed|credentials)|must authenticate|login (?:failed|denied)"),
    ("loop", r"mail loop|routing loop|too many hops|hop count|loops back|loop detected"),
    ("international", r"smtputf8|internationali[sz]ed|non-ascii|eai\b"),
    ("lost", r"connection lost|lost connection|connection closed|closed the dialog|no result"),
    ("unreachable", r"^connect to|could not be reached|no address|connection (?:timed out|refused)|no route to host|network is unreachable"),
    ("protocol", r"peer broke the protocol|not a reply line|reply with two codes|a reply to nothing|too many lines|line too long"),
    ("busy", (r"too busy|overload|load (?:is )?too high|resources? (?:temporarily )?unavailable|insufficient (?:system )?resources"
             r"|system not (?:accepting|capable)|service (?:temporarily )?(?:not available|unavailable)|try again later|internal (?:server )?error|local error")),
)  # fmt: skip

_ENHANCED: Final[tuple[tuple[str, Cause], ...]] = (
    ("1.2", "unknown_domain"), ("1.10", "no_mail"), ("1.7", "sender_refused"), ("1.8", "sender_refused"),
    ("1.1", "unknown_recipient"), ("1.3", "unknown_recipient"), ("1.6", "mailbox_closed"), ("1", "unknown_recipient"),
    ("2.1", "mailbox_closed"), ("2.2", "mailbox_full"), ("2.3", "too_large"), ("3.1", "mailbox_full"),
    ("3.2", "busy"), ("3.4", "too_large"), ("3", "busy"), ("4.1", "unreachable"), ("4.2", "lost"), ("4.3", "dns"),
    ("4.5", "busy"), ("4.6", "loop"), ("4", "unreachable"), ("5.3", "too_many_recipients"), ("5.0", "protocol"),
    ("6.7", "international"), ("6", "international"), ("7.20", "authentication"), ("7.21", "authentication"),
    ("7.22", "authentication"), ("7.23", "authentication"), ("7.24", "authentication"), ("7.26", "authentication"),
    ("7.25", "no_reverse"), ("7.27", "sender_refused"), ("7.28", "rate"), ("7.30", "tls_needed"),
    ("7.10", "tls_needed"), ("7.11", "tls_needed"), ("7.0", "policy"), ("7.1", "policy"), ("7", "policy"),
)  # fmt: skip

_QUOTED: Final = re.compile(r": ([45][0-9]{2})(?: ([45]\.[0-9]{1,3}\.[0-9]{1,3})(?= |$))?(.*)")
_COMPILED: Final = tuple((cause, re.compile(words, re.IGNORECASE)) for cause, words in _WORDS)


def explain(code: int, enhanced: str, text: str) -> Cause:
    """Return the cause that a reply tells of; code 0: there was no reply and `text` is our own. Never raises."""
    said = " ".join(text[:_LOOKED_AT].split())
    quoted = _QUOTED.search(said) if code == 0 else None
    if quoted is not None:
        # What we say of a dialog that failed early ends with the peer's own words.
        return explain(int(quoted[1]), quoted[2] or "", quoted[3])
    for cause, pattern in _COMPILED:
        if pattern.search(said) and _fits(cause, code):
            return cause
    detail = enhanced.partition(".")[2]
    for prefix, cause in _ENHANCED:
        if detail == prefix or detail.startswith(f"{prefix}."):
            return cause
    return _by_code(code)


def _fits(cause: Cause, code: int) -> bool:
    """A cause that passes by itself is none of a permanent refusal, and the other way round."""
    if cause in {"greylisted", "too_many_connections"}:
        return code < 500
    return True


def _by_code(code: int) -> Cause:
    known: dict[int, Cause] = {
        0: "unreachable", 421: "busy", 450: "temporary", 452: "busy", 455: "protocol", 530: "login_refused", 535: "login_refused",
        541: "spam", 550: "refused", 551: "unknown_recipient", 552: "mailbox_full", 553: "unknown_recipient",
        556: "no_mail",
    }  # fmt: skip
    if code in known:
        return known[code]
    return "protocol" if 500 <= code <= 504 else "temporary" if code < 500 else "refused"
