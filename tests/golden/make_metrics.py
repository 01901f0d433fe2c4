"""Golden values of metrics: confusion, precision, recall and F1 from scikit-learn, and the expected
calibration error by its formula.

Run as `python make_metrics.py` beside this file with scikit-learn installed; it writes metrics.json.
Logits and labels are given by formulas that tests/train/counts_test.ts computes too.
"""

import json
import math
from pathlib import Path

import numpy as np
import sklearn
from sklearn.metrics import accuracy_score, confusion_matrix, precision_recall_fscore_support

EXAMPLES, CLASSES = 200, 6

def logit(i):
    """Some rows are sure, others are not."""
    return (0.3 + i // CLASSES % 5) * math.sin(1.7 * i * i + 0.3 * i)


logits = np.array([logit(i) for i in range(EXAMPLES * CLASSES)], np.float32).astype(np.float64)
logits = logits.reshape(EXAMPLES, CLASSES)
guesses = logits.argmax(-1)
# Two of three guesses are right, but none of the last class, which is no label.
labels = np.array([guess if i % 3 and guess < CLASSES - 1 else i % (CLASSES - 1) for i, guess in enumerate(guesses)])

exponentials = np.exp(logits - logits.max(-1, keepdims=True))
confidence = (exponentials / exponentials.sum(-1, keepdims=True)).max(-1)


def calibration(bins):
    number = np.minimum((confidence * bins).astype(int), bins - 1)
    # No confidence is so near a boundary that 32 bits would sort it otherwise.
    assert np.abs(confidence * bins - np.round(confidence * bins)).min() > 1e-5
    gaps = [(np.mean(number == b), abs(confidence[number == b].mean() - (guesses == labels)[number == b].mean()))
            for b in range(bins) if (number == b).any()]
    return {"bins": bins, "expected": float(sum(share * gap for share, gap in gaps)),
            "largest": float(max(gap for _, gap in gaps))}


def scores(average):
    return precision_recall_fscore_support(
        labels, guesses, labels=range(CLASSES), average=average, zero_division=0)


each, macro, weighted = scores(None), scores("macro"), scores("weighted")
fixture = {
    "versions": {"scikit-learn": sklearn.__version__},
    "examples": EXAMPLES, "classes": CLASSES,
    "confusion": confusion_matrix(labels, guesses, labels=range(CLASSES)).tolist(),
    "accuracy": float(accuracy_score(labels, guesses)),
    **{name: [*map(float, each[k]), float(macro[k]), float(weighted[k])]
       for k, name in enumerate(["precision", "recall", "f1"])},
    "support": each[3].tolist(),
    "calibration": [calibration(bins) for bins in (1, 10, 15)],
}
(Path(__file__).parent / "metrics.json").write_text(json.dumps(fixture) + "\n")
