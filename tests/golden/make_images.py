"""Golden images: PNGs of every colour type, depth and interlacing, JPEGs of every kind that is
decoded, and resized images, with what Pillow and torchvision make of them.

Pillow cannot write interlaced or 2-bit grey PNGs, so the PNGs are written here by the letter of the
specification, with all five filters. Of 16-bit grey Pillow takes the lower part, so that the expected
bytes of those are the upper bytes of the samples that were written.

Run as `python make_images.py` beside this file with numpy, Pillow and torchvision installed; it
writes images.json.
"""

import base64
import io
import json
import struct
import zlib
from pathlib import Path

import numpy as np
import PIL
import torchvision
from PIL import Image
from torchvision.transforms import v2

rng = np.random.default_rng(0)
ADAM7 = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
SAMPLES = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}


def b64(data):
    return base64.b64encode(bytes(data)).decode()


def chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def paeth(a, b, c):
    p = a + b - c
    pa, pb, pc = abs(p - a), abs(p - b), abs(p - c)
    return a if pa <= pb and pa <= pc else b if pb <= pc else c


def filtered(kind, line, above, step):
    left = lambda row, i: row[i - step] if i >= step else 0
    guess = [
        lambda i: 0,
        lambda i: left(line, i),
        lambda i: above[i],
        lambda i: (left(line, i) + above[i]) // 2,
        lambda i: paeth(left(line, i), above[i], left(above, i)),
    ][kind]
    return bytes([kind]) + bytes((line[i] - guess(i)) % 256 for i in range(len(line)))


def packed(row, depth):
    if depth == 16:
        return row.astype(">u2").tobytes()
    bits = "".join(format(v, f"0{depth}b") for v in row)
    bits += "0" * (-len(bits) % 8)
    return bytes(int(bits[i:i + 8], 2) for i in range(0, len(bits), 8))


def png(samples, colour, depth, interlaced, palette=b""):
    height, width, count = samples.shape
    step = max(1, count * depth // 8)
    raw, kind = b"", 0
    for x, y, dx, dy in ADAM7 if interlaced else [(0, 0, 1, 1)]:
        part = samples[y::dy, x::dx]
        if part.size == 0:
            continue
        above = None
        for row in part:
            line = packed(row.reshape(-1), depth)
            raw += filtered(kind % 5, line, above or bytes(len(line)), step)
            above, kind = line, kind + 1
    data = zlib.compress(raw, 9)
    cut = len(data) // 2
    return b"\x89PNG\r\n\x1a\n" + b"".join([
        chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlaced)),
        chunk(b"tEXt", b"Comment\0ancillary"),
        chunk(b"PLTE", palette) if palette else b"",
        chunk(b"IDAT", data[:cut]),
        chunk(b"IDAT", data[cut:]),
        chunk(b"IEND", b""),
    ])


def decoded(file):
    return np.asarray(Image.open(io.BytesIO(file)).convert("RGB"))


def picture(height, width, noise=12.0):
    y, x = np.mgrid[0:height, 0:width]
    smooth = [127 + 110 * np.sin(x / 3 + y / 7), 127 + 110 * np.cos(x / 5 - y / 4), 20 * y + x]
    pixels = np.stack(smooth, -1) + rng.normal(0, noise, (height, width, 3))
    return np.clip(pixels, 0, 255).astype(np.uint8)


def pngs():
    for colour, depths in {0: [1, 2, 4, 8, 16], 2: [8, 16], 3: [1, 2, 4, 8], 4: [8, 16], 6: [8, 16]}.items():
        for depth in depths:
            for interlaced in (0, 1):
                samples = rng.integers(0, 2**depth, (9, 11, SAMPLES[colour]))
                palette = rng.integers(0, 256, 3 * 2**depth, np.uint8).tobytes() if colour == 3 else b""
                file = png(samples, colour, depth, interlaced, palette)
                pixels = np.repeat(samples >> 8, 3, -1)[..., :3] if depth == 16 and colour == 0 else decoded(file)
                yield f"PNG, colour type {colour}, {depth} bits{', interlaced' if interlaced else ''}", file, pixels
    for height, width in [(1, 1), (1, 5), (5, 1)]:
        file = png(rng.integers(0, 256, (height, width, 3)), 2, 8, 1)
        yield f"PNG, {height} × {width}, interlaced", file, decoded(file)


def jpegs():
    source = Image.fromarray(picture(19, 23))
    options = {
        f"JPEG, {name}, {'progressive' if progressive else 'sequential'}":
            dict(quality=80, subsampling=subsampling, progressive=progressive)
        for subsampling, name in enumerate(["4:4:4", "4:2:2", "4:2:0"]) for progressive in (False, True)
    }
    options["JPEG, restart markers"] = dict(quality=60, restart_marker_blocks=2)
    options["JPEG, optimised, high quality"] = dict(quality=97, optimize=True)
    for name, arguments in options.items():
        file = io.BytesIO()
        source.save(file, "JPEG", **arguments)
        yield name, file.getvalue(), decoded(file.getvalue())
    file = io.BytesIO()
    source.convert("L").save(file, "JPEG", quality=80)
    yield "JPEG, grey", file.getvalue(), decoded(file.getvalue())
    file = io.BytesIO()
    source.convert("CMYK").save(file, "JPEG", quality=80)
    yield "JPEG, print", file.getvalue(), None


def resized():
    for height, width, to in [(9, 11, (5, 4)), (9, 11, (20, 31)), (17, 5, (6, 10)), (3, 40, (3, 7)),
                              (12, 2, (5, 2)), (1, 1, (3, 2)), (30, 30, (1, 1)), (8, 8, (8, 8))]:
        pixels = rng.integers(0, 256, (height, width, 3), np.uint8)
        result = np.asarray(Image.fromarray(pixels).resize(to[::-1], Image.Resampling.BILINEAR))
        yield {"from": [height, width], "to": list(to), "pixels": b64(pixels), "resized": b64(result)}


def prepared():
    """The preset of torchvision's first ImageNet weights, on a wide and a tall image."""
    transform = torchvision.models.ResNet50_Weights.IMAGENET1K_V1.transforms(antialias=True)
    second = torchvision.models.ResNet50_Weights.IMAGENET1K_V2.transforms(antialias=True)
    grey = v2.Compose([v2.Grayscale(), v2.Resize(28), v2.CenterCrop(28)])
    for height, width in [(30, 47), (61, 40)]:
        pixels = picture(height, width, 30.0)
        image = Image.fromarray(pixels)
        corner = lambda t: t(image).numpy().transpose(1, 2, 0)[::37, ::41].reshape(-1).tolist()
        yield {"size": [height, width], "pixels": b64(pixels), "imagenet-v1": corner(transform),
               "imagenet-v2": corner(second), "mnist": b64(np.asarray(grey(image)))}


decodes = [{"name": name, "file": b64(file), "pixels": None if pixels is None else b64(pixels.astype(np.uint8)),
            "size": None if pixels is None else list(pixels.shape[:2])}
           for name, file, pixels in [*pngs(), *jpegs()]]
lists = {"decoded": decodes, "resized": list(resized()), "prepared": list(prepared())}
body = ",\n".join(
    f'  "{name}": [\n' + ",\n".join(f"    {json.dumps(case)}" for case in cases) + "\n  ]"
    for name, cases in lists.items()
)
versions = f"Pillow {PIL.__version__}, torchvision {torchvision.__version__}"
(Path(__file__).parent / "images.json").write_text(f'{{\n  "made": "{versions}",\n{body}\n}}\n')
