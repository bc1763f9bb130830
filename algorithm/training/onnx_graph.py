"""A trained network as an ONNX model, ready to serve: raw pixels in, probabilities out.

The graph is built from the layers themselves, since the networks consist of eight kinds: it takes
milliseconds, where tracing exporters take seconds and more dependencies. Weights keep their names
in the network's state.
"""

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, nn

from algorithm.contract.artifact import INPUT_NAME, OUTPUT_NAME
from algorithm.contract.kinds import ImageShape
from algorithm.training.resnet import Residual

OPSET = 17
"Every ONNX Runtime since 1.12 serves it."
IR_VERSION = 8

OPERATORS: dict[type[nn.Module], str] = {
    nn.ReLU: "Relu",
    nn.AdaptiveAvgPool2d: "GlobalAveragePool",
    nn.Flatten: "Flatten",
}
"Layers without weights or settings."


def onnx_model(network: nn.Sequential, shape: ImageShape, num_classes: int) -> bytes:
    """The model in evaluation mode, for batches of any size, with softmax at its end."""
    graph = _Graph()
    logits = graph.add(network, "network", INPUT_NAME)
    graph.node("Softmax", [logits], OUTPUT_NAME, axis=1)
    model = helper.make_model(
        helper.make_graph(
            graph.nodes,
            "image-classification",
            [helper.make_tensor_value_info(INPUT_NAME, TensorProto.FLOAT, ["batch", *shape])],
            [helper.make_tensor_value_info(OUTPUT_NAME, TensorProto.FLOAT, ["batch", num_classes])],
            graph.initializers,
        ),
        producer_name="darkroom",
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
    )
    serialized: bytes = model.SerializeToString()
    return serialized


class _Graph:
    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.initializers: list[onnx.TensorProto] = []

    def add(self, module: nn.Module, name: str, value: str) -> str:
        """Append what `module` does to `value`; returns the name of the result."""
        match module:
            case nn.Sequential():
                for part, child in module.named_children():
                    value = self.add(child, f"{name}.{part}", value)
                return value
            case Residual():
                branch = self.add(module.branch, f"{name}.branch", value)
                shortcut = self.add(module.shortcut, f"{name}.shortcut", value)
                added = self.node("Add", [branch, shortcut], f"{name}.added")
                return self.node("Relu", [added], name)
            case nn.Conv2d():
                weight = self.constant(f"{name}.weight", module.weight)
                return self.node("Conv", [value, weight], name, **_window(module))
            case nn.MaxPool2d():
                return self.node("MaxPool", [value], name, **_window(module))
            case nn.BatchNorm2d():
                inputs = [value, *self.normalization(name, module)]
                return self.node("BatchNormalization", inputs, name, epsilon=module.eps)
            case nn.Linear():
                weight = self.constant(f"{name}.weight", module.weight)
                bias = self.constant(f"{name}.bias", module.bias)
                return self.node("Gemm", [value, weight, bias], name, transB=1)
            case _:
                return self.node(OPERATORS[type(module)], [value], name)

    def node(self, operator: str, inputs: list[str], output: str, **attributes: object) -> str:
        node = helper.make_node(operator, inputs, [output], name=output, **attributes)
        self.nodes.append(node)
        return output

    def normalization(self, name: str, module: nn.BatchNorm2d) -> list[str]:
        mean, variance = module.running_mean, module.running_var
        if mean is None or variance is None:
            raise TypeError("batch normalisation without running statistics has no ONNX form")
        ones, zeros = np.ones(mean.shape, np.float32), np.zeros(mean.shape, np.float32)
        return [
            self.constant(f"{name}.weight", module.weight if module.affine else ones),
            self.constant(f"{name}.bias", module.bias if module.affine else zeros),
            self.constant(f"{name}.running_mean", mean),
            self.constant(f"{name}.running_var", variance),
        ]

    def constant(self, name: str, values: Tensor | NDArray[np.float32]) -> str:
        array = values.detach().cpu().numpy() if isinstance(values, Tensor) else values
        # Contiguous, because weights in channels-last order are not.
        self.initializers.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name


def _window(module: nn.Conv2d | nn.MaxPool2d) -> dict[str, list[int]]:
    kernel, stride, padding = (
        list(size) if isinstance(size, tuple) else [int(size)] * 2
        for size in (module.kernel_size, module.stride, module.padding)
        if not isinstance(size, str)
    )
    return {"kernel_shape": kernel, "strides": stride, "pads": padding * 2}
