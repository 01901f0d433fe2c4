"""Writes shattered.json: autocorrelations of df/dx of random networks R -> R at initialisation.

Balduzzi et al., The shattered gradients problem (ICML 2017): 200 rectifiers a layer, 256 inputs on a
uniform grid in [-2, 2]. Mean and standard deviation over seeds of the autocorrelation at some lags.
Statistics of the normalisation are held constant in df/dx. Run: python make_shattered.py
"""

import json
from pathlib import Path

import numpy as np

WIDTH, POINTS, SEEDS = 200, 256, 20
DEPTHS = (2, 4, 10, 24, 50)
LAGS = (1, 5, 15)
rng = np.random.default_rng(1702)


def autocorrelation(gradient):
    z = gradient - gradient.mean()
    return [float((z[: POINTS - lag] * z[lag:]).sum() / (z * z).sum()) for lag in LAGS]


def slopes(depth, beta):
    """dz/dx of the last hidden layer, [inputs, units]; beta is None without shortcuts."""
    x = np.linspace(-2, 2, POINTS)[:, None]
    weight = rng.normal(0, np.sqrt(2), (1, WIDTH))
    z = x @ weight + rng.uniform(-2, 2, WIDTH)
    dz = np.repeat(weight, POINTS, 0)
    for _ in range(depth):
        weight = rng.normal(0, np.sqrt(2 / WIDTH), (WIDTH, WIDTH))
        if beta is None:
            z = z - z.mean(0)
            gate = z > 0
            z, dz = (z * gate) @ weight, (dz * gate) @ weight
        else:
            mean, deviation = z.mean(0), z.std(0) + 1e-5
            normed = (z - mean) / deviation
            gate = normed > 0
            z = z + beta * (normed * gate) @ weight
            dz = dz + beta * (dz / deviation * gate) @ weight
    return dz


def over_seeds(make):
    found = np.array([autocorrelation(make()) for _ in range(SEEDS)])
    return {"mean": found.mean(0).tolist(), "deviation": found.std(0, ddof=1).tolist()}


def readout(depth, beta):
    return slopes(depth, beta) @ rng.normal(0, np.sqrt(1 / WIDTH), WIDTH)


networks = {
    f"{name} {depth}": over_seeds(lambda: readout(depth, beta))
    for name, beta in (("plain", None), ("residual 1", 1.0), ("residual 0.1", 0.1))
    for depth in DEPTHS
}
noises = {
    "white": over_seeds(lambda: rng.normal(size=POINTS)),
    "brown": over_seeds(lambda: np.cumsum(rng.normal(size=POINTS))),
}
out = {"numpy": np.__version__, "seeds": SEEDS, "lags": LAGS, "curves": networks | noises}
Path(__file__).with_name("shattered.json").write_text(json.dumps(out, indent=1) + "\n")
