"""Which backups are kept: the newest of days, weeks and months, and the newest of all."""

from datetime import UTC, datetime, timedelta

from smartmail.domain.backup import Keeping
from smartmail.service.operations.backup.keeping import kept

START = datetime(2026, 1, 1, 3, tzinfo=UTC)


def names(days, per_day=1):
    moments = [START + timedelta(days=day, hours=hour) for day in range(days) for hour in range(per_day)]
    return [f"{int(at.timestamp() * 1000):014d}" for at in moments]


def days_of(found):
    return sorted(datetime.fromtimestamp(int(one) / 1000, UTC).strftime("%m-%d %H") for one in found)


def test_the_newest_of_each_day_week_and_month_is_kept():
    found = kept(names(60, per_day=2), Keeping(days=3, weeks=2, months=3))
    assert days_of(found) == ["01-31 04", "02-22 04", "02-27 04", "02-28 04", "03-01 04"]


def test_the_newest_of_all_stays_whatever_the_plan_says():
    assert days_of(kept(names(5), Keeping(0, 0, 0))) == ["01-05 03"]
    assert kept([], Keeping()) == set()


def test_a_pause_of_months_loses_nothing_that_is_within_the_counts():
    old, new = names(2), names(400)[-2:]
    assert kept([*old, *new], Keeping(days=7, weeks=0, months=0)) == {*old, *new}
