"""Protection: whether a message or a connection is what it seems: filtering, route and country, floods, bans.

NOUNS     specimen, sign, verdict, finding, ban, budget, place, country.
MAY ASK   kernel.
Must not know where mail is put afterwards: flow acts on the verdict.
"""
