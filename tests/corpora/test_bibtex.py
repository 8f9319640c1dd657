import pytest
from sacrebleu.dataset import DATASETS

from gradus.corpora.sources.bibtex import short_citation


@pytest.mark.parametrize(
    ("bibtex", "expected"),
    [
        ('@book{a, author = "Knuth, Donald", title = "The {TeX}book", year = 1984}', "Knuth (1984), The TeXbook"),
        (
            "@inproceedings{b,\n author={Anna Nov{\\'a}kov{\\'a} and John Doe},\n title={A {B}ig\n  Day}, year={2024}}",
            "Novakova and Doe (2024), A Big Day",
        ),
        (
            "@misc{c, title={Text}}\n@misc{d, author={A B and C D and E F}, title={More}}",
            "Text; B et al. (no year), More",
        ),
        ("Nováková (2026), a book", "Nováková (2026), a book"),
        ("@misc{e, author={A B}}", "@misc{e, author={A B}}"),
    ],
)
def test_entries_become_one_line(bibtex: str, expected: str) -> None:
    assert short_citation(bibtex) == expected


def test_every_citation_of_sacrebleu_is_shortened() -> None:
    cited = [dataset.citation for dataset in DATASETS.values() if dataset.citation]
    assert cited and all(
        len(short_citation(citation)) < 400 and "@" not in short_citation(citation) for citation in cited
    )
    assert short_citation(DATASETS["wmt14"].citation) == (
        "Bojar et al. (2014), Findings of the 2014 Workshop on Statistical Machine Translation"
    )
