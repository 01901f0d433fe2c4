"""Golden values of losses and their gradients: cross entropy from torch, the others from both.

Run as `python make_loss.py` beside this file with torch and optax installed; it writes loss.json.
Logits, labels and targets are given by formulas that the tests in tests/train compute too. Torch
computes cross entropy in float32; the others are in doubles, from values rounded to float32.
"""

import json
import math
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import optax
import torch
import torch.nn.functional as F

jax.config.update("jax_enable_x64", True)

BATCH, CLASSES = 5, 7


def run(smoothing, reduction, scale):
    logits = torch.tensor(
        [[scale * math.sin(1.3 * (r * CLASSES + c) + 0.5) for c in range(CLASSES)] for r in range(BATCH)],
        dtype=torch.float32, requires_grad=True)
    labels = torch.tensor([(3 * r + 2) % CLASSES for r in range(BATCH)])
    loss = F.cross_entropy(logits, labels, label_smoothing=smoothing, reduction=reduction)
    # Each example has a weight, so that reduction "none" has a gradient too.
    weights = torch.arange(1, BATCH + 1, dtype=torch.float32) if reduction == "none" else 1.0
    (loss * weights).sum().backward()
    return {
        "labelSmoothing": smoothing, "reduction": reduction, "scale": scale,
        "loss": [float(f"{v:.9g}") for v in loss.detach().reshape(-1).tolist()],
        "gradient": [float(f"{v:.9g}") for v in logits.grad.reshape(-1).tolist()],
    }


def values(formula):
    count = BATCH * CLASSES
    return np.array([formula(i) for i in range(count)], np.float32).astype(np.float64).reshape(BATCH, CLASSES)


def shares():
    """Distributions over the classes; every third is zero."""
    raw = np.array([0.0 if i % 3 == 0 else 1.5 + math.cos(0.9 * i) for i in range(BATCH * CLASSES)])
    rows = raw.reshape(BATCH, CLASSES)
    return (rows / rows.sum(-1, keepdims=True)).astype(np.float32).astype(np.float64)


LABELS = np.array([(3 * r + 2) % CLASSES for r in range(BATCH)])
TARGETS = {
    "hard": values(lambda i: i % 2),
    "soft": values(lambda i: 0.5 + 0.5 * math.cos(0.7 * i)),
    "shares": shares(),
    "numbers": values(lambda i: 2 * math.cos(0.7 * i)),
    "labels": LABELS,
}


def logits(scale):
    return values(lambda i: scale * math.sin(1.3 * i + 0.5))


def summary(name, options, targets, scale, source, losses, gradient):
    """Losses as they are reduced by none, and the gradient of their sum, each weighted by its place."""
    return {"name": name, "options": options, "targets": targets, "scale": scale, "source": source,
            "losses": [float(f"{v:.9g}") for v in np.array(losses).ravel()],
            "gradient": [float(f"{v:.9g}") for v in np.array(gradient).ravel()]}


def by_torch(name, options, targets, scale, f):
    x = torch.tensor(logits(scale), requires_grad=True)
    losses = f(x, torch.tensor(TARGETS[targets]))
    weights = torch.arange(1, losses.numel() + 1, dtype=torch.float64).reshape(losses.shape)
    (losses * weights).sum().backward()
    return summary(name, options, targets, scale, "torch", losses.detach().numpy(), x.grad.numpy())


def by_optax(name, options, targets, scale, f):
    x, y = jnp.array(logits(scale)), jnp.array(TARGETS[targets])
    losses = f(x, y)
    weights = jnp.arange(1, losses.size + 1).reshape(losses.shape)
    gradient = jax.grad(lambda x: jnp.sum(f(x, y) * weights))(x)
    return summary(name, options, targets, scale, "optax", losses, gradient)


def focal(focus):
    """Of classes, which neither has: cross entropy times the wrong share to a power."""

    def f(x, labels):
        log_right = torch.log_softmax(x, -1).gather(-1, labels[:, None])[:, 0]
        return -((1 - log_right.exp()) ** focus) * log_right

    return f


others = [
    *[by_torch("binaryCrossEntropy", {}, targets, scale,
               lambda x, y: F.binary_cross_entropy_with_logits(x, y, reduction="none"))
      for targets in ("hard", "soft") for scale in (2.0, 1e4)],
    by_torch("binaryCrossEntropy", {"positiveWeight": 3}, "soft", 2.0,
             lambda x, y: F.binary_cross_entropy_with_logits(
                 x, y, pos_weight=torch.tensor(3.0, dtype=torch.float64), reduction="none")),
    by_optax("binaryFocalLoss", {}, "hard", 2.0, lambda x, y: optax.sigmoid_focal_loss(x, y)),
    by_optax("binaryFocalLoss", {"balance": 0.25}, "hard", 8.0,
             lambda x, y: optax.sigmoid_focal_loss(x, y, alpha=0.25)),
    by_optax("binaryFocalLoss", {"focus": 0.5, "balance": 0.75}, "soft", 2.0,
             lambda x, y: optax.sigmoid_focal_loss(x, y, alpha=0.75, gamma=0.5)),
    *[by_torch("focalLoss", {"focus": focus}, "labels", scale, focal(focus))
      for focus, scale in ((2, 2.0), (0.5, 2.0), (1, 5.0))],
    *[by_torch("klDivergence", {}, "shares", scale,
               lambda x, y: F.kl_div(torch.log_softmax(x, -1), y, reduction="none").sum(-1))
      for scale in (2.0, 1e4)],
    by_optax("klDivergence", {}, "shares", 2.0,
             lambda x, y: optax.kl_divergence(jax.nn.log_softmax(x), y)),
    by_torch("huberLoss", {}, "numbers", 2.0, lambda x, y: F.huber_loss(x, y, reduction="none")),
    by_optax("huberLoss", {"delta": 0.25}, "numbers", 2.0, lambda x, y: optax.huber_loss(x, y, delta=0.25)),
]

cases = [run(s, r, k) for s in (0.0, 0.1) for r in ("mean", "sum", "none") for k in (2.0, 1e4)]
lists = {name: ",\n".join(json.dumps(case) for case in of) for name, of in [("cases", cases), ("others", others)]}
versions = json.dumps({"torch": torch.__version__, "optax": optax.__version__})
body = ", ".join(f'"{name}": [\n{lines}\n]' for name, lines in lists.items())
(Path(__file__).parent / "loss.json").write_text(f'{{"versions": {versions}, {body}}}\n')
