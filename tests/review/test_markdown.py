"""A shortened text is still valid Markdown."""

import pytest

from gradus.review.markdown import COMMENT_LIMIT, digits, folded, percent, shortened, table

ROW = ["lstm", "perplexität", "1", "2"]  # two bytes in one character


def test_a_long_text_ends_with_a_whole_row_and_its_notice() -> None:
    text = "\n".join(table(ROW, [ROW] * 5000)) + "\n"
    cut = shortened(text)
    assert COMMENT_LIMIT - 200 < len(cut.encode()) <= COMMENT_LIMIT
    kept, notice = cut.split("\n\n(")
    assert set(kept.splitlines()) == {"| lstm | perplexität | 1 | 2 |", "| --- | ---: | ---: | ---: |"}
    assert notice.startswith("The rest is left out here")


@pytest.mark.parametrize("limit", range(150, 700, 7))
def test_wherever_a_folded_block_is_cut_it_is_closed(limit: int) -> None:
    fence = ["```mermaid", "xychart-beta", "```"]
    text = "\n".join(["above", *fence, *(folded("some numbers", table(ROW, [ROW] * 3)) * 5)]) + "\n"
    cut = shortened(text, limit)
    assert len(cut.encode()) <= limit
    lines = cut.splitlines()
    assert lines.count("<details>") == lines.count("</details>") == sum(line.startswith("<summary>") for line in lines)
    assert sum(line.startswith("```") for line in lines) % 2 == 0


@pytest.mark.parametrize("text", ["", "short\n", "x" * 200])
def test_a_short_text_stays_as_it_is(text: str) -> None:
    assert shortened(text, 200) == text


def test_cells() -> None:
    assert [digits(value) for value in (None, float("inf"), 1.0, 12.3456789, 7, "lstm")] == [
        "none", "∞", "1", "12.346", "7", "lstm",
    ]  # fmt: skip
    assert [percent(value) for value in (0.0212, -0.5, float("inf"))] == ["+2.12%", "-50.00%", "∞"]
