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
    Noun(
        "consent",
        "acts that wait for a second administrator",
        """Acts of administrators that wait for a second one's consent (policy: admin.two-person).

The command line has the master key: what it does itself never waits.""",
    ),
    Noun(
        "investigation",
        "looks into a mailbox that its owner is not shown yet",
        """While one lasts, the owner of an account is not shown the looks of the two persons who agreed on it.

It takes two: one proposes, another administrator confirms. It has an end; after it the owner sees everything.""",
    ),
    Noun(
        "smime",
        "authorities whose S/MIME signatures count",
        """Certificate authorities whose S/MIME signatures count in addition to those of the system, and lists of revoked certificates.

Signatures are judged against them from then on; those judged in the last day may show the old result until a restart.""",
    ),
    Noun(
        "logo",
        "logos of senders: authorities that confirm them",
        """Logos of senders (BIMI): which mark authorities may confirm one, and what is known of a domain's.

Nothing is trusted unless it is added here. Logos are fetched when proved mail comes; the policy `brand.logos` hides them.""",
    ),
    Noun(
        "bulletin",
        "what a company tells its people in the webmail, and who has read it",
        """What a company tells its people in the webmail (공지).

`new TITLE --place organization:한빛 --shown-from 0m --shown-until 7d --body -` reads the words from standard input.
`unread ID --reason TEXT > unread.csv` prints who has not read it.""",
    ),
    Noun(
        "leaver",
        "leavers: what they hold, handing over, restoring",
        """`show` tells what somebody holds and what becomes of it, `leave` lets them leave, now or on a day (Korean time).

`--choices KIND=hand` says what is done with a kind instead of the usual. `restore` undoes it, `rehire` takes a leaver on again;
make a setup link afterwards (`account setup-link`): old passwords are gone.""",
    ),
    Noun(
        "temporary",
        "temporary accounts: end, sponsor, extension",
        """Accounts that end by themselves. A day is the last one, in Korea; `ask`, `grant` and `refuse` are about a later end.""",
    ),
    Noun(
        "absence",
        "leave of absence, secondment, return",
        """Leave of absence (휴직) and secondment (파견), now or on a day (Korean time). Mail is kept in any case.

Without `--no-shut` they cannot sign in meanwhile.""",
    ),
    Noun(
        "volume",
        "volumes: list, add, change, drain, rebalance, tiering, scan, detach",
        """Directories and buckets that hold encrypted blobs: added, drained, verified and removed while mail flows.

`add` probes a location first and shows its speed. A bucket is `--kind s3 --bucket NAME --endpoint URL --access-key NAME
--secret-key -` (read from standard input). `drain` moves everything to the other volumes; an empty volume can be detached.
The jobs role of the running server does the work; `show` tells how far it is. Bytes may be written as 100k, 50M, 2G.""",
    ),
)
NOUNS: Final = {one.name: one for one in _NOUNS}
