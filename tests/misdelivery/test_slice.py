"""A small made company, the same each time: what the misdelivery guard catches and how often it asks (docs/misdelivery.md)."""

from tests.misdelivery.trial import Trial


def test_planted_mistakes_are_caught_and_ordinary_letters_go():
    trial = Trial(2, people=100, customers=80)
    trial.warm(20_000)
    outcome = trial.run(4_000, 180)
    assert outcome.share_caught >= 0.65, outcome.caught
    assert outcome.share_prompts <= 0.02, outcome.prompted
    assert outcome.caught["lookalike"] >= 0.9 * outcome.planted["lookalike"]
    assert sorted(outcome.seconds)[len(outcome.seconds) * 99 // 100] <= 0.05


def test_a_company_is_the_same_each_time():
    one, other = Trial(6, 40, 20), Trial(6, 40, 20)
    for trial in (one, other):
        trial.warm(200)
    assert one.memories == other.memories
