"""Which migrations leave the way back open: those that only add."""

import pytest

from smartmail.adapters.sql.migrate import floor, only_adds

ADDING = [
    "create table fresh (id bigint not null primary key) /* clustered */; create unique index fresh_id on fresh (id);",
    "-- drop table old;\nalter table old add column note text;",
    "alter table old add column count integer not null default 0;",
    "create index old_at on old (at);",
    "create table fresh (id bigint); insert into fresh (id) select id from old;",
]
MORE = [
    "drop table old", "alter table old drop column note", "alter table old rename column a to b", "update old set a = 1",
    "delete from old", "alter table old add column count integer not null", "create unique index old_name on old (name)",
    "insert into old (id) values (1)", "alter table old alter column a type text", "create table fresh (id bigint); drop index x",
]  # fmt: skip


@pytest.mark.parametrize("script", ADDING)
def test_what_only_adds(script):
    assert only_adds(script)


@pytest.mark.parametrize("script", MORE)
def test_what_does_more(script):
    assert not only_adds(script)


def test_the_floor_is_the_newest_script_that_does_more():
    assert floor([MORE[0], ADDING[0], MORE[3], ADDING[1], ADDING[2]]) == 3
    assert floor(ADDING) == 0
