"""State dicts both ways, with PyTorch at both ends.

Run as `python check_state_dict.py` beside this file with torch, torchvision, timm and safetensors
installed and Deno on the path (or named by the variable DENO). Each network is filled by the formula of
torch_nets.py and saved by safetensors.torch; tests/weights/resave_state_dict.ts loads it, gives its
logits for an image and saves it; what was saved must load here with strict=True, and hold the same
tensors. The results are in state_dict_check.json. The first network, small enough to be kept, is left
in state_dict.safetensors for the tests.
"""

import json
import os
import subprocess
import tempfile
from pathlib import Path

import timm
import torch
from safetensors.torch import load_file, save_file
from torchvision import models

from torch_nets import ResNetCifar, fill, images

HERE = Path(__file__).parent
RESAVE = HERE.parent / "weights" / "resave_state_dict.ts"
DENO = os.environ.get("DENO", "deno")
NETS = {
    "resnetCifar8": (lambda: ResNetCifar(8, width=4), 32),
    "resnet18": (models.resnet18, 224),
    "resnet50": (models.resnet50, 224),
    "resnext50": (models.resnext50_32x4d, 224),
    "resnet50d": (lambda: timm.create_model("resnet50d"), 224),
    "seresnet50": (lambda: timm.create_model("seresnet50"), 224),
    "vgg19": (models.vgg19, 224),
}


def check(net, make, size, folder):
    model = fill(make()).eval()
    theirs, ours = folder / "theirs.safetensors", folder / "ours.safetensors"
    dict = model.state_dict()
    save_file(dict, theirs, {"format": "pt"})
    command = [DENO, "run", "--no-prompt", f"--allow-read={HERE.parents[1]},{folder}",
               f"--allow-write={folder}", str(RESAVE), net, str(size), str(theirs), str(ours)]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    logits = torch.tensor(json.loads(output.splitlines()[-1]))
    with torch.no_grad():
        expected = model(images([1, size, size, 3]))[0]
    saved = load_file(ours)
    model.load_state_dict(saved, strict=True)
    return {
        "keys": len(dict),
        "loads with strict=True": True,
        "same tensors": all(torch.equal(saved[key], value) for key, value in dict.items()),
        "same bytes": theirs.read_bytes() == ours.read_bytes(),
        "logits differ by": float(f"{((logits - expected).norm() / expected.norm()).item():.2g}"),
    }


def main():
    results = {}
    for net, (make, size) in NETS.items():
        with tempfile.TemporaryDirectory() as folder:
            results[net] = check(net, make, size, Path(folder))
            if net == "resnetCifar8":
                kept = (Path(folder) / "theirs.safetensors").read_bytes()
                (HERE / "state_dict.safetensors").write_bytes(kept)
        print(net, results[net], flush=True)
    versions = {"torch": torch.__version__, "timm": timm.__version__}
    lines = ",\n".join(f"{json.dumps(net)}: {json.dumps(result)}" for net, result in results.items())
    text = f'{{"versions": {json.dumps(versions)}, "nets": {{\n{lines}\n}}}}\n'
    (HERE / "state_dict_check.json").write_text(text)


if __name__ == "__main__":
    main()
