"""Instance types and official images of the emulated regions.

Hourly prices are made up in the size of the real ones: only the real price list is a price list.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from decimal import Decimal

# Yuan per GiB and hour for the part of a system disk above the free size; made up as well.
DISK_PRICE = Decimal("0.0015")
# What a spot machine costs of the full price.
SPOT_SHARE = Decimal("0.3")


@dataclass(frozen=True)
class EcsSpec:
    """An instance type: vCPU, GPUs, memory in GiB, GPU memory in GiB, yuan per hour."""

    name: str
    cpu: int
    memory: int
    price: Decimal
    gpu: int = 0
    gpu_type: str = ""
    gpu_memory: int = 0

    @property
    def accelerator(self) -> str:
        """``GPU`` or ``CPU``, as AcceleratorType says it."""
        return "GPU" if self.gpu else "CPU"


_ALL = (
    EcsSpec("ecs.g6.large", 2, 8, Decimal("0.60")),
    EcsSpec("ecs.g6.xlarge", 4, 16, Decimal("1.20")),
    EcsSpec("ecs.g6.2xlarge", 8, 32, Decimal("2.40")),
    EcsSpec("ecs.g7.xlarge", 4, 16, Decimal("1.30")),
    EcsSpec("ecs.c6.large", 2, 4, Decimal("0.48")),
    EcsSpec("ecs.gn7i-c8g1.2xlarge", 8, 30, Decimal("11.60"), 1, "NVIDIA A10", 24),
    EcsSpec("ecs.gn7i-c16g1.4xlarge", 16, 60, Decimal("12.60"), 1, "NVIDIA A10", 24),
    EcsSpec("ecs.gn7i-c32g1.8xlarge", 32, 188, Decimal("15.80"), 1, "NVIDIA A10", 24),
    EcsSpec("ecs.gn6v-c8g1.2xlarge", 8, 32, Decimal("17.00"), 1, "NVIDIA V100", 16),
    EcsSpec("ecs.gn6v-c8g1.8xlarge", 32, 128, Decimal("68.00"), 4, "NVIDIA V100", 16),
    EcsSpec("ecs.gn6e-c12g1.3xlarge", 12, 92, Decimal("18.60"), 1, "NVIDIA V100", 32),
    EcsSpec("ecs.gn6i-c4g1.xlarge", 4, 15, Decimal("7.40"), 1, "NVIDIA T4", 16),
    EcsSpec("ecs.gn7-c12g1.3xlarge", 12, 94, Decimal("24.00"), 1, "NVIDIA A100", 40),
)
SPECS = {spec.name: spec for spec in _ALL}

_IMAGES = (
    "pytorch:2.6.0-gpu-py310-cu124-ubuntu22.04",
    "pytorch:2.3.1-gpu-py310-cu121-ubuntu22.04",
    "pytorch:2.3.1-cpu-py310-ubuntu22.04",
    "modelscope:1.26.0-pytorch2.6.0-gpu-py311-cu124-ubuntu22.04",
    "modelscope:1.26.0-pytorch2.6.0-cpu-py311-ubuntu22.04",
    "tensorflow:2.16.1-gpu-py310-cu123-ubuntu22.04",
    "torcheasyrec:0.8.0-pytorch2.7.0-gpu-py311-cu126-ubuntu22.04",
)


@dataclass(frozen=True)
class OfficialImage:
    """An image that PAI offers in a region."""

    id: str
    name: str
    uri: str
    labels: tuple[tuple[str, str], ...]


def registry(region: str) -> str:
    """Host of the registry from which a region's instances pull official images."""
    return f"dsw-registry-vpc.{region}.cr.aliyuncs.com"


def official_images(region: str) -> list[OfficialImage]:
    """The official images of a region."""
    return [_official(region, image) for image in _IMAGES]


def _official(region: str, image: str) -> OfficialImage:
    digest = hashlib.sha256(f"{region}/{image}".encode()).hexdigest()[:18]
    chip = "GPU" if "-gpu-" in image else "CPU"
    labels = (
        ("system.official", "true"),
        ("system.chipType", chip),
        ("system.supported.dsw", "true"),
        ("system.framework", image.partition(":")[0]),
    )
    return OfficialImage(
        f"image-{digest}", image.replace(":", "-"), f"{registry(region)}/pai/{image}", labels
    )
