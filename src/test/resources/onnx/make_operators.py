"""Makes operators.safetensors and exports.safetensors: see README.md beside this file."""

import io
import sys
import warnings

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import TensorProto, helper
from safetensors.numpy import save_file

warnings.filterwarnings("ignore")
random = np.random.default_rng(7)
bundle = {}
IR = {7: 3, 8: 3, 9: 4, 10: 5, 11: 6, 12: 7, 13: 7, 14: 7, 15: 8, 16: 8, 17: 8, 18: 8, 19: 9, 20: 9, 21: 10, 22: 10}
TYPES = {"float32": TensorProto.FLOAT, "int64": TensorProto.INT64, "int32": TensorProto.INT32}


def numbers(*shape, scale=1.0):
    return (random.standard_normal(shape) * scale).astype(np.float32)


def run(model, given):
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(model.SerializeToString(), options)
    return dict(zip([o.name for o in session.get_outputs()], session.run(None, given)))


def keep(name, model, given, results):
    bundle[name + "/model"] = np.frombuffer(model.SerializeToString(), np.uint8)
    for key, value in given.items():
        bundle[name + "/in." + key] = np.array(value, order="C")
    for key, value in results.items():
        if value.dtype == np.bool_:
            value = value.astype(np.int64)
        bundle[name + "/out." + key] = np.array(value, order="C")


def make(nodes, given, constants, outputs, opset, typed=False):
    ports = [helper.make_tensor_value_info(k, TYPES[v.dtype.name], v.shape) for k, v in given.items()]
    initializers = []
    for k, v in constants.items():
        if typed:
            initializers.append(helper.make_tensor(k, TYPES[v.dtype.name], v.shape, v.ravel().tolist()))
        else:
            initializers.append(onnx.numpy_helper.from_array(v, k))
        if IR[opset] < 4:
            ports.append(helper.make_tensor_value_info(k, TYPES[v.dtype.name], v.shape))
    outs = [helper.make_tensor_value_info(o, t, None) for o, t in outputs.items()]
    graph = helper.make_graph(nodes, "g", ports, outs, initializers)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=IR[opset])


def case(name, op, given, opset, constants=None, outputs=("y",), kind=TensorProto.FLOAT, typed=False, **attributes):
    constants = constants or {}
    names = list(given) + list(constants)
    node = helper.make_node(op, names, list(outputs), **attributes)
    kinds = kind if isinstance(kind, dict) else {o: kind for o in outputs if o}
    model = make([node], given, constants, kinds, opset, typed)
    keep(f"{name}_{opset}", model, given, run(model, given))


def ints(*values):
    return np.array(values, np.int64)


INT = TensorProto.INT64
x = numbers(3, 4, 5)
for opset in (7, 9, 11, 13, 14, 18, 22):
    for op in ("Add", "Sub", "Mul", "Div"):
        case(op, op, {"a": numbers(3, 1, 5), "b": numbers(4, 1)}, opset)
    case("Add_scalar", "Add", {"a": x, "b": np.array(2.5, np.float32)}, opset)
    case("Add_integers", "Add", {"a": ints(1, 2, -3), "b": ints(5)}, opset, kind=INT)
    case("Div_integers", "Div", {"a": ints(7, 9, 8), "b": ints(2)}, opset, kind=INT)
    for op in ("Relu", "Sigmoid", "Tanh", "Softsign", "Softplus", "Abs", "Neg", "Exp", "Identity"):
        case(op, op, {"x": numbers(2, 7, scale=3)}, opset)
    for op in ("Elu", "LeakyRelu", "HardSigmoid"):
        case(op, op, {"x": numbers(2, 7, scale=3)}, opset)
        case(op + "_alpha", op, {"x": numbers(2, 7, scale=3)}, opset, alpha=0.3)
    case("HardSigmoid_both", "HardSigmoid", {"x": numbers(2, 7, scale=3)}, opset, alpha=0.3, beta=0.4)
    if opset >= 10:
        case("ThresholdedRelu", "ThresholdedRelu", {"x": numbers(2, 7, scale=3)}, opset)
        case("ThresholdedRelu_alpha", "ThresholdedRelu", {"x": numbers(2, 7, scale=3)}, opset, alpha=0.3)
    case("MatMul", "MatMul", {"a": x, "b": numbers(5, 2)}, opset)
    case("MatMul_outer", "MatMul", {"a": numbers(2, 1, 3, 4), "b": numbers(3, 4, 2)}, opset)
    case("MatMul_vector", "MatMul", {"a": x, "b": numbers(5)}, opset)
    case("MatMul_row", "MatMul", {"a": numbers(4), "b": x}, opset)
    case("MatMul_dot", "MatMul", {"a": numbers(4), "b": numbers(4)}, opset)
    case("Gemm", "Gemm", {"a": numbers(3, 4)}, opset, {"b": numbers(4, 2), "c": numbers(2)})
    case("Gemm_all", "Gemm", {"a": numbers(4, 3)}, opset, {"b": numbers(2, 4), "c": numbers(3, 1)}, transA=1, transB=1, alpha=0.5, beta=2.0)
    if opset >= 11:
        case("Gemm_two", "Gemm", {"a": numbers(3, 4), "b": numbers(4, 2)}, opset)
    for op in ("Softmax", "LogSoftmax"):
        case(op, op, {"x": x}, opset)
        for axis in (0, 1, 2) + ((-1, -2) if opset >= 11 else ()):
            case(f"{op}_axis{axis}", op, {"x": numbers(3, 4, 5, scale=30)}, opset, axis=axis)
    for axis in (0, 1, 2, -1):
        case(f"Gather_axis{axis}", "Gather", {"x": x}, opset, {"i": ints(2, 0, 1).reshape(3, 1) % x.shape[axis]}, axis=axis)
        case(f"Concat_axis{axis}", "Concat", {"a": x, "b": x * 2, "c": x + 1}, opset, axis=axis)
    case("Gather_scalar", "Gather", {"x": x}, opset, {"i": np.array(1)}, axis=1)
    case("Gather_int32", "Gather", {"x": x}, opset, {"i": np.array([2, 1], np.int32)}, typed=True)
    case("Gather_typed", "Gather", {"x": x}, opset, {"i": ints(2, 1)}, typed=True)
    if opset >= 11:
        case("Gather_negative", "Gather", {"x": x}, opset, {"i": ints(-1, -2)}, axis=1)
    case("Transpose", "Transpose", {"x": x}, opset)
    case("Transpose_perm", "Transpose", {"x": x}, opset, perm=[1, 0, 2])
    case("Transpose_cycle", "Transpose", {"x": x}, opset, perm=[2, 0, 1])
    case("Reshape", "Reshape", {"x": x}, opset, {"s": ints(0, -1)})
    case("Reshape_typed", "Reshape", {"x": x}, opset, {"s": ints(5, 12)}, typed=True)
    if opset >= 14:
        case("Reshape_allowzero", "Reshape", {"x": numbers(0, 3)}, opset, {"s": ints(3, 0)}, allowzero=1)
    for axis in (0, 1, 3):
        case(f"Flatten_axis{axis}", "Flatten", {"x": x}, opset, axis=axis)
    one = numbers(1, 3, 1, 2)
    if opset < 13:
        case("Squeeze", "Squeeze", {"x": one}, opset)
        case("Squeeze_axes", "Squeeze", {"x": one}, opset, axes=[2])
        case("Unsqueeze", "Unsqueeze", {"x": x}, opset, axes=[0, 4])
    else:
        case("Squeeze", "Squeeze", {"x": one}, opset)
        case("Squeeze_axes", "Squeeze", {"x": one}, opset, {"a": ints(-2)})
        case("Unsqueeze", "Unsqueeze", {"x": x}, opset, {"a": ints(0, -1)})
    if opset < 10:
        case("Slice", "Slice", {"x": x}, opset, starts=[1, -3], ends=[3, 2**62], axes=[0, 2])
        case("Slice_first", "Slice", {"x": x}, opset, starts=[1], ends=[-1])
    else:
        case("Slice", "Slice", {"x": x}, opset, {"s": ints(1, -3), "e": ints(3, 2**62), "a": ints(0, 2)})
        case("Slice_first", "Slice", {"x": x}, opset, {"s": ints(1), "e": ints(-1)})
        case("Slice_steps", "Slice", {"x": x}, opset, {"s": ints(-1, 0, 4), "e": ints(-(2**62), 99, 0), "a": ints(0, 1, 2), "t": ints(-1, 3, -2)})
        case("Slice_empty", "Slice", {"x": x}, opset, {"s": ints(2), "e": ints(1)})
    case("Shape", "Shape", {"x": x}, opset, kind=INT)
    if opset >= 15:
        case("Shape_part", "Shape", {"x": x}, opset, kind=INT, start=-2, end=3)
    if opset >= 9:
        case("Expand", "Expand", {"x": numbers(3, 1)}, opset, {"s": ints(2, 1, 4)})
        case("ConstantOfShape", "ConstantOfShape", {"s": ints(2, 3)}, opset)
        case("ConstantOfShape_value", "ConstantOfShape", {"s": ints(2, 3)}, opset, kind=INT, value=helper.make_tensor("", INT, [1], [7]))
    case("Cast_long", "Cast", {"x": numbers(6, scale=9)}, opset, kind=INT, to=INT)
    case("Cast_float", "Cast", {"x": ints(3, -4)}, opset, to=TensorProto.FLOAT)
    for op, first in (("ReduceMean", 18), ("ReduceMax", 18), ("ReduceSum", 13)):
        case(op, op, {"x": x}, opset)
        if opset < first:
            case(op + "_axes", op, {"x": x}, opset, axes=[0, 2], keepdims=0)
        else:
            case(op + "_axes", op, {"x": x}, opset, {"a": ints(0, -1)}, keepdims=0)
            case(op + "_noop", op, {"x": x}, opset, noop_with_empty_axes=1)
    if opset < 12:
        case("Dropout", "Dropout", {"x": x}, opset, ratio=0.3)
    else:
        case("Dropout", "Dropout", {"x": x}, opset, {"r": np.array(0.3, np.float32)})
    nodes = [helper.make_node("Constant", [], ["c"], value=helper.make_tensor("", 1, [5], [1.0, 2, 3, 4, 5])), helper.make_node("Add", ["x", "c"], ["y"])]
    model = make(nodes, {"x": x}, {}, {"y": 1}, opset)
    keep(f"Constant_{opset}", model, {"x": x}, run(model, {"x": x}))
    if opset >= 12:
        for key, value in (("value_float", 2.0), ("value_floats", [1.0, 2, 3, 4, 5])):
            nodes[0] = helper.make_node("Constant", [], ["c"], **{key: value})
            model = make(nodes, {"x": x}, {}, {"y": 1}, opset)
            keep(f"Constant_{key}_{opset}", model, {"x": x}, run(model, {"x": x}))
        for key, value in (("value_int", 1), ("value_ints", [1, 2])):
            nodes = [helper.make_node("Constant", [], ["c"], **{key: value}), helper.make_node("Gather", ["x", "c"], ["y"])]
            model = make(nodes, {"x": x}, {}, {"y": 1}, opset)
            keep(f"Constant_{key}_{opset}", model, {"x": x}, run(model, {"x": x}))
            nodes = nodes[:1] + [helper.make_node("Add", ["x", "c"], ["y"])]

GATES = {"LSTM": 4, "GRU": 3, "RNN": 1}


def recurrent(name, op, opset, direction="forward", bias=True, lengths=False, initial=False, peepholes=False, layout=0, dynamic=False, **attributes):
    time, batch, inputs, units = 5, 3, 4, 3
    ways = 2 if direction == "bidirectional" else 1
    rows = GATES[op] * units
    given = {"X": numbers(time, batch, inputs)}
    weights = {"W": numbers(ways, rows, inputs, scale=0.7), "R": numbers(ways, rows, units, scale=0.7)}
    if bias:
        weights["B"] = numbers(ways, 2 * rows, scale=0.5)
    if lengths:
        given["sequence_lens"] = np.array([3, 5, 0], np.int32)
    if initial:
        given["initial_h"] = numbers(ways, batch, units)
        if op == "LSTM":
            given["initial_c"] = numbers(ways, batch, units)
    if peepholes:
        weights["P"] = numbers(ways, 3 * units)
    if dynamic:
        given.update(weights)
        weights = {}
    order = ["X", "W", "R", "B", "sequence_lens", "initial_h", "initial_c", "P"]
    names = [n if n in given or n in weights else "" for n in order[: 8 if op == "LSTM" else 6]]
    while not names[-1]:
        names.pop()
    outputs = ["Y", "Y_h", "Y_c"][: 3 if op == "LSTM" else 2]
    if direction != "forward":
        attributes["direction"] = direction

    def model_of(given, **more):
        node = helper.make_node(op, names, outputs, hidden_size=units, **attributes, **more)
        return make([node], given, weights, {o: 1 for o in outputs}, opset)

    results = run(model_of(given), given)
    model = model_of(given)
    if layout:
        # ONNX Runtime has time first alone; batch first is the same with two axes exchanged.
        swap = {"X": (1, 0, 2), "initial_h": (1, 0, 2), "initial_c": (1, 0, 2), "Y": (2, 0, 1, 3), "Y_h": (1, 0, 2), "Y_c": (1, 0, 2)}
        given = {k: np.transpose(v, swap[k]) if k in swap else v for k, v in given.items()}
        results = {k: np.transpose(v, swap[k]) for k, v in results.items()}
        model = model_of(given, layout=1)
    keep(f"{name}_{opset}", model, given, results)


for opset in (7, 14, 22):
    for op in ("LSTM", "GRU", "RNN"):
        for direction in ("forward", "reverse", "bidirectional"):
            recurrent(f"{op}_{direction}", op, opset, direction)
            recurrent(f"{op}_{direction}_all", op, opset, direction, lengths=True, initial=True, peepholes=op == "LSTM")
            recurrent(f"{op}_{direction}_clip", op, opset, direction, clip=0.6, initial=True)
            if opset >= 14:
                recurrent(f"{op}_{direction}_layout", op, opset, direction, layout=1, lengths=True, initial=True)
            if op == "GRU":
                recurrent(f"GRU_{direction}_before_reset", op, opset, direction, linear_before_reset=1, lengths=True, initial=True)
                recurrent(f"GRU_{direction}_before_reset_clip", op, opset, direction, linear_before_reset=1, clip=0.5)
        recurrent(f"{op}_no_bias", op, opset, bias=False)
        recurrent(f"{op}_weights_given", op, opset, dynamic=True, peepholes=op == "LSTM", initial=True)
    recurrent("LSTM_input_forget", "LSTM", opset, input_forget=1, peepholes=True)
    recurrent("RNN_relu", "RNN", opset, "bidirectional", activations=["Relu", "Relu"])
    recurrent("RNN_mixed", "RNN", opset, "bidirectional", activations=["Relu", "Tanh"])
    for f, alpha, beta in (("Affine", [0.7], [0.1]), ("LeakyRelu", [0.2], []), ("LeakyRelu", [], []), ("ThresholdedRelu", [0.3], []), ("ScaledTanh", [0.7], [0.9]), ("HardSigmoid", [0.3], [0.4]), ("HardSigmoid", [], []), ("Elu", [0.6], []), ("Elu", [], []), ("Softsign", [], []), ("Softplus", [], []), ("Sigmoid", [], [])):
        some = {k: v for k, v in (("activation_alpha", alpha), ("activation_beta", beta)) if v}
        suffix = f + ("_given" if alpha else "")
        recurrent("RNN_" + suffix, "RNN", opset, activations=[f], **some)
        recurrent("GRU_" + suffix, "GRU", opset, activations=["Sigmoid", f], **some)
        recurrent("LSTM_" + suffix, "LSTM", opset, activations=["Sigmoid", f, "Tanh"], **some)
    recurrent("LSTM_many", "LSTM", opset, "bidirectional", activations=["HardSigmoid", "ScaledTanh", "LeakyRelu", "Sigmoid", "Affine", "Softsign"], activation_alpha=[0.3, 0.8, 0.1, 0.6], activation_beta=[0.45, 0.9, 0.05])

save_file(bundle, sys.argv[1] + "/operators.safetensors")
print(len([k for k in bundle if k.endswith("/model")]), "graphs of operators")
bundle = {}


class Model(torch.nn.Module):
    def __init__(self, kind, layers, both, head, batch_first, tokens, on_top):
        super().__init__()
        self.embedding = torch.nn.Embedding(11, 5) if tokens else None
        self.recurrent = getattr(torch.nn, kind)(5, 4, num_layers=layers, bidirectional=both, batch_first=batch_first)
        self.dropout = torch.nn.Dropout(0.1)
        self.linear = torch.nn.Linear(8 if both else 4, 3)
        self.head, self.on_top, self.time = head, on_top, 1 if batch_first else 0

    def forward(self, x):
        x = x if self.embedding is None else self.embedding(x)
        y, h = self.recurrent(x)
        h = h[0] if isinstance(h, tuple) else h
        if self.head == "last":
            y = y.select(self.time, -1)
        elif self.head == "states":
            y = torch.cat([h[-2], h[-1]], 1) if self.recurrent.bidirectional else h[-1]
        elif self.head == "mean":
            y = y.mean(self.time)
        elif self.head == "max":
            y = y.max(self.time)[0]
        y = self.linear(self.dropout(y))
        return {"": lambda v: v, "softmax": lambda v: torch.softmax(v, -1), "log": lambda v: torch.log_softmax(v, -1)}[self.on_top](y)


torch.manual_seed(3)
for opset in (9, 10, 12, 13, 17, 20):
    for kind, layers, both, head, batch_first, tokens, on_top in (
        ("LSTM", 1, False, "steps", True, False, ""),
        ("LSTM", 2, True, "steps", True, True, "log"),
        ("LSTM", 2, False, "last", True, False, "softmax"),
        ("LSTM", 2, False, "states", False, True, ""),
        ("GRU", 2, True, "states", False, False, ""),
        ("GRU", 1, False, "steps", False, True, "softmax"),
        ("RNN", 1, True, "max", True, True, ""),
        ("RNN", 3, False, "mean", False, False, ""),
    ):
        model = Model(kind, layers, both, head, batch_first, tokens, on_top).eval()
        example = torch.randint(0, 11, (2, 6)) if tokens else torch.randn(2, 6, 5)
        file = io.BytesIO()
        axes = {0: "batch", 1: "time"} if batch_first else {0: "time", 1: "batch"}
        torch.onnx.export(model, (example,), file, opset_version=opset, dynamo=False, input_names=["x"], output_names=["y"], dynamic_axes={"x": axes})
        other = torch.randint(0, 11, (3, 4)) if tokens else torch.randn(3, 4, 5)
        onnx_model = onnx.load_from_string(file.getvalue())
        name = f"{kind}_{layers}_{'both' if both else 'one'}_{head}_{'batch' if batch_first else 'time'}_{'tokens' if tokens else 'vectors'}_{on_top or 'linear'}"
        keep(f"{name}_{opset}", onnx_model, {"x": other.numpy()}, {"y": model(other).detach().numpy()})
save_file(bundle, sys.argv[1] + "/exports.safetensors")
print(len([k for k in bundle if k.endswith("/model")]), "exports")
