"""What the compiler's options promise."""

import subprocess
import sys

from boundcheck.kernels import jit, network_cpu


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


def test_codes_need_no_compiler():
    program = "import sys; import boundcheck.kernels.tables; assert 'numba' not in sys.modules"
    subprocess.run([sys.executable, "-c", program], check=True)


def test_where_no_cache_can_be_written_kernels_compile_all_the_same():
    """A function without a file has no place for a cache, as an installed one has where nothing is writable."""
    scope = {}
    exec("def twice(x):\n    return 2 * x", scope)
    assert jit.compiled(scope["twice"])(21) == 42
