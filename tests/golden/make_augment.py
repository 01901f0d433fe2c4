"""Golden augmentation: what torchvision makes of two small pictures with every operation of
TrivialAugmentWide at every strength (the beginning of the SHA-256 digest of the bytes), moments of what
its random crops and erasures draw, and the colour shifts of AlexNet computed with NumPy.

Run as `python make_augment.py` beside this file with numpy, Pillow and torchvision installed; it
writes augment.json.
"""

import base64
import hashlib
import json
import math
from pathlib import Path

import numpy as np
import PIL
import torch
import torchvision
from PIL import Image
from torchvision.transforms import InterpolationMode, RandomErasing, RandomResizedCrop
from torchvision.transforms.autoaugment import TrivialAugmentWide, _apply_op

rng = np.random.default_rng(0)
torch.manual_seed(0)
HEIGHT, WIDTH, DRAWS = 20, 26, 100_000


def picture(channels):
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    waves = [np.sin(x / (3 + c)) + np.cos(y / (2 + c)) for c in range(channels)]
    smooth = 110 + 45 * np.stack(waves, -1) + rng.normal(0, 6, (HEIGHT, WIDTH, channels))
    return np.clip(smooth, 12, 231).astype(np.uint8)


def operations(pixels):
    image = Image.fromarray(pixels.squeeze())
    found = {}
    for name, (magnitudes, signed) in TrivialAugmentWide()._augmentation_space(31).items():
        for sign in [1, -1] if signed else [1]:
            for value in magnitudes.reshape(-1).tolist():
                done = _apply_op(image, name, sign * value, InterpolationMode.NEAREST, None)
                digest = hashlib.sha256(np.asarray(done).tobytes()).hexdigest()
                found.setdefault(name, []).append(digest[:8])
    return found


def moments(rectangles):
    """Mean and deviation of the share of the area and of the logarithm of height by width."""
    h, w = np.array(rectangles, float).T
    values = {"area": h * w / (HEIGHT * WIDTH), "ratio": np.log(h / w)}
    return {name: [v.mean(), v.std()] for name, v in values.items()}


blank = torch.zeros(3, HEIGHT, WIDTH)
erased = [RandomErasing.get_params(blank, (0.02, 0.33), (0.3, 3.3), [0.0])[2:4] for _ in range(DRAWS)]
cropped = [RandomResizedCrop.get_params(blank, (0.08, 1), (3 / 4, 4 / 3))[2:4] for _ in range(DRAWS)]

eigenvalues = np.array([0.2175, 0.0188, 0.0045])
eigenvectors = np.array(
    [[-0.5675, 0.7192, 0.4009], [-0.5808, -0.0045, -0.8140], [-0.5836, -0.6948, 0.4203]]
)
amounts = rng.normal(0, 0.1, (5, 3))

pictures = [picture(3), picture(1)]
result = {
    "versions": {"torchvision": torchvision.__version__, "Pillow": PIL.__version__},
    "shape": [HEIGHT, WIDTH],
    "pictures": [
        {
            "data": base64.b64encode(pixels.tobytes()).decode(),
            "operations": operations(pixels),
        }
        for pixels in pictures
    ],
    "draws": DRAWS,
    "erased": moments(erased),
    "cropped": moments(cropped),
    "colours": [
        {"amounts": row.tolist(), "shift": (eigenvectors @ (row * eigenvalues)).tolist()}
        for row in amounts
    ],
}
assert all(math.isfinite(v) for part in ("erased", "cropped") for m in result[part].values() for v in m)
(Path(__file__).parent / "augment.json").write_text(json.dumps(result, indent=1) + "\n")
