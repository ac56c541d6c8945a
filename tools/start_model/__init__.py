"""The model that new installations begin with: what it is taught from, and how it is made (docs/made-mail.md)."""
