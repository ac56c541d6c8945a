"""IMAP sessions over proto.imap."""
