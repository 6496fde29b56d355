"""Laws of verdicts: they are a monoid, and no reason is ever lost."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from erp_invoice_core.verdict import ALLOWED, Denial, Notice, Source, Verdict

WORDS = st.text("abc_", min_size=1, max_size=4)
CODES = st.builds("{}.{}".format, WORDS, WORDS)
DENIALS = st.builds(Denial, CODES, st.text(max_size=5), st.sampled_from(Source))
NOTICES = st.builds(Notice, CODES, st.text(max_size=5), st.sampled_from(Source))
VERDICTS = st.builds(
    Verdict, st.lists(DENIALS, max_size=4).map(tuple), st.lists(NOTICES, max_size=3).map(tuple)
)


@given(VERDICTS)
def test_allowed_is_the_identity(verdict: Verdict) -> None:
    """Joining with the allowed verdict changes nothing, from either side."""
    assert verdict == verdict & ALLOWED == ALLOWED & verdict


@given(VERDICTS, VERDICTS, VERDICTS)
def test_joining_is_associative(one: Verdict, two: Verdict, three: Verdict) -> None:
    """It does not matter which two are joined first."""
    assert (one & two) & three == one & (two & three)


@given(VERDICTS, VERDICTS)
def test_no_reason_is_lost(one: Verdict, two: Verdict) -> None:
    """The joined verdict has every denial and notice of both, as often as each has it."""
    joined = one & two

    for denial in (*one.denials, *two.denials):
        said = (*one.denials, *two.denials).count(denial)
        assert said == joined.denials.count(denial)
    assert (*one.notices, *two.notices) == joined.notices


@given(VERDICTS, VERDICTS)
def test_one_more_verdict_never_allows_more(one: Verdict, two: Verdict) -> None:
    """The joined verdict is allowed if and only if both are."""
    assert (one.allowed and two.allowed) is (one & two).allowed


@given(VERDICTS)
def test_nothing_is_refused_without_a_reason(verdict: Verdict) -> None:
    """A verdict is false if and only if it has a denial, and its reasons are in order."""
    ranks = [list(Source).index(denial.source) for denial in verdict.denials]

    assert bool(verdict) is (not verdict.denials)
    assert sorted(ranks) == ranks
