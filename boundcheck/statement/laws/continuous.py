"""Laws with a density."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sympy import Abs, Expr, Rational, S, cancel, erf, erfinv, exp, factorial2, log, oo, pi, sqrt
from sympy import gamma as gamma_function

from boundcheck.statement.laws.law import VALUE, Law, affine, finite_number, is_zero, ordered, positive_number
from boundcheck.statement.notation import CLOSE, COMMA, OPEN, Phrase, Sign, named


@dataclass(frozen=True)
class Uniform(Law):
    """Uniform on [low, high]. Variance proxy (high-low)²/12, from sinh(x)/x ≤ exp(x²/6)."""

    label = "uniform"
    low: Expr
    high: Expr

    def validate(self) -> None:
        ordered(self.low, self.high)

    @property
    def _half(self) -> Expr:
        return (self.high - self.low) / 2

    @property
    def mean(self) -> Expr:
        return (self.low + self.high) / 2

    @property
    def variance(self) -> Expr:
        return self._half**2 / 3

    @property
    def variance_proxy(self) -> Expr:
        return self._half**2 / 3

    @property
    def moment_proxy(self) -> Expr | None:
        # E w^{2j} = a^{2j}/(2j+1), and 3^j ≤ (2j+1)!!.
        return self.variance if self.symmetric else None

    @property
    def sparse_proxy(self) -> Expr | None:
        # E w^{2j} = a^{2j}/(2j+1), and 3·5^{j-1} ≤ (2j+1)!!.
        return self._half**2 / 5 if self.symmetric else None

    def even_moment(self, j: int) -> Expr:
        power = 2 * j + 1
        return (self.high**power - self.low**power) / (power * (self.high - self.low))

    @property
    def transport(self) -> Expr | None:
        # T(z) = a erf(z/√2) has its largest slope a√(2/π) at 0.
        return self._half * sqrt(2 / pi) if self.symmetric else None

    @property
    def supremum(self) -> Expr:
        return self.high if self.symmetric else Abs(self.mean) + self._half

    @property
    def symmetric(self) -> bool:
        return is_zero(self.low + self.high)

    @property
    def unimodal(self) -> bool:
        return self.symmetric

    def magnitude_quantile(self, q: Expr) -> Expr:
        return self.high * q

    @property
    def support(self) -> tuple[Expr, Expr]:
        return self.low, self.high

    def density(self, x: Expr) -> Expr:
        return 1 / (self.high - self.low)

    def mgf(self, lam: Expr) -> Expr:
        if lam == 0:
            return S.One
        return (exp(lam * self.high) - exp(lam * self.low)) / (lam * (self.high - self.low))

    def image(self, function: Expr) -> Law | None:
        coefficients = affine(function)
        if coefficients is None:
            return super().image(function)
        ends = [coefficients[0] * end + coefficients[1] for end in (self.low, self.high)]
        return Uniform(*(ends if coefficients[0].is_positive else ends[::-1]))

    @property
    def notation(self) -> Phrase:
        return (Sign("Uniform[", r"\operatorname{Uniform}["), self.low, COMMA, self.high, Sign("]", "]"))

    def scaled(self, factor: Expr) -> Uniform:
        return Uniform(factor * self.low, factor * self.high)


@dataclass(frozen=True)
class Normal(Law):
    """Normal with the given mean and standard deviation."""

    label = "normal"
    location: Expr
    std: Expr

    def validate(self) -> None:
        finite_number("mean", self.location)
        positive_number("std", self.std)

    @property
    def mean(self) -> Expr:
        return self.location

    @property
    def variance(self) -> Expr:
        return self.std**2

    @property
    def variance_proxy(self) -> Expr:
        return self.std**2

    @property
    def moment_proxy(self) -> Expr | None:
        return self.variance if self.symmetric else None

    @property
    def sparse_proxy(self) -> Expr | None:
        return self.variance if self.symmetric else None

    def even_moment(self, j: int) -> Expr | None:
        return self.std ** (2 * j) * factorial2(2 * j - 1) if self.symmetric else None

    @property
    def transport(self) -> Expr | None:
        return self.std if self.symmetric else None

    @property
    def symmetric(self) -> bool:
        return is_zero(self.location)

    @property
    def unimodal(self) -> bool:
        return self.symmetric

    def magnitude_quantile(self, q: Expr) -> Expr:
        return self.std * sqrt(2) * erfinv(q)

    def density(self, x: Expr) -> Expr:
        return exp(-(((x - self.location) / self.std) ** 2) / 2) / (self.std * sqrt(2 * pi))

    def mgf(self, lam: Expr) -> Expr:
        return exp(lam * self.location + (lam * self.std) ** 2 / 2)

    def image(self, function: Expr) -> Law | None:
        coefficients = affine(function)
        if coefficients is not None:
            return Normal(coefficients[0] * self.location + coefficients[1], Abs(coefficients[0]) * self.std)
        shift = function.xreplace({VALUE: S.Zero})
        factor = cancel((function - shift) / VALUE**2)
        if self.location == 0 and not factor.has(VALUE) and factor.is_positive:
            return Gamma(Rational(1, 2), 1 / (2 * self.std**2)).image(factor * VALUE + shift)
        return super().image(function)

    @property
    def notation(self) -> Phrase:
        return named("N", self.location, self.std**2)

    def scaled(self, factor: Expr) -> Normal:
        return Normal(factor * self.location, factor * self.std)


@dataclass(frozen=True)
class TruncatedNormal(Law):
    """Normal with mean 0 and the given standard deviation, conditioned on |w| <= cut."""

    label = "truncated_normal"
    std: Expr
    cut: Expr

    def validate(self) -> None:
        positive_number("std", self.std)
        positive_number("cut", self.cut)

    @property
    def mass(self) -> Expr:
        """The probability that the normal variable is within the cut."""
        return erf(self.cut / (sqrt(2) * self.std))

    @property
    def mean(self) -> Expr:
        return S.Zero

    @property
    def variance(self) -> Expr:
        c = self.cut / self.std
        return self.std**2 * (1 - sqrt(2 / pi) * c * exp(-(c**2) / 2) / self.mass)

    @property
    def variance_proxy(self) -> Expr:
        return self.transport**2

    @property
    def moment_proxy(self) -> Expr:
        # |w| ≤ transport · |Z|.
        return self.transport**2

    @property
    def sparse_proxy(self) -> Expr:
        # By parts, E w^{2j} ≤ (2j-1) std² E w^{2j-2}: what stands at the ends is subtracted.
        return self.std**2

    @property
    def transport(self) -> Expr:
        """With the density f of w, w = T(Z) has T'(z) = φ(z)/f(T(z)), which is std·mass =: g at 0 and falls from there.

        For (log T')'(z) = -z + T(z) T'(z)/std², and as long as T' <= g, T(z) <= g z, so that this is at most
        -z (1 - mass²) < 0 for z > 0.
        """
        return self.std * self.mass

    @property
    def supremum(self) -> Expr:
        return self.cut

    @property
    def symmetric(self) -> bool:
        return True

    @property
    def unimodal(self) -> bool:
        return True

    def magnitude_quantile(self, q: Expr) -> Expr:
        return self.std * sqrt(2) * erfinv(q * self.mass)

    @property
    def support(self) -> tuple[Expr, Expr]:
        return -self.cut, self.cut

    def density(self, x: Expr) -> Expr:
        return exp(-((x / self.std) ** 2) / 2) / (self.std * sqrt(2 * pi) * self.mass)

    def mgf(self, lam: Expr) -> Expr:
        ends = [(self.cut + sign * lam * self.std**2) / (sqrt(2) * self.std) for sign in (-1, 1)]
        return exp((lam * self.std) ** 2 / 2) * (erf(ends[0]) + erf(ends[1])) / (2 * self.mass)

    def image(self, function: Expr) -> Law | None:
        coefficients = affine(function)
        if coefficients is not None and coefficients[1] == 0:
            return self.scaled(Abs(coefficients[0]))
        return super().image(function)

    def scaled(self, factor: Expr) -> TruncatedNormal:
        return TruncatedNormal(factor * self.std, factor * self.cut)


class Positive(Law):
    """A law on [0, ∞) of a family that is closed under scaling."""

    @property
    def support(self) -> tuple[Expr, Expr]:
        return S.Zero, oo

    def image(self, function: Expr) -> Law | None:
        coefficients = affine(function)
        if coefficients is not None and coefficients[1] == 0 and coefficients[0].is_positive:
            return self.scaled(coefficients[0])
        return super().image(function)


@dataclass(frozen=True)
class Exponential(Positive):
    """Exponential with the given rate, mean 1/rate."""

    label = "exponential"
    rate: Expr

    def validate(self) -> None:
        positive_number("rate", self.rate)

    @property
    def mean(self) -> Expr:
        return 1 / self.rate

    @property
    def variance(self) -> Expr:
        return 1 / self.rate**2

    @property
    def notation(self) -> Phrase:
        return (Sign("Exponential", r"\operatorname{Exponential}"), OPEN, "rate ", self.rate, CLOSE)

    def scaled(self, factor: Expr) -> Exponential:
        return Exponential(self.rate / factor)

    def density(self, x: Expr) -> Expr:
        return self.rate * exp(-self.rate * x)

    def mgf(self, lam: Expr) -> Expr:
        return self.rate / (self.rate - lam)


@dataclass(frozen=True)
class Gamma(Positive):
    """Gamma with the given shape and rate: density proportional to x^(shape - 1) exp(-rate x), mean shape/rate."""

    label = "gamma"
    shape: Expr
    rate: Expr

    def validate(self) -> None:
        positive_number("shape", self.shape)
        positive_number("rate", self.rate)

    @property
    def mean(self) -> Expr:
        return self.shape / self.rate

    @property
    def variance(self) -> Expr:
        return self.shape / self.rate**2

    def density(self, x: Expr) -> Expr:
        return self.rate**self.shape * x ** (self.shape - 1) * exp(-self.rate * x) / gamma_function(self.shape)

    def mgf(self, lam: Expr) -> Expr:
        return (1 - lam / self.rate) ** (-self.shape)

    def cgf(self, lam: Expr) -> Expr:
        return -self.shape * log(1 - lam / self.rate)

    @property
    def notation(self) -> Phrase:
        gamma_sign = Sign("Gamma", r"\operatorname{Gamma}")
        return (gamma_sign, OPEN, "shape ", self.shape, COMMA, "rate ", self.rate, CLOSE)

    def scaled(self, factor: Expr) -> Gamma:
        return Gamma(self.shape, self.rate / factor)


@dataclass(frozen=True)
class Beta(Law):
    """Beta on [0, 1]: density proportional to x^(a - 1) (1 - x)^(b - 1)."""

    label = "beta"
    a: Expr
    b: Expr

    def validate(self) -> None:
        positive_number("a", self.a)
        positive_number("b", self.b)

    @property
    def mean(self) -> Expr:
        return self.a / (self.a + self.b)

    @property
    def variance(self) -> Expr:
        return self.a * self.b / ((self.a + self.b) ** 2 * (self.a + self.b + 1))

    @property
    def variance_proxy(self) -> Expr:
        """At most 1/(4(a + b + 1)) (O. Marchal and J. Arbel, Electron. Commun. Probab. 22, 2017, Theorem 1)."""
        return 1 / (4 * (self.a + self.b + 1))

    @property
    def support(self) -> tuple[Expr, Expr]:
        return S.Zero, S.One

    def density(self, x: Expr) -> Expr:
        weight = gamma_function(self.a + self.b) / (gamma_function(self.a) * gamma_function(self.b))
        return weight * x ** (self.a - 1) * (1 - x) ** (self.b - 1)


def uniform(low: Any, high: Any) -> Uniform:
    """The uniform law on [low, high]."""
    return Uniform(*ordered(low, high))


def normal(mean: Any = 0, std: Any = 1) -> Normal:
    """The normal law with this mean and standard deviation (not variance)."""
    return Normal(finite_number("mean", mean), positive_number("std", std))


def truncated_normal(std: Any = 1, cut: Any = 2) -> TruncatedNormal:
    """The normal law with mean 0 and this standard deviation, conditioned on values in [-cut, cut]."""
    return TruncatedNormal(positive_number("std", std), positive_number("cut", cut))


def exponential(rate: Any = 1) -> Exponential:
    """The exponential law with this rate (mean 1/rate)."""
    return Exponential(positive_number("rate", rate))


def gamma(shape: Any, rate: Any = 1) -> Gamma:
    """The gamma law with this shape and rate (mean shape/rate)."""
    return Gamma(positive_number("shape", shape), positive_number("rate", rate))


def chi_squared(k: Any) -> Gamma:
    """The law of the sum of squares of k standard normals."""
    return Gamma(positive_number("k", k) / 2, Rational(1, 2))


def beta(a: Any, b: Any) -> Beta:
    """The Beta law on [0, 1] with these shapes."""
    return Beta(positive_number("a", a), positive_number("b", b))
