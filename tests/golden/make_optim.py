"""Golden values of ten optimizer steps, from torch and optax, and of schedules, from optax.

Run as `python make_optim.py` beside this file with torch and optax installed; it writes
optim.json and schedules.json. Parameters, gradients and learning rates are given by formulas that
tests/optim/problem.ts computes too. Both compute in doubles, from values rounded to float32: in
float32 optax's `1 - beta2**t` is off by 1e-5, which is more than the tests allow.
"""

import json
import math
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import optax
import torch

jax.config.update("jax_enable_x64", True)

HERE = Path(__file__).parent
LEAVES = [("conv.weight", [2, 3]), ("conv.bias", [3]), ("scale", [4])]
STEPS = 10


def values(leaf, shape, formula):
    count = math.prod(shape)
    return np.array([formula(leaf, i) for i in range(count)], np.float32).reshape(shape).astype(np.float64)


def param(leaf, i):
    return math.sin(1.7 * i + 2.3 * leaf + 1)


def gradient(leaf, i, step):
    return math.cos(0.9 * i + 1.1 * leaf + 0.4 * step) * 2.0 ** (leaf - 1)


def rate(step):
    """Changes on the way, which is where conventions differ."""
    return 0.1 if step < 5 else 0.02


PARAMS = {name: values(k, shape, param) for k, (name, shape) in enumerate(LEAVES)}
GRADIENTS = [
    {name: values(k, shape, lambda k, i: gradient(k, i, t)) for k, (name, shape) in enumerate(LEAVES)}
    for t in range(STEPS)
]


def with_torch(make):
    params = {name: torch.nn.Parameter(torch.tensor(v)) for name, v in PARAMS.items()}
    optimizer = make(params)
    trajectory = []
    for t in range(STEPS):
        for group in optimizer.param_groups:
            group["lr"] = rate(t)
        for name, p in params.items():
            p.grad = torch.tensor(GRADIENTS[t][name])
        optimizer.step()
        trajectory.append(np.concatenate([p.detach().numpy().ravel() for p in params.values()]))
    return trajectory


def with_optax(transformation):
    params = {name: jnp.array(v) for name, v in PARAMS.items()}
    transformation = optax.chain(transformation, optax.scale_by_learning_rate(rate_for_optax))
    state = transformation.init(params)
    trajectory = []
    for t in range(STEPS):
        gradients = {name: jnp.array(g) for name, g in GRADIENTS[t].items()}
        updates, state = transformation.update(gradients, state, params)
        params = optax.apply_updates(params, updates)
        trajectory.append(np.concatenate([np.array(params[name]).ravel() for name, _ in LEAVES]))
    return trajectory


def rate_for_optax(count):
    return jnp.where(count < 5, 0.1, 0.02)


def all_of(params):
    return list(params.values())


def groups(params, decay):
    """Decay for what has two axes or more."""
    return [
        {"params": [p for p in params.values() if p.ndim > 1], "weight_decay": decay},
        {"params": [p for p in params.values() if p.ndim < 2], "weight_decay": 0},
    ]


def matrices(params):
    return {name: p.ndim > 1 for name, p in params.items()}


def clipped(params):
    """SGD behind a clip of the global norm, which torch does in place."""

    class Clipped(torch.optim.SGD):
        def step(self):
            torch.nn.utils.clip_grad_norm_(list(params.values()), 2.0)
            super().step()

    return Clipped(all_of(params), lr=0)


SGD, ADAM, ADAMW = torch.optim.SGD, torch.optim.Adam, torch.optim.AdamW
CASES = [
    ("sgd", {}, "torch", with_torch(lambda p: SGD(all_of(p), lr=0))),
    ("sgd", {"momentum": 0.9, "weightDecay": 0.05}, "torch",
     with_torch(lambda p: SGD(all_of(p), lr=0, momentum=0.9, weight_decay=0.05))),
    ("sgd", {"momentum": 0.9, "weightDecay": 0.05, "mask": "weightsOnly"}, "torch",
     with_torch(lambda p: SGD(groups(p, 0.05), lr=0, momentum=0.9))),
    ("sgd", {"momentum": 0.9, "nesterov": True, "weightDecay": 0.05}, "torch",
     with_torch(lambda p: SGD(all_of(p), lr=0, momentum=0.9, nesterov=True, weight_decay=0.05))),
    ("clipped", {}, "torch", with_torch(clipped)),
    ("adam", {}, "torch", with_torch(lambda p: ADAM(all_of(p), lr=0))),
    ("adam", {"beta1": 0.8, "beta2": 0.95, "epsilon": 0.01}, "torch",
     with_torch(lambda p: ADAM(all_of(p), lr=0, betas=(0.8, 0.95), eps=0.01))),
    ("adamw", {}, "torch", with_torch(lambda p: ADAMW(all_of(p), lr=0))),
    ("adamw", {"weightDecay": 0.3, "mask": "weightsOnly"}, "torch",
     with_torch(lambda p: ADAMW(groups(p, 0.3), lr=0))),
    ("sgd", {"momentum": 0.9, "weightDecay": 0.05}, "optax",
     with_optax(optax.chain(optax.add_decayed_weights(0.05), optax.trace(0.9)))),
    ("sgd", {"momentum": 0.9, "nesterov": True, "weightDecay": 0.05}, "optax",
     with_optax(optax.chain(optax.add_decayed_weights(0.05), optax.trace(0.9, nesterov=True)))),
    ("clipped", {}, "optax", with_optax(optax.clip_by_global_norm(2.0))),
    ("adam", {}, "optax", with_optax(optax.scale_by_adam())),
    ("adamw", {"weightDecay": 0.3, "mask": "weightsOnly"}, "optax",
     with_optax(optax.chain(optax.scale_by_adam(), optax.add_decayed_weights(0.3, matrices)))),
]


def rounded(array, digits=10):
    return [float(f"{float(v):.{digits}g}") for v in array]


def write(name, fixture):
    lines = ",\n".join(json.dumps(entry) for entry in fixture["cases"])
    head = json.dumps({k: v for k, v in fixture.items() if k != "cases"})[:-1]
    (HERE / name).write_text(f'{head}, "cases": [\n{lines}\n]}}\n')


write("optim.json", {
    "versions": {"torch": torch.__version__, "optax": optax.__version__},
    "cases": [
        {"optimizer": name, "options": options, "source": source,
         "trajectory": [rounded(step) for step in trajectory]}
        for name, options, source, trajectory in CASES
    ],
})

STEPS_OF_SCHEDULES = [0, 1, 9, 10, 11, 49, 50, 51, 99, 100, 101, 250]
SCHEDULES = [
    ("constantRate", [0.1], optax.constant_schedule(0.1)),
    ("piecewise", [[10, 100], [0.5, 0.25, 0.125]],
     optax.piecewise_constant_schedule(0.5, {10: 0.5, 100: 0.5})),
    ("stepDecay", [0.5, 50, 0.5], optax.exponential_decay(0.5, 50, 0.5, staircase=True)),
    ("exponentialDecay", [0.5, 50, 0.3], optax.exponential_decay(0.5, 50, 0.3)),
    ("polynomialDecay", [0.5, 100, {"end": 0.1, "power": 2}],
     optax.polynomial_schedule(0.5, 0.1, 2, 100)),
    ("cosineDecay", [0.5, 100, {"end": 0.05}], optax.cosine_decay_schedule(0.5, 100, 0.1)),
    ("warmup of cosineDecay", [10, [0.5, 90]],
     optax.warmup_cosine_decay_schedule(0, 0.5, 10, 100)),
    ("joinSchedules", [50],
     optax.join_schedules([optax.constant_schedule(0.5), optax.polynomial_schedule(0.5, 0, 1, 50)], [50])),
]

write("schedules.json", {
    "versions": {"optax": optax.__version__},
    "steps": STEPS_OF_SCHEDULES,
    "cases": [
        {"schedule": name, "args": args,
         "rates": rounded((float(schedule(step)) for step in STEPS_OF_SCHEDULES), 15)}
        for name, args, schedule in SCHEDULES
    ],
})
