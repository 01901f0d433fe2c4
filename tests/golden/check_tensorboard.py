"""Our event files, read by the real TensorBoard, and compared with the bytes that it would write.

Run as `python check_tensorboard.py` beside this file with tensorboard installed and Deno on the path (or
named by the variable DENO). tests/inspect/event_file.ts writes a file with an event of each kind. The same
events are built here with TensorBoard's own protocol buffers, and framed by its own writer: events and
frames must be equal. Then its EventAccumulator reads the file, and a server is started and asked for everything over
HTTP, once with each of its two readers. What was found is in tensorboard_check.json, and the file is left in
events.out.tfevents.golden for the tests.
"""

import base64
import io
import json
import math
import os
import struct
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from pathlib import Path

import numpy as np
import tensorboard
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.compat.proto.event_pb2 import Event, SessionLog
from tensorboard.compat.proto.summary_pb2 import HistogramProto, Summary, SummaryMetadata
from tensorboard.compat.proto.tensor_pb2 import TensorProto
from tensorboard.compat.proto.tensor_shape_pb2 import TensorShapeProto
from tensorboard.compat.proto.types_pb2 import DT_STRING
from tensorboard.summary.writer.record_writer import RecordWriter

HERE = Path(__file__).parent
WRITE = HERE.parent / "inspect" / "event_file.ts"
DENO = os.environ.get("DENO", "deno")
TIME = 1_700_000_000.25
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC"
)
TEXT = "| seed | 7 |\n| --- | --- |\n| é | ✓ |"
WEIGHT = [i * i / 64 - 20 for i in range(100)]
BIAS = [3.0, 3.0]
LOSSES = {0: 2.5, 300: -0.1, 2**40 + 1: math.inf}


def histogram(values, buckets):
    counts, edges = np.histogram(values, buckets)
    return HistogramProto(
        min=min(values), max=max(values), num=len(values), sum=sum(values),
        sum_squares=sum(value * value for value in values),
        bucket_limit=edges[1:] if buckets > 1 else [max(values)], bucket=counts,
    )


def events():
    def event(step, tag, **value):
        return Event(wall_time=TIME, step=step,
                     summary=Summary(value=[Summary.Value(tag=tag, **value)]))

    def start(step):
        yield Event(wall_time=TIME, file_version="brain.Event:2")
        yield Event(wall_time=TIME, step=step, session_log=SessionLog(status=SessionLog.START))

    yield from start(0)
    for step, loss in LOSSES.items():
        yield event(step, "loss/training", simple_value=loss)
    yield event(300, "fc.weight", histo=histogram(WEIGHT, 30))
    yield event(300, "fc.bias", histo=histogram(BIAS, 1))
    image = Summary.Image(height=1, width=1, colorspace=3, encoded_image_string=PNG)
    yield event(300, "mistakes/0", image=image)
    shape = TensorShapeProto(dim=[TensorShapeProto.Dim(size=1)])
    tensor = TensorProto(dtype=DT_STRING, tensor_shape=shape, string_val=[TEXT.encode()])
    plugin = SummaryMetadata.PluginData(plugin_name="text")
    yield event(0, "configuration", tensor=tensor, metadata=SummaryMetadata(plugin_data=plugin))
    yield from start(301)
    yield event(301, "loss/training", simple_value=1)


def written(ours):
    """The events in a file, whose frames must be those that TensorBoard writes."""
    buffer = io.BytesIO()
    writer = RecordWriter(buffer)
    at = 0
    while at < len(ours):
        (length,) = struct.unpack_from("<Q", ours, at)
        data = ours[at + 12 : at + 12 + length]
        writer.write(data)
        yield Event.FromString(data)
        at += length + 16
    assert buffer.getvalue() == ours


def accumulated(folder):
    accumulator = EventAccumulator(str(folder)).Reload()
    tags = accumulator.Tags()
    # What lay after step 301 is gone, as it is to be when a training goes on there.
    scalars = [(event.step, event.value) for event in accumulator.Scalars("loss/training")]
    assert scalars == [(0, 2.5), (300, np.float32(-0.1)), (301, 1)], scalars
    weight = accumulator.Histograms("fc.weight")[0].histogram_value
    counts, edges = np.histogram(WEIGHT, 30)
    assert (weight.num, weight.min, weight.max) == (100, -20, WEIGHT[-1])
    assert weight.bucket == list(counts) and np.allclose(weight.bucket_limit, edges[1:], rtol=1e-15)
    bias = accumulator.Histograms("fc.bias")[0].histogram_value
    assert (bias.num, bias.bucket, bias.bucket_limit) == (2, [2], [3])
    image = accumulator.Images("mistakes/0")[0]
    assert (image.height, image.width, image.encoded_image_string) == (1, 1, PNG)
    text = accumulator.Tensors("configuration")[0].tensor_proto
    assert text.string_val[0].decode() == TEXT
    return {kind: tags[kind] for kind in ("scalars", "histograms", "images", "tensors")}


def served(folder, fast):
    """What the server says over HTTP."""
    port = 6100 + fast
    command = [sys.executable, "-m", "tensorboard.main", "--logdir", str(folder), "--host", "127.0.0.1",
               "--port", str(port), f"--load_fast={'true' if fast else 'false'}"]

    def ask(path, **query):
        url = f"http://127.0.0.1:{port}/data/{path}"
        if query:
            url += f"?{urllib.parse.urlencode(query)}"
        with urllib.request.urlopen(url) as answer:
            return answer.read()

    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        scalars = []
        for _ in range(100):
            try:
                scalars = json.loads(ask("plugin/scalars/scalars", run=".", tag="loss/training"))
            except OSError:  # It has not started, or not read anything yet.
                pass
            if len(scalars) == 3:
                break
            time.sleep(0.2)
        assert [step for _, step, _ in scalars] == [0, 300, 301], scalars
        histograms = json.loads(ask("plugin/histograms/histograms", run=".", tag="fc.weight"))
        assert sum(count for _, _, count in histograms[0][2]) == 100
        images = json.loads(ask("plugin/images/images", run=".", tag="mistakes/0"))
        assert ask(f"plugin/images/individualImage?{images[0]['query']}") == PNG
        text = json.loads(ask("plugin/text/text", run=".", tag="configuration"))
        assert "<td>✓</td>" in text[0]["text"], text
        return {"scalars": len(scalars), "histograms": len(histograms), "images": len(images),
                "texts": len(text)}
    finally:
        server.terminate()
        server.wait()


def main():
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "events.out.tfevents.1700000000.0"
        subprocess.run([DENO, "run", "--no-prompt", f"--allow-write={folder}", str(WRITE), str(path)],
                       check=True)
        ours = path.read_bytes()
        found = list(written(ours))
        for event, expected in zip(found, events(), strict=True):
            assert event == expected, (event, expected)
        results = {
            "tensorboard": tensorboard.__version__,
            "events that are equal": len(found),
            "EventAccumulator": accumulated(folder),
            "server": served(folder, fast=False),
            "server, fast reader": served(folder, fast=True),
        }
    (HERE / "events.out.tfevents.golden").write_bytes(ours)
    (HERE / "tensorboard_check.json").write_text(json.dumps(results, indent=2) + "\n")
    print(json.dumps(results, indent=2))


if __name__ == "__main__":
    main()
