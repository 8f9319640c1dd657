"""Every smoother against arithmetic by hand.

The text is the three lines `ab`, `ab`, `ac`, with BOS (^) before and EOS ($) after each; 9 ids, so V = 7.
Order 1: a 3, b 2, c 1, $ 3, together 9.
Order 2: ^a 3, ab 2, ac 1, b$ 2, c$ 1.
"""

import math

import numpy as np
import pytest
from ngram_cases import SIZE, fitted, letters

from gradus.ngram.counting.counts import count_ngrams
from gradus.ngram.smoothing.additive import Additive, best_k
from gradus.ngram.smoothing.fit import fit
from gradus.ngram.smoothing.jelinek_mercer import JelinekMercer
from gradus.ngram.smoothing.katz import good_turing
from gradus.ngram.smoothing.mixture_weights import Buckets, Stop, bucketed, fit_weights

TEXT = letters("ab/ab/ac")


def last(name, order, line, text=TEXT):
    """Return the probability of the last letter of a line after the ones before it."""
    return math.exp(fitted(name, text, order).model(order).log_probs(letters(line))[len(line) - 1])


@pytest.mark.parametrize(
    ("name", "order", "line", "expected"),
    [
        ("mle", 1, "b", 2 / 9),
        ("mle", 2, "ab", 2 / 3),
        ("mle", 2, "a", 3 / 3),  # c(^a) / c(^)
        ("mle", 2, "aa", 0.0),  # a was never followed by a
        ("mle", 2, "da", 0.0),  # d was never seen
        ("mle", 3, "ab", 2 / 3),  # c(^ab) / c(^a): near its start a line has no third word
        ("laplace", 1, "b", (2 + 1) / (9 + 7)),
        ("laplace", 1, "?", (0 + 1) / (9 + 7)),  # UNK is one of the 7 types
        ("laplace", 2, "ab", (2 + 1) / (3 + 7)),
        ("laplace", 2, "aa", (0 + 1) / (3 + 7)),
        ("laplace", 2, "da", 1 / 7),  # an unseen history: uniform, however frequent a is
        ("laplace", 3, "ab", (2 + 1) / (3 + 7)),  # history ^a
        ("laplace", 3, "bab", 1 / 7),  # history ba was never seen, though ab was
        ("small_k", 2, "ac", (1 + 0.05) / (3 + 0.05 * 7)),
        ("stupid_backoff", 2, "ab", 2 / 3),
        ("stupid_backoff", 2, "aa", 0.4 * 3 / 9),
        ("stupid_backoff", 2, "da", 0.4 * 3 / 9),  # the factor is paid for an unseen history as well
        ("stupid_backoff", 3, "aab", 0.4 * 2 / 3),  # aa is unseen, ab is not
        ("stupid_backoff", 3, "dda", 0.4 * 0.4 * 3 / 9),
    ],
)
def test_relative_frequencies_additive_and_stupid_backoff(name, order, line, expected):
    assert last(name, order, line) == pytest.approx(expected, rel=1e-6)


# Counts of counts of ab, ab, ac by order 2: n1 = 2 (ac, c$), n2 = 2 (ab, b$), n3 = 1 (^a).
# One discount: D = n1 / (n1 + 2 n2) = 2 / 6 = 1/3.
# Order 1 as the shorter order counts left neighbours: a 1 (^), b 1, c 1 (a), $ 2 (b, c), together 5;
# n1 = 3, n2 = 1, D = 3 / (3 + 2) = 3/5, gamma = 4 * 3/5 / 5 = 12/25, p1(w) = (a(w) - 3/5) / 5 + 12/25 / 7.
P1 = {"a": 0.4 / 5 + 12 / 175, "b": 0.4 / 5 + 12 / 175, "$": 1.4 / 5 + 12 / 175, "?": 12 / 175}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("ab", (2 - 1 / 3) / 3 + (2 * 1 / 3) / 3 * P1["b"]),  # gamma(a) = D times 2 types after a, over c(a)
        ("aa", (2 * 1 / 3) / 3 * P1["a"]),
        ("a", (3 - 1 / 3) / 3 + (1 / 3) / 3 * P1["a"]),  # after ^
        ("?", (1 / 3) / 3 * P1["?"]),
        ("da", P1["a"]),  # an unseen history backs off with weight 1
    ],
)
def test_kneser_ney_counts_left_neighbours_in_the_shorter_order(line, expected):
    assert last("kneser_ney", 2, line) == pytest.approx(expected, rel=1e-6)


def test_kneser_ney_of_order_one_has_raw_counts():
    # raw counts a 3, b 2, c 1, $ 3: n1 = 1, n2 = 1, D = 1 / 3; gamma = 4 * 1/3 / 9
    assert last("kneser_ney", 1, "b") == pytest.approx((2 - 1 / 3) / 9 + 4 / 27 / 7, rel=1e-6)


def test_the_warning_names_order_and_missing_count():
    # ^a, ab and b$ occur once each; a, b and $ have one left neighbour each
    warnings = fitted("modified_kneser_ney", letters("ab"), 2).warnings()
    assert (
        "order 2, counts: no n-gram has count exactly 2 (n2 = 0); discounts (0.5, 1.0, 1.5) are used instead"
        in warnings
    )
    assert any(
        warning.startswith("order 1, continuation counts: no n-gram has count exactly 2 (n2 = 0)")
        for warning in warnings
    )


def test_good_turing_discounts():
    # k = 2; n1 = 6, n2 = 2, n3 = 1: m = 3 * 1/6 = 1/2
    # r* = 2 * 2/6 = 2/3: d1 = (2/3 - 1/2) / (1/2) = 1/3; r* = 3 * 1/2: d2 = (3/4 - 1/2) / (1/2) = 1/2
    discounts, warnings = good_turing(np.array([1] * 6 + [2] * 2 + [3, 8]), 2, 2)
    assert discounts == pytest.approx((1 / 3, 1 / 2)) and warnings == ()


@pytest.mark.parametrize(
    ("counts", "expected", "message"),
    [
        ([2, 3, 3], (1.0, 1.0), "no 3-gram occurs once (n1 = 0)"),
        # n1 = 4, n2 = 1, n3 = 0: m = 0, d1 = 2 * 1/4 = 1/2, and d2 has no n3
        ([1, 1, 1, 1, 2], (0.5, 1.0), "the count 2 of 3-grams is not discounted (n3 = 0)"),
        # n1 = 2, n2 = 2, n3 = 1: m = 3/2; d1 = (2 - 3/2) / (-1/2) = -1; d2 = (3/4 - 3/2) / (-1/2) = 3/2
        ([1, 1, 2, 2, 3], (1.0, 1.0), "the count 1 of 3-grams is not discounted (its discount would be -1)"),
    ],
)
def test_counts_are_not_discounted_where_good_turing_fails(counts, expected, message):
    discounts, warnings = good_turing(np.array(counts), 3, 2)
    assert discounts == pytest.approx(expected)
    assert any(message in warning for warning in warnings)


def test_katz_backs_off_to_what_the_discount_frees():
    # Order 2, k = 1: n1 = 6 (^b ^c ^d b$ c$ d$), n2 = 2 (^a a$): m = 2 * 2/6, r* = 2 * 2/6, so d1 = 0 is refused.
    # Nothing is freed after ^, so c(^) = 5 grows to 6: p(a | ^) = 2/6, and 1/6 is left for the unseen ? e $.
    # Order 1: a 2, b c d 1, $ 5, together 10; n1 = 3, n2 = 1: m = 2/3 = r*, d1 = 0 is refused again; one more is
    # spread over V = 7: p(a) = 2/11 + 1/77 = 15/77, p(b) = 8/77, p($) = 36/77, p(?) = 1/77.
    # The types unseen after ^ have 1 - (15 + 3 * 8) / 77 = 38/77 of order 1, so p(? | ^) = 1/6 * (1/77) / (38/77).
    text = letters("a/a/b/c/d")
    assert last("katz_low", 2, "a", text) == pytest.approx(2 / 6, rel=1e-6)
    assert last("katz_low", 2, "?", text) == pytest.approx(1 / 6 / 38, rel=1e-5)
    assert last("katz_low", 2, "ea", text) == pytest.approx(15 / 77, rel=1e-6)  # unseen history


def test_katz_discounts_small_counts():
    # Order 2, k = 5: n1 = 6 (ac ad ae c$ d$ e$), n2 = 2 (ab b$), n3 = n6 = 0: m = 0, d1 = 2 * 2/6 = 2/3, d2 = 1.
    # So p(b | a) = 2/5, p(c | a) = 2/3 * 1/5, and 3 * 1/3 / 5 = 1/5 is left.
    text = letters("ab/ab/ac/ad/ae")
    assert last("katz", 2, "ab", text) == pytest.approx(2 / 5, rel=1e-6)
    assert last("katz", 2, "ac", text) == pytest.approx(2 / 15, rel=1e-6)
    # Order 1: a 5, b 2, c d e 1, $ 5, together 15; n1 = 3, n2 = 1, m = 0: d1 = 2 * 1/3 = 2/3, d2 = d5 = 1.
    # Freed 3 * 1/3 = 1 of 15: p(a) = 5/15 + 1/105 = 36/105, p(b) = 15/105, p(c) = (2/3)/15 + 1/105 = 17/315.
    seen = 15 / 105 + 3 * 17 / 315
    assert last("katz", 2, "aa", text) == pytest.approx(1 / 5 * (36 / 105) / (1 - seen), rel=1e-5)


def test_katz_keeps_all_mass_where_every_type_was_seen():
    # After ^: a twice, the other six types once, UNK and EOS (an empty line) among them.
    # Order 2: n1 = 6 + 5 (w$), n2 = 2 (^a a$), n3 = n6 = 0: d1 = 2 * 2/11 = 4/11, d2 = 1.
    # Scaled to sum to one: p(a | ^) = 2 / (2 + 6 * 4/11) = 11/23, p(b | ^) = (4/11) / (46/11) = 2/23.
    text = letters("?//a/a/b/c/d/e")
    assert last("katz", 2, "a", text) == pytest.approx(11 / 23, rel=1e-6)
    assert last("katz", 2, "b", text) == pytest.approx(2 / 23, rel=1e-6)
    assert last("katz", 2, "?", text) == pytest.approx(2 / 23, rel=1e-6)


def one_bucket(ratios, seen):
    """Return tokens whose histories all share a weight."""
    return Buckets(np.array([], dtype=np.int64), np.array(ratios), np.array(seen), np.zeros(len(seen), dtype=np.int64))


TOLERANCE, ITERATIONS = 1e-9, 1000
STOP = Stop(TOLERANCE, ITERATIONS)
ONE_BUCKET = JelinekMercer(kind="jelinek_mercer", bucket_tokens=1000, tolerance=TOLERANCE, iterations=ITERATIONS)


def test_jelinek_mercer_weights_maximise_the_likelihood():
    # Order 1 over 4 tokens, of which three have ratio 1/2 and one 0; order 0 is 1/8. The mixture's likelihood
    # 3 ln(l / 2 + (1 - l) / 8) + ln((1 - l) / 8), and ln(1 - l) for the added token that order 1 did not produce,
    # has its slope 9 / (1 + 3 l) = 2 / (1 - l) zero at l = 7/15.
    tokens = one_bucket([1 / 2, 1 / 2, 1 / 2, 0.0], [True] * 4)
    assert fit_weights([tokens], 1 / 8, STOP, added=1.0)[0] == pytest.approx([7 / 15], rel=1e-6)


def test_each_bucket_has_the_weight_of_its_own_tokens():
    # the four tokens above after frequent histories, and two of ratio 1 after rare ones: there
    # 2 ln(l + (1 - l) / 8) + ln(1 - l) has its slope 14 / (1 + 7 l) = 1 / (1 - l) zero at l = 13/21
    tokens = Buckets(
        np.array([5]),
        np.array([1 / 2, 1.0, 1 / 2, 1 / 2, 1.0, 0.0]),
        np.ones(6, dtype=bool),
        np.array([1, 0, 1, 1, 0, 1]),
    )
    assert fit_weights([tokens], 1 / 8, STOP, added=1.0)[0] == pytest.approx([13 / 21, 7 / 15], rel=1e-6)


def test_buckets_have_enough_tokens_and_never_separate_equal_counts():
    histories = np.array([0, 1, 1, 1, 2, 3, 7, 7, 9])
    buckets = bucketed(np.ones(9, dtype=np.int64), histories, 3)
    # 1 1 1 | 2 3 7 7 9: the last bucket includes the 9, because one token is too few
    assert buckets.bounds.tolist() == [2]
    assert buckets.bucket.tolist() == [0, 0, 0, 0, 1, 1, 1, 1, 1] and not buckets.seen[0]
    assert buckets.ratios == pytest.approx([0, 1, 1, 1, 1 / 2, 1 / 3, 1 / 7, 1 / 7, 1 / 9])
    assert bucketed(np.ones(9, dtype=np.int64), histories, 2).bounds.tolist() == [2, 7]


def jelinek_mercer_weights(fit, order):
    return [found.fitted.weights[0] for found in fit.models[order].reports]


def test_jelinek_mercer_gives_unseen_histories_no_weight():
    fitted_ = fit(ONE_BUCKET, count_ngrams(TEXT, order=2, vocabulary_size=SIZE), letters("ab/eac/abba"))
    weights = jelinek_mercer_weights(fitted_, 2)
    unigram = {w: weights[0] * n / 9 + (1 - weights[0]) / 7 for w, n in (("a", 3), ("b", 2))}

    def of_last(line):
        return math.exp(fitted_.model(2).log_probs(letters(line))[len(line) - 1])

    assert of_last("da") == pytest.approx(unigram["a"], rel=1e-6)
    assert of_last("ab") == pytest.approx(weights[1] * 2 / 3 + (1 - weights[1]) * unigram["b"], rel=1e-6)


def test_jelinek_mercer_ignores_histories_of_ids_that_never_occur():
    # UNK has an entry in order 1, but no word follows it in the training text: as a history it is unseen
    valid = letters("a?b")
    orders = [
        one_bucket([3 / 9, 0.0, 2 / 9, 3 / 9], [True] * 4),  # of a, ?, b and $
        one_bucket([1.0, 0.0, 0.0, 1.0], [True, True, False, True]),
    ]
    counts = count_ngrams(TEXT, order=2, vocabulary_size=SIZE)
    expected = [float(weight[0]) for weight in fit_weights(orders, 1 / 7, STOP, added=1.0)]
    assert jelinek_mercer_weights(fit(ONE_BUCKET, counts, valid), 2) == pytest.approx(expected, rel=1e-9)


def test_em_never_lowers_the_likelihood():
    random = np.random.default_rng(1)
    ratios = random.random((3, 50)) * (random.random((3, 50)) < 0.6)
    seen = (ratios > 0) | (random.random((3, 50)) < 0.5)
    orders = [one_bucket(*order) for order in zip(ratios, seen, strict=True)]

    def likelihood(iterations):
        probs, left = np.full(50, 0.1), 0.0
        weights = fit_weights(orders, 0.1, Stop(1e-12, iterations), added=1.0)
        for ratio, known, weight in zip(ratios, seen, weights, strict=True):
            probs = weight * known * ratio + (1 - weight * known) * probs
            left += np.log(1 - weight[0])  # of the added token
        return np.log(probs).sum() + left

    steps = [likelihood(n) for n in range(1, 12)]
    assert all(after >= before for before, after in zip(steps[:-1], steps[1:], strict=True))


def test_witten_bell_gives_unseen_words_one_count_per_seen_type():
    # Order 1: 9 tokens of 4 types: p(b) = (2 + 4/7) / 13. After a: 3 tokens of 2 types.
    unigram = {"b": (2 + 4 / 7) / 13, "?": (0 + 4 / 7) / 13}
    assert last("witten_bell", 1, "b") == pytest.approx(unigram["b"], rel=1e-6)
    assert last("witten_bell", 2, "ab") == pytest.approx((2 + 2 * unigram["b"]) / (3 + 2), rel=1e-6)
    assert last("witten_bell", 2, "a?") == pytest.approx(2 * unigram["?"] / (3 + 2), rel=1e-6)


def test_absolute_discounting_counts_occurrences_in_every_order():
    # Order 1: a 3, b 2, c 1, $ 3: n1 = n2 = 1, D = 1/3, gamma = 4/3 / 9. Order 2: n1 = n2 = 2, D = 1/3.
    unigram = (2 - 1 / 3) / 9 + 4 / 27 / 7  # b
    assert last("absolute_discounting", 1, "b") == pytest.approx(unigram, rel=1e-6)
    assert last("absolute_discounting", 2, "ab") == pytest.approx((2 - 1 / 3) / 3 + 2 / 9 * unigram, rel=1e-6)


# Raw counts at both orders, by Chen and Goodman's closed form.
# Order 1: a 3, b 2, c 1, $ 3: n1 = n2 = 1, n3 = 2, n4 = 0, so Y = 1/3; D1 = 1 - 2 Y 1/1 = 1/3, D2 = 2 - 3 Y 2/1 = 0,
# D3+ = 3 - 4 Y 0/2 = 3; gamma = (3 + 0 + 1/3 + 3) / 9 = 19/27, spread over V = 7.
# Order 2: n1 = n2 = 2, n3 = 1, n4 = 0, so Y = 1/3; D1 = 1 - 2 Y 2/2 = 1/3, D2 = 2 - 3 Y 1/2 = 3/2, D3+ = 3.
# After a: gamma = (3/2 + 1/3) / 3 = 11/18. After ^: D3+ takes all of ^a, so gamma = 1.
RAW_P1 = {"a": 19 / 189, "b": 2 / 9 + 19 / 189, "c": (1 - 1 / 3) / 9 + 19 / 189, "?": 19 / 189}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("ab", (2 - 3 / 2) / 3 + 11 / 18 * RAW_P1["b"]),
        ("ac", (1 - 1 / 3) / 3 + 11 / 18 * RAW_P1["c"]),
        ("a?", 11 / 18 * RAW_P1["?"]),
        ("a", (3 - 3) / 3 + RAW_P1["a"]),
        ("da", RAW_P1["a"]),  # unseen history
    ],
)
def test_modified_absolute_discounting_has_three_discounts_of_raw_counts(line, expected):
    assert last("modified_absolute_discounting", 2, line) == pytest.approx(expected, rel=1e-6)


def test_a_fitted_k_maximises_the_probability_of_held_out_tokens():
    # one token seen 3 times of 4, one never seen, V = 4: ln (3 + k) + ln k - 2 ln (4 + 4 k) is greatest where
    # 1 / (3 + k) + 1 / k = 2 / (1 + k), that is (3 + 2 k) (1 + k) = 2 k (3 + k): k = 3
    assert best_k(np.array([3, 0]), np.array([4, 4]), 4) == pytest.approx(3, rel=1e-9)


def test_a_fitted_k_is_better_than_its_neighbours_on_its_held_out_text():
    counts, valid = count_ngrams(TEXT, order=3, vocabulary_size=SIZE), letters("ab/eac/abba")

    def cost(k, order):
        config = Additive(kind="additive", k=k)
        fitted_ = fit(config, counts, valid, [order])
        return -fitted_.model(order).log_probs(valid).sum(), fitted_.models[order].reports[0].fitted.k[0]

    for order in (1, 2, 3):
        best, k = cost("fitted", order)
        assert best < min(cost(0.9 * k, order)[0], cost(1.1 * k, order)[0])
