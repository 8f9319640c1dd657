"""Run work in two threads."""

import threading
import time

import pytest

from gradus.ngram.threads import THREADS, in_threads


@pytest.mark.parametrize("size", [0, 1, 2, 3, 9])
def test_results_come_in_the_order_of_their_items(size):
    def slow_at_first(item):
        time.sleep(0.002 * (size - item))
        return item * item

    assert list(in_threads(slow_at_first, range(size))) == [item * item for item in range(size)]


def test_two_pieces_are_worked_on_at_once():
    together = threading.Barrier(2, timeout=20)
    assert len(list(in_threads(lambda _: together.wait(), range(4)))) == 4  # a single thread would wait for ever


def test_an_error_is_raised_where_the_result_would_have_come():
    results = in_threads(lambda item: 1 // item, [1, 0])
    assert next(results) == 1
    with pytest.raises(ZeroDivisionError):
        next(results)


def test_only_a_few_items_are_taken_ahead():
    taken = []
    results = in_threads(lambda item: item, (taken.append(item) or item for item in range(100)))
    assert next(results) == 0 and len(taken) == THREADS + 1
    results.close()
