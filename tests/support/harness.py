"""Runs a Pulumi program under mocks, in a stack of its own, and keeps every request it made.

`deploy` returns when the program and everything that it started has ended, so an assertion after
it is never early.
"""

from __future__ import annotations

import asyncio
import contextvars
import json
from collections.abc import Callable, Mapping
from typing import Any

import pulumi
from pulumi.runtime import mocks, settings, stack

from tests.support.monitor import PROJECT, STACK, AtOnce, Monitor
from tests.support.recorded import Deployment, Registered

__all__ = ["PROJECT", "STACK", "Deployment", "Registered", "deploy", "set_config"]


def deploy(
    program: Callable[[], Any],
    *,
    preview: bool = False,
    config: Mapping[str, object] | None = None,
    secrets: Mapping[str, str] | None = None,
    answers: Mapping[str, Any] | None = None,
) -> Deployment:
    """Run `program` to its end in a new stack and return what it did.

    Args:
        program: Creates resources and exports; what it raises is raised here.
        preview: Whether the program runs as in `pulumi preview`.
        config: Values of `oke-mesh:<key>`; what is no string is written as JSON.
        secrets: Values of `oke-mesh:<key>` that were set with `--secret`.
        answers: Results of invokes by function token, in place of the table's.
    """
    deployment = Deployment()
    monitor = Monitor(deployment, answers or {}, preview=preview)

    def run() -> None:
        _configure(monitor, preview=preview)
        set_config(config or {}, secrets or {})
        with asyncio.Runner() as runner:
            loop = runner.get_loop()
            loop.set_default_executor(AtOnce())
            # One failed request rejects every output of its resource; it is raised below, once.
            loop.set_exception_handler(lambda *_: None)
            runner.run(stack.run_in_stack(lambda: _run(program)))

    contextvars.Context().run(run)
    return deployment


def set_config(config: Mapping[str, object], secrets: Mapping[str, str]) -> None:
    """Take these in place of the configuration; what they mean is told at `deploy`."""
    plain = {key: v if isinstance(v, str) else json.dumps(v) for key, v in config.items()}
    pulumi.runtime.set_all_config(
        {f"{PROJECT}:{key}": value for key, value in {**plain, **secrets}.items()},
        [f"{PROJECT}:{key}" for key in secrets],
    )


async def _run(program: Callable[[], Any]) -> None:
    """Run the program and wait for everything that it started.

    The SDK would wait in a way that takes a time quadratic in the number of outputs; it still
    looks at each task afterwards and raises what went wrong.
    """
    program()
    while pending := {task for task in settings.SETTINGS.outputs if not task.done()}:
        await asyncio.wait(pending)


def _configure(monitor: Monitor, *, preview: bool) -> None:
    features = set(monitor.GetDeploymentInfo(None).supportedFeatures)  # type: ignore[no-untyped-call]
    settings.configure(
        mocks.MockSettings(  # type: ignore[no-untyped-call]
            monitor=monitor,
            monitor_features=features,
            engine=mocks.MockEngine(None),
            project=PROJECT,
            stack=STACK,
            dry_run=preview,
            organization="organization",
            callbacks=None,
            # Without a set of its own, a failed program leaves its tasks to the next one.
            outputs=set(),
        )
    )
    settings.set_root_resource(None)  # type: ignore[arg-type] # the SDK clears it in the same way
