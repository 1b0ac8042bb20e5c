"""What the compiler's options promise."""

import ast
import os
import subprocess
import sys
from pathlib import Path

from boundcheck.kernels import jit, network_cpu

ENVIRONMENT = os.environ | {"PYTHONPATH": os.pathsep.join([str(Path(__file__).parents[1]), *sys.path])}


def test_editing_a_body_invalidates_the_cache_of_its_callers():
    assert network_cpu._forward_chunk._cache._cache_file._source_stamp == jit._SOURCES


@jit.compiled
def fused(a, b, c):
    return a * b + c


@jit.compiled_exact
def rounded(a, b, c):
    return a * b + c


def test_exact_functions_round_every_operation():
    a = 1.0 + 2.0**-30
    assert rounded(a, a, -1.0 - 2.0**-29) == a * a - 1.0 - 2.0**-29 == 0.0
    assert fused(a, a, -1.0 - 2.0**-29) in (0.0, 2.0**-60)


COUNT = """
from network_cases import NETWORKS
from boundcheck.experiment.device import load_kernels
from boundcheck.kernels import jit
for call in NETWORKS.values():
    call(lambda part: load_kernels("cpu", part))
print({f"{f.py_func.__module__}.{f.py_func.__name__}": len(f.signatures) for f in jit.COMPILED if f.signatures})
"""
TWICE = {
    *("_forward_chunk", "_new_workspace", "new_estimate_workspace", "new_layer_workspace", "taken_layer"),  # precisions
    "load_kernel",  # which part is a constant for one caller, and not for the other
}


def test_kernels_are_compiled_for_no_more_types_than_need_be():
    """Else what a user waits for when kernels are compiled creeps up."""
    ran = subprocess.run([sys.executable, "-c", COUNT], capture_output=True, text=True, check=True, env=ENVIRONMENT)
    counts = {name.rpartition(".")[2]: count for name, count in ast.literal_eval(ran.stdout).items()}
    assert {"_forward_chunk", "_matrix_chunk", "_convolution_chunk", "_operator_chunk"} <= set(counts)
    assert counts["_forward_chunk"] == 2
    assert {name: count for name, count in counts.items() if count > (2 if name in TWICE else 1)} == {}


def test_codes_need_no_compiler():
    program = "import sys; import boundcheck.kernels.tables; assert 'numba' not in sys.modules"
    subprocess.run([sys.executable, "-c", program], check=True)


def test_where_no_cache_can_be_written_kernels_compile_all_the_same():
    """A function without a file has no place for a cache, as an installed one has where nothing is writable."""
    scope = {}
    exec("def twice(x):\n    return 2 * x", scope)
    assert jit.compiled(scope["twice"])(21) == 42
