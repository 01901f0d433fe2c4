"""The keys and shapes of real state dicts.

Run as `python make_state_dict_keys.py` beside this file with torch, torchvision and timm installed;
it writes state_dict_keys.json, in which keys are cut at their dots and shared beginnings are written
once.
"""

import json
from pathlib import Path

import timm
import torch
import torchvision
from torchvision import models

from torch_nets import ResNetCifar

NETS = {
    "resnet18": models.resnet18,
    "resnet34": models.resnet34,
    "resnet50": models.resnet50,
    "resnet101": models.resnet101,
    "resnet152": models.resnet152,
    "resnext50_32x4d": models.resnext50_32x4d,
    "wide_resnet50_2": models.wide_resnet50_2,
    "vgg16": models.vgg16,
    "vgg16_bn": models.vgg16_bn,
    "vgg19": models.vgg19,
    "vgg19_bn": models.vgg19_bn,
    "timm resnet50d": lambda: timm.create_model("resnet50d"),
    "timm seresnet50": lambda: timm.create_model("seresnet50"),
    "akamaster resnet20": lambda: ResNetCifar(20),
    "akamaster resnet20 option B": lambda: ResNetCifar(20, "B"),
}


def nested(model):
    tree = {}
    for key, value in model.state_dict().items():
        *names, last = key.split(".")
        place = tree
        for name in names:
            place = place.setdefault(name, {})
        place[last] = list(value.shape)
    return tree


def main():
    with torch.device("meta"):  # shapes are all that is needed, so nothing is drawn
        dicts = {name: nested(make()) for name, make in NETS.items()}
    versions = {"torchvision": torchvision.__version__, "timm": timm.__version__}
    lines = [f"{json.dumps(name)}:{json.dumps(tree, separators=(',', ':'))}"
             for name, tree in dicts.items()]
    text = f'{{"versions":{json.dumps(versions)},"nets":{{\n' + ",\n".join(lines) + "\n}}\n"
    Path(__file__).with_name("state_dict_keys.json").write_text(text)


main()
