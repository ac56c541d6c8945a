"""What `./smartmail test` does: tiers, selection, scheduling, budgets, the list of flaky tests, the report.

For developers only: nothing of the product imports it, and it imports nothing of the product but the two modules that
know the checkout and the system packages. docs/testing.md describes it for people.

`tiers`, `schedule`, `budgets`, `flaky`, `durations` and `reach` are pure but for the file each of them reads or writes;
`imports` reads the import graphs; `plugin` sits inside pytest; `suites` starts the programs; `command` joins all.
"""
