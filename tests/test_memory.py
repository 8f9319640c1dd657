"""Free memory on different systems, and errors that name the largest size that fits."""

import resource
import subprocess
import sys
from pathlib import Path

import pytest

from gradus.errors import InputError
from gradus.memory import available_memory, in_units, require_memory

GB = 10**9


def system(folder: Path, **files: str) -> Path:
    """Write system files with these texts; in a name, `__` means a slash and `-` a dot."""
    for name, text in {"proc__meminfo": f"MemTotal: 1 kB\nMemAvailable:   {8 * 10**6} kB\n", **files}.items():
        path = folder / name.replace("__", "/").replace("-", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


FREE = 8 * 10**6 * 1024


def test_without_limits_all_free_memory_of_the_system_is_available(tmp_path: Path) -> None:
    assert available_memory(system(tmp_path)) == FREE
    swap = "MemAvailable: 300 kB\nSwapTotal: 900 kB\nSwapFree: 200 kB\n"
    assert available_memory(system(tmp_path, proc__meminfo=swap)) == 500 * 1024


@pytest.mark.parametrize("group", ["", "user/job"])
def test_a_control_group_leaves_its_limit_minus_its_use_plus_cached_files(tmp_path: Path, group: str) -> None:
    # limit 5 GB, used 3 GB, of which cached files 1 GB: 5 - 3 + 1 = 3 GB
    folder = f"sys__fs__cgroup__{group}" if group else "sys__fs__cgroup"
    files = {"max": f"{5 * GB}\n", "current": f"{3 * GB}\n", "stat": f"file {2 * GB}\ninactive_file {GB}\n"}
    place = system(tmp_path, proc__self__cgroup=f"0::/{group}\n")
    for name, text in files.items():
        path = tmp_path / folder.replace("__", "/") / f"memory.{name}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    assert available_memory(place) == 3 * GB


def test_the_smallest_rest_of_nested_groups_counts_in_the_older_layout_too(tmp_path: Path) -> None:
    place = system(tmp_path, proc__self__cgroup="5:cpu:/a/b\n4:memory:/a/b\n0::/\n")
    for folder, limit in (("", 2**63 - 4096), ("a", 2 * GB), ("a/b", 6 * GB)):
        group = tmp_path / "sys/fs/cgroup/memory" / folder
        group.mkdir(parents=True, exist_ok=True)
        (group / "memory.limit_in_bytes").write_text(f"{limit}\n")
        (group / "memory.usage_in_bytes").write_text(f"{GB}\n")
    assert available_memory(place) == GB


def test_a_group_over_its_limit_leaves_nothing_and_a_group_without_limit_everything(tmp_path: Path) -> None:
    files = {"proc__self__cgroup": "0::/\n", "sys__fs__cgroup__memory-current": f"{3 * GB}\n"}
    assert available_memory(system(tmp_path, **files, **{"sys__fs__cgroup__memory-max": f"{GB}\n"})) == 0
    assert available_memory(system(tmp_path, **files, **{"sys__fs__cgroup__memory-max": "max\n"})) == FREE


def test_the_limit_of_the_process_counts() -> None:
    code = "from gradus.memory import available_memory; print(available_memory())"
    limit = f"import resource; resource.setrlimit(resource.RLIMIT_AS, ({2 * GB}, {2 * GB}))\n"
    left = int(subprocess.run([sys.executable, "-c", limit + code], capture_output=True, check=True, text=True).stdout)
    assert GB < left < 2 * GB
    assert resource.getrlimit(resource.RLIMIT_AS)[0] != 2 * GB


def test_sizes_that_fit_are_not_refused() -> None:
    require_memory({"rows": 10, "columns": 100}, lambda rows, columns: rows * columns, available=1000)


def test_the_error_names_the_first_size_that_can_be_lowered_and_its_largest_value() -> None:
    # 1000 bytes hold 10 rows of 100 columns, but not one row of 5000
    def needed(rows: int, columns: int) -> int:
        return rows * columns

    with pytest.raises(InputError) as caught:
        require_memory({"rows": 11, "columns": 100}, needed, available=1000)
    assert str(caught.value) == (
        "rows: expected at most 10, for 1 kB of free memory, found 11, which needs 1.1 kB; lower it"
    )
    with pytest.raises(InputError, match="^columns: expected at most 500, .* found 5000, which needs 10 kB"):
        require_memory({"rows": 2, "columns": 5000}, needed, available=1000)
    with pytest.raises(InputError, match="^rows 2000, columns 3000: .* found sizes that need 6 MB; lower several"):
        require_memory({"rows": 2000, "columns": 3000}, needed, available=1000)


def test_the_named_value_fits_and_one_more_does_not() -> None:
    for available in (1, 7, 999, 10**12):
        with pytest.raises(InputError) as caught:
            require_memory({"size": 10**9}, lambda size: size * size, available=available)
        largest = int(caught.value.expected.split()[2].rstrip(","))
        assert largest**2 <= available < (largest + 1) ** 2


def test_units() -> None:
    assert [in_units(size) for size in (0, 999, 1500, 2 * 10**6, 4 * 10**18)] == [
        *("0 bytes", "999 bytes", "1.5 kB", "2 MB", "4000 PB")
    ]
