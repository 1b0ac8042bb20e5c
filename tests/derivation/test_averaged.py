"""Norms of products of layers: a bound of the gap, never above T1, exact for linear networks."""

from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boundcheck.derivation.averaged import averaged_recursion
from boundcheck.derivation.recursion import layer_recursion

SLOPES = {"relu": (0.0, 1.0), "identity": (1.0, 1.0), "leaky": (-0.5, 1.0), "steep": (1.0, 3.0)}


def act(name, z):
    least, most = SLOPES[name]
    slopes = np.where(z < 0, least, most) if name != "steep" else np.where(z < 0, 3.0, 1.0)
    return slopes * z


def secants(names):
    return [((most + least) / 2, (most - least) / 2) for least, most in (SLOPES[name] for name in names)]


def network(rng, widths, share):
    """Target, kept and removed weights."""
    target = [rng.standard_normal((m, n)) for n, m in pairwise(widths)]
    removed = [np.where(rng.random(w.shape) < share, w, 0.0) for w in target]
    return target, [w - r for w, r in zip(target, removed, strict=True)], removed


def norm(matrix):
    return float(np.linalg.norm(matrix, 2))


def chain(matrices):
    found = matrices[0]
    for matrix in matrices[1:]:
        found = matrix @ found
    return found


def scales(removed, i):
    """T and T' of layer i, 0 where there is nothing."""
    gone = removed[i]
    right = np.sqrt(np.linalg.norm(gone, axis=0)) if i > 0 else np.ones(gone.shape[1])
    left = np.sqrt(np.linalg.norm(gone, axis=1)) if i < len(removed) - 1 else np.ones(gone.shape[0])
    return right, left


def sharp(target, kept, removed, names, *, whole=True, **changed):
    """The bound with exact norms."""

    def inverse(x):
        return np.where(x > 0, 1 / np.where(x > 0, x, 1), 0.0)

    def mixed(i, first, last):
        right, left = scales(removed, i)
        gone = removed[i] * inverse(right) if first == i else removed[i]
        gone = gone * inverse(left)[:, None] if last == i else gone
        return norm(chain([*target[first:i], gone, *kept[i + 1 : last + 1]]))

    def before(first, last):
        return norm(scales(removed, last + 1)[0][:, None] * chain(target[first : last + 1]))

    def after(first, last):
        return norm(chain(kept[first : last + 1]) * scales(removed, first - 1)[1])

    return averaged_recursion(
        lambda first, last: norm(chain(target[first : last + 1])),
        lambda first, last: norm(chain(kept[first : last + 1])),
        mixed,
        before,
        after,
        **({"secants": secants(names)} | changed),
        whole=norm(chain(kept) - chain(target)) if whole else None,
    )


def forward(weights, names, x):
    for i, w in enumerate(weights):
        x = w @ x
        x = act(names[i], x) if i < len(names) else x
    return x


def largest_gap(target, kept, names, rng):
    """Over inputs of the unit ball, a power iteration from the best of them included."""
    x = rng.standard_normal((target[0].shape[1], 200))
    x /= np.linalg.norm(x, axis=0)
    gaps = np.linalg.norm(forward(kept, names, x) - forward(target, names, x), axis=0)
    return gaps.max()


@given(
    widths=st.lists(st.integers(1, 6), min_size=2, max_size=5),
    share=st.sampled_from([0.0, 0.1, 0.5, 1.0]),
    seed=st.integers(0, 2**32 - 1),
    data=st.data(),
)
@settings(max_examples=150, deadline=None, derandomize=True)
def test_it_lies_between_the_gap_and_t1(widths, share, seed, data):
    rng = np.random.default_rng(seed)
    names = data.draw(st.lists(st.sampled_from(sorted(SLOPES)), min_size=len(widths) - 2, max_size=len(widths) - 2))
    target, kept, removed = network(rng, widths, share)
    bound = sharp(target, kept, removed, names)
    lipschitz = np.prod([max(abs(c + s), abs(c - s)) for c, s in secants(names)])
    t1 = layer_recursion(*([norm(w) for w in part] for part in (target, kept, removed)), lipschitz=lipschitz)
    assert largest_gap(target, kept, names, rng) <= bound * (1 + 1e-9) + 1e-12
    unscaled = plain(target, kept, removed, names)
    assert unscaled <= t1 * (1 + 1e-9) + 1e-12


def plain(target, kept, removed, names):
    """The same bound written out: every partition of every term, without T."""
    depth, total = len(target), 0.0
    for i in range(depth):
        for cuts in product([False, True], repeat=depth - 1):  # whether an S separates layers j and j + 1
            runs, factor, start = [], 1.0, 0
            for j, cut in enumerate([*cuts, True]):
                if j < depth - 1:
                    centre, spread = secants(names)[j]
                    factor *= spread if cut else centre
                if cut:
                    parts = [target[k] if k < i else removed[k] if k == i else kept[k] for k in range(start, j + 1)]
                    runs.append(norm(chain(parts)))
                    start = j + 1
            total += factor * np.prod(runs)
    return total


@pytest.mark.parametrize("seed", range(5))
def test_without_scaling_it_is_the_sum_over_all_partitions(seed):
    rng = np.random.default_rng(seed)
    names = ["relu", "leaky", "steep"]
    target, kept, removed = network(rng, [4, 5, 3, 6, 2], 0.3)

    def of(part):
        return lambda first, last: norm(chain(part[first : last + 1]))

    def mixed(i, first, last):
        return norm(chain([*target[first:i], removed[i], *kept[i + 1 : last + 1]]))

    found = averaged_recursion(of(target), of(kept), mixed, of(target), of(kept), secants=secants(names))
    assert found == pytest.approx(plain(target, kept, removed, names), rel=1e-12)


def test_of_linear_networks_it_is_the_exact_gap():
    target, kept, removed = network(np.random.default_rng(1), [5, 6, 7, 4], 0.3)
    exact = norm(chain(kept) - chain(target))
    assert sharp(target, kept, removed, ["identity"] * 2) == pytest.approx(exact, rel=1e-12)


def test_layers_that_cannot_be_multiplied_give_t1():
    target, kept, removed = network(np.random.default_rng(2), [5, 6, 7, 4], 0.3)

    def alone(part):
        return lambda *places: norm(part[places[-1]])

    found = averaged_recursion(
        alone(target),
        alone(kept),
        lambda i, first, last: norm(removed[i]),
        alone(target),
        alone(kept),
        secants=[(0.0, 1.0), (0.0, 2.0)],
        radius=3,
        lipschitz=0.5,
    )
    t1 = layer_recursion(*([norm(w) for w in part] for part in (target, kept, removed)), radius=3, lipschitz=1.0)
    assert found == pytest.approx(t1, rel=1e-12)


@pytest.mark.parametrize("wrong", ["no spread", "half the centre", "no difference of products"])
def test_a_bound_that_drops_a_term_is_exceeded(wrong):
    """Each of these is what the bound would be if a part of the expansion was forgotten."""
    target, kept, removed = network(np.random.default_rng(3), [3, 4, 2], 1.0)  # all is removed: the gap is ‖F‖
    names = ["relu"]
    if wrong == "no difference of products":
        names = ["identity"]
    found = {
        "no spread": lambda: sharp(target, kept, removed, names, secants=[(0.5, 0.0)]),
        "half the centre": lambda: sharp(target, kept, removed, ["relu"], secants=[(0.25, 0.25)]),
        "no difference of products": lambda: averaged_recursion(
            *[lambda *places: 1.0] * 5, secants=[(1.0, 0.0)], whole=0.0
        ),
    }[wrong]()
    assert largest_gap(target, kept, names, np.random.default_rng(0)) > found
