"""What `./smartmail test` does: tiers, selection, scheduling, budgets, the list of flaky tests, the report.

For developers only: it imports nothing of the product, and of the product only the command loads it, in a checkout.
docs/testing.md describes it for people.

`tiers`, `schedule`, `budgets`, `flaky`, `durations` and `reach` are pure but for the file each of them reads or writes;
`imports` reads the import graphs; `plugin` sits inside pytest; `suites` starts the programs; `command` joins all.
"""
