"""Golden values of layers from torch: outputs, gradients and next states.

Run as `python make_layers.py` beside this file with torch installed; it writes layers.json. Inputs,
parameters and states are waves, sin(1.3 i + 0.7 k + 0.5) for the i-th value of the k-th tensor, that
tests/layers/golden_test.ts computes too; torch then computes in double precision. All tensors are in
our layout, [batch, height, width, channels] and [height, width, in, out], and are turned around here.
The gradients are those of the sum of the outputs times a wave.
"""

import json
import math
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import nn

cases = []


def wave(shape, k):
    values = torch.arange(math.prod(shape), dtype=torch.float64)
    return torch.sin(1.3 * values + 0.7 * k + 0.5).float().double().reshape(shape)


def values(x):
    return [float(f"{value:.8g}") for value in x.detach().reshape(-1).tolist()]


def case(kind, arguments, shape, params, f, state=(), mode="eval", terms=None):
    """Adds a case; f(x, **params, **state) gives y, or y and the next state by path."""
    key = lambda path: path.replace(".", "_")
    x = wave(shape, 0).requires_grad_()
    leaves = {path: wave(size, k + 1).requires_grad_() for k, (path, size) in enumerate(params)}
    states = {}
    for k, (path, size) in enumerate(state):
        w = wave(size, k + 50)
        states[path] = (0.5 + w.abs()) if path.endswith("variance") else 0.5 * w
        states[path] = states[path].float().double()
    named = {key(path): leaf for path, leaf in {**leaves, **states}.items()}
    result = f(x, **named)
    y, after = result if isinstance(result, tuple) else (result, {})
    (y * wave(y.shape, 99)).sum().backward()
    cases.append({
        "kind": kind, "arguments": arguments, "mode": mode, "terms": terms or math.prod(shape),
        "shape": shape, "params": params, "state": state,
        "y": {"shape": list(y.shape), "values": values(y)},
        "x": values(x.grad),
        "gradient": {path: values(leaf.grad) for path, leaf in leaves.items()},
        "next": {path: values(value) for path, value in after.items()},
    })


# ------------------------------------------------------------------------------- convolution

def nchw(x):
    return x.permute(0, 3, 1, 2)


def nhwc(x):
    return x.permute(0, 2, 3, 1)


def convolve(x, weight, bias=None, stride=1, padding=((0, 0), (0, 0)), dilation=1, groups=1):
    (top, bottom), (left, right) = padding
    bordered = F.pad(nchw(x), (left, right, top, bottom))
    return nhwc(F.conv2d(bordered, weight.permute(3, 2, 0, 1), bias, stride, 0, dilation, groups))


def conv(shape, filters, size, options, padding, **torch_options):
    height, width = size if isinstance(size, list) else (size, size)
    groups = torch_options.get("groups", 1)
    params = [["weight", [height, width, shape[3] // groups, filters]]]
    if options.get("bias", True):
        params.append(["bias", [filters]])
    case("conv", [filters, size, options], shape, params,
         lambda x, weight, bias=None: convolve(
             x, weight, bias, padding=padding, **torch_options))


def sides(n):
    return ((n, n), (n, n))


SMALL = [2, 5, 6, 2]
conv(SMALL, 3, 3, {}, sides(1))
conv(SMALL, 3, 3, {"bias": False}, sides(1))
conv(SMALL, 3, 1, {"bias": False}, sides(0))
conv(SMALL, 3, 1, {"stride": 2, "bias": False}, sides(0), stride=2)
conv(SMALL, 3, 3, {"stride": 2}, sides(1), stride=2)
conv(SMALL, 2, 3, {"stride": [2, 1], "padding": 0}, sides(0), stride=(2, 1))
conv(SMALL, 2, [2, 3], {"padding": "valid"}, sides(0))
conv(SMALL, 2, 3, {"padding": [[0, 2], [1, 0]]}, ((0, 2), (1, 0)))
conv(SMALL, 2, 3, {"padding": "same", "stride": 2}, ((1, 1), (0, 1)), stride=2)
conv(SMALL, 2, 3, {"dilation": 2}, sides(2), dilation=2)
conv(SMALL, 2, 3, {"dilation": [1, 2], "padding": 1}, sides(1), dilation=(1, 2))
conv(SMALL, 2, 3, {"dilation": 2, "stride": 2}, sides(2), dilation=2, stride=2)
conv([2, 5, 4, 4], 6, 3, {"groups": 2}, sides(1), groups=2)
conv([2, 5, 4, 4], 4, 3, {"groups": 4, "stride": 2}, sides(1), groups=4, stride=2)
conv([1, 10, 10, 3], 4, 7, {"stride": 2, "bias": False}, sides(3), stride=2)
case("depthwiseConv", [3, {"multiplier": 2}], [2, 4, 5, 3],
     [["weight", [3, 3, 1, 6]], ["bias", [6]]],
     lambda x, weight, bias: convolve(x, weight, bias, padding=sides(1), groups=3))


def convolve1d(x, weight, bias, padding=(0, 0), **options):
    y = F.conv1d(F.pad(x.mT, padding), weight.permute(2, 1, 0), bias, **options)
    return y.mT


case("conv1d", [3, 3, {}], [2, 7, 2], [["weight", [3, 2, 3]], ["bias", [3]]],
     lambda x, weight, bias: convolve1d(x, weight, bias, (1, 1)))
case("conv1d", [4, 3, {"stride": 2, "groups": 2, "padding": [2, 0]}], [2, 7, 4],
     [["weight", [3, 2, 4]], ["bias", [4]]],
     lambda x, weight, bias: convolve1d(x, weight, bias, (2, 0), stride=2, groups=2))
case("conv1d", [3, 3, {"dilation": 2}], [2, 7, 2], [["weight", [3, 2, 3]], ["bias", [3]]],
     lambda x, weight, bias: convolve1d(x, weight, bias, (2, 2), dilation=2))
for shape in ([3, 4], [2, 3, 4]):
    case("dense", [5], shape, [["weight", [4, 5]], ["bias", [5]]],
         lambda x, weight, bias: F.linear(x, weight.T, bias))

# ----------------------------------------------------------------------------- normalisation


def batch_norm(x, weight, bias, mean, variance, mode, epsilon=1e-5, decay=0.9):
    after = {"mean": mean.clone(), "variance": variance.clone()}
    y = F.batch_norm(x.movedim(-1, 1), after["mean"], after["variance"], weight, bias,
                     mode == "train", 1 - decay, epsilon).movedim(1, -1)
    return y, after


for mode in ("train", "eval"):
    for shape in ([5, 3], [2, 4, 3, 3]):
        for options in ({}, {"epsilon": 0.1, "decay": 0.7}):
            case("batchNorm", [options], shape, [["weight", [3]], ["bias", [3]]],
                 lambda x, weight, bias, mean, variance: batch_norm(
                     x, weight, bias, mean, variance, mode, **options),
                 state=[["mean", [3]], ["variance", [3]]], mode=mode)

AFFINE = [["weight", [4]], ["bias", [4]]]
case("layerNorm", [], [2, 3, 4], AFFINE,
     lambda x, weight, bias: F.layer_norm(x, [4], weight, bias))
case("groupNorm", [2], [2, 3, 2, 4], AFFINE,
     lambda x, weight, bias: nhwc(F.group_norm(nchw(x), 2, weight, bias)))
case("rmsNorm", [], [2, 3, 4], [["weight", [4]]],
     lambda x, weight: F.rms_norm(x, [4], weight, 1e-6))

# ---------------------------------------------------------------------- pooling, activations

case("maxPool", [2], [2, 4, 5, 2], [], lambda x: nhwc(F.max_pool2d(nchw(x), 2)))
case("maxPool", [3, {"stride": 2, "padding": 1}], [2, 6, 5, 2], [],
     lambda x: nhwc(F.max_pool2d(nchw(x), 3, 2, 1)))
case("avgPool", [[2, 3]], [2, 4, 6, 2], [], lambda x: nhwc(F.avg_pool2d(nchw(x), (2, 3))))
case("avgPool", [3, {"stride": 2, "padding": 1}], [2, 6, 5, 2], [],
     lambda x: nhwc(F.avg_pool2d(nchw(x), 3, 2, 1, count_include_pad=False)))
case("globalAveragePool", None, [2, 3, 4, 3], [], lambda x: x.mean((1, 2)))
case("globalMaxPool", None, [2, 3, 4, 3], [], lambda x: x.amax((1, 2)))

WIDE = [3, 8]


def activation(kind, arguments, f):
    case(kind, arguments, WIDE, [], lambda x: f(4 * x))


# The wave is spread out by a layer in front, see golden_test.ts.
activation("relu", None, F.relu)
activation("elu", None, F.elu)
activation("selu", None, F.selu)
activation("silu", None, F.silu)
activation("sigmoid", None, torch.sigmoid)
activation("tanh", None, torch.tanh)
activation("softplus", None, F.softplus)
activation("softmax", None, lambda x: F.softmax(x, -1))
activation("leakyRelu", [], F.leaky_relu)
activation("gelu", [], F.gelu)
activation("gelu", [{"approximate": "tanh"}], lambda x: F.gelu(x, approximate="tanh"))
case("prelu", [], [2, 3, 4], [["weight", [4]]],
     lambda x, weight: F.prelu(x.mT, weight).mT)

# ----------------------------------------------------------------- attention, residual block

for causal in (False, True):
    attention = nn.MultiheadAttention(4, 2, batch_first=True).double()
    mask = torch.full((3, 3), -math.inf).triu(1) if causal else None
    case("multiHeadAttention", [2, {"causal": causal}], [2, 3, 4],
         [["inProj.weight", [4, 12]], ["inProj.bias", [12]],
          ["outProj.weight", [4, 4]], ["outProj.bias", [4]]],
         lambda x, inProj_weight, inProj_bias, outProj_weight, outProj_bias:
         torch.func.functional_call(attention, {
             "in_proj_weight": inProj_weight.T, "in_proj_bias": inProj_bias,
             "out_proj.weight": outProj_weight.T, "out_proj.bias": outProj_bias,
         }, (x, x, x), {"attn_mask": mask, "need_weights": False})[0])


def block(mode):
    """A basic residual block that halves the image, with a projection as its shortcut."""
    def apply(x, **leaf):
        after = {}

        def norm(path, x):
            at = path.replace(".", "_")
            y, now = batch_norm(x, leaf[f"{at}_weight"], leaf[f"{at}_bias"],
                                leaf[f"{at}_mean"], leaf[f"{at}_variance"], mode)
            after.update({f"{path}.{name}": value for name, value in now.items()})
            return y

        y = convolve(x, leaf["0_body_conv1_weight"], stride=2, padding=sides(1))
        y = F.relu(norm("0.body.bn1", y))
        y = norm("0.body.bn2", convolve(y, leaf["0_body_conv2_weight"], padding=sides(1)))
        z = norm("0.shortcut.bn", convolve(x, leaf["0_shortcut_conv_weight"], stride=2))
        return F.relu(y + z), after

    norms = ["0.body.bn1", "0.body.bn2", "0.shortcut.bn"]
    affine = lambda path: [[f"{path}.weight", [4]], [f"{path}.bias", [4]]]
    params = [
        ["0.body.conv1.weight", [3, 3, 2, 4]], *affine(norms[0]),
        ["0.body.conv2.weight", [3, 3, 4, 4]], *affine(norms[1]),
        ["0.shortcut.conv.weight", [1, 1, 2, 4]], *affine(norms[2]),
    ]
    state = [[f"{path}.{name}", [4]] for path in norms for name in ("mean", "variance")]
    case("residual block", [], [2, 6, 6, 2], params, apply, state=state, mode=mode, terms=1000)


block("train")
block("eval")

lines = ",\n".join(json.dumps(case) for case in cases)
(Path(__file__).parent / "layers.json").write_text(
    f'{{"versions": {{"torch": "{torch.__version__}"}}, "cases": [\n{lines}\n]}}\n')
