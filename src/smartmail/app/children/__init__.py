"""Child processes that parse untrusted files: for text and layouts, and for rules of YARA. They have no rights and end with their parent."""
