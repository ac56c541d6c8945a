"""The demo company that `serve --demo` seeds: three domains, people, and mail as Korean offices really get it."""
