"""Items made ahead in another thread."""

import threading

import pytest

from gradus.ngram.ahead import ahead


@pytest.mark.parametrize("size", [0, 1, 2, 7])
def test_items_come_in_their_order_and_from_another_thread(size):
    made = [(item, threading.get_ident()) for item in range(size)]
    assert [item for item, _ in ahead(iter(made))] == list(range(size))

    def makers():
        yield threading.get_ident()

    assert list(ahead(makers())) != [threading.get_ident()]


def test_an_error_is_raised_where_the_item_would_have_come():
    def failing():
        yield 1
        raise ValueError("no second item")

    items = ahead(failing())
    assert next(items) == 1
    with pytest.raises(ValueError, match="no second item"):
        next(items)


def test_no_more_than_two_items_are_made_ahead():
    made = []

    def making():
        for item in range(10):
            made.append(item)
            yield item

    items = ahead(making())
    assert next(items) == 0 and len(made) <= 4  # two, one more for the one taken, and this one
    items.close()
