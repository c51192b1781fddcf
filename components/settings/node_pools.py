"""Node pools and the image of their nodes."""

import re
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field

from components.settings.node_extras import KubeletArgument, KubeletValue, Script, Taint
from components.settings.types import (
    CapacityReservationOcid,
    ImageOcid,
    KeyOcid,
    Kind,
    KubernetesVersion,
    Model,
    Positive,
    Switch,
    fault,
    matching,
)

# Shapes whose processors are Arm: Ampere, and those of NVIDIA beside Grace. Their images carry
# `aarch64` in the name.
_ARM_SHAPE: Final = re.compile(r"\.Standard\.A\d+\.|\.GPU\.G[BH]\d+")

# The parts of shapes that are words; the names of families, such as E4, begin with a capital too.
_WORDS: Final = ("VM", "BM", "Standard", "Flex", "DenseIO", "Optimized", "GPU", "HPC")


def _in_case(shape: str) -> str:
    """Return a shape with the capitals that Oracle Cloud gives its parts."""
    known = {word.lower(): word for word in _WORDS}
    parts = re.split(r"([A-Za-z]+)", shape)
    cased = "".join(known.get(part.lower(), part) for part in parts)
    return re.sub(r"(?<=\.)[a-z](?=[0-9])", lambda found: found[0].upper(), cased)


def _capitals(shape: str) -> str:
    if _in_case(shape) != shape:
        raise fault("is not written as Oracle Cloud does", f"write {_in_case(shape)}")
    return shape


Shape = Annotated[
    str,
    matching(
        r"(VM|BM)(\.[A-Za-z0-9]+(-[A-Za-z0-9]+)*)+", "a shape", "VM.Standard.E4.Flex", _in_case
    ),
    AfterValidator(_capitals),
    Kind("shape"),
]

Domain = Annotated[int, Field(strict=True, ge=1, le=3)]


class ImageSettings(Model):
    """Which image the nodes boot: one of OKE's, or an image of one's own by OCID."""

    id: ImageOcid | None = None
    """An image of one's own; the other two settings are then left out."""
    os_version: Literal["8", "9"] = "8"
    """Oracle Linux release of the OKE image."""
    build: Positive | None = None
    """Build of the OKE image, the last number of its name. Not set, the newest when the pool is
    made, and the same until its Kubernetes version changes."""


class CyclingSettings(Model):
    """Replacement of nodes whose pool changed, a few at a time (enhanced clusters only)."""

    enabled: Switch = True
    """Whether nodes are replaced when their pool changes; a basic cluster never does."""
    max_surge: int = Field(default=1, strict=True, ge=0)
    """Nodes that may be added while cycling."""
    max_unavailable: int = Field(default=0, strict=True, ge=0)
    """Nodes that may be missing while cycling."""


class AutoscalerSettings(Model):
    """Bounds of the cluster autoscaler add-on for this pool."""

    min: int = Field(strict=True, ge=0, examples=[1])
    """Fewest nodes."""
    max: Positive = Field(examples=[5])
    """Most nodes."""


class NodePoolSettings(Model):
    """One node pool; its key in the map is its name and identity."""

    shape: Shape = "VM.Standard.E4.Flex"
    """Shape of the nodes."""
    ocpus: float = Field(default=2, strict=True, ge=1, allow_inf_nan=False)
    """OCPUs of a node, for flexible shapes."""
    memory_gb: float = Field(default=16, strict=True, ge=1, allow_inf_nan=False)
    """Memory of a node, for flexible shapes."""
    size: int = Field(default=2, strict=True, ge=0)
    """Number of nodes; with an autoscaler, the number at first."""
    # 50 GB is the least that OCI gives a boot volume, 32 TB the most.
    boot_volume_gb: int = Field(default=150, strict=True, ge=50, le=32768)
    """Size of a node's boot volume."""
    boot_volume_key_id: KeyOcid | None = None
    """Vault key that encrypts the boot volumes; Oracle's own if not given."""
    encrypt_in_transit: Switch = False
    """Whether what goes between a node and its volumes is encrypted."""
    kubernetes_version: KubernetesVersion | None = None
    """Of the nodes, when it is to differ from the cluster's."""
    image: ImageSettings = ImageSettings()
    labels: dict[str, str] = Field(default_factory=dict)
    """Kubernetes labels of the nodes."""
    taints: tuple[Taint, ...] = ()
    """Taints that a node has from its first moment."""
    kubelet_arguments: dict[KubeletArgument, KubeletValue] = Field(default_factory=dict)
    """Arguments of kubelet by name, without the dashes."""
    cloud_init: Script | None = None
    """A script of one's own that a node runs at its first boot, before it joins. When it fails
    the node joins all the same."""
    availability_domains: tuple[Domain, ...] = ()
    """Numbers of the availability domains to spread over; none means all of the region."""
    fault_domains: tuple[Domain, ...] = ()
    """Numbers of the fault domains to spread over; none leaves it to Oracle Cloud."""
    capacity_reservation_id: CapacityReservationOcid | None = None
    """Capacity reservation out of which the nodes are made; it lies in one availability domain."""
    preemptible: Switch = False
    """Whether the nodes are cheaper ones that Oracle Cloud may end at any time."""
    # 31 is OKE's default, 110 its limit, for VCN-native pods.
    max_pods_per_node: int = Field(default=31, strict=True, ge=1, le=110)
    """Most pods on a node, for VCN-native pods."""
    cycling: CyclingSettings = CyclingSettings()
    eviction_grace_minutes: int = Field(default=60, strict=True, ge=0, le=60)
    """How long pods may take to leave a node that goes away."""
    autoscaler: AutoscalerSettings | None = None
    pods_reach_metadata: Switch = False
    """Whether pods may ask the metadata service of their node, and so sign in as it."""

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
