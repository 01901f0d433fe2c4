"""Golden values of cross entropy with and without smoothing, and its gradient, from torch.

Run as `python make_loss.py` beside this file with torch installed; it writes loss.json. Logits and
labels are given by formulas that tests/train/loss_test.ts computes too.
"""

import json
import math
from pathlib import Path

import torch
import torch.nn.functional as F

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


cases = [run(s, r, k) for s in (0.0, 0.1) for r in ("mean", "sum", "none") for k in (2.0, 1e4)]
lines = ",\n".join(json.dumps(case) for case in cases)
(Path(__file__).parent / "loss.json").write_text(
    f'{{"versions": {{"torch": "{torch.__version__}"}}, "cases": [\n{lines}\n]}}\n')
