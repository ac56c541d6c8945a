"""Identity: who comes in and how that is known: passwords, second factors, certificates, OAuth, access rules.

NOUNS     login, factor, credential, token, session, access rule.
MAY ASK   protection, kernel.
Must not know mail.
"""
