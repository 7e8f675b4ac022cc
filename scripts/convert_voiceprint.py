"""Write src/vivavoce/engines/voiceprint/ge2e.onnx from the weights inside Resemblyzer 0.1.4 (Apache-2.0).

The pickle is read with `weights_only=True`, so no code of it runs. Weights are stored in half precision and computed in
single precision. Needs: pip install --no-deps resemblyzer==0.1.4; pip install torch onnx
Run: python scripts/convert_voiceprint.py
"""

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper

TARGET = Path(__file__).parents[1] / "src/vivavoce/engines/voiceprint/ge2e.onnx"
MELS, WIDTH, LAYERS = 40, 256, 3


def gates(matrix: np.ndarray) -> np.ndarray:
    """Put torch's gates (input, forget, cell, output) into the order of ONNX (input, output, forget, cell)."""
    i, f, c, o = np.split(matrix, 4)
    return np.concatenate([i, o, f, c])


def main() -> None:
    """Read the installed package's weights and write the file."""
    package = find_spec("resemblyzer")
    if package is None or not package.submodule_search_locations:
        raise SystemExit("resemblyzer is not installed; run: pip install --no-deps resemblyzer==0.1.4")
    file = Path(package.submodule_search_locations[0]) / "pretrained.pt"
    state = torch.load(file, map_location="cpu", weights_only=True)["model_state"]
    weights = {name: value.numpy() for name, value in state.items()}
    stored: list[onnx.TensorProto] = []
    nodes = [helper.make_node("Transpose", ["mels"], ["y0"], perm=[1, 0, 2])]

    def keep(name: str, value: np.ndarray) -> str:
        stored.append(numpy_helper.from_array(value.astype(np.float16), f"{name}_half"))
        nodes.append(helper.make_node("Cast", [f"{name}_half"], [name], to=TensorProto.FLOAT))
        return name

    for layer in range(LAYERS):
        into = keep(f"W{layer}", gates(weights[f"lstm.weight_ih_l{layer}"])[None])
        again = keep(f"R{layer}", gates(weights[f"lstm.weight_hh_l{layer}"])[None])
        biases = [gates(weights[f"lstm.bias_{kind}_l{layer}"]) for kind in ("ih", "hh")]
        bias = keep(f"B{layer}", np.concatenate(biases)[None])
        last = layer == LAYERS - 1
        outputs = ["", "state"] if last else [f"all{layer}"]
        nodes.append(helper.make_node("LSTM", [f"y{layer}", into, again, bias], outputs, hidden_size=WIDTH))
        stored.append(numpy_helper.from_array(np.array([0 if last else 1], np.int64), f"axis{layer}"))
        nodes.append(helper.make_node("Squeeze", [outputs[-1], f"axis{layer}"], [f"y{layer + 1}"]))
    linear, shift = keep("LW", weights["linear.weight"]), keep("LB", weights["linear.bias"])
    nodes.append(helper.make_node("Gemm", [f"y{LAYERS}", linear, shift], ["g"], transB=1))
    nodes.append(helper.make_node("Relu", ["g"], ["r"]))
    nodes.append(helper.make_node("LpNormalization", ["r"], ["vectors"], axis=1, p=2))
    graph = helper.make_graph(
        nodes,
        "ge2e",
        [helper.make_tensor_value_info("mels", TensorProto.FLOAT, ["windows", "frames", MELS])],
        [helper.make_tensor_value_info("vectors", TensorProto.FLOAT, ["windows", WIDTH])],
        stored,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.checker.check_model(model)
    onnx.save(model, TARGET)


if __name__ == "__main__":
    main()
