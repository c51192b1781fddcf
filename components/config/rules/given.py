"""What the rules look at, and how they state a problem."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from components.config import report
from components.errors import Problem
from components.settings.clusters import ClusterSettings
from components.settings.stack import Settings


@dataclass(frozen=True, kw_only=True, slots=True)
class GivenSecrets:
    """Which secrets the configuration has; never what they are."""

    private_key: bool = False
    private_key_passphrase: bool = False
    ca_root_key: bool = False
    ca_intermediate_keys: frozenset[str] = frozenset()
    """Keys of the clusters that have one."""
    registry_token: bool = False
    hugging_face_token: bool = False
    alert_receiver: bool = False
    kiali_client_secret: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Given:
    """Settings whose fields are right by themselves, and which secrets come with them."""

    settings: Settings
    secrets: GivenSecrets = field(default_factory=GivenSecrets)

    @property
    def clusters(self) -> dict[str, ClusterSettings]:
        """The enabled clusters; a disabled one breaks no rule."""
        return self.settings.enabled_clusters

    @property
    def spans_networks(self) -> bool:
        """Whether there is more than one Istio network."""
        return len({cluster.network for cluster in self.clusters.values()}) > 1

    def has_operator(self, key: str) -> bool:
        """Whether the operator host is in the VCN of cluster `key`."""
        return self.settings.access.cluster == key


Rule = Callable[[Given], Iterator[Problem]]


def problem(location: str, fault: str, *, got: object, remedy: str) -> Problem:
    """Return a problem at `location`, a path with dots, showing `got` unless it may be secret."""
    return Problem(
        path=location, fault=fault, got=report.show(got, *location.split(".")), remedy=remedy
    )


def problem_at(location: Sequence[int | str], fault: str, *, got: object, remedy: str) -> Problem:
    """Return a problem at a place whose keys may be any text, such as those of tags."""
    shown = report.show(got, *location)
    return Problem(path=report.path(location), fault=fault, got=shown, remedy=remedy)


def not_enabled(given: Given, location: str, key: str) -> Iterator[Problem]:
    """Yield a problem if `key`, which a setting names, is no enabled cluster."""
    if key not in given.clusters:
        yield problem(
            location,
            "is not an enabled cluster",
            got=key,
            remedy=report.closest(key, given.clusters, "the enabled clusters"),
        )


def without_mesh(
    given: Given, location: str, *, got: object, what: str = "it"
) -> Iterator[Problem]:
    """Yield a problem if what needs the mesh, and is called `what`, is there without it."""
    if not given.settings.mesh.enabled:
        yield problem(
            location,
            "needs the mesh, which mesh.enabled leaves out",
            got=got,
            remedy=f"remove {what}, or set mesh.enabled to true",
        )
