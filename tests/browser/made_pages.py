"""Make the pages that the tests open, with the stage `report`."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from typing import Any

from stages.report import main

METRICS, PARAMS, BENCHMARKS = Path("metrics"), Path("params.yaml"), Path("benchmarks/results")


@dataclass(frozen=True)
class MadePage:
    """Page of a report, and what must be on it."""

    file: Path
    pieces: frozenset[str]
    """Pieces of the first attention map of each model."""


def write_page(folder: Path, metrics: Path, params: Path, benchmarks: Path) -> MadePage:
    """Write the whole report into a folder."""
    tables, plots, series, page = (folder / name for name in ("tables", "plots", "series", "page"))
    main(metrics, tables, plots, series, page, benchmarks, params)
    return MadePage(page / "index.html", _pieces(metrics))


def _pieces(metrics: Path) -> frozenset[str]:
    files = sorted((metrics / "details/mt").glob("*.json"))
    maps = [each for file in files for each in json.loads(file.read_text(encoding="utf-8"))["attention"][:1]]
    return frozenset(piece.strip() for each in maps for side in ("src", "tgt") for piece in each[side])


def committed(folder: Path) -> MadePage:
    """Write the page of the committed run."""
    return write_page(folder, METRICS, PARAMS, BENCHMARKS)


def japanese(folder: Path) -> MadePage:
    """Write the page that all models would have on a Japanese corpus without a grammar, before any study."""
    for file in [*METRICS.glob("lm/*.json"), *METRICS.glob("mt/*.json"), *METRICS.glob("details/*/*.json")]:
        _copy(file, folder, _in_japanese)
    return write_page(folder, folder / "metrics", PARAMS, BENCHMARKS)


HALF = ("mle", "katz", "kneser_ney", "modified_kneser_ney"), ("ffnn", "lstm")
"""Names of the smoothers and of the networks of a run with half of the models."""


def half(folder: Path) -> MadePage:
    """Write the page of a run with a few smoothers, two networks, no translation, no studies and no benchmarks."""
    for name in [*HALF[0], *HALF[1]]:
        for part in ("lm", "details/lm"):
            _copy(METRICS / part / f"{name}.json", folder, lambda result: result)
    smoothers, networks = ({name: {} for name in names} for names in HALF)
    strategies = {"lm": {"strategies": {"greedy": {}, "nucleus": {}}}, "mt": {"strategies": {}}}
    models = {"smooth_ngrams": smoothers, "train_lm": networks, "interpolate": {}, "train_mt": {}, "adapt_lm": {}}
    params = {**models, "decode": strategies}
    (folder / "params.yaml").write_text(json.dumps(params))
    (folder / "benchmarks").mkdir()
    return write_page(folder, folder / "metrics", folder / "params.yaml", folder / "benchmarks")


PAGES: Mapping[str, Callable[[Path], MadePage]] = {"committed": committed, "japanese": japanese, "half": half}
"""Dict from the name of a page to the function that writes it into a folder."""


def _copy(file: Path, folder: Path, change: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    copy = folder / file
    copy.parent.mkdir(parents=True, exist_ok=True)
    copy.write_text(json.dumps(change(json.loads(file.read_text(encoding="utf-8")))))


CORPUS = "物語"
TRANSLATED = "旅の会話"
PIECES = ("▁", "今日", "は", "天気", "が", "よい", "ので", "、", "図書館", "まで", "歩いて", "行き", "ました", "。")
ENGLISH = ("▁The", "▁weather", "▁is", "▁fine", ",", "▁so", "▁we", "▁walk", "ed", "▁to", "▁the", "▁library", ".")


def _in_japanese(result: dict[str, Any]) -> dict[str, Any]:
    """Return a result or details with Japanese text in place of all text, and without a grammar."""
    changed = {name: _without_grammar(value) for name, value in result.items()}
    if "src" in result:
        changed |= {"corpus": TRANSLATED, "src": "en", "tgt": "ja"}
    elif "corpus" in result:
        changed |= {"corpus": CORPUS, "floors": {}}
    if "texts" in result:
        changed["texts"] = {
            name: [_prose(PIECES, len(text)) for text in texts] for name, texts in result["texts"].items()
        }
        changed["examples"] = [
            {**each, "pieces": [*_some(PIECES, len(each["pieces"]) - 1), each["pieces"][-1]]}
            for each in result.get("examples", [])
        ]
    if "translations" in result:
        changed["translations"] = [
            {"source": _prose(ENGLISH, 60), "hypothesis": _prose(PIECES, size), "reference": _prose(PIECES[3:], size)}
            for size in range(10, 10 + len(result["translations"]))
        ]
        changed["attention"] = [
            {**each, "src": _some(ENGLISH, len(each["src"])), "tgt": _some(PIECES, len(each["tgt"]))}
            for each in result["attention"]
        ]
    return changed


def _without_grammar(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    kept = {name: each for name, each in value.items() if not name.startswith(("above_floor", "grammar"))}
    return {name: _without_grammar(each) for name, each in kept.items()}


def _some(pieces: tuple[str, ...], count: int) -> list[str]:
    return list(islice(cycle(pieces), count))


def _prose(pieces: tuple[str, ...], characters: int) -> str:
    """Return a text of so many characters at most."""
    return "".join(_some(pieces, characters)).replace("▁", " ").strip()[:characters]
