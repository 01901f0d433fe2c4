"""What torch computes with networks of torchvision and akamaster: logits, loss, every gradient, and
parameters and running statistics after three steps of SGD.

Run as `python make_parity.py [NET …]` beside this file with torch and torchvision installed; it writes
a file a network to parity/. Weights, images and labels come from the formulas of torch_nets.py, and torch
computes in double precision; of a tensor the files have its norm and its product with hashed numbers.

It computes in single precision as well, eight times: once as it is, and seven times with each weight
moved by up to one unit in its last place. The differences, relative to the norm, are what float32
makes of the network (where a rounding error moves a value over the kink of a ReLU, they jump); the
files have the largest of all tensors as `noise`, and the tests allow four times as much. The loss may
be as noisy as the logits.
"""

import json
import sys
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import nn
from torchvision import models

from torch_nets import ResNetCifar, fill, images, uniform

MOMENTUM, DECAY, STEPS, RUNS = 0.9, 1e-4, 3, 8
CLASSES = 10


def vgg19():
    """Without dropout, and for images of 64 × 96: 2 × 3 pixels are flattened."""
    model = models.vgg19(num_classes=CLASSES, dropout=0.0)
    model.avgpool = nn.Identity()
    model.classifier[0] = nn.Linear(512 * 2 * 3, 4096)
    return model


NETS = {  # the network, the shape of the images, the learning rate
    "resnetCifar8B": (lambda: ResNetCifar(8, "B"), [2, 16, 16, 3], 0.01),
    "resnetCifar20A": (lambda: ResNetCifar(20, "A"), [4, 32, 32, 3], 0.01),
    "resnetCifar20B": (lambda: ResNetCifar(20, "B"), [4, 32, 32, 3], 0.01),
    "resnet18": (lambda: models.resnet18(num_classes=CLASSES), [2, 64, 64, 3], 0.01),
    "resnet34": (lambda: models.resnet34(num_classes=CLASSES), [2, 64, 64, 3], 0.01),
    "resnet50": (lambda: models.resnet50(num_classes=CLASSES), [2, 64, 64, 3], 0.01),
    "resnet101": (lambda: models.resnet101(num_classes=CLASSES), [2, 64, 64, 3], 0.01),
    "vgg19": (vgg19, [2, 64, 96, 3], 0.0001),
}


def jitter(model, seed):
    """Moves each value by up to one unit in its last place; not for seed 0."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in model.parameters():
            moves = 2 * torch.rand(parameter.shape, generator=generator) - 1
            parameter.mul_(1 + moves * (2**-23 if seed > 0 else 0))


def run(make, shape, rate, dtype, seed=0):
    """Gives what is compared, as {what: {name: tensor}}."""
    model = fill(make()).to(dtype)
    jitter(model, seed)
    before = {key: value.clone() for key, value in model.state_dict().items()}
    x = images(shape).to(dtype)
    y = torch.arange(shape[0]) * 7 % CLASSES
    result = {}

    def evaluate(mode):
        model.zero_grad()
        logits = model(x)
        loss = F.cross_entropy(logits, y)
        loss.backward()
        result[f"{mode} logits"] = {"": logits.detach()}
        result[f"{mode} loss"] = {"": loss.detach()}
        result[f"{mode} gradient"] = {
            key: value.grad.clone() for key, value in model.named_parameters()}

    model.eval()
    evaluate("eval")
    model.train()
    evaluate("train")
    model.load_state_dict(before)
    optimizer = torch.optim.SGD(model.parameters(), rate, MOMENTUM, weight_decay=DECAY)
    for _ in range(STEPS):
        optimizer.zero_grad()
        F.cross_entropy(model(x), y).backward()
        optimizer.step()
    after = model.state_dict()
    trained = dict(model.named_parameters())
    result["change"] = {key: after[key] - before[key] for key in trained}
    result["state"] = {key: value for key, value in after.items()
                       if key not in trained and value.is_floating_point()}
    return result


def number(value):
    return float(f"{value:.8g}")


def summary(key, value):
    if key == "":
        return [number(entry) for entry in value.reshape(-1).tolist()]
    flat = value.reshape(-1)
    weights = torch.from_numpy(uniform(f"product {key}", flat.numel()))
    return [number(flat.norm().item()), number((flat @ weights).item())]


def relative(exact, rounded):
    return [((rounded[key].double() - value).norm() / value.norm()).item()
            for key, value in exact.items()]


def main():
    folder = Path(__file__).with_name("parity")
    folder.mkdir(exist_ok=True)
    for net in sys.argv[1:] or NETS:
        make, shape, rate = NETS[net]
        exact = {what: tensors for what, tensors in run(make, shape, rate, torch.float64).items()
                 if tensors}
        noise = {what: 0.0 for what in exact if not what.endswith("loss")}
        for seed in range(RUNS):
            rounded = run(make, shape, rate, torch.float32, seed)
            noise = {what: max(noise[what], *relative(exact[what], rounded[what]))
                     for what in noise}
        result = {
            "shape": shape, "rate": rate,
            "noise": {what: float(f"{value:.3g}") for what, value in noise.items()},
            **{what: {key: summary(key, value) for key, value in tensors.items()}
               for what, tensors in exact.items()},
        }
        print(net, result["noise"], result["eval loss"], result["train loss"], flush=True)
        lines = ",\n".join(f"{json.dumps(what)}: {json.dumps(value)}"
                           for what, value in result.items())
        (folder / f"{net}.json").write_text(f"{{\n{lines}\n}}\n")


if __name__ == "__main__":
    main()
