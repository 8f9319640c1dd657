"""Kernels: the variables, the parameter, products by NumPy, and bytes that another processor gives too."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F

from gradus.device import Device
from gradus.numerics import PORTABLE, VARIABLE, available
from gradus.runtime import name_device
from tests.portable.outputs import fingerprints

X86 = pytest.mark.skipif(not available(), reason="the kernels are those of x86-64 with AVX2")

STAGE = """
import os
from pathlib import Path
from typing import Annotated
import typer
from gradus.command import stage_app

def main(params: Annotated[Path, typer.Option()] = Path("params.yaml")) -> None:
    print(os.environ.get("GRADUS_NUMERICS"), os.environ.get("MKL_CBWR"), os.environ.get("ONEDNN_MAX_CPU_ISA"))

if __name__ == "__main__":
    stage_app(main)()
"""


def run_stage(folder: Path, params: str, **variables: str) -> subprocess.CompletedProcess[str]:
    (folder / "stage.py").write_text(STAGE)
    (folder / "params.yaml").write_text(params)
    clean = {name: value for name, value in os.environ.items() if name not in (VARIABLE, *PORTABLE)}
    path = {"PYTHONPATH": os.getcwd()}
    command = [sys.executable, "stage.py"]
    return subprocess.run(command, cwd=folder, env=clean | path | variables, capture_output=True, text=True)


@X86
@pytest.mark.parametrize(
    ("params", "variables", "printed"),
    [
        ("portable", {}, "None COMPATIBLE AVX2"),
        ("native", {}, "native None None"),
        ("native", PORTABLE, "native None None"),  # as a portable parent hands them down
        ("native", {"MKL_CBWR": "AVX2", VARIABLE: "native"}, "native AVX2 None"),  # the user's own
        ("portable", {VARIABLE: "native"}, "portable COMPATIBLE AVX2"),
    ],
)
def test_a_stage_computes_as_its_parameters_say(
    tmp_path: Path, params: str, variables: dict[str, str], printed: str
) -> None:
    done = run_stage(tmp_path, f"numerics: {params}\n", **variables)
    assert (done.stdout.strip(), done.returncode) == (printed, 0), done.stderr


@pytest.mark.parametrize(
    ("params", "variables", "error"),
    [
        ("numerics: fast\n", {}, "params.yaml: numerics: expected 'portable' or 'native', found 'fast'"),
        ("seed: 1\n", {}, "params.yaml: numerics: expected a key of the top level"),
        ("numerics: native\n", {VARIABLE: "fast"}, "GRADUS_NUMERICS: expected portable or native, found 'fast'"),
    ],
)
def test_another_word_or_none_is_refused(tmp_path: Path, params: str, variables: dict[str, str], error: str) -> None:
    done = run_stage(tmp_path, params, **variables)
    assert done.returncode == 2
    assert error in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16, torch.int64])
def test_products_are_what_their_definition_says(dtype: torch.dtype) -> None:
    generator = torch.Generator().manual_seed(1)
    a, b, c = (torch.randint(-3, 4, shape, generator=generator).to(dtype) for shape in ((6, 5), (5, 4), (6, 4)))
    product = (a[:, :, None].double() * b[None].double()).sum(1)
    assert torch.equal((a @ b).double(), product)
    assert torch.equal((b.T @ a.T).double(), product.T)
    assert torch.equal((a[::2] @ b).double(), product[::2])
    assert torch.equal(torch.addmm(c, a, b, beta=2, alpha=3).double(), 2 * c.double() + 3 * product)
    out = torch.zeros(6, 9, dtype=dtype)[:, 2:6]  # rows that are not contiguous
    assert torch.equal(torch.mm(a, b, out=out).double(), product)
    assert torch.equal(out.double(), product)
    assert torch.equal(torch.addmm(c, a, b, beta=2, out=out).double(), 2 * c.double() + product)
    assert torch.equal(torch.addmm(c[0], a, b, out=out).double(), c[0].double() + product)
    assert torch.equal(c.clone().addmm_(a, b, beta=2).double(), 2 * c.double() + product)
    assert torch.equal(torch.full_like(c, 7).addmm_(a, b, beta=0).double(), product)
    assert torch.equal(torch.bmm(torch.stack([a, c @ b.T]), torch.stack([b, b]))[0].double(), product)


def test_a_bias_that_counts_nothing_may_be_nan_and_empty_products_are_zero() -> None:
    bias, a = torch.full((2, 2), float("nan")), torch.ones(2, 2)
    assert torch.equal(torch.addmm(bias, a, a, beta=0), 2 * a)
    assert torch.equal(torch.zeros(2, 0) @ torch.zeros(0, 3), torch.zeros(2, 3))
    assert (torch.zeros(0, 2) @ a).shape == (0, 2)


def test_a_product_that_overflows_is_infinite_and_does_not_warn() -> None:
    """As torch's own; pytest makes an error of every warning."""
    large = torch.full((2, 2), 3e38)
    assert torch.isinf(large @ large).all()
    assert torch.isinf(torch.bmm(large[None], large[None])).all()
    assert torch.isinf(torch.addmm(large, large, large)).all()


def test_gradients_and_vectors_come_through() -> None:
    w, x = torch.randn(4, 3, dtype=torch.float64, requires_grad=True), torch.randn(5, 3, dtype=torch.float64)
    assert torch.autograd.gradcheck(lambda weight: F.linear(x, weight, weight[:, 0]), [w])
    assert torch.allclose(F.linear(x[0], w), F.linear(x, w)[0])


def test_the_name_of_a_processor_stands_only_where_the_bytes_depend_on_it(monkeypatch: pytest.MonkeyPatch) -> None:
    if available():
        assert name_device(torch.device("cpu")) == Device(kind="cpu", name="portable kernels")
    monkeypatch.setenv(VARIABLE, "native")
    assert name_device(torch.device("cpu")).name not in ("", "portable kernels")


def locked() -> bool:
    pinned = re.search(r"^torch==(\S+)$", Path("requirements-torch.txt").read_text(), re.MULTILINE)
    return pinned is not None and torch.__version__.split("+")[0] == pinned[1]


@X86
@pytest.mark.skipif(not locked(), reason="the bytes are those of the locked packages")
def test_the_bytes_are_those_of_other_processors(tmp_path: Path) -> None:
    known = json.loads(Path("tests/portable/known.json").read_text())
    only = "acquire|tokenize|count|(smooth|train|gener|eval).* (lstm$|modified)|tr.* dot"
    found = fingerprints(tmp_path, only)
    assert len(found) > 12
    expected = {name: known[name] for name in found}
    assert found == expected, "if the change is meant to move results: python -m tests.portable --write"


def test_a_processor_without_the_kernels_computes_with_its_own_and_says_so(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text("import platform\nplatform.machine = lambda: 'aarch64'\n")
    done = run_stage(tmp_path, "numerics: portable\n", PYTHONPATH=f"{tmp_path}:{os.getcwd()}")
    assert (done.stdout.strip(), done.returncode) == ("None None None", 0)
    assert done.stderr == "numerics: no x86-64 processor with AVX2; results may differ from those of other machines\n"
