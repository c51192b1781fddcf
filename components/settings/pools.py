"""Node pools and the image of their nodes."""

import re
from typing import Annotated, Final, Literal

from pydantic import Field

from components import versions
from components.settings.types import ImageOcid, Model, Positive

KubernetesVersion = Annotated[str, Field(strict=True, pattern=r"^v\d+\.\d+\.\d+$")]

# Shapes whose processors are Arm; their images carry `aarch64` in the name.
_ARM_SHAPE: Final = re.compile(r"\.A\d+\.")


class ImageSettings(Model):
    """Which image the nodes boot: the pinned OKE build, or an image of one's own by OCID."""

    id: ImageOcid | None = None
    os_version: Literal["8", "9"] = "8"
    build: Positive = versions.OKE_IMAGE_BUILD


class CyclingSettings(Model):
    """Replacement of nodes whose pool changed, a few at a time (enhanced clusters only)."""

    enabled: bool = Field(default=True, strict=True)
    max_surge: int = Field(default=1, strict=True, ge=0)
    max_unavailable: int = Field(default=0, strict=True, ge=0)


class AutoscalerSettings(Model):
    """Bounds of the cluster autoscaler add-on for this pool."""

    min: int = Field(strict=True, ge=0)
    max: Positive


class NodePoolSettings(Model):
    """One node pool; its key in the map is its name and identity."""

    shape: str = Field(default="VM.Standard.E4.Flex", pattern=r"^(VM|BM)\.[A-Za-z0-9.]+$")
    ocpus: float = Field(default=2, ge=1)
    memory_gb: float = Field(default=64, ge=1)
    size: int = Field(default=2, strict=True, ge=0)
    # 50 GB is the least that OCI gives a boot volume.
    boot_volume_gb: int = Field(default=150, strict=True, ge=50)
    kubernetes_version: KubernetesVersion | None = None
    """Of the nodes, when it is to differ from the cluster's."""
    image: ImageSettings = ImageSettings()
    labels: dict[str, str] = Field(default_factory=dict)
    availability_domains: tuple[Annotated[int, Field(strict=True, ge=1, le=3)], ...] = ()
    """Numbers of the availability domains to spread over; none means all of the region."""
    fault_domains: tuple[Annotated[int, Field(strict=True, ge=1, le=3)], ...] = ()
    # 31 is OKE's default, 110 its limit, for VCN-native pods.
    max_pods_per_node: int = Field(default=31, strict=True, ge=1, le=110)
    cycling: CyclingSettings = CyclingSettings()
    eviction_grace_minutes: int = Field(default=60, strict=True, ge=0, le=60)
    autoscaler: AutoscalerSettings | None = None

    @property
    def is_flexible(self) -> bool:
        """Whether the shape takes a number of OCPUs and an amount of memory."""
        return self.shape.endswith(".Flex")

    @property
    def architecture(self) -> Literal["x86_64", "aarch64"]:
        """The processor architecture of the shape."""
        return "aarch64" if _ARM_SHAPE.search(self.shape) else "x86_64"

    @property
    def is_gpu(self) -> bool:
        """Whether the shape carries GPUs, which need an image with their drivers."""
        return "GPU" in self.shape

    @property
    def largest_size(self) -> int:
        """The most nodes that the pool may have at once, while cycling or scaled out."""
        scaled = self.autoscaler.max if self.autoscaler else self.size
        return scaled + (self.cycling.max_surge if self.cycling.enabled else 0)
