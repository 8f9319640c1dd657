"""Our BLEU and chrF equal those of sacreBLEU."""

import pytest
import sacrebleu

from gradus.evaluation.translation_models.bleu import bleu, bleu_of, bleu_signature, chrf, sentence_statistics

HYPOTHESES = ["the old man sees a Dog .", "she sleeps, he said", "nobody has ever been here"]
REFERENCES = ["the old man sees the dog .", "she sleeps, he says", "no one has been here"]


def test_scores_are_sacrebleus():
    assert bleu(HYPOTHESES, REFERENCES)[0] == sacrebleu.corpus_bleu(HYPOTHESES, [REFERENCES], force=True).score
    lowercase = sacrebleu.corpus_bleu(HYPOTHESES, [REFERENCES], lowercase=True, force=True).score
    assert bleu(HYPOTHESES, REFERENCES, lowercase=True)[0] == lowercase
    assert chrf(HYPOTHESES, REFERENCES)[0] == sacrebleu.corpus_chrf(HYPOTHESES, [REFERENCES]).score


def test_signature_says_how():
    version = sacrebleu.__version__
    assert bleu(HYPOTHESES, REFERENCES)[1] == f"nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp|version:{version}"
    assert "case:lc" in bleu(HYPOTHESES, REFERENCES, lowercase=True)[1]
    assert chrf(HYPOTHESES, REFERENCES)[1].startswith("nrefs:1|case:mixed|eff:yes|nc:6|nw:0")


def test_perfect_translation_has_100():
    assert bleu(REFERENCES, REFERENCES)[0] == pytest.approx(100)
    assert chrf(REFERENCES, REFERENCES)[0] == pytest.approx(100)


def test_summed_statistics_give_the_same_score_and_signature():
    assert (bleu_of(sentence_statistics(HYPOTHESES, REFERENCES).sum(axis=0)), bleu_signature()) == bleu(
        HYPOTHESES, REFERENCES
    )


def test_case_counts_in_the_headline_alone():
    pair = ["The cat sat on the mat ."], ["the cat sat on the mat ."]
    assert bleu(*pair)[0] < bleu(*pair, lowercase=True)[0] == pytest.approx(100)


def test_empty_hypotheses_score_nothing():
    assert bleu(["", "", ""], REFERENCES)[0] == 0.0


@pytest.mark.parametrize(("hypotheses", "references"), [([], []), (["a"], ["a", "b"])])
def test_lists_of_unequal_length_are_refused(hypotheses, references):
    with pytest.raises(ValueError, match="at least one hypothesis and equally many references"):
        bleu(hypotheses, references)
