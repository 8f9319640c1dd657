"""Table of the kinds of sources.

To add a kind, write a file for it, add its class to the table, and its notation to `notation.py`.
"""

from typing import Annotated

from gradus.choices import OneOf
from gradus.corpora.sources.copied import Copied
from gradus.corpora.sources.https import Https
from gradus.corpora.sources.hugging_face import HuggingFace
from gradus.corpora.sources.inline import Inline
from gradus.corpora.sources.mtdata_sets import MtdataSet
from gradus.corpora.sources.sacrebleu_sets import SacrebleuSet
from gradus.corpora.sources.source import Source

SOURCES: tuple[type[Source], ...] = (
    Https,
    Copied,
    HuggingFace,
    MtdataSet,
    SacrebleuSet,
    Inline,
)

AnySource = Annotated[Source, OneOf(SOURCES)]
"""Type annotation for keys of a registry that describe a source of any kind."""
