#!/usr/bin/env python3
"""Makes models/ppocr6-rec-int8.onnx out of models/ppocr6-rec.onnx and models/ppocr6-rec.ranges.tsv. Needs onnx and numpy.

The same input gives the same bytes on every machine: nothing is measured here, and weights are rounded by elementwise
arithmetic alone. `scripts/models` checks the result against models/ocr.lock.
"""
import argparse
import os
from pathlib import Path

import numpy as np
import onnx
from onnx import helper, numpy_helper

MODELS = Path(__file__).resolve().parents[2] / "models"
DOMAIN = "com.microsoft"
OPSET = 17


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--model", type=Path, default=MODELS / "ppocr6-rec.onnx")
    options.add_argument("--ranges", type=Path, default=MODELS / "ppocr6-rec.ranges.tsv")
    options.add_argument("--out", type=Path, default=MODELS / "ppocr6-rec-int8.onnx")
    options = options.parse_args()
    model = quantize(prepare(onnx.load(options.model)), read_ranges(options.ranges)).to_model()
    unfinished = options.out.with_name(options.out.name + ".part")
    unfinished.write_bytes(model.SerializeToString(deterministic=True))
    os.replace(unfinished, options.out)


def read_ranges(path):
    """Tensor name to (low, high)."""
    rows = (line.split("\t") for line in path.read_text("utf-8").splitlines() if line and not line.startswith("#"))
    return {name: (float(low), float(high)) for name, low, high in rows}


# --- the fp32 graph, simplified --------------------------------------------------------------------------------------------

def prepare(model):
    """The same function with fewer nodes: biases and normalisations inside the convolutions, one Gelu node, no last Softmax."""
    graph = Graph(model)
    graph.drop_identities()
    graph.drop_last_softmax()
    graph.fold_normalisations()
    graph.fold_biases()
    graph.fuse_gelu()
    graph.name_pools()
    graph.raise_opset()
    return graph


class Graph:
    """Nodes in order, constants by name."""

    def __init__(self, model):
        self.model = model
        self.nodes = [onnx.NodeProto.FromString(node.SerializeToString()) for node in model.graph.node]
        self.constants = {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
        self.outputs = [output.name for output in model.graph.output]

    def maker(self, name):
        return next((node for node in self.nodes if name in node.output), None)

    def users(self, name):
        return [node for node in self.nodes if name in node.input]

    def only_user(self, name, kind):
        """The node of that kind that alone reads the tensor, or None."""
        users = self.users(name)
        return users[0] if len(users) == 1 and users[0].op_type == kind and name not in self.outputs else None

    def rename(self, old, new):
        for node in self.nodes:
            for place, name in enumerate(node.input):
                if name == old:
                    node.input[place] = new

    def drop_identities(self):
        for node in [node for node in self.nodes if node.op_type == "Identity"]:
            self.nodes.remove(node)
            self.rename(node.output[0], node.input[0])

    def drop_last_softmax(self):
        softmax = self.maker(self.outputs[0])
        assert softmax.op_type == "Softmax"
        self.nodes.remove(softmax)
        self.maker(softmax.input[0]).output[0] = "logits"
        self.outputs = ["logits"]

    def fold_normalisations(self):
        for conv in [node for node in self.nodes if node.op_type == "Conv"]:
            norm = self.only_user(conv.output[0], "BatchNormalization")
            if not norm:
                continue
            scale, shift, mean, variance = (self.constants[name].astype(np.float64) for name in norm.input[1:5])
            factor = scale / np.sqrt(variance + attribute(norm, "epsilon", 1e-5))
            weight = self.constants[conv.input[1]].astype(np.float64)
            self.set_weight(conv, weight * factor.reshape(-1, 1, 1, 1), shift - mean * factor)
            self.swallow(conv, norm)

    def fold_biases(self):
        for conv in [node for node in self.nodes if node.op_type == "Conv" and len(node.input) == 2]:
            add = self.only_user(conv.output[0], "Add")
            bias = add and next((name for name in add.input if name in self.constants), None)
            if bias:
                self.set_weight(conv, self.constants[conv.input[1]], self.constants[bias].reshape(-1))
                self.swallow(conv, add)

    def set_weight(self, conv, weight, bias):
        name = conv.output[0]
        self.constants[f"{name}.weight"], self.constants[f"{name}.bias"] = weight.astype(np.float32), bias.astype(np.float32)
        conv.input[:] = [conv.input[0], f"{name}.weight", f"{name}.bias"]

    def swallow(self, node, follower):
        """The follower's work is done by the node from now on."""
        node.output[0] = follower.output[0]
        self.nodes.remove(follower)

    def fuse_gelu(self):
        """x/sqrt(2) -> Erf -> +1 -> *x -> *0.5 is one node."""
        for divide in [node for node in self.nodes if node.op_type == "Div"]:
            erf = self.only_user(divide.output[0], "Erf")
            if not erf:
                continue
            add = self.only_user(erf.output[0], "Add")
            multiply = self.only_user(add.output[0], "Mul")
            half = self.only_user(multiply.output[0], "Mul")
            place = self.nodes.index(half)
            self.nodes[place] = helper.make_node("Gelu", [divide.input[0]], [half.output[0]], domain=DOMAIN)
            for node in (divide, erf, add, multiply):
                self.nodes.remove(node)

    def name_pools(self):
        """A mean over both axes of the picture is a pool, for which there is an int8 node."""
        for node in self.nodes:
            if node.op_type == "ReduceMean" and attribute(node, "axes") == [2, 3]:
                node.op_type = "GlobalAveragePool"
                del node.attribute[:]

    def raise_opset(self):
        """From opset 11 to 17: only Squeeze and Unsqueeze, which take their axes as an input since 13, have changed."""
        for node in self.nodes:
            if node.op_type in ("Squeeze", "Unsqueeze"):
                axes = np.array(attribute(node, "axes"), np.int64)
                del node.attribute[:]
                self.constants[f"{node.output[0]}.axes"] = axes
                node.input.append(f"{node.output[0]}.axes")

    def to_model(self, outputs=None):
        """An ONNX model with the metadata of the old one."""
        outputs = outputs or self.outputs
        used = {name for node in self.nodes for name in node.input}
        result = onnx.ModelProto()
        result.ir_version, result.producer_name = 8, "misfile"
        result.graph.name = "ppocr6-rec"
        result.graph.node.extend(self.nodes)
        result.graph.input.extend(self.model.graph.input)
        result.graph.output.extend(helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None) for name in outputs)
        result.graph.initializer.extend(numpy_helper.from_array(self.constants[name], name) for name in sorted(used & set(self.constants)))
        result.opset_import.extend([helper.make_opsetid("", OPSET), helper.make_opsetid(DOMAIN, 1)])
        result.metadata_props.extend(self.model.metadata_props)
        return result


def attribute(node, name, default=None):
    return next((helper.get_attribute_value(item) for item in node.attribute if item.name == name), default)


# --- int8 ---------------------------------------------------------------------------------------------------------------

def is_quantized(graph, node):
    """Convolutions of the backbone, all that handles whole feature maps between them, and the classification head. The gates
    (squeeze and excitation), which see one pixel, and the neck, which sees one row, stay in fp32: they cost next to nothing, and
    the neck's first convolution alone would cause a third of the squared error."""
    match node.op_type:
        case "Conv":
            return not is_gate(graph, node) and not is_neck(graph, node)
        case "Add":
            return is_residual(graph, node)
        case "Mul":
            return any(is_made_by(graph, name, "HardSigmoid") for name in node.input)
        case "Concat":
            return attribute(node, "axis") == 1
        case "MaxPool" | "GlobalAveragePool":
            return True
    return is_head(graph, node)


def is_made_by(graph, name, kind):
    maker = graph.maker(name)
    return maker is not None and maker.op_type == kind


def is_gate(graph, conv):
    while conv is not None and conv.op_type in ("Conv", "Relu"):
        conv = graph.maker(conv.input[0])
    return conv is not None and conv.op_type == "GlobalAveragePool"


def is_neck(graph, node):
    """Whether a convolution comes after the AveragePool that ends the backbone."""
    while node is not None and node.op_type != "AveragePool":
        node = graph.maker(node.input[0])
    return node is not None


def is_residual(graph, node):
    """Whether an Add joins a convolution's result to what came before, for further convolutions."""
    return (any(is_made_by(graph, name, "Conv") for name in node.input)
            and any(user.op_type == "Conv" for user in graph.users(node.output[0])))


def is_head(graph, node):
    """Whether a MatMul, with the Add of its bias, makes the result."""
    return node.op_type == "MatMul" and any(user.output[0] in graph.outputs for user in graph.users(node.output[0]))


def end_of(graph, node):
    """The tensor that leaves a quantised node: behind its Relu, if it has one."""
    relu = graph.only_user(node.output[0], "Relu")
    return relu.output[0] if relu else node.output[0]


def measured_tensors(graph):
    """Names of the tensors whose ranges are needed, in order."""
    names = []
    for node in filter(lambda node: is_quantized(graph, node), graph.nodes):
        names += [name for name in node.input if name not in graph.constants]
        if not is_head(graph, node):
            names.append(end_of(graph, node))
    return list(dict.fromkeys(names))


def quantize(graph, ranges):
    """The graph with quantised nodes between DequantizeLinear and QuantizeLinear, which ONNX Runtime fuses into int8 nodes. A node
    that stays in fp32 reads the fp32 tensor where there is one. The head's result stays in fp32: 8 bits cannot tell 内 from 內."""
    return Quantizer(graph, ranges).run()


def channels_last(gelu):
    """A Gelu that is worked out with the channels last, as ONNX Runtime's int8 nodes have them: the turns that are written here cancel
    those that it puts around the int8 nodes on either side, which it cannot move across a Gelu by itself."""
    name = gelu.output[0]
    inner = helper.make_node("Gelu", [f"{name}.turned"], [f"{name}.last"], domain=DOMAIN)
    return [helper.make_node("Transpose", [gelu.input[0]], [f"{name}.turned"], perm=[0, 2, 3, 1]), inner,
            helper.make_node("Transpose", [f"{name}.last"], [name], perm=[0, 3, 1, 2])]


class Quantizer:
    def __init__(self, graph, ranges):
        self.graph, self.ranges = graph, ranges
        self.nodes, self.made = [], set()
        chosen = [node for node in graph.nodes if is_quantized(graph, node)]
        self.ends = {end_of(graph, node) for node in chosen if not is_head(graph, node)}

    def run(self):
        for node in self.graph.nodes:
            copy = onnx.NodeProto()
            copy.CopyFrom(node)
            if is_head(self.graph, node):
                copy = self.head(node)
            elif node.output[0] in self.graph.outputs:
                continue
            elif is_quantized(self.graph, node):
                copy.input[:] = self.integer_inputs(node)
            elif not (node.op_type == "Relu" and node.output[0] in self.ends):
                copy.input[:] = [self.float_of(name) for name in node.input]
            self.nodes += channels_last(copy) if node.op_type == "Gelu" else [copy]
        result = Graph(self.graph.model)
        result.nodes, result.constants, result.outputs = self.nodes, self.graph.constants, self.graph.outputs
        return result

    def integer_inputs(self, node):
        inputs = [name if name in self.graph.constants else self.integer_of(name) for name in node.input]
        if node.op_type == "Conv":
            scales = self.integer_weight(node.input[1], axis=0)
            self.integer_bias(node.input[2], scales * self.step(node.input[0])[0])
            inputs[1:] = [self.rounded(name, axis=0) for name in node.input[1:]]
        return inputs

    def head(self, node):
        """The MatMul and the Add of its bias, in the node that ONNX Runtime has for them: it gives fp32."""
        last = self.graph.users(node.output[0])[0]
        bias = next(name for name in last.input if name in self.graph.constants)
        self.integer_of(node.input[0])
        self.integer_weight(node.input[1], axis=1)
        factors = [node.input[0], node.input[1]]
        inputs = [f"{name}.int8" for name in factors] + [f"{name}.scale" for name in factors] + [f"{name}.zero" for name in factors]
        return helper.make_node("MatMulIntegerToFloat", [*inputs, bias], [last.output[0]], domain=DOMAIN)

    def add(self, kind, inputs, output, **attributes):
        if output not in self.made:
            self.nodes.append(helper.make_node(kind, inputs, [output], **attributes))
            self.made.add(output)
        return output

    def integer_of(self, name):
        """The tensor after rounding to 8 bits, for a quantised node."""
        self.step(name)
        pair = [f"{name}.scale", f"{name}.zero"]
        self.add("QuantizeLinear", [name, *pair], f"{name}.int8")
        return self.rounded(name)

    def rounded(self, name, **attributes):
        return self.add("DequantizeLinear", [f"{name}.int8", f"{name}.scale", f"{name}.zero"], f"{name}.rounded", **attributes)

    def float_of(self, name):
        """The tensor for a node that stays in fp32."""
        return self.integer_of(name) if name in self.ends else name

    def step(self, name):
        """Scale and zero point of a tensor."""
        low, high = self.ranges[self.graph.maker(name).input[0] if is_made_by(self.graph, name, "MaxPool") else name]
        low, high = min(low, 0.0), max(high, 0.0)
        scale = np.float32((high - low) / 255)
        zero = np.uint8(np.clip(np.rint(-low / float(scale)), 0, 255))
        self.graph.constants[f"{name}.scale"], self.graph.constants[f"{name}.zero"] = np.array(scale), np.array(zero)
        return scale, zero

    def integer_weight(self, name, axis):
        """Symmetric, one scale a channel."""
        weight = self.graph.constants[name]
        others = tuple(place for place in range(weight.ndim) if place != axis)
        scales = np.maximum(np.abs(weight).max(axis=others), np.float32(1e-8)) / np.float32(127)
        shape = [-1 if place == axis else 1 for place in range(weight.ndim)]
        self.constant(name, np.clip(np.rint(weight / scales.reshape(shape)), -127, 127).astype(np.int8), scales)
        return scales

    def integer_bias(self, name, scales):
        integers = np.rint(self.graph.constants[name].astype(np.float64) / scales.astype(np.float64))
        self.constant(name, integers.astype(np.int32), scales.astype(np.float32))

    def constant(self, name, integers, scales):
        self.graph.constants.update({f"{name}.int8": integers, f"{name}.scale": scales, f"{name}.zero": np.zeros(scales.shape, integers.dtype)})


if __name__ == "__main__":
    main()
