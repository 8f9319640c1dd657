"""Colours, dashes and markers tell the models of a report apart, for all readers and on all pages."""

from itertools import combinations

import numpy as np
import pytest
from report_cases import smoother
from result_cases import mixture, network, score, strategy, translator

from gradus.reporting.drawing.looks import DASH_DOT, DASHED, SOLID, looks
from gradus.reporting.drawing.palette import LINES, PALETTE, palette_css
from gradus.reporting.model_looks import language_model_looks, study_looks, translation_model_looks
from gradus.reporting.results import Results

RESULTS = Results(
    {"mle": smoother(zero=True), "katz": smoother(zero=False)},
    {"rnn": network({"line": score(15.0)}), "lstm": network({"line": score(12.0)})},
    {"pair": mixture({"line": score(11.0)})},
    {"plain": translator({"beam": strategy(20.0)})},
    {}, {}, {}, {},
)  # fmt: skip

# Machado, Oliveira and Fernandes (2009), severity 1.0, on linear RGB
BLIND = {
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]],
    "none": [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]],
}
# Ottosson (2020), "A perceptual color space for image processing"
LMS = np.array([[0.4122, 0.5363, 0.0514], [0.2119, 0.6807, 0.1074], [0.0883, 0.2817, 0.6300]])
LAB = np.array([[0.2105, 0.7936, -0.0041], [1.9780, -2.4286, 0.4506], [0.0259, 0.7828, -0.8087]])


def linear(colour: str) -> np.ndarray:
    """Return the linear RGB values of `#rrggbb`."""
    shares = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(shares <= 0.04045, shares / 12.92, ((shares + 0.055) / 1.055) ** 2.4)


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours, from 1 to 21, as WCAG 2 defines it."""
    dark, light = sorted(linear(colour) @ [0.2126, 0.7152, 0.0722] + 0.05 for colour in (one, other))
    return float(light / dark)


@pytest.mark.parametrize("page", ["light", "dark"])
def test_lines_and_texts_stand_out_from_the_page(page: str) -> None:
    paper = getattr(PALETTE["paper"], page)
    assert {name for name, colour in LINES.items() if contrast(getattr(colour, page), paper) < 3} == set()
    assert all(contrast(getattr(PALETTE[name], page), paper) >= 4.5 for name in ("ink", "muted"))


@pytest.mark.parametrize("page", ["light", "dark"])
@pytest.mark.parametrize("blindness", BLIND)
def test_colours_of_lines_differ_for_colour_blind_readers(page: str, blindness: str) -> None:
    """A distance of 0.02 is just visible. Okabe and Ito's palette has 0.068 on this scale (tritanopia)."""
    seen = {}
    for name, colour in LINES.items():
        light = np.clip(np.array(BLIND[blindness]) @ linear(getattr(colour, page)), 0, 1)
        seen[name] = LAB @ np.cbrt(LMS @ light)
    assert min(float(np.linalg.norm(seen[a] - seen[b])) for a, b in combinations(seen, 2)) > 0.065


def test_the_style_sheet_names_all_colours_for_both_pages() -> None:
    light, dark = palette_css().split("@media")
    assert "screen and (prefers-color-scheme:dark)" in dark
    for name, colour in PALETTE.items():
        assert f"--{name}:{colour.light};" in light
        assert f"--{name}:{colour.dark};" in dark
    assert len({colour.light for colour in PALETTE.values()}) == len(PALETTE)  # a light value names its colour


def test_no_two_of_many_models_look_the_same() -> None:
    many = list(looks(map(str, range(72))).values())
    assert len(set(many)) == 72
    assert len({look.colour for look in many[:8]}) == 8
    assert {look.dash for look in many[:8]} == {SOLID[0]} and {look.dash for look in many[8:16]} == {SOLID[1]}


def test_ngram_models_are_dashed_networks_are_solid_and_mixtures_dash_dotted() -> None:
    found = language_model_looks(RESULTS)
    assert [look.dash for look in found.values()] == [DASHED[0], DASHED[0], SOLID[0], SOLID[0], DASH_DOT[0]]
    assert found["katz"].colour == found["lstm"].colour  # both are the second of their kind


def test_a_line_of_a_study_that_is_a_model_looks_like_it_and_the_others_do_not() -> None:
    models = language_model_looks(RESULTS) | translation_model_looks(RESULTS)
    found = study_looks(["new", "lstm", "mle", "newer", "plain", "lstm"], RESULTS)
    assert list(found) == ["new", "lstm", "mle", "newer", "plain"]
    assert all(found[name] == models[name] for name in ("lstm", "mle", "plain"))
    assert len({(look.colour, look.dash) for look in found.values()}) == 5
