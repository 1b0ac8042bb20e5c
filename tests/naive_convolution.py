"""Convolutions from their definition: dense matrices and frequency blocks, in plain loops. Slow on purpose."""

import cmath
import math

import numpy as np


def operator_matrix(kernel, height, width, stride=(1, 1), padding=(0, 0, 0, 0), circular=False):
    """The matrix of out[i, y, x] = sum over k, a, b of kernel[i, k, a, b] padded[k, y sy + a, x sx + b]."""
    m, n, p, q = np.shape(kernel)
    top, bottom, left, right = padding
    out_height = (height + top + bottom - p) // stride[0] + 1
    out_width = (width + left + right - q) // stride[1] + 1
    matrix = np.zeros((m, out_height, out_width, n, height, width))
    for y, x, a, b in np.ndindex(out_height, out_width, p, q):
        row = y * stride[0] + a - top
        column = x * stride[1] + b - left
        if circular:
            row, column = row % height, column % width
        if 0 <= row < height and 0 <= column < width:
            matrix[:, y, x, :, row, column] += kernel[:, :, a, b]
    return matrix.reshape(m * out_height * out_width, n * height * width)


def frequency_block(kernel, height, width, u, v):
    """P(u, v)[m, n]."""
    m, n, p, q = np.shape(kernel)
    block = np.zeros((m, n), complex)
    for a, b in np.ndindex(p, q):
        block += cmath.exp(2j * math.pi * (u * a / height + v * b / width)) * kernel[:, :, a, b]
    return block


def circular_norm(kernel, height, width):
    """The norm on a periodic grid: the largest one of all frequency blocks, conjugates included."""
    largest = np.abs(kernel).max()
    if largest == 0.0:
        return 0.0
    scaled = np.asarray(kernel) / largest
    norms = [np.linalg.norm(frequency_block(scaled, height, width, u, v), 2) for u, v in np.ndindex(height, width)]
    return float(largest * max(norms))
