"""What the scripts beside this file have in common: networks in torch, and weights by a formula.

A value of a tensor is a hash of its place i and of the name of the tensor, a number u in [-1, 1) of
24 bits, so that tests/formula.ts has the same values to the last bit without a file. Weights of two
and more axes are u sqrt(6 / fan_in), as He et al. have them; those of normalisations are near 1/2, and
near 1/16 towards the end of a block, so that a block changes little and 33 of them neither explode nor
turn a rounding error into noise; variances are from 1/2 to 3/2.
"""

import math

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn


def hash_of(name):
    """FNV-1a, 32 bits."""
    h = 0x811C9DC5
    for byte in name.encode():
        h = (h ^ byte) * 0x01000193 & 0xFFFFFFFF
    return h


def uniform(name, count):
    """Numbers in [-1, 1): the finaliser of MurmurHash3 over a Weyl sequence."""
    with np.errstate(over="ignore"):
        x = np.arange(count, dtype=np.uint32) * np.uint32(0x9E3779B1) + np.uint32(hash_of(name))
        x ^= x >> np.uint32(16)
        x *= np.uint32(0x85EBCA6B)
        x ^= x >> np.uint32(13)
        x *= np.uint32(0xC2B2AE35)
        x ^= x >> np.uint32(16)
    return (x >> np.uint32(8)).astype(np.float64) / 2**23 - 1


def formula(key, shape):
    """The value of a tensor of a state dict, as float32."""
    u = uniform(key, math.prod(shape))
    if len(shape) > 1:
        values = u * math.sqrt(6 / math.prod(shape[1:]))
    elif key.endswith("running_var"):
        values = 1 + u / 2
    elif key.endswith("weight"):
        values = (0.5 + u / 4) / (8 if key.endswith(("bn2.weight", "bn3.weight")) else 1)
    else:
        values = u / 8
    return torch.from_numpy(values.astype(np.float32).reshape(shape))


def images(shape):
    """Sixteen squares of a colour each, and noise; [batch, channels, height, width] of shape NHWC."""
    batch, height, width, channels = shape
    squares = uniform("squares", batch * 16 * channels).reshape(batch, 4, 4, channels)
    squares = squares.repeat(height // 4, axis=1).repeat(width // 4, axis=2)
    noise = uniform("noise", math.prod(shape)).reshape(shape)
    values = (1.5 * squares + noise / 2).astype(np.float32)
    return torch.from_numpy(values).permute(0, 3, 1, 2)


def fill(model):
    """Gives a model the values of the formula; counts of batches are left at 0."""
    model.load_state_dict({
        key: formula(key, list(value.shape)) if value.is_floating_point() else value
        for key, value in model.state_dict().items()
    })
    return model


class Block(nn.Module):
    def __init__(self, channels, filters, stride, option):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, filters, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(filters)
        self.conv2 = nn.Conv2d(filters, filters, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(filters)
        self.shortcut = nn.Sequential()
        self.border = 0
        if stride != 1 and option == "A":
            self.border = filters // 4
        elif stride != 1:
            self.shortcut = nn.Sequential(
                nn.Conv2d(channels, filters, 1, stride, bias=False), nn.BatchNorm2d(filters))

    def forward(self, x):
        y = F.relu(self.bn1(self.conv1(x)))
        y = self.bn2(self.conv2(y))
        if self.border > 0:
            x = F.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, self.border, self.border))
        return F.relu(y + self.shortcut(x))


class ResNetCifar(nn.Module):
    """The networks of github.com/akamaster/pytorch_resnet_cifar10, with its names and its option A."""

    def __init__(self, depth, option="A", width=16, classes=10):
        super().__init__()
        n = (depth - 2) // 6
        self.conv1 = nn.Conv2d(3, width, 3, 1, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        stage = lambda channels, filters, stride: nn.Sequential(
            *[Block(filters if i else channels, filters, 1 if i else stride, option)
              for i in range(n)])
        self.layer1 = stage(width, width, 1)
        self.layer2 = stage(width, 2 * width, 2)
        self.layer3 = stage(2 * width, 4 * width, 2)
        self.linear = nn.Linear(4 * width, classes)

    def forward(self, x):
        x = F.relu(self.bn1(self.conv1(x)))
        x = self.layer3(self.layer2(self.layer1(x)))
        return self.linear(x.mean((2, 3)))
