"""Imports go down only, and every heavy or peculiar package has one door."""

import pytest

from gradus.pipeline.imports import PROJECT, file_of, imports, is_under, modules, reached

RANKS = [
    ["gradus.cli"],
    ["stages"],
    ["gradus.api"],
    ["gradus.review", "gradus.inference", "gradus.measurements", "gradus.studies"],
    ["gradus.evaluation"],
    ["gradus.families"],
    ["gradus.training", "gradus.networks", "gradus.ngram.arpa", "gradus.ngram.smoothing"],
    ["gradus.ngram.counting", "gradus.ngram.scoring"],
    ["gradus.ngram", "gradus.decoding", "gradus.layers", "gradus.mixtures"],
    ["gradus.interfaces"],
    ["gradus.corpora", "gradus.reporting", "gradus.text", "gradus.pipeline"],
    ["gradus.command", "gradus.results"],
    ["gradus.params", "gradus.yaml_files", "gradus.choices", "gradus.names", "gradus.refusal", "gradus.usage"]
    + ["gradus.artifacts", "gradus.weights", "gradus.allocation", "gradus.runtime", "gradus.device", "gradus.processor"]
    + ["gradus.numerics", "gradus.matrix_products", "gradus.process", "gradus.progress", "gradus.errors"]
    + [
        "gradus.faults",
        "gradus.memory",
        "gradus.freed_memory",
        "gradus.model_folders",
        "gradus.markdown",
        "gradus.terminal",
        "gradus.committed",
    ],
]
"""Rooms from the top to the bottom: a module imports from its own room and from those of lower rows."""

OURS = [module for module in modules() if module not in ("gradus", "stages")]


def room(module: str) -> str:
    """The longest name among RANKS that a module lies under."""
    rooms = [room for rooms in RANKS for room in rooms if is_under(module, room)]
    assert rooms, f"{module} has no rank: put it into a room, or give it one here"
    return max(rooms, key=len)


def rank(name: str) -> int:
    return next(number for number, rooms in enumerate(RANKS) if name in rooms)


@pytest.mark.parametrize("module", OURS)
def test_a_module_imports_from_its_own_room_and_from_those_below(module: str) -> None:
    here = room(module)
    for other in imports(module):
        if other.split(".")[0] in PROJECT and other != "gradus":  # which holds the version only
            there = room(other)
            same_level = rank(here) == rank(there) == len(RANKS) - 1  # the foundation, one file each
            assert there == here or rank(there) > rank(here) or same_level, f"{module} imports {other}"


@pytest.mark.parametrize("module", [module for module in OURS if module.startswith("stages.")])
def test_no_stage_imports_a_stage(module: str) -> None:
    assert not [other for other in imports(module) if other.startswith("stages")]


@pytest.mark.parametrize(
    ("package", "doors"),
    [
        ("typer", ["gradus.cli", "gradus.command", "stages"]),
        ("ruamel", ["gradus.yaml_files", "gradus.corpora.registry_file"]),
        ("yaml", ["gradus.pipeline.lock"]),
        ("sentencepiece", ["gradus.text.tokenizers.subwords"]),
        ("sacrebleu", ["gradus.evaluation.translation_models.bleu", "gradus.corpora.sources.sacrebleu_sets"]),
        ("huggingface_hub", ["gradus.corpora.sources.hugging_face"]),
        ("mtdata", ["gradus.corpora.sources.mtdata_reader"]),
        ("pooch", ["gradus.corpora.download", "gradus.corpora.fetching", "gradus.corpora.sources.https"]),
        ("matplotlib", ["gradus.reporting"]),
        ("safetensors", ["gradus.weights"]),
        ("dvc", ["gradus.pipeline.guarded_dvc", "gradus.pipeline.lock_entries"]),
        ("pickle", []),
    ],
)
def test_a_package_comes_in_by_its_door_only(package: str, doors: list[str]) -> None:
    for module in OURS:
        if any(other.split(".")[0] == package for other in imports(module)):
            assert any(is_under(module, door) for door in doors), f"{module} imports {package}"


@pytest.mark.parametrize("room_name", ["gradus.training", "gradus.decoding"])
def test_trainers_and_decoders_know_no_architecture(room_name: str) -> None:
    for module in OURS:
        if is_under(module, room_name):
            assert not [other for other in imports(module) if other.startswith(("gradus.networks", "gradus.ngram"))]


@pytest.mark.parametrize("stage", ["acquire", "tokenize", "count_ngrams", "smooth_ngrams", "report"])
def test_what_needs_no_torch_never_imports_it(stage: str) -> None:
    for module in reached(f"stages.{stage}"):
        heavy = {other for other in imports(module, types=False) if other.split(".")[0] == "torch"}
        assert not heavy, f"{file_of(module)} imports torch and is reached by {stage}"


def test_nothing_loads_pickles() -> None:
    for module in OURS:
        text = file_of(module).read_text(encoding="utf-8")
        assert "torch.load(" not in text or "weights_only=True" in text, module
