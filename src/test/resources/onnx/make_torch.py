"""Makes torch.safetensors: see README.md beside this file. Needs onnxscript too."""

import io
import sys

import torch
from safetensors.numpy import save_file
from torch import nn


class Net(nn.Module):
    def __init__(self, kind, layers=1, both=False, batch_first=False, tokens=False, states="none", last=False, top=None):
        super().__init__()
        self.embedding = nn.Embedding(11, 5) if tokens else None
        self.cells = getattr(nn, kind)(5, 6, layers, bidirectional=both, batch_first=batch_first)
        self.linear = nn.Linear(12 if both else 6, 3)
        self.kind, self.states, self.last, self.top = kind, states, last, top
        self.count, self.batch_axis = layers * (2 if both else 1), 0 if batch_first else 1

    def forward(self, x, h=None, c=None):
        if self.states == "zeros":
            h = c = torch.zeros(self.count, x.shape[self.batch_axis], 6)
        if self.embedding is not None:
            x = self.embedding(x)
        state = None if h is None else (h, c) if self.kind == "LSTM" else h
        y, state = self.cells(x, state)
        if self.last:
            h = state[0] if self.kind == "LSTM" else state
            y = torch.cat([h[-2], h[-1]], -1) if self.cells.bidirectional else h[-1]
        y = self.linear(y)
        y = y if self.top is None else self.top(y)
        if self.states != "given":
            return y
        return (y, *state) if self.kind == "LSTM" else (y, state)


bundle = {}


def keep(name, dynamo, opset, kind, **options):
    torch.manual_seed(len(bundle))
    net = Net(kind, **options).eval()
    shape = (3, 7) if options.get("batch_first") else (7, 3)
    given = {"x": torch.randint(0, 11, shape) if options.get("tokens") else torch.randn(*shape, 5)}
    axes = {"x": {net.batch_axis: "batch", 1 - net.batch_axis: "time"}}
    if options.get("states") == "given":
        for state in ("h", "c") if kind == "LSTM" else ("h",):
            given[state] = torch.randn(net.count, 3, 6)
            axes[state] = {1: "batch"}
    names = list(given)
    outputs = ["y", *(name + "n" for name in names[1:])]
    if dynamo:
        dynamic = tuple({a: torch.export.Dim(d) for a, d in axes[n].items()} for n in names)
        program = torch.onnx.export(net, tuple(given.values()), input_names=names, output_names=outputs,
                                    dynamic_shapes=dynamic, opset_version=opset, dynamo=True, verbose=False)
        model = program.model_proto
        # Stack traces name the folders of this machine; the rest stays, to be passed over.
        for holder in [model.graph, *model.graph.node, *model.graph.input, *model.graph.output, *model.graph.value_info]:
            for entry in holder.metadata_props:
                if "/" in entry.value:
                    entry.value = "left out"
        file = model.SerializeToString()
    else:
        out = io.BytesIO()
        torch.onnx.export(net, tuple(given.values()), out, input_names=names, output_names=outputs,
                          dynamic_axes=axes, opset_version=opset, dynamo=False)
        file = out.getvalue()
    results = net(*given.values())
    results = results if isinstance(results, tuple) else (results,)
    name += f"_{opset}"
    bundle[name + "/model"] = torch.frombuffer(bytearray(file), dtype=torch.uint8).numpy()
    bundle.update({f"{name}/in.{k}": v.numpy().copy() for k, v in given.items()})
    bundle.update({f"{name}/out.{k}": v.detach().numpy().copy() for k, v in zip(outputs, results)})


softmax = nn.Softmax(-1)
for kind in ("LSTM", "GRU"):
    low = kind.lower()
    keep(f"{low}_plain", True, 18, kind)
    keep(f"{low}_2_layers_both", True, 18, kind, layers=2, both=True, batch_first=True)
    keep(f"{low}_tokens_softmax", True, 20, kind, tokens=True, batch_first=True, top=softmax)
    keep(f"{low}_both_last", True, 22, kind, both=True, last=True)
    keep(f"{low}_given", True, 22, kind, layers=2, states="given")
    keep(f"{low}_zeros", True, 18, kind, both=True, states="zeros")
    keep(f"{low}_old_plain", False, 7, kind)
    keep(f"{low}_old_2_layers_both", False, 7, kind, layers=2, both=True, batch_first=True, tokens=True)
    keep(f"{low}_old_last_softmax", False, 7, kind, last=True, states="zeros", top=softmax)
keep("rnn_unrolled", True, 18, "RNN", batch_first=True)
keep("rnn_both_unrolled", True, 22, "RNN", both=True, layers=2)
keep("rnn_old_plain", False, 7, "RNN", states="zeros", tokens=True)
save_file(bundle, sys.argv[1] + "/torch.safetensors")
print(len([k for k in bundle if k.endswith("/model")]), "models")
