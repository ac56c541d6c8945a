"""JMAP methods: arguments of `proto.jmap` in, calls of services, objects of `proto.jmap` out.

Read first: `context` (what a method gets), `methods` (the table of all of them), `emails` and `properties`.
Must not know HTTP. A foreign account answers like an absent one.
"""
