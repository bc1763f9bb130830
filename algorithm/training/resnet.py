"""Residual networks: "Deep Residual Learning for Image Recognition", He et al. 2015.

Tensors are NCHW. The network takes raw pixels from 0 to 255 and gives one logit a class: its first
layer normalises, so that whoever serves the model has nothing to know about it.
"""

from torch import Tensor, nn

from algorithm.contract.hyperparameters import SMALL_IMAGE_DEPTHS

# Blocks in each stage of the ImageNet networks (table 1; 200 layers: He et al. 2016).
IMAGENET_STAGES = {
    18: (2, 2, 2, 2),
    34: (3, 4, 6, 3),
    50: (3, 4, 6, 3),
    101: (3, 4, 23, 3),
    152: (3, 8, 36, 3),
    200: (3, 24, 36, 3),
}


class Residual(nn.Module):
    """A block of figure 2: the branch learns what to add to its input."""

    def __init__(self, branch: nn.Sequential, shortcut: nn.Sequential) -> None:
        super().__init__()
        self.branch = branch
        self.shortcut = shortcut
        self.relu = nn.ReLU(inplace=True)

    def forward(self, images: Tensor) -> Tensor:
        activated: Tensor = self.relu(self.branch(images) + self.shortcut(images))
        return activated


def resnet(*, num_layers: int, channels: int, num_classes: int) -> nn.Sequential:
    """The network of `num_layers` for images of `channels`, with random weights.

    20, 32, 44, 56 and 110 layers are those of section 4.2 for small images, the others those of
    table 1 for ImageNet.
    """
    if num_layers in SMALL_IMAGE_DEPTHS:
        layers = _small_image_layers(num_layers, channels, num_classes)
    else:
        layers = _imagenet_layers(num_layers, channels, num_classes)
    network = nn.Sequential(nn.BatchNorm2d(channels, affine=False), *layers)
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
    return network


def _small_image_layers(num_layers: int, channels: int, num_classes: int) -> list[nn.Module]:
    # 6n + 2 layers: three stages of n blocks with 16, 32 and 64 channels.
    blocks = (num_layers - 2) // 6
    return [
        *_convolution(channels, 16, size=3),
        nn.ReLU(inplace=True),
        *_stages((blocks, blocks, blocks), width=16, expansion=1),
        *_classifier(64, num_classes),
    ]


def _imagenet_layers(num_layers: int, channels: int, num_classes: int) -> list[nn.Module]:
    # Four stages of 64 to 512 channels; the deeper networks use bottlenecks.
    expansion = 4 if num_layers >= 50 else 1
    return [
        *_convolution(channels, 64, size=7, stride=2),
        nn.ReLU(inplace=True),
        nn.MaxPool2d(kernel_size=3, stride=2, padding=1),
        *_stages(IMAGENET_STAGES[num_layers], width=64, expansion=expansion),
        *_classifier(512 * expansion, num_classes),
    ]


def _stages(sizes: tuple[int, ...], *, width: int, expansion: int) -> list[nn.Module]:
    # Each stage after the first halves the sides and doubles the channels.
    blocks: list[nn.Module] = []
    inputs = width
    for stage, size in enumerate(sizes):
        for index in range(size):
            stride = 2 if stage > 0 and index == 0 else 1
            blocks.append(_block(inputs, width << stage, stride=stride, expansion=expansion))
            inputs = (width << stage) * expansion
    return blocks


def _block(inputs: int, width: int, *, stride: int, expansion: int) -> Residual:
    outputs = width * expansion
    if expansion == 1:
        convolutions = [
            *_convolution(inputs, width, size=3, stride=stride),
            nn.ReLU(inplace=True),
            *_convolution(width, outputs, size=3),
        ]
    else:
        convolutions = [
            *_convolution(inputs, width, size=1),
            nn.ReLU(inplace=True),
            *_convolution(width, width, size=3, stride=stride),
            nn.ReLU(inplace=True),
            *_convolution(width, outputs, size=1),
        ]
    same = inputs == outputs and stride == 1
    shortcut = [] if same else _convolution(inputs, outputs, size=1, stride=stride)
    return Residual(nn.Sequential(*convolutions), nn.Sequential(*shortcut))


def _convolution(inputs: int, outputs: int, *, size: int, stride: int = 1) -> list[nn.Module]:
    # The bias is left to the batch normalisation.
    return [
        nn.Conv2d(inputs, outputs, size, stride=stride, padding=size // 2, bias=False),
        nn.BatchNorm2d(outputs),
    ]


def _classifier(inputs: int, num_classes: int) -> list[nn.Module]:
    return [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(inputs, num_classes)]
