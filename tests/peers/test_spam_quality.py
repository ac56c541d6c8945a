"""The learned filter on the SpamAssassin corpus, half learned and half judged, with only the author's fields."""

import pytest
from tests.bench.spam_quality import Figures, Own, halves

pytestmark = [pytest.mark.peer, pytest.mark.slow]


def test_quality_is_kept():
    """1−ROCA ≤ 0.05 % is the goal for the median of ten splits; one split, of those that no setting was chosen on, may lie
    above (docs/spam-quality.md: 0.02 to 0.07 %), so this guards against a filter that became worse.
    """
    train, test = halves("spamassassin", 101, 0)
    figures = Figures()
    figures.add(Own()(train, [octets for octets, _spam in test]), [spam for _octets, spam in test], 0.0)
    assert figures.roca[0] <= 0.07
    assert figures.caught[0] >= 87
