"""What the houses of all test folders are built on, and what makes opening them cheap.

  template.py   a fresh SQLite store is a copy of one that was migrated once in this process
  program_files.py  migrations and tables of addresses are read once
  hashing.py    main passwords cost microseconds; `shipped` gives the real parameters back
  place.py      temporary folders lie in memory where the machine has room there: a sync costs nothing
  clock.py      clocks that a test sets or moves
  bus.py        hints inside one process
  opening.py    keys, volume and services over a store

`tests/conftest.py` calls `install` once per test process. Must not hold tests, nor what only one folder needs.
"""
