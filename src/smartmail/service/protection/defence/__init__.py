"""Defence: what keeps the house standing when it is attacked, and stops an account of ours that attacks others.

NAME        defence
PURPOSE     Budgets for what hosts, networks and accounts may do; bans with reason, evidence and end; greylisting;
            guessing slowed before it costs; subscription bombs set aside; sending of stolen accounts stopped.
STRATEGIES  A budget is one number for each key (a leaky bucket as a time); a table of them never grows beyond its bound.
            Each process counts for itself and tells the others what is bad over the bus. Bans and stops are rows: a hint
            spreads them at once, a look each second spreads them when the hint was lost. An address from which people of
            ours have logged in lately is never shut out: what offends there is slowed, door by door.
LIMITS      budgets.MOST keys a table, bans.MOST_HELD bans in memory, sending.MOST accounts watched.
FAILURE     When the store is away nothing new is banned or put off; what is known goes on. Losing a count costs a little
            time, never mail.
SECURITY    Evidence is counts and times. Whom people write to is kept as keyed hashes. This machine itself (loopback) is
            never judged. A guess is refused before anything is hashed once its budget is out.
PARTS       places, budgets (arithmetic), bans (rows and their snapshot), strikes (what is bad, and when it is too much),
            visits (one SMTP connection), greylist, logins, sending, notices, bombs, service (what others hold).
Must not know SMTP replies or sockets.
"""

from smartmail.service.protection.defence.service import DefenceService
from smartmail.service.protection.defence.settings import DefenceSettings
from smartmail.service.protection.defence.visits import Visit

__all__ = ["DefenceService", "DefenceSettings", "Visit"]
