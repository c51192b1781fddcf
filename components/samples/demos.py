"""The demos of the settings, each in the clusters that it needs."""

from collections.abc import Mapping

import pulumi

from components.cluster.cluster import ClusterApi
from components.context import Context
from components.mesh.mesh import Mesh
from components.samples.bookinfo import Bookinfo, BookinfoArgs
from components.samples.chat import Chat, ChatArgs


def create_demos(context: Context, *, mesh: Mesh, apis: Mapping[str, ClusterApi]) -> None:
    """Create what the settings ask for, in every cluster that has a part in it."""
    demos = context.settings.demos
    if demos.bookinfo:
        for key in context.plan.members:
            page, ready = demos.bookinfo.page, mesh.ready[key]
            args = BookinfoArgs.of(context, key, page=page, requires=ready)
            Bookinfo(f"{key}-bookinfo", args, _in_cluster(apis[key]))
    if demos.chat:
        for key in dict.fromkeys((demos.chat.page, demos.chat.server)):
            chat = ChatArgs.of(context, key, chat=demos.chat, requires=mesh.ready[key])
            Chat(f"{key}-chat", chat, _in_cluster(apis[key]))


def _in_cluster(api: ClusterApi) -> pulumi.ResourceOptions:
    return pulumi.ResourceOptions(providers=[api.kubernetes])
