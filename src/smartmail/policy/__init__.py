"""Facts and rules in, decision and explanation out. Pure: no clock, no store, no log."""
