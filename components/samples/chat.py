"""Open WebUI in one cluster, and in another alone the language model that it asks.

The page calls the model by the name of its Service, which both clusters have and one has pods for;
everything between is the mesh's.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_kubernetes as k8s

from components import versions
from components.context import Context
from components.samples.parts import Demo, Workload, create_demo
from components.settings.demos import ChatSettings
from components.settings.registry import RegistrySettings

NAMESPACE: Final = "chat"
PAGE: Final = "open-webui"
PAGE_PORT: Final = 8080
MODEL: Final = "llm"
MODEL_PORT: Final = 30000
MODEL_URL: Final = f"http://{MODEL}.{NAMESPACE}.svc.cluster.local:{MODEL_PORT}/v1"

_PAGE_IMAGE: Final = f"ghcr.io/open-webui/open-webui:v{versions.OPEN_WEBUI}"
_MODEL_IMAGE: Final = f"docker.io/lmsysorg/sglang:v{versions.SGLANG}"
_GPU: Final = "nvidia.com/gpu"
_LOGIN: Final = "hugging-face"


@dataclass(frozen=True, kw_only=True, slots=True)
class ChatArgs:
    """What of the demo is in this cluster."""

    demo: Demo
    token: pulumi.Output[str] | None
    """Secret; with which the model is fetched, in the cluster that has it."""

    @classmethod
    def of(
        cls, context: Context, key: str, *, chat: ChatSettings, requires: Sequence[pulumi.Resource]
    ) -> "ChatArgs":
        """Return what is in the cluster `key`."""
        token = context.secrets.hugging_face_token if key == chat.server else None
        registry = context.settings.mesh.registry
        workloads = [page(registry)] if key == chat.page else []
        if key == chat.server:
            workloads.append(model(chat, registry, has_token=token is not None))
        demo = Demo.of(
            context,
            key,
            namespace=NAMESPACE,
            services={PAGE: PAGE_PORT, MODEL: MODEL_PORT},
            workloads=workloads,
            requires=requires,
        )
        return cls(demo=demo, token=token)


class Chat(pulumi.ComponentResource):
    """The part of the demo that is in one cluster, with the names of all of it."""

    namespace: pulumi.Output[str]

    def __init__(
        self, name: str, args: ChatArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("okemesh:samples:Chat", name, None, opts)
        self.namespace = create_demo(name, args.demo, parent=self)
        if args.token is not None:
            k8s.core.v1.Secret(
                f"{name}-token",
                metadata={"name": _LOGIN, "namespace": self.namespace},
                string_data=pulumi.Output.secret({"token": args.token}),
                opts=pulumi.ResourceOptions(parent=self),
            )
        self.register_outputs({"namespace": self.namespace})


def page(registry: RegistrySettings) -> Workload:
    """Return Open WebUI, which knows of one model server and fetches nothing itself."""
    given = {
        "OPENAI_API_BASE_URL": MODEL_URL,
        # It wants one; who may ask is the mesh's to say.
        "OPENAI_API_KEY": "none",
        "ENABLE_OLLAMA_API": "false",
        "OFFLINE_MODE": "true",
    }
    container = k8s.core.v1.ContainerArgs(
        name=PAGE,
        image=registry.pinned(_PAGE_IMAGE),
        env=[k8s.core.v1.EnvVarArgs(name=name, value=value) for name, value in given.items()],
        ports=[k8s.core.v1.ContainerPortArgs(container_port=PAGE_PORT)],
        startup_probe=_health(PAGE_PORT),
        resources=k8s.core.v1.ResourceRequirementsArgs(requests={"cpu": "200m", "memory": "1Gi"}),
    )
    return Workload(app=PAGE, version="v1", spec=k8s.core.v1.PodSpecArgs(containers=[container]))


def model(chat: ChatSettings, registry: RegistrySettings, *, has_token: bool) -> Workload:
    """Return SGLang, which answers as OpenAI's API does."""
    words = ("python3", "-m", "sglang.launch_server", "--model-path", chat.model)
    listens = ("--host", "0.0.0.0", "--port", str(MODEL_PORT))  # noqa: S104 in its pod
    container = k8s.core.v1.ContainerArgs(
        name=MODEL,
        image=registry.pinned(_MODEL_IMAGE),
        command=[*words, *listens, "--tp", str(chat.gpus)],
        env=[_token()] if has_token else None,
        ports=[k8s.core.v1.ContainerPortArgs(container_port=MODEL_PORT)],
        startup_probe=_health(MODEL_PORT),
        readiness_probe=_health(MODEL_PORT),
        resources=k8s.core.v1.ResourceRequirementsArgs(limits={_GPU: str(chat.gpus)}),
        volume_mounts=[k8s.core.v1.VolumeMountArgs(name="shm", mount_path="/dev/shm")],  # noqa: S108 in its pod
    )
    spec = k8s.core.v1.PodSpecArgs(
        containers=[container],
        # The GPUs of a node talk by shared memory, of which a container has 64 MB.
        volumes=[
            k8s.core.v1.VolumeArgs(
                name="shm", empty_dir=k8s.core.v1.EmptyDirVolumeSourceArgs(medium="Memory")
            )
        ],
        # OKE keeps nodes with GPUs for those who ask for some.
        tolerations=[k8s.core.v1.TolerationArgs(key=_GPU, operator="Exists", effect="NoSchedule")],
    )
    # The model comes from a network of caches, whose names no list of hosts outside could hold.
    direct = {"traffic.sidecar.istio.io/excludeOutboundPorts": "443"}
    return Workload(app=MODEL, version="v1", spec=spec, annotations=direct)


def _token() -> k8s.core.v1.EnvVarArgs:
    return k8s.core.v1.EnvVarArgs(
        name="HF_TOKEN",
        value_from=k8s.core.v1.EnvVarSourceArgs(
            secret_key_ref=k8s.core.v1.SecretKeySelectorArgs(name=_LOGIN, key="token")
        ),
    )


def _health(port: int) -> k8s.core.v1.ProbeArgs:
    """Return a probe that waits as long as a Deployment does."""
    return k8s.core.v1.ProbeArgs(
        http_get=k8s.core.v1.HTTPGetActionArgs(path="/health", port=port),
        period_seconds=10,
        failure_threshold=240,
    )
