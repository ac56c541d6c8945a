"""The learned filter on the SpamAssassin corpus, half learned and half judged, with only the author's fields."""

import pytest
from tests.bench.spam_quality import Figures, Own, halves

pytestmark = [pytest.mark.peer, pytest.mark.slow]


def test_the_goal_of_quality_is_kept():
    """Issue's figure: 1−ROCA ≤ 0.05 % as the median of ten splits; here one, with what that split gave and some room."""
    train, test = halves("spamassassin", 1, 0)
    figures = Figures()
    figures.add(Own()(train, [octets for octets, _spam in test]), [spam for _octets, spam in test], 0.0)
    assert figures.roca[0] <= 0.05
    assert figures.caught[0] >= 92
