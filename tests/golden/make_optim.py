"""Golden values of optimizer steps, from torch and optax, and of schedules, from both.

Run as `python make_optim.py` beside this file with torch and optax installed; it writes
optim.json and schedules.json. Ten steps are taken, and some of them written. Parameters, gradients and learning rates are given by formulas that
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
WRITTEN = [1, 2, 6, 10]


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


def with_optax(direction):
    return with_whole(optax.chain(direction, optax.scale_by_learning_rate(rate_for_optax)))


def with_whole(transformation, reading=lambda params, state: params):
    """Of an optimizer that has the learning rate in it; `reading` gives the parameters to write."""
    params = {name: jnp.array(v) for name, v in PARAMS.items()}
    state = transformation.init(params)
    trajectory = []
    for t in range(STEPS):
        gradients = {name: jnp.array(g) for name, g in GRADIENTS[t].items()}
        updates, state = transformation.update(gradients, state, params)
        params = optax.apply_updates(params, updates)
        trajectory.append(flat(reading(params, state)))
    return trajectory


def flat(params):
    return np.concatenate([np.array(params[name]).ravel() for name, _ in LEAVES])


def with_lookahead(fast, period, share):
    """Optax has the pair of slow and fast parameters for its parameters."""
    optimizer = optax.lookahead(fast, period, share)
    params = optax.LookaheadParams.init_synced({name: jnp.array(v) for name, v in PARAMS.items()})
    state = optimizer.init(params)
    trajectory = []
    for t in range(STEPS):
        gradients = {name: jnp.array(g) for name, g in GRADIENTS[t].items()}
        updates, state = optimizer.update(gradients, state, params)
        params = optax.apply_updates(params, updates)
        trajectory.append(flat(params.fast))
    return trajectory


def by_units():
    """Optax has the units of kernels on the first axis, we on the last."""

    def moved(update, state, params=None):
        turned = {name: g.T for name, g in update.items()}
        turned, state = optax.centralize().update(turned, state)
        return {name: g.T for name, g in turned.items()}, state

    return optax.GradientTransformation(optax.centralize().init, moved)


def matrices_or_not(params):
    return {name: "matrix" if p.ndim > 1 else "other" for name, p in params.items()}


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


def adafactor(least, clip=1.0, relative=True):
    """Optax raises to the decay in float32, unless it is told how."""
    parts = [
        optax.scale_by_factored_rms(min_dim_size_to_factor=least,
                                    decay_rate_fn=lambda i, exponent: 1 - (i + 1.0) ** -exponent),
        optax.clip_by_block_rms(clip),
        *([optax.scale_by_param_block_rms()] if relative else []),
        optax.scale_by_learning_rate(rate_for_optax),
    ]
    return optax.chain(*parts)


def muon(**options):
    def axes(params):
        return jax.tree.map(lambda _: optax.contrib.MuonDimensionNumbers(), params)

    matrix = optax.chain(
        optax.contrib.scale_by_muon(**options, weight_dimension_numbers=axes),
        optax.contrib._muon.scale_by_shape(axes),
    )
    return optax.partition({"matrix": matrix, "other": optax.scale_by_adam()}, matrices_or_not)


def schedule_free(direction, **options):
    """Optax counts from 1 where it weighs, and from 0 where it steps."""
    base = optax.chain(direction, optax.scale_by_learning_rate(rate_for_optax))
    return optax.contrib.schedule_free(base, lambda count: rate_for_optax(count - 1), **options)


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
    ("clipByValue", {}, "optax", with_optax(optax.clip(0.3))),
    ("clipByRms", {}, "optax", with_optax(optax.clip_by_block_rms(0.5))),
    ("clipAdaptively", {}, "optax", with_optax(optax.adaptive_grad_clip(0.2))),
    ("centralize", {}, "optax", with_optax(by_units())),
    ("nadam", {}, "optax", with_optax(optax.scale_by_adam(nesterov=True))),
    ("nadam", {"beta1": 0.8, "beta2": 0.95, "epsilon": 0.01}, "optax",
     with_optax(optax.scale_by_adam(0.8, 0.95, 0.01, nesterov=True))),
    ("radam", {}, "optax", with_optax(optax.scale_by_radam())),
    ("radam", {"beta1": 0.8, "beta2": 0.95, "epsilon": 0.01}, "optax",
     with_optax(optax.scale_by_radam(0.8, 0.95, 0.01))),
    ("adamax", {}, "optax", with_optax(optax.scale_by_adamax())),
    ("adamax", {"beta1": 0.8, "beta2": 0.7, "epsilon": 0.01}, "optax",
     with_optax(optax.scale_by_adamax(0.8, 0.7, 0.01))),
    ("adagrad", {}, "optax", with_optax(optax.scale_by_rss())),
    ("adagrad", {"initial": 0, "epsilon": 0.01}, "optax", with_optax(optax.scale_by_rss(0.0, 0.01))),
    ("adadelta", {}, "optax", with_optax(optax.scale_by_adadelta())),
    ("adadelta", {"decay": 0.8, "epsilon": 0.01, "weightDecay": 0.3, "mask": "weightsOnly"}, "optax",
     with_optax(optax.chain(optax.scale_by_adadelta(0.8, 0.01), optax.add_decayed_weights(0.3, matrices)))),
    ("rmsprop", {"epsilonInRoot": True}, "optax", with_whole(optax.rmsprop(rate_for_optax))),
    ("rmsprop", {"momentum": 0.5}, "optax",
     with_whole(optax.rmsprop(rate_for_optax, eps_in_sqrt=False, momentum=0.5))),
    ("rmsprop", {"centered": True, "epsilon": 0.01, "momentum": 0.8, "nesterov": True}, "optax",
     with_whole(optax.rmsprop(rate_for_optax, eps=0.01, eps_in_sqrt=False, centered=True, momentum=0.8, nesterov=True))),
    ("rmsprop", {"centered": True, "epsilon": 0.01, "epsilonInRoot": True}, "optax",
     with_whole(optax.rmsprop(rate_for_optax, eps=0.01, centered=True))),
    ("rmsprop", {"decay": 0.99}, "torch",
     with_torch(lambda p: torch.optim.RMSprop(all_of(p), lr=0))),
    ("lion", {}, "optax", with_whole(optax.lion(rate_for_optax))),
    ("lion", {"beta1": 0.8, "beta2": 0.7, "weightDecay": 0.3, "mask": "weightsOnly"}, "optax",
     with_whole(optax.lion(rate_for_optax, 0.8, 0.7, weight_decay=0.3, mask=matrices))),
    ("lamb", {}, "optax", with_whole(optax.lamb(rate_for_optax))),
    ("lamb", {"beta1": 0.8, "beta2": 0.95, "weightDecay": 0.3, "mask": "weightsOnly"}, "optax",
     with_whole(optax.lamb(rate_for_optax, 0.8, 0.95, weight_decay=0.3, mask=matrices))),
    ("lars", {"trust": 0.5}, "optax", with_whole(optax.lars(rate_for_optax, trust_coefficient=0.5))),
    ("lars", {"trust": 0.5, "epsilon": 0.1, "weightDecay": 0.3, "momentum": 0.8, "nesterov": True,
              "mask": "weightsOnly"}, "optax",
     with_whole(optax.lars(rate_for_optax, 0.3, matrices, 0.5, 0.1, matrices, 0.8, True))),
    ("adafactor", {}, "optax", with_whole(adafactor(128))),
    ("adafactor", {"factorFrom": 2}, "optax", with_whole(adafactor(2))),
    ("adafactor", {"factorFrom": 2, "clip": 0.5, "relative": False}, "optax",
     with_whole(adafactor(2, clip=0.5, relative=False))),
    ("muon", {}, "optax", with_optax(muon())),
    ("muon", {"beta": 0.8, "nesterov": False, "turns": 3}, "optax",
     with_optax(muon(beta=0.8, nesterov=False, ns_steps=3))),
    ("partition", {}, "optax", with_optax(optax.partition(
        {"matrix": optax.trace(0.9), "other": optax.scale_by_adam()}, matrices_or_not))),
    ("accumulate", {}, "optax", with_whole(optax.MultiSteps(
        optax.chain(optax.trace(0.9), optax.scale_by_learning_rate(lambda k: rate_for_optax(2 * k + 1))),
        every_k_schedule=2))),
    ("lookahead", {"period": 3, "share": 0.5}, "optax",
     with_lookahead(optax.chain(optax.trace(0.9), optax.scale_by_learning_rate(rate_for_optax)), 3, 0.5)),
    ("scheduleFree sgd", {}, "optax", with_whole(schedule_free(optax.identity()))),
    ("scheduleFree adam", {"beta": 0.8, "power": 1}, "optax",
     with_whole(schedule_free(optax.scale_by_adam(0.0), b1=0.8, weight_lr_power=1))),
    ("the average of scheduleFree adam", {"beta": 0.8, "power": 1}, "optax",
     with_whole(schedule_free(optax.scale_by_adam(0.0), b1=0.8, weight_lr_power=1),
                lambda params, state: optax.contrib.schedule_free_eval_params(state, params))),
]


def rosenbrock(w):
    return (1 - w[0]) ** 2 + 100 * (w[1] - w[0] ** 2) ** 2


def down_the_valley(optimizer, steps=200):
    """Where an optimizer is after steps down the valley of Rosenbrock, from (-1, 1)."""

    @jax.jit
    def step(params, state):
        gradient = jax.grad(lambda params: rosenbrock(params["w"]))(params)
        updates, state = optimizer.update(gradient, state, params)
        return optax.apply_updates(params, updates), state

    params = {"w": jnp.array([-1.0, 1.0])}
    state = optimizer.init(params)
    for _ in range(steps):
        params, state = step(params, state)
    loss = float(rosenbrock(params["w"]))
    assert loss < 1.1, loss  # of 4
    return {"steps": steps, "loss": loss, "place": rounded(params["w"], 12)}


def adafactor_at(rate):
    return optax.chain(
        optax.scale_by_factored_rms(decay_rate_fn=lambda i, exponent: 1 - (i + 1.0) ** -exponent),
        optax.clip_by_block_rms(1.0), optax.scale_by_param_block_rms(), optax.scale_by_learning_rate(rate))


# Without radam, whose first steps are too long for the walls of the valley.
VALLEY = [
    ("sgd", {"momentum": 0.9}, 1e-3, optax.sgd(1e-3, 0.9)),
    ("sgd", {"momentum": 0.9, "nesterov": True}, 1e-3, optax.sgd(1e-3, 0.9, True)),
    ("adam", {}, 0.1, optax.adam(0.1)),
    ("adamw", {"weightDecay": 1e-4}, 0.1, optax.adamw(0.1, weight_decay=1e-4)),
    ("nadam", {}, 0.1, optax.nadam(0.1)),
    ("adamax", {}, 0.3, optax.adamax(0.3)),
    ("adagrad", {}, 1, optax.adagrad(1.0)),
    ("adadelta", {}, 10, optax.adadelta(10.0)),
    ("rmsprop", {"decay": 0.99}, 0.03, optax.rmsprop(0.03, 0.99, eps_in_sqrt=False)),
    ("lion", {}, 0.01, optax.lion(0.01)),
    ("lamb", {}, 0.03, optax.lamb(0.03)),
    ("lars", {"trust": 0.5}, 0.01, optax.lars(0.01, trust_coefficient=0.5)),
    ("adafactor", {}, 0.3, adafactor_at(0.3)),
]


def sharpness():
    """Ten steps of SGD with momentum, sharpness-aware, down sums of c·w²/2 + w⁴/4."""
    curves = {name: jnp.array(1 + 0.1 * np.arange(math.prod(shape)).reshape(shape)) for name, shape in LEAVES}
    slope = jax.grad(lambda params, _=None: sum(
        jnp.sum(curves[name] * params[name] ** 2 / 2 + params[name] ** 4 / 4) for name in params))
    optimizer = optax.contrib.sam(optax.sgd(0.1, 0.9), optax.chain(optax.contrib.normalize(), optax.sgd(0.3)),
                                  opaque_mode=True)
    params = {name: jnp.array(v) for name, v in PARAMS.items()}
    state = optimizer.init(params)
    for _ in range(STEPS):
        updates, state = optimizer.update(slope(params), state, params, grad_fn=slope)
        params = optax.apply_updates(params, updates)
    return rounded(flat(params), 12)


def rounded(array, digits=10):
    return [float(f"{float(v):.{digits}g}") for v in array]


def write(name, fixture):
    lines = ",\n".join(json.dumps(entry) for entry in fixture["cases"])
    head = json.dumps({k: v for k, v in fixture.items() if k != "cases"})[:-1]
    (HERE / name).write_text(f'{head}, "cases": [\n{lines}\n]}}\n')


write("optim.json", {
    "versions": {"torch": torch.__version__, "optax": optax.__version__},
    "steps": WRITTEN,
    "sharpness": sharpness(),
    "valley": [{"optimizer": name, "options": options, "rate": rate, **down_the_valley(optimizer)}
               for name, options, rate, optimizer in VALLEY],
    "cases": [
        {"optimizer": name, "options": options, "source": source,
         "trajectory": [rounded(trajectory[step - 1], 12) for step in WRITTEN]}
        for name, options, source, trajectory in CASES
    ],
})

STEPS_OF_SCHEDULES = [0, 1, 9, 10, 11, 49, 50, 51, 69, 70, 99, 100, 101, 250]


def with_scheduler(make):
    """The rates of one of torch's schedulers, which it keeps in the optimizer."""
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.5)
    scheduler = make(optimizer)
    rates = []
    for _ in range(max(STEPS_OF_SCHEDULES) + 1):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return lambda step: rates[step]


RESTARTS = torch.optim.lr_scheduler.CosineAnnealingWarmRestarts
RESTART = {"init_value": 0, "peak_value": 0.5, "warmup_steps": 0}
SCHEDULES = [
    ("constantRate", [0.1], "optax", optax.constant_schedule(0.1)),
    ("piecewise", [[10, 100], [0.5, 0.25, 0.125]], "optax",
     optax.piecewise_constant_schedule(0.5, {10: 0.5, 100: 0.5})),
    ("stepDecay", [0.5, 50, 0.5], "optax", optax.exponential_decay(0.5, 50, 0.5, staircase=True)),
    ("exponentialDecay", [0.5, 50, 0.3], "optax", optax.exponential_decay(0.5, 50, 0.3)),
    ("polynomialDecay", [0.5, 100, {"end": 0.1, "power": 2}], "optax",
     optax.polynomial_schedule(0.5, 0.1, 2, 100)),
    ("cosineDecay", [0.5, 100, {"end": 0.05}], "optax", optax.cosine_decay_schedule(0.5, 100, 0.1)),
    ("warmup of cosineDecay", [10, [0.5, 90]], "optax",
     optax.warmup_cosine_decay_schedule(0, 0.5, 10, 100)),
    ("joinSchedules", [50], "optax",
     optax.join_schedules([optax.constant_schedule(0.5), optax.polynomial_schedule(0.5, 0, 1, 50)], [50])),
    ("interpolate", [[10, 100], [0.5, 1, 0.25]], "optax",
     optax.piecewise_interpolate_schedule("linear", 0.5, {10: 2, 100: 0.25})),
    ("oneCycle", [0.5, 100], "optax", optax.cosine_onecycle_schedule(100, 0.5)),
    ("oneCycle", [0.5, 100, {"rise": 0.7, "start": 0.125, "end": 0.125, "ease": "linear"}], "optax",
     optax.linear_onecycle_schedule(100, 0.5, 0.7, 1.0, 4, 4)),
    ("cosineRestarts", [0.5, 50, {"growth": 2, "end": 0.1}], "torch",
     with_scheduler(lambda optimizer: RESTARTS(optimizer, 50, 2, 0.1))),
    ("cosineRestarts", [0.5, 10], "torch", with_scheduler(lambda optimizer: RESTARTS(optimizer, 10))),
    ("cosineRestarts", [0.5, 10, {"growth": 2, "decay": 0.5}], "optax",
     optax.sgdr_schedule([{**RESTART, "peak_value": 0.5 / 2 ** i, "decay_steps": 10 * 2 ** i} for i in range(6)])),
]

VALUES = [2, 1, 1, 0.9, 0.9, 0.95, 0.9, 0.9, 0.5, 0.49999, 0.6, 0.6, 0.6, 0.4, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5]


def plateau(options, **torch_options):
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, eps=0, **torch_options)
    scales = []
    for value in VALUES:
        scheduler.step(value)
        scales.append(float(optimizer.param_groups[0]["lr"]))
    return {"options": options, "scales": rounded(scales, 15)}


write("schedules.json", {
    "versions": {"torch": torch.__version__, "optax": optax.__version__},
    "steps": STEPS_OF_SCHEDULES,
    "values": VALUES,
    "plateaus": [
        plateau({"patience": 1}, patience=1),
        plateau({"patience": 2, "cooldown": 2, "factor": 0.5}, patience=2, cooldown=2, factor=0.5),
        plateau({"patience": 0, "factor": 0.5, "least": 0.1}, patience=0, factor=0.5, min_lr=0.1),
        plateau({"patience": 1, "threshold": 0.2, "better": "larger"}, patience=1, threshold=0.2, mode="max"),
    ],
    "cases": [
        {"schedule": name, "args": args, "source": source,
         "rates": rounded((float(schedule(step)) for step in STEPS_OF_SCHEDULES), 15)}
        for name, args, source, schedule in SCHEDULES
    ],
})
