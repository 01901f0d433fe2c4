"""Files of the reference implementation of safetensors, to be read and written here byte for byte.

Run as `python make_safetensors.py` beside this file with safetensors installed; it writes
safetensors.json, which holds each file in base64. The bytes of tensor number n are given by a formula
that tests/weights/safetensors_test.ts computes too.
"""

import base64
import ctypes
import json
from math import prod
from pathlib import Path

from safetensors import TensorSpec, serialize

BYTES = {
    "bool": 1, "uint8": 1, "int8": 1, "int16": 2, "uint16": 2, "float16": 2, "bfloat16": 2,
    "int32": 4, "uint32": 4, "float32": 4, "int64": 8, "uint64": 8, "float64": 8,
}

SHAPE = [2, 3]
NAMES = ["b", "a", "a.b", "a.10", "a.2", "", "Z", "é", "\U0001f600", "\uffee", 'quote"back\\slash',
         "line\nfeed", "\u0001\u007f\u2028", "__proto__", "constructor", "../x", "nul\u0000"]
FILES = {
    "types": ([(dtype, dtype, SHAPE) for dtype in BYTES], None),
    "names": ([(name, "float32", [1]) for name in NAMES], None),
    "shapes": ([("scalar", "float32", []), ("empty", "float64", [3, 0]), ("odd", "uint8", [5]),
                ("five", "int16", [1, 2, 1, 1, 3])], None),
    # One entry, since the reference writes several in no fixed order.
    "metadata": ([("w", "float32", [2])], {"été": 'a "quote"\n\u0001\U0001f600'}),
    "nothing": ([], None),
}


def data(n, dtype, shape):
    count = prod(shape) * BYTES[dtype]
    return bytes((i + n) % 2 if dtype == "bool" else (37 * i + 11 * n) % 251 for i in range(count))


def file(tensors, metadata):
    buffers = [
        ctypes.create_string_buffer(raw, max(1, len(raw)))
        for raw in (data(n, dtype, shape) for n, (_, dtype, shape) in enumerate(tensors))
    ]
    specs = {
        name: TensorSpec(dtype=dtype, shape=shape, data_ptr=ctypes.addressof(buffer),
                         data_len=prod(shape) * BYTES[dtype])
        for (name, dtype, shape), buffer in zip(tensors, buffers)
    }
    return {
        "tensors": [{"name": name, "dtype": specs[name].dtype, "shape": shape}
                    for name, dtype, shape in tensors],
        "metadata": metadata or {},
        "base64": base64.b64encode(serialize(specs, metadata=metadata)).decode(),
    }


files = {name: file(*content) for name, content in FILES.items()}
Path(__file__).with_name("safetensors.json").write_text(json.dumps(files, indent=1) + "\n")
