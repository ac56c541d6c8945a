"""Detectors of leak prevention: what in a text names a person, an account, a card or a secret. Pure.

Knows no rules, no senders and no mails: `detecting.detect` is given text and returns findings. What is done about them is policy's.
"""
