#!/usr/bin/env python3
"""Measures the ranges of activations that scripts/ocr/quantize.py goes by, and checks the int8 model against fp32.

    calibrate.py ranges   writes models/ppocr6-rec.ranges.tsv from drawn lines
    calibrate.py check    reads other drawn lines with fp32 and int8: errors, agreement, speed

Needs numpy, onnx, onnxruntime, opencv, Pillow, and the fonts that lines.py names. Not part of `make models`.
"""
import argparse
import time
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
import onnx
import onnxruntime

import lines
import quantize

MODELS = quantize.MODELS
BINS = 8192


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("what", choices=["ranges", "check"])
    options.add_argument("--lines", type=int, help="how many lines (ranges: 320, check: 640)")
    options.add_argument("--method", default="search", help="minmax, average, mse, a percentage such as 99.99, or search: the best of these for each tensor")
    options.add_argument("--fp32", type=Path, default=MODELS / "ppocr6-rec.onnx")
    options.add_argument("--int8", type=Path, default=MODELS / "ppocr6-rec-int8.onnx")
    options.add_argument("--out", type=Path, default=MODELS / "ppocr6-rec.ranges.tsv")
    options = options.parse_args()
    if options.what == "ranges":
        statistics = Statistics(options.fp32, options.lines or 320)
        ranges = search(options.fp32, statistics) if options.method == "search" else statistics.ranges(options.method)
        write_ranges(options.out, ranges, f"{options.lines or 320} drawn lines, {options.method}")
    else:
        check(options.fp32, options.int8, options.lines or 640)


def session_of(model):
    """One thread, as the program runs it."""
    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = settings.inter_op_num_threads = 1
    settings.log_severity_level = 3
    return onnxruntime.InferenceSession(model if isinstance(model, bytes) else str(model), settings, providers=["CPUExecutionProvider"])


# --- ranges ---------------------------------------------------------------------------------------------------------------

class Statistics:
    """Per tensor: the least and greatest value of each line, and a histogram over all of them."""

    def __init__(self, model, count, seed="calibration"):
        graph = quantize.prepare(onnx.load(model))
        self.names = quantize.measured_tensors(graph)
        self.inputs = {name.name for name in graph.model.graph.input}
        session = session_of(graph.to_model([name for name in self.names if name not in self.inputs]).SerializeToString())
        tensors = [lines.tensor_of(crop) for _, _, crop in lines.draw_lines(seed, count)]
        self.ends = defaultdict(list)
        for tensor in tensors:
            for name, value in self.values(session, tensor):
                self.ends[name].append((float(value.min()), float(value.max())))
        self.edges = {name: np.linspace(min(low for low, _ in ends), max(high for _, high in ends), BINS + 1)
                      for name, ends in self.ends.items()}
        self.histograms = {name: np.zeros(BINS, np.int64) for name in self.names}
        for tensor in tensors:
            for name, value in self.values(session, tensor):
                edges = self.edges[name]
                places = (value.ravel()[::5] - edges[0]) * (BINS / (edges[-1] - edges[0]))
                self.histograms[name] += np.bincount(np.clip(places, 0, BINS - 1).astype(np.int32), minlength=BINS)

    def values(self, session, tensor):
        names = [name for name in self.names if name not in self.inputs]
        yield from zip(names, session.run(None, {"x": tensor}))
        yield "x", tensor

    def ranges(self, method):
        choose = {"minmax": self.minmax, "average": self.average, "mse": self.mse}.get(method)
        return {name: choose(name) if choose else self.percentile(name, float(method)) for name in self.names}

    def minmax(self, name):
        return float(self.edges[name][0]), float(self.edges[name][-1])

    def average(self, name):
        lows, highs = zip(*self.ends[name])
        return float(np.mean(lows)), float(np.mean(highs))

    def percentile(self, name, percent):
        """The share of values that stays inside; what is left out is shared by both ends."""
        total = np.cumsum(self.histograms[name]) / self.histograms[name].sum()
        rest = (1 - percent / 100) / 2
        edges = self.edges[name]
        return float(edges[np.searchsorted(total, rest, side="right")]), float(edges[1 + np.searchsorted(total, 1 - rest)])

    def mse(self, name):
        """The range whose rounding and cutting off together cost least."""
        edges, counts = self.edges[name], self.histograms[name]
        middles = (edges[:-1] + edges[1:]) / 2
        best = None
        for low in edges[0] * np.linspace(0.3, 1, 24) if edges[0] < 0 else [0.0]:
            for high in edges[-1] * np.linspace(0.3, 1, 24):
                step = (high - low) / 255
                zero = np.rint(-low / step)
                rounded = (np.clip(np.rint(middles / step) + zero, 0, 255) - zero) * step
                cost = float((counts * (middles - rounded) ** 2).sum())
                if best is None or cost < best[0]:
                    best = (cost, float(low), float(high))
        return best[1:]


METHODS = ["99.999", "99.99", "mse", "average", "99.9", "minmax"]


def search(model, statistics, count=96, seed="calibration-search"):
    """Begins with the best method for all tensors, then goes through the tensors and tries the others for each."""
    goal = Goal(model, count, seed)
    choices = [statistics.ranges(method) for method in METHODS]
    error, best = min(((goal.error(ranges), ranges) for ranges in choices), key=lambda pair: pair[0])
    print(f"error of the logits: {error:.4f} with one method for all", flush=True)
    for name in reversed(statistics.names):
        for option in {ranges[name] for ranges in choices} - {best[name]}:
            trial = goal.error(best | {name: option})
            if trial < error:
                error, best = trial, best | {name: option}
        print(f"error of the logits: {error:.4f} after {name}", flush=True)
    return best


class Goal:
    """How far the int8 model's logits are from fp32's: the sixteen highest of each step, about their mean."""

    def __init__(self, model, count, seed):
        self.model = onnx.load(model)
        self.wanted = []
        session = session_of(quantize.prepare(self.model).to_model().SerializeToString())
        for _, _, crop in lines.draw_lines(seed, count):
            tensor = lines.tensor_of(crop)
            if tensor.shape[3] <= 700:
                logits = session.run(None, {"x": tensor})[0][0]
                places = np.argpartition(logits, -16, axis=-1)[:, -16:]
                self.wanted.append((tensor, places, centred(logits, places)))

    def error(self, ranges):
        session = session_of(quantize.quantize(quantize.prepare(self.model), ranges).to_model().SerializeToString())
        errors = [centred(session.run(None, {"x": tensor})[0][0], places) - wanted for tensor, places, wanted in self.wanted]
        return float(np.sqrt(np.mean(np.concatenate(errors) ** 2)))


def centred(logits, places):
    values = np.take_along_axis(logits, places, -1)
    return values - values.mean(-1, keepdims=True)


def write_ranges(path, ranges, origin):
    head = f"# Ranges of the recogniser's activations: tensor, least, greatest. Made by scripts/ocr/calibrate.py from {origin}.\n"
    path.write_text(head + "".join(f"{name}\t{low:.6g}\t{high:.6g}\n" for name, (low, high) in ranges.items()), "utf-8")


# --- check ----------------------------------------------------------------------------------------------------------------

def check(fp32, int8, count, seed="calibration-check"):
    """Errors against the truth by kind of line, agreement with fp32, and speed in turns."""
    sessions = [session_of(fp32), session_of(int8)]
    characters = lines.characters_of(sessions[0].get_modelmeta().custom_metadata_map)
    assert characters == lines.characters_of(sessions[1].get_modelmeta().custom_metadata_map), "int8 has lost the dictionary"
    table, spent, pixels, shown = defaultdict(Counter), [0.0, 0.0], 0, []
    for kind, truth, crop in lines.draw_lines(seed, count):
        tensor = lines.tensor_of(crop)
        texts = []
        for place, session in enumerate(sessions):
            scores, took = timed(session, tensor)
            spent[place] += took
            texts.append(lines.decode(scores, characters))
        pixels += tensor.shape[3]
        errors = [lines.distance(text, truth) for text in texts]
        for row in (table[kind], table["all"]):
            row.update(lines=1, characters=len(truth), same=texts[0] == texts[1], fp32=errors[0], int8=errors[1],
                       whole32=errors[0] == 0, whole8=errors[1] == 0)
        if texts[0] != texts[1] and (kind == "marking" or errors[1] > errors[0]):
            shown.append(f"  {kind}: {truth!r}: fp32 {texts[0]!r}, int8 {texts[1]!r}")
    print("\n".join(shown))
    print("kind | lines | same as fp32 % | whole lines right % fp32, int8 | character errors % fp32, int8")
    for kind, row in table.items():
        print(f"{kind} | {row['lines']} | {100 * row['same'] / row['lines']:.1f} | {100 * row['whole32'] / row['lines']:.1f}, "
              f"{100 * row['whole8'] / row['lines']:.1f} | {100 * row['fp32'] / row['characters']:.2f}, {100 * row['int8'] / row['characters']:.2f}")
    print(f"CPU ms per 100 px of width: fp32 {1e5 * spent[0] / pixels:.2f}, int8 {1e5 * spent[1] / pixels:.2f}, ratio {spent[0] / spent[1]:.2f}")


def timed(session, tensor):
    """The scores, and the CPU seconds without Python's copy of them."""
    binding = session.io_binding()
    binding.bind_cpu_input("x", tensor)
    binding.bind_output(session.get_outputs()[0].name)
    start = time.process_time()
    session.run_with_iobinding(binding)
    took = time.process_time() - start
    return binding.copy_outputs_to_cpu()[0], took


if __name__ == "__main__":
    main()
