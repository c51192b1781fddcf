"""Applications that show a mesh at work; none of them runs unless it is asked for."""

from typing import Annotated

from pydantic import Field

from components.settings.types import Kind, Model, Positive, matching

ModelName = Annotated[
    str,
    matching(
        r"[A-Za-z0-9][A-Za-z0-9._-]{0,95}/[A-Za-z0-9][A-Za-z0-9._-]{0,95}",
        "a model of Hugging Face",
        "Qwen/Qwen2.5-7B-Instruct",
    ),
    Kind("owner/model"),
]


class BookinfoSettings(Model):
    """Istio's Bookinfo: its page in one cluster, what the page calls in all the others."""

    page: str = Field(examples=["primary"])
    """Key of the cluster with the page and the details of a book."""


class ChatSettings(Model):
    """Open WebUI in one cluster, and the language model that it asks in another alone."""

    page: str = Field(examples=["primary"])
    """Key of the cluster with Open WebUI."""
    server: str = Field(examples=["secondary"])
    """Key of the cluster with the model, on a node pool with GPUs."""
    model: ModelName = "Qwen/Qwen2.5-7B-Instruct"
    """What SGLang serves; one that needs a login takes the secret `huggingFaceToken`."""
    gpus: Positive = 1
    """GPUs that it is spread over, all of one node."""


class DemoSettings(Model):
    """The document `oke-mesh:demos`."""

    bookinfo: BookinfoSettings | None = None
    """Istio's Bookinfo, spread over the clusters."""
    chat: ChatSettings | None = None
    """Open WebUI in one cluster, and the language model that it asks in another alone."""
