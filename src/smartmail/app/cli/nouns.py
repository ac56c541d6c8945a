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
        "host",
        "host names of this installation: show, set, look up in DNS",
        """`set --mail mail.example.com --app mail.example.com --admin admin.example.com --content files.example.com` names them.

Running nodes follow within seconds, process by process. What the node file sets in [names] wins on its node. `look NAME` tells
addresses and reverse DNS as they are now.""",
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
        "mail that waits for approval",
        "Posts to moderated lists, mail over a limit and mail that leak prevention holds wait for a decision.",
    ),
    Noun(
        "approval-line",
        "who decides about held mail, in steps",
        """`put NAME STEP…` creates a line or replaces the one of that name; mail that waits goes by the old one.

A step is WHO, then need=any|all|N, escalate=HOURS, decide=HOURS, end=approve|reject|keep, to=WHO. WHO is manager, manager:LEVELS,
manager:LEVELS:DUTY, post:ADDRESS, people:ADDRESS,ADDRESS, group:ID, administrators or system:NAME.""",
    ),
    Noun(
        "leak-rule",
        "leak prevention: which mail must not leave as it is",
        """Leak prevention (내부정보유출방지). A rule is for a scope (system, organization:NAME, department:NAME, account:ADDRESS …).

  leak-rule new NAME block --scope system --stage on --condition '{"fact": "finding", "in": ["kr.rrn"]}'
  leak-rule new NAME approve:LINE --scope system --condition …

Actions: log, copy:ADDRESS, warn, mask, encrypt, strip, link, secure, delay:MINUTES, approve:LINE, block; pass makes a dated
exception. A new rule only records what it matches until `on ID`. `ready` creates prepared rules for personal
information, `try` shows the verdict for a text, `detectors` lists what conditions can name.""",
    ),
    Noun(
        "leak-dry-run",
        "dry runs of leak rules over sent mail",
        """What leak rules would have done with the mail of the last days. Nothing is stopped, notified or recorded as an incident.

  leak-dry-run start --days 7 --on RULE      as if a rule that only records its matches acted
  leak-dry-run start --end RULE              as if a rule had ended

`--share 20` lets it work for 20 % of the time. After a restart it goes on where it was.""",
    ),
    Noun(
        "leak-incident",
        "messages that matched leak rules",
        """Messages that matched leak rules, with masked values. `unmask ID REASON` shows the values and is recorded.

`except ID UNTIL REASON` records a false positive: the rule does not count its values until then (leak-exception).""",
    ),
    Noun(
        "leak-exception",
        "values that leak rules do not count",
        "Values of false positives (leak-incident except), with an end within a year. `end ID` ends one before that.",
    ),
    Noun(
        "job",
        "long work: progress, result, cancel",
        "Long work that administrators began. What a job has done before it is cancelled stays done.",
    ),
    Noun(
        "security-label",
        "security labels of mail: names, order, what goes outside",
        """`put confidential 대외비 --rank 10 --outside refuse --mark true` makes one. A reply or a forward never carries a lower one.

`--outside`: allow, approve (after an approval) or refuse. `--mark true` puts the name before the subject, for readers with any
mail program. `--usual true`: what mail carries where its sender chose none.""",
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
The jobs role of the running server does the work; `show` reports its progress. Bytes may be written as 100k, 50M, 2G.""",
    ),
    Noun(
        "organization",
        "companies: names, titles, domains to be proved, who sees whom",
        """Companies of this installation. They are outside to each other.

`show-directory A B` lets company A look people of B up; it shares nothing else. `titles` shows the tables of positions (직위),
duties (직책), grades (직급) and honorifics (호칭); `order KIND WORD…` sets one, the highest first: every list of people is in
the order of positions. A company proves a domain by a TXT record (`claim`, `claims`, `prove`); what is added here with `domain
add` needs none. `move-domain OLD NEW` gives everybody in OLD a login in NEW, lists and aliases too; `merge NAME DOMAIN` brings
all people of a company to another one: both say what would be done, and do it with `--apply`. `close` closes every account.""",
    ),
    Noun(
        "department",
        "the tree of departments, their mail and posts",
        """A department has a code that never changes (without --code: its name).

Policy and sharing name the code, so that a renamed or moved department keeps what was set for it. `set --parent-id` takes all
below along, 0 is the top. `mail` gives a department an address that goes to whoever is in it (부서메일); `post` makes an
address that belongs to whoever has a duty in it (직책메일).""",
    ),
    Noun(
        "person",
        "people: departments, titles, employee numbers, new names, planned changes",
        """`set --seats CODE/DUTY …` says in which departments somebody is, the primary one first (겸직: several).

`rename` gives another login and keeps the old address for some months. `transfer` makes an account with another company; the
old one closes and its addresses lead to the new one for some months; with --mailbox its mail goes along. With `--at` a change
waits for that day, 00:00 in Seoul: `planned` shows what waits, `cancel` takes it back. `find` looks people up by the beginning
of a name, 초성, login, department, title or employee number.""",
    ),
    Noun(
        "role",
        "administrative roles, and who holds them",
        """Delegates administration: roles, and who holds which over what.

    role add "메일 담당" queue.read queue.change --masks body
    role grant lee@example.com helpdesk --scope domain:example.com --expires-at 2027-01-31

Without `--scope` the whole company is meant. `revoke` takes the number that `assignments` shows. Who holds `company` without an
end is shown by `account list`; `revoke-administrator` takes that back. The last administrator of a company stays.""",
    ),
    Noun(
        "appearance",
        "set the name, logo and colour that a company shows",
        """The name, logo and colour at sign-in, in both web applications, and the name in system mail.

`set` changes what is given and leaves the rest; `--domain` means one domain instead of the whole company. A logo is a PNG of at
most 512 × 512 pixels, `--logo ""` takes it away. A colour is its hue in degrees (0 red, 120 green, 240 blue), `none` is the
program's own; how light it must be to be read is found by the program.""",
    ),
    Noun(
        "agreement",
        "texts that people agree to before their mail is served",
        """A new version of a text is asked of everybody again: `publish privacy --texts ko=@privacy.ko.txt en=@privacy.en.txt`.

Nothing is served before a consent where policy says so: ./smartmail policy set consent.required on""",
    ),
    Noun(
        "siem",
        "send records to collectors (SIEM): list, add, on, off, test, remove, dictionary",
        """Collectors that records are sent on to: syslog over TLS (RFC 5425) with RFC 5424 fields, CEF or JSON.

Every record is sent once and in the order of its chain, from the oldest that is kept; while a collector is away records
wait in the store. The pair of chain and seq names a record, so that one that came twice can be told.
`add NAME HOST --authority - < ca.pem` reads the authority of its certificate; `--installation` sends the records of all
organizations; `--confirm sent` is for a collector that does not answer the end of a connection.""",
    ),
    Noun(
        "destruction",
        "destroy data of leavers, domains, companies for good, with register and certificate",
        """The register of destructions (파기 대장): what leavers, domains and organizations left is destroyed for good.

`domain` and `organization` want them closed (`organization close-domain`, `organization close`), and all of their accounts;
a legal hold on one account keeps all of it. `preview-domain` and `preview-organization` show what would be destroyed, and
what prevents it. It cannot be undone. `certificate-file` writes the certificate (파기 확인서) as PDF.""",
    ),
    Noun(
        "trust",
        "certificates that people log in with: authorities, purposes, revocation",
        """Certificates that people log in with (공동인증서, GPKI, a company's own): who vouches, what counts, what was revoked.

`add FILE --family npki` takes authorities as PEM, DER or PKCS #7, root and those below it; `--domain D`: for the people of
one domain alone. `rule npki --policies 1.2.410.200005.1.1.*` says which purposes count (`*`: all), `rule npki --no-enabled`
turns the whole family off; what is not said stays. `source HOST` names a host that may be asked about revocation; `load FILE`
takes a list of revoked certificates (closed networks). How strict revocation is: policy certificate.revocation.""",
    ),
    Noun(
        "quarantine",
        "mail that is held for its content",
        """Mail that is held for its content: items are named as `list` shows them.

What an administrator reads, releases or deletes goes into the audit with the reason that --reason gives; `history` shows it.
Malware is released with --dangerous only; everything else goes once more past the engines. Whether spam is held or put into
Junk is policy: ./smartmail policy set spam.quarantine-score 6 --scope domain:a.example""",
    ),
    Noun(
        "report",
        "reports by day, week, month; availability, announced work",
        """Figures of a company's mail by day, week and month.

`show month 2026-10-01` tells what the month of that day came to; `file` writes it as a spreadsheet or for print, with a reason
that is recorded. Days are counted at night by themselves; `count` counts days again. `plan` says what is mailed to the
administrators when a span is over (`plan` alone: nothing). `availability` tells what served and what did not, by the
supervisor's own record; `announce` announces work before it begins, so that it counts as no outage.""",
    ),
    Noun(
        "ban",
        "banned addresses: reason, end; release, exceptions",
        """Addresses and networks that guess passwords, try unknown recipients or break the protocol are shut out for a time.

`release` lets one in again at once, on every node; `allow` makes an exception with an end, with --partner also from
greylisting. `settings` shows what defence works with, `set NAME VALUE` changes one of them.""",
    ),
    Noun(
        "domain",
        "domains that mail is received for: DNS records, DKIM keys, MTA-STS, reports",
        """`records` shows all DNS records that a domain needs, with `--look` whether they are published; `zone` prints them as
lines of a zone file.

The first DKIM key of a kind signs as soon as it exists: publish its record. To change keys: `new-key DOMAIN NEXT`, publish
its record, `records --look` until it is published, `activate-key DOMAIN NEXT` (the old key is retired), and after a week
`remove-key DOMAIN OLD` and its record. `set-tls` publishes an MTA-STS policy: testing first, enforce when reports are clean.""",
    ),
    Noun(
        "certificate",
        "TLS certificates, ACME",
        """Certificates that listeners present, from files, or issued and renewed by ACME. They take effect in seconds.

`add CHAIN.pem KEY.pem` or `add SERVER.pfx`, with `--password -` from standard input. `acme` makes an account at an authority
and accepts its terms; `fetch NAME…` issues and renews a certificate: port 80 must reach this server. Each name that a client
asks for (SNI) gets the certificate that lasts longest for it; any other, the node's own.""",
    ),
    Noun(
        "queue",
        "what waits to be delivered: list, hold, retry, reroute, delete, pause, limit",
        """Shows and moves what waits to be delivered, by any mark: who, where to, how old, why.

`dry-run ACT` says what an act would affect. `hold`, `release`, `retry`, `reroute` and `delete` are jobs of the server
(`./smartmail job`), done as soon as it runs: to keep mail back before it starts, `pause` first. Without a domain `pause`
stops everything. `limit` is for a domain, a provider's hosts (.example.net) or all (`'*'`).""",
    ),
    Noun(
        "list",
        "distribution lists: members, who may post, moderation",
        """Members are addresses inside or outside, other lists, groups (`group:NAME`) or departments (`department:CODE`).

A department stands for those below it too. A message to a list is sent anew by the list: its failures go to the owners.
With `--moderation`, mail waits in `./smartmail approval`.""",
    ),
    Noun(
        "relay",
        "business systems and scanners that may send: from where, as whom, how much",
        """Business systems and scanners that send without a person who logs in.

Each has an owner (an account that answers for it; its mail counts as the owner's), the networks it speaks from, the sender
addresses it may show (`@domain` for all of a domain), a limit an hour and an end date. With `--cleartext` it may log in as
its owner on port 25 without TLS. `list` says which sent nothing for 90 days (stale).""",
    ),
    Noun(
        "route",
        "where mail goes: relayed and shared domains, smarthosts, journals",
        """`set DOMAIN --relay-hosts HOST` passes all mail of a domain on to another system (gateway mode).

`--other-hosts HOST` shares it: the other system gets what nobody here has, with `--other-copy` a copy of everything;
`--other-networks` says where it hands mail back from, so that nothing goes round. A host is HOST[/PORT[/PRIORITY]], the least
priority first; `--other none` removes the other system. `known -` reads who is there, one address a line, for
`--relay-verify list`. `--smarthost-host` sends the domain's own mail through a host, `smarthost DOMAIN HOST` all mail to a
domain, `smarthost '*' HOST` all that has none of its own. `--alias-of` lets a domain stand for another, `--no-subaddress`
does not take kim+word@DOMAIN. `journal ADDRESS` gives every accepted message to an archive.""",
    ),
)
NOUNS: Final = {one.name: one for one in _NOUNS}
