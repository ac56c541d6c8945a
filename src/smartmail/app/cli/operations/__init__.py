"""Commands that are made of the operations of the admin API (ADR 82).

STRATEGIES  An operation that has `commands` is on the command line: its path, query and body are the arguments, its
            summary and the texts of its types are the help, its answer is the table. Nothing of it is written again here.
SECURITY    A command is a request that never leaves the process: the same reading, the same handler, the same encoder.
            The actor is the command line of this host, which may do everything (service.kernel.authority).
"""
