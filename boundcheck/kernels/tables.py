"""The integer codes that the kernels and their callers share. Importing this does not import Numba.

A law has three parameters, unused ones being ignored:

==============  ====================  =========================================================
law             parameters            density or probabilities
==============  ====================  =========================================================
UNIFORM         low, high             constant on [low, high]
NORMAL          mean, deviation       Gaussian
TWO_POINT       low, high, p          P(high) = p, P(low) = 1 - p
EXPONENTIAL     rate                  rate · exp(-rate · x) on x >= 0
TRUNCATED       deviation, cut, half  Gaussian of mean 0 within ±cut, where it is with probability 2·half
==============  ====================  =========================================================

Every draw is made from 32 random bits (NORMAL: 64), so the law drawn is a discretisation: probabilities
are multiples of 2^-32, |NORMAL - mean| <= 6.67 deviations and EXPONENTIAL <= 22.2 / rate.
"""

from typing import Any

import numpy as np

# Of weights, hidden states and the arithmetic of forward passes.
DOUBLE = "double"
SINGLE = "single"
NUMBERS: dict[str, Any] = {DOUBLE: np.float64, SINGLE: np.float32}

# How the norms of layers are bounded.
CERTIFIED = "certified"
ESTIMATED = "estimated"

UNIFORM = 0
NORMAL = 1
TWO_POINT = 2
EXPONENTIAL = 3
TRUNCATED = 4

NO_BIAS = -1
"""In place of a law: of a layer without biases."""

IDENTITY = 0
RELU = 1
LEAKY_RELU = 2
TANH = 3

KEEP_ALL = 0
MAGNITUDE = 1
RANDOM = 2
FILTERS = 3
RANDOM_FILTERS = 4
BERNOULLI = 5
"""Each weight goes with probability amount · 2^-32, independently of all else."""

# What the random bits of a trial are for; with the layer, one word of the Philox counter.
WEIGHTS = 0
MASK = 1
INPUTS = 2
STATISTIC = 3

# The three parts of a layer, W = kept + removed, in the order of the norms' last axis.
TARGET = 0
KEPT = 1
REMOVED = 2

# Standard variables, which `sample_cpu` draws as intervals; parameters that a kind does not name are ignored.
#
# ==============  ==============  =========================================================================
# kind            parameters      law
# ==============  ==============  =========================================================================
# UNIT            -               uniform on [0, 1]
# GAUSS           -               standard normal
# WAIT            -               exponential with rate 1
# GAMMA           shape           gamma with rate 1
# BETA            a, b            Beta on [0, 1]
# TILTED_UNIT     k               density proportional to exp(k x) on [0, 1], k not 0
# TRUNCATED_GAUSS cut, half       standard normal within ±cut, where it is with probability 2·half
# CELL            -               number of the table's cumulative probabilities that a uniform one exceeds
# ==============  ==============  =========================================================================
UNIT = 0
GAUSS = 1
WAIT = 2
GAMMA = 3
BETA = 4
TILTED_UNIT = 5
CELL = 6
TRUNCATED_GAUSS = 7
