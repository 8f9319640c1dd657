"""A translation model to its translations of the test text, by every decoding strategy."""

from pathlib import Path
from typing import Annotated, Any

import numpy as np
import torch
import typer

from gradus.artifacts.json_files import read_json, write_json
from gradus.artifacts.places import new_folder
from gradus.command import stage_app, track
from gradus.decoding.records import TEXTS, Record, write_records
from gradus.decoding.sentences import decode_sentences
from gradus.decoding.strategy import TranslateConfig
from gradus.families.translation_models import open_translator, translator_sentences
from gradus.interfaces.translator import Translator, attention_weights
from gradus.params import read_params
from gradus.runtime import prepare, read_runtime
from gradus.text.pairs import Lines, read_pairs
from gradus.text.special import BOS_ID
from gradus.text.token_ids import open_tokens
from gradus.text.tokenizer import Tokenizer


def main(
    name: Annotated[str, typer.Option(help="A model of models/mt, such as attention.")],
    tokens: Annotated[Path, typer.Option(help="Token ids and tokenizers, from tokenize.")] = Path("data/tokens/mt"),
    models: Annotated[Path, typer.Option(help="Folder of the models.")] = Path("models/mt"),
    translated: Annotated[Path, typer.Option(help="Folder of the translations; NAME is made in it.")] = Path(
        "data/translated"
    ),
    params: Annotated[Path, typer.Option(help="Parameters.")] = Path("params.yaml"),
) -> None:
    """Translate the test text by every strategy of decode.mt; keep what the model attends to in some sentences."""
    runtime = read_runtime(params)
    config = read_params(params, "decode.mt", TranslateConfig)
    open_tokens(tokens)
    src = read_pairs(tokens, "test").src
    device = prepare(runtime)
    model, tokenizers = open_translator(models / name, tokens)
    sentences = translator_sentences(model.to(device), src, device, config.batch, config.max_length)
    with new_folder(translated / name, TEXTS, inputs=[tokens, models / name, params]) as folder:
        for label, strategy in config.strategies.items():
            generator = torch.Generator(device).manual_seed(runtime.seed)  # its own: strategies do not shift each other
            found = decode_sentences(sentences, strategy, generator, track)
            records = [Record(tokenizers[1].decode(h.tokens), list(h.tokens), h.log_prob, h.score) for h in found]
            write_records(folder / f"{label}.jsonl", records)
            typer.echo(f"{label}: {len(found)} sentences, {sum(len(h.tokens) for h in found)} tokens")
        attends = read_json(models / name / "config.json")["network"].get("attention") != "none"
        rows = _median_rows(src, config.pictures) if attends else []
        pictures = [_picture(model, src, row, records[row].ids, tokenizers) for row in rows]
        write_json(folder / "attention.json", {"pictures": pictures})


def _median_rows(src: Lines, count: int) -> list[int]:
    """Return the first `count` sentences of the median source length."""
    median = np.sort(src.lengths)[len(src) // 2]
    return [int(row) for row in np.flatnonzero(src.lengths == median)[:count]]


def _picture(
    model: Translator, src: Lines, row: int, tgt: list[int], tokenizers: tuple[Tokenizer, Tokenizer]
) -> dict[str, Any]:
    """Return what the model reads while it writes its own translation: pieces, and weights (T, S)."""
    device = next(model.parameters()).device
    ids = torch.from_numpy(src.padded(np.array([row])))  # (1, S)
    tgt_in = torch.tensor([[BOS_ID, *tgt[:-1]]])  # (1, T)
    lengths = torch.from_numpy(src.lengths[[row]])
    weights = attention_weights(model, ids.to(device), lengths, tgt_in.to(device))[0].tolist()
    return {
        "src": [tokenizers[0].pieces[token] for token in ids[0].tolist()],
        "tgt": [tokenizers[1].pieces[token] for token in tgt],
        "weights": [[round(weight, 4) for weight in weights_of] for weights_of in weights],
    }


app = stage_app(main)

if __name__ == "__main__":
    app()
