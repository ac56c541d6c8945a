"""Backup: copies of everything in a sealed place, and the ways back (docs/adr/0040).

PARTS     wire (how it is written down), sealed_place (a place with its key), taking (a backup), restoring (everything back),
          bringing (a person, a mailbox, a message back into a running installation), verifying, keeping (which are kept),
          service (rights, records, the schedule).
Must not know where places are: the composition gives them.
"""
