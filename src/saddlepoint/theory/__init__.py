"""Theory that can be checked: closed forms, and the library's own parts held against them.

divergences     entropy, KL, JS, total variation and W1 of discrete distributions; two points that move apart
discriminator   the optimal discriminator, its value 2 JS - log 4, labels the other way round
response        what a real discriminator learns against a frozen generator
gradients       slopes of generator losses; which divergence a generator descends at the optimum
dirac           the Dirac-GAN: its field, eigenvalues, discrete steps, and trajectories through the real loop
transport       W1 exactly, by plans and by prices, and as a trained critic estimates it
tails           samples beside the Gaussian they should follow
likelihood      maximum likelihood as KL, bits per dimension

Distributions are numpy arrays of probabilities, quantities are in nats, real is 1.
"""

from __future__ import annotations

from saddlepoint.theory.dirac import (
    SLOPES,
    Dirac,
    closed_form,
    eigenvalues,
    field,
    jacobian,
    step_matrix,
    trajectory,
)
from saddlepoint.theory.discriminator import (
    bayes_error,
    gaussian_logit,
    half_loss_at_optimum,
    inverted,
    optimal,
    optimal_logit,
    value,
    value_at_optimum,
)
from saddlepoint.theory.divergences import (
    TwoPoints,
    cross_entropy,
    entropy,
    js,
    kl,
    of_two_points,
    probabilities,
    total_variation,
    w1,
)
from saddlepoint.theory.gradients import divergence_gradient, frozen_gradient, generator_slope
from saddlepoint.theory.likelihood import (
    Gaussian,
    bits_per_dimension,
    descended_likelihood,
    excess_nll,
    gaussian_entropy,
    gaussian_kl,
    gaussian_log_density,
    gaussian_nll,
    maximum_likelihood,
    nll,
)
from saddlepoint.theory.response import BestResponse, best_response, gaussian, resampled, scores
from saddlepoint.theory.tails import TailReport, tail_report
from saddlepoint.theory.transport import (
    Estimate,
    Plan,
    Potential,
    critic_estimate,
    distances,
    dual,
    primal,
    slopes,
    w1_of_samples,
)

__all__ = [
    "SLOPES",
    "BestResponse",
    "Dirac",
    "Estimate",
    "Gaussian",
    "Plan",
    "Potential",
    "TailReport",
    "TwoPoints",
    "bayes_error",
    "best_response",
    "bits_per_dimension",
    "closed_form",
    "critic_estimate",
    "cross_entropy",
    "descended_likelihood",
    "distances",
    "divergence_gradient",
    "dual",
    "eigenvalues",
    "entropy",
    "excess_nll",
    "field",
    "frozen_gradient",
    "gaussian",
    "gaussian_entropy",
    "gaussian_kl",
    "gaussian_log_density",
    "gaussian_logit",
    "gaussian_nll",
    "generator_slope",
    "half_loss_at_optimum",
    "inverted",
    "jacobian",
    "js",
    "kl",
    "maximum_likelihood",
    "nll",
    "of_two_points",
    "optimal",
    "optimal_logit",
    "primal",
    "probabilities",
    "resampled",
    "scores",
    "slopes",
    "step_matrix",
    "tail_report",
    "total_variation",
    "trajectory",
    "value",
    "value_at_optimum",
    "w1",
    "w1_of_samples",
]
