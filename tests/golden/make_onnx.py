"""Writes onnx.json: a model of a few operators, as the package onnx writes it.

It has a field of each kind that tests/bench/forward/onnx.ts writes, in the order of that file.
Run: python make_onnx.py
"""

import json
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

weight = np.arange(1, 19, dtype=np.float32).reshape(2, 1, 3, 3)
bias = np.array([0.5, -0.5], np.float32)
nodes = [
    helper.make_node("Conv", ["images", "weight_0", "bias_0"], ["Conv_0"], kernel_shape=[3, 3],
                     pads=[1] * 4, strides=[2, 2]),
    helper.make_node("Relu", ["Conv_0"], ["Relu_1"]),
    helper.make_node("GlobalAveragePool", ["Relu_1"], ["GlobalAveragePool_2"]),
    helper.make_node("Flatten", ["GlobalAveragePool_2"], ["Flatten_3"]),
    helper.make_node("Gemm", ["Flatten_3", "weight_4", "bias_4"], ["Gemm_4"], transB=1),
]
initializers = [
    numpy_helper.from_array(weight, "weight_0"),
    numpy_helper.from_array(bias, "bias_0"),
    numpy_helper.from_array(np.eye(300, 2, dtype=np.float32), "weight_4"),
    numpy_helper.from_array(np.zeros(300, np.float32), "bias_4"),
]
graph = helper.make_graph(
    nodes,
    "graph",
    [helper.make_tensor_value_info("images", TensorProto.FLOAT, [1, 1, 224, 224])],
    [helper.make_tensor_value_info("Gemm_4", TensorProto.FLOAT, [1, 300])],
    initializers,
)
model = helper.make_model(graph, ir_version=8, opset_imports=[helper.make_opsetid("", 17)])
onnx.checker.check_model(model, full_check=True)
data = model.SerializeToString(deterministic=True)
Path(__file__).with_name("onnx.json").write_text(json.dumps({"hex": data.hex()}) + "\n")
