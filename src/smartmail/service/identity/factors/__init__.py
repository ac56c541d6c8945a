"""Second factors: what they are, how a login waits for one, what an account still owes, known devices, consents.

Read methods.py first: a new kind is one class there. Must not know HTTP.
"""
