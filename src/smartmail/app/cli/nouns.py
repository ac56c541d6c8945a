"""The nouns whose commands are operations of the admin API: one line for the overview, a text for `help`."""

from typing import Final

from smartmail.app.cli.operations.noun import Noun

_NOUNS: Final = (
    Noun(
        "alarm",
        "alarms: what is wrong, who sees to it, limits, how they are sent",
        """Alarms begin by themselves when a condition is met, are sent to administrators by mail, and end by themselves.

`acknowledge` says that somebody sees to one: it is not sent again until it gets worse. `rules` shows all conditions with
their limits, `set` changes one. `set-relay` names a host that takes mail about the queue past the queue; `test --way relay`
sends a mail through it.""",
    ),
    Noun(
        "hold",
        "legal holds: deleted mail of a matter is kept",
        """What is held stays in the vault when people delete it, and is neither purged nor shredded.

Whoever deletes does not learn of the hold. `place ACCOUNT MATTER` holds everything of an account.""",
    ),
    Noun(
        "group",
        "groups of people that policy can be set for",
        """Where two groups of a person disagree, the one with the greater priority decides.""",
    ),
    Noun(
        "approval",
        "mail that waits for somebody's yes",
        "Posts to moderated lists, and mail over a limit, wait for a decision.",
    ),
    Noun(
        "job",
        "long work: progress, result, cancel",
        "Long work that administrators began. What a job has done before it is cancelled stays done.",
    ),
    Noun(
        "webhook",
        "send what happens to addresses of other systems",
        """`add URL` shows the secret once: receivers check with it that a message is ours and of now.

`types` are beginnings of names of events (account, account.close); without any, all but logins are sent. A target that took
nothing for 14 days is stopped; `resume` lets it go on where it was, so that nothing is missed. `replay ID AFTER` sends again
what came after an event.""",
    ),
    Noun(
        "pull",
        "mail that people bring in from other providers",
        """People add mailboxes of theirs at other providers in the webmail (외부메일 가져오기).

Whether they may, how many and how often says policy (pull.allowed, pull.most, pull.minutes, pull.delete, pull.plain). What is
stopped here its person may switch on again, while policy lets them.""",
    ),
)
NOUNS: Final = {one.name: one for one in _NOUNS}
