"""Construction of the services of a process, one module for each floor of `service/` (docs/adr/0086), the lower ones first.

Each class makes the services of one floor, or of one area of it, over the ports and what stands below; the names of its
attributes are those of `service.catalogue.Services`. What a lower floor calls of an upper one is in `upcalls`.
Read first: services.py. Must not know: mail.
"""
