"""Captions of the plots on the page."""

_CAPTIONS = {
    "ladder": "Perplexity of the test text under each language model, on a logarithmic axis. Line: a model reads only "
    "the current line before it predicts a token. Stream: a model reads all earlier text. A dashed line, if present, "
    "is the perplexity of the true distribution that generated the text. Models without a finite perplexity are left "
    "out.",
    "orders": "Perplexity of the test text under the n-gram models of all smoothers and orders. Infinite perplexities "
    "are left out.",
    "unseen": "n-grams of the test text that do not occur in the training text, divided by all n-grams of the test "
    "text.",
    "entries": "Number of distinct n-grams of each order in the training text.",
    "bytes": "Size on disk of the n-gram model of each order, for the first smoother in params.yaml. A model also "
    "stores all shorter n-grams.",
    "loss_lm": "Loss of the neural language models on the validation text after each epoch.",
    "loss_mt": "Loss of the translation models on the validation text after each epoch.",
    "gradient_lm": "Gradient norm of the neural language models before clipping, averaged over each epoch.",
    "gradient_mt": "Gradient norm of the translation models before clipping, averaged over each epoch.",
    "bleu_by_length": "BLEU on the test text for sentences of different lengths. A length is the number of words in "
    "the source sentence.",
    "repetition": "4-grams that occurred earlier in the same generated text, divided by all 4-grams, for each language "
    "model and decoding strategy. The dashed line is the same share in the test text.",
}
_ATTENTION = (
    "Attention weights of the model “{model}” in one test sentence. Rows are pieces of the translation, columns are "
    "pieces of the source sentence. A darker cell is a larger weight."
)
_STUDY = (
    "Plot {name}: study, plot and corpus. A point is the mean over the seeds; its bar is the 95% confidence interval."
)


def plot_caption(name: str) -> str:
    """Return the caption of a plot.

    Args:
        name: file name of the plot without its suffix.
    """
    if name in _CAPTIONS:
        return _CAPTIONS[name]
    if name.startswith("study_"):
        return _STUDY.format(name=name)
    # The file name is attention_MODEL_1; other plots do not exist.
    return _ATTENTION.format(model=name.removeprefix("attention_").removesuffix("_1"))
