"""CUDA: in the simulator, compiled for sm_90 without a GPU, and, where there is one, on it.

What is compared lists `cuda_cases`: the CPU's twin gives what is right, and the oracles of `naive` what it means.
"""

from __future__ import annotations

import json
import os
import pickle
import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path
from types import SimpleNamespace

import naive
import numpy as np
import pytest

pytest.importorskip("numba_cuda", reason='needs numba-cuda: pip install "boundcheck[cuda]"')

import cuda_cases
from cuda_cases import BODIES, CALLS, GPU_ONLY, LARGE, LARGE_MATRICES, MATRICES, NETWORKS

from boundcheck.errors import InvalidArgument
from boundcheck.experiment import device
from boundcheck.kernels import launch_cuda

KNOWN_ANSWERS = (
    "6627e8d5 e169c58d bc57ac4c 9b00dbd8 408f276d 41c83b0e a20bc7c6 6d5451fd d16cfe09 94fdcceb 5001e420 24126ea1"
)
FROM_THE_CPU = [name for name in BODIES if name not in ("race", "known_answers") and not name.startswith("products")]
PRODUCTS = [name for name in BODIES if name.startswith("products") and name not in GPU_ONLY]
NO_GPU = device._no_cuda()
on_gpu = [pytest.mark.gpu, pytest.mark.skipif(NO_GPU is not None, reason=f"device='cuda' {NO_GPU and NO_GPU[0]}")]


@pytest.fixture(scope="module")
def simulated():
    """The results of all cases in the simulator, with lanes in order and in reverse order."""
    program = Path(cuda_cases.__file__)
    done = subprocess.run([sys.executable, program], stdout=subprocess.PIPE, check=True, timeout=600)
    return pickle.loads(done.stdout)


@pytest.fixture(scope="module")
def on_a_gpu():
    return cuda_cases.run_on_gpu()


def on_the_cpu(name):
    """A body as plain Python, one lane; a function of the package by its compiled twin."""
    if name in LARGE:
        return [np.array(a) for a in LARGE[name](lambda part: device.load_kernels("cpu", part))]
    if name in CALLS:
        return [np.array(a) for a in CALLS[name](lambda part: device.load_kernels("cpu", part))]
    results = tuple(np.empty_like(a) for a in BODIES[name].results)
    BODIES[name].run(BODIES[name].arguments, results)
    return results


def assert_near(measured, expected):
    """Integers bit by bit, floats to some roundings of the largest number; certified bounds of norms to 1e-6."""
    for x, y in zip(measured, expected, strict=True):
        assert x.dtype == y.dtype
        assert x.shape == y.shape
        if x.dtype.kind != "f":
            assert np.array_equal(x, y)
            continue
        finite = np.isfinite(y)
        assert np.array_equal(x[~finite], y[~finite], equal_nan=True)
        largest = np.abs(y[finite]).max(initial=0.0)
        np.testing.assert_allclose(x[finite], y[finite], rtol=0, atol=1e3 * np.finfo(x.dtype).eps * largest)


def assert_same_bounds(measured, expected):
    for x, y in zip(measured, expected, strict=True):
        np.testing.assert_allclose(x, y, rtol=2e-6, atol=0)


def assert_same_network(name, measured, expected):
    """Gaps to some roundings, norms to what their computation promises; masks, and so order statistics, as they are."""
    gap, worst, low, high, absolute, tau, estimates, biases = measured
    single = "single" in name
    assert_near(
        [gap.astype(np.float32) if single else gap], [expected[0].astype(np.float32) if single else expected[0]]
    )
    assert_near([worst], [expected[1]])
    assert_same_bounds([low, high, absolute], expected[2:5])
    assert_near([tau], [expected[5]])
    np.testing.assert_allclose(estimates, expected[6], rtol=2e-5 if single else 2e-7, atol=0)
    np.testing.assert_allclose(biases, expected[7], rtol=1e-12, atol=0)


def check_against_the_cpu(name, measured):
    expected = on_the_cpu(name)
    if name in NETWORKS or name in LARGE:
        assert_same_network(name, measured, expected)
    elif "norm" in name:
        assert_same_bounds(measured, expected)
    else:
        assert_near(measured, expected)


def check_norms(name, measured):
    """The exact norm lies between the bounds."""
    for matrix, low, high in zip((MATRICES | LARGE_MATRICES)[name], *measured, strict=True):
        if np.isfinite(matrix).all():
            assert low <= naive.spectral_norm(matrix) <= high
        else:
            assert (low, high) == (0.0, np.inf)


def check_products(case, measured):
    before, a, rows, offsets, m, length = case.arguments
    expected = before.astype(np.float64)
    sums = a.reshape(m, -1).astype(np.float64) @ np.array([rows[1 + o : 1 + o + length] for o in offsets], np.float64)
    for i in range(m):
        start = 3 + (length + 2) * i
        expected[start : start + length] += sums[i]
    np.testing.assert_allclose(measured[0], expected, rtol=0, atol=50 * np.finfo(a.dtype).eps * np.abs(sums).max())


def test_lanes_in_any_order_agree(simulated):
    """No lane reads what another one writes without a sync: that is what makes the planted race show."""
    forward, backward = simulated
    assert list(forward) == [*CALLS, *(name for name in BODIES if name not in GPU_ONLY)]
    differing = [
        name
        for name, arrays in forward.items()
        if not all(x.tobytes() == y.tobytes() for x, y in zip(arrays, backward[name], strict=True))
    ]
    assert differing == ["race"]


@pytest.mark.parametrize("name", [*CALLS, *FROM_THE_CPU])
def test_the_simulator_agrees_with_the_cpu(simulated, name):
    check_against_the_cpu(name, simulated[0][name])


@pytest.mark.parametrize("name", MATRICES)
def test_simulated_norms_hold(simulated, name):
    check_norms(name, simulated[0][f"norms: {name}"])


@pytest.mark.parametrize("name", PRODUCTS)
def test_simulated_products(simulated, name):
    check_products(BODIES[name], simulated[0][name])


THEOREMS = """
from boundcheck import P, Theorem, fcn, gap, gap_bound, magnitude, prune, real, uniform

delta = real("delta", min=0, max=1, exclude_min=True, exclude_max=True)
target = fcn([2, 2, 1], weights=uniform(-1, 1), activation="relu")
pruned = prune(target, magnitude(count=1))
bound = gap_bound(target, pruned, delta=delta)
true = Theorem(claim=P(gap(target, pruned) > bound) <= delta, points=[{"delta": "1/20"}])
wrong = Theorem(claim=P(gap(target, pruned) > bound / 10000) <= delta, points=[{"delta": "1/20"}])
"""
RUN = "import sys; sys.setswitchinterval(1e-4); from boundcheck.cli import run; sys.exit(run())"


@pytest.mark.slow
def test_check_says_the_same_on_every_device(tmp_path):
    """All of `boundcheck check --device cuda`, in the simulator: a wrong bound is refuted by the same gap."""
    (tmp_path / "theorems.py").write_text(THEOREMS)

    def verdicts(device, **environment):
        command = [sys.executable, "-c", RUN, "check", tmp_path / "theorems.py", "--trials", "8", "--json"]
        done = subprocess.run(
            [*command, "--device", device], capture_output=True, text=True, check=False, env=os.environ | environment
        )
        assert done.returncode == 1, done.stderr
        return json.loads(done.stdout)

    there, here = verdicts("cuda", NUMBA_ENABLE_CUDASIM="1"), verdicts("cpu")
    assert [v["status"] for v in there] == [v["status"] for v in here] == ["INCONCLUSIVE", "REFUTED"]
    for x, y in zip(there, here, strict=True):
        assert x["points"][0]["violations"] == y["points"][0]["violations"]
        assert x["points"][0]["ladder"] == pytest.approx(y["points"][0]["ladder"], rel=1e-6)
    assert [v["device"] for v in there] == ["cuda", "cuda"]
    assert "--device cuda" in there[1]["counterexample"]["reproduce"]
    assert there[1]["counterexample"]["first_violation"] == here[1]["counterexample"]["first_violation"]


def test_simulated_philox(simulated):
    check_philox(simulated[0])


def check_philox(results):
    """Published answers, the oracle, and uniform draws, bit by bit."""
    assert [f"{word:08x}" for word in results["known_answers"][0].ravel()] == KNOWN_ANSWERS.split()
    count, *rest = cuda_cases.WORDS
    assert results["words"][0][:count].tolist() == naive.words(count, *map(int, rest))
    assert np.array_equal(results["drawn_in_stretches"][0], on_the_cpu("drawn_in_stretches")[0])


class Compiler(launch_cuda.Simulator):
    """Instead of a launch, machine code for sm_90 for just the arguments of the launch."""

    lanes = 64

    def __init__(self):
        self.code = {}

    def start(self, compiled, blocks, lanes, *arguments):
        from numba import cuda, typeof, types

        function = compiled.py_func
        signature = types.void(*map(typeof, arguments))
        if (function, signature) not in self.code:
            self.code[function, signature] = cuda.compile(function, signature, cc=(9, 0), device=False, abi="numba")[0]


@pytest.fixture(scope="module")
def machine_code():
    """PTX of all kernels, in all types that the cases call them with, by name and number."""
    with pytest.MonkeyPatch.context() as patch:
        compiler = Compiler()
        patch.setattr(launch_cuda, "device", compiler)
        patch.setattr("numba.cuda.dispatcher.get_current_device", lambda: SimpleNamespace(compute_capability=(9, 0)))
        patch.setattr(device, "_no_cuda", lambda: None)
        for call in CALLS.values():
            call(lambda part: device.load_kernels("cuda", part))
    seen = Counter()
    named = {}
    for (function, _), ptx in compiler.code.items():
        name = f"{function.__module__}.{function.__name__}"
        seen[name] += 1
        named[f"{name} {seen[name]}"] = ptx
    return named


@pytest.mark.long
def test_every_kernel_compiles_for_sm_90(machine_code):
    kernels = {f"{k.py_func.__module__}.{k.py_func.__name__}" for k in launch_cuda.KERNELS}
    assert {name.split()[0] for name in machine_code} == kernels
    assert len(machine_code) == len(kernels) + 1, "a kernel is compiled for other types than it should be"
    for ptx in machine_code.values():
        assert ".target sm_90" in ptx
        assert "bar.sync" in ptx
        assert not re.search(r"\.extern\s+\.func", ptx)  # nothing is left to be linked


def find_ptxas():
    """The assembler, if one is installed that takes what NVVM 13.0 emits."""
    from cuda.pathfinder import find_nvidia_binary_utility

    ptxas = find_nvidia_binary_utility("ptxas") or shutil.which("ptxas")
    if ptxas is None:
        pytest.skip("needs ptxas: pip install nvidia-cuda-nvcc==13.0.*")
    said = subprocess.run([ptxas, "--version"], capture_output=True, text=True, check=True).stdout
    release = re.search(r"release (\d+)\.(\d+)", said)
    if release is None or (int(release[1]), int(release[2])) < (13, 0):
        pytest.skip(f"needs ptxas 13.0 or later, and {ptxas} is older")
    return ptxas


@pytest.mark.long
def test_every_kernel_assembles_for_sm_90(machine_code, tmp_path, record_property, capsys):
    """Registers and spills are reported."""
    ptxas = find_ptxas()
    for name, ptx in machine_code.items():
        (tmp_path / "kernel.ptx").write_text(ptx)
        command = [ptxas, "-v", "-arch=sm_90", tmp_path / "kernel.ptx", "-o", tmp_path / "kernel.cubin"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        said = done.stdout + done.stderr
        registers = max(map(int, re.findall(r"Used (\d+) registers", said)))
        spilled = max(map(int, re.findall(r"(\d+) bytes spill stores", said)))
        record_property(name, f"{registers} registers, {spilled} bytes spilled")
        with capsys.disabled():
            print(f"\n{name}: {registers} registers, {spilled} bytes spilled", end="")
        assert registers * launch_cuda.MOST_LANES <= 65536  # else it cannot be launched
        assert spilled <= 1024


def test_without_numba_cuda_the_remedy_is_named(monkeypatch):
    monkeypatch.setattr(device.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(InvalidArgument, match=r'needs numba-cuda, .*pip install "boundcheck\[cuda\]"'):
        device.load_kernels("cuda")


def test_without_a_driver_the_cpu_is_named(monkeypatch):
    def missing(name):
        raise OSError(name)

    monkeypatch.setattr(device.ctypes, "CDLL", missing)
    with pytest.raises(InvalidArgument, match=r"finds no NVIDIA GPU .*pass cpu"):
        device.load_kernels("cuda", "matrix")


@pytest.mark.parametrize(
    ("answers", "found"), [((0, 0, 1), True), ((0, 0, 0), False), ((100, 0, 1), False), ((0, 3, 1), False)]
)
def test_a_driver_tells_whether_there_is_a_gpu(monkeypatch, answers, found):
    initialised, counted, gpus = answers

    def count(pointer):
        pointer._obj.value = gpus
        return counted

    driver = SimpleNamespace(cuInit=lambda flags: initialised, cuDeviceGetCount=count)
    monkeypatch.setattr(device.ctypes, "CDLL", lambda name: driver)
    assert (device._no_cuda() is None) == found


@pytest.mark.parametrize(
    ("free", "width", "needed", "expected"),
    [
        (80e9, 64, 1000, (132 * 16, 64)),
        (80e9, 1000, 1000, (528, 256)),
        (80e9, 1, 0, (132 * 32, 32)),
        (80e9, 0, 0, (132 * 32, 32)),
        (1e6, 64, 1e5, (7, 64)),
    ],
)
def test_teams_fill_the_gpu_or_its_memory(monkeypatch, free, width, needed, expected):
    stand_in = SimpleNamespace(
        get_current_device=lambda: SimpleNamespace(MULTIPROCESSOR_COUNT=132),
        current_context=lambda: SimpleNamespace(get_memory_info=lambda: (int(free), 0)),
    )
    monkeypatch.setattr(launch_cuda, "cuda", stand_in)
    assert launch_cuda.Gpu().limits(width, int(needed)) == expected
    with pytest.raises(MemoryError, match="bytes of the GPU's"):
        launch_cuda.Gpu().limits(width, int(free))


class TestOnAGpu:
    pytestmark = on_gpu

    @pytest.mark.parametrize("name", [*CALLS, *LARGE, *FROM_THE_CPU])
    def test_it_agrees_with_the_cpu(self, on_a_gpu, name):
        check_against_the_cpu(name, on_a_gpu[name])

    @pytest.mark.parametrize("name", MATRICES)
    def test_norms_hold(self, on_a_gpu, name):
        check_norms(name, on_a_gpu[f"norms: {name}"])

    @pytest.mark.parametrize("name", LARGE_MATRICES)
    def test_norms_of_large_matrices_hold(self, on_a_gpu, name):
        check_norms(name, on_a_gpu[name])

    @pytest.mark.parametrize("name", [*PRODUCTS, *sorted(GPU_ONLY)])
    def test_products(self, on_a_gpu, name):
        check_products(BODIES[name], on_a_gpu[name])

    def test_philox(self, on_a_gpu):
        check_philox(on_a_gpu)

    def test_benchmark(self):
        """The table of one width, printed."""
        program = Path(__file__).parents[1] / "benchmarks" / "kernels.py"
        command = [sys.executable, program, "--quick", "--widths", "64", "--only", "gpu,staged"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        print(done.stdout)
        assert done.returncode == 0, done.stderr
