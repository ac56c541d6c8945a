"""What services need from outside, as typing.Protocols. No implementation, no rule."""
