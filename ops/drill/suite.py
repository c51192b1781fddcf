"""One drill from its first question to its result, with everything put back in between."""

import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Final

from ops.drill.acts import Hands, NotSeenError, by_hand
from ops.drill.look import Scenes, scenes
from ops.drill.plan import Drill, Plan, Wanted, build_plan
from ops.drill.result import Result, from_cluster, lines
from ops.drill.streams import LIMIT_SECONDS, Question, from_client, through_gateway
from ops.drill.tally import Tally, row
from ops.errors import OpsError
from ops.interruption import held_off
from ops.verify.answers import PORT
from ops.verify.client import of_app
from ops.verify.document import Cluster, Mesh
from ops.verify.kubectl import Kubectl, KubectlError, opened
from ops.verify.kubernetes import SAMPLE, pods_in
from ops.verify.own import Target, client_in, port_of
from ops.verify.source import Source

HELLOWORLD: Final = Target(namespace=SAMPLE, name="helloworld", port=PORT, path="/hello")
PAUSE_SECONDS: Final = 0.2
LAST_SECONDS: Final = LIMIT_SECONDS
"""For which a request that was asked before everything was back may go on."""
_STEADY: Final = 5
"""Answers in a row, of which none failed, before a place counts as well."""
_TRIES: Final = 3
_OF_HELLOWORLD: Final = range(200, 201)
# As `ops verify --service` has it: the service's own errors are its own affair.
_OF_ANY: Final = range(100, 500)


@dataclass(frozen=True, kw_only=True, slots=True)
class Asking:
    """How requests are sent."""

    target: Target | None
    """A Service of one's own; None means helloworld."""
    image: str
    """Of the client of a Service of one's own."""
    timeout: float
    """Seconds that anything may take to come about."""


def drill(
    mesh: Mesh, wanted: Wanted, asking: Asking, *, agreed: Callable[[Sequence[str]], bool]
) -> Result | None:
    """Return how the mesh stood a drill; None if it was not agreed to.

    Args:
        mesh: Its clusters.
        wanted: The drill.
        asking: How requests are sent.
        agreed: Is shown what would be done, and says whether it may.

    Raises:
        OpsError: it cannot be done, or the mesh was not well before; nothing was changed then.
    """
    if asking.target is None and not mesh.has_samples:
        raise OpsError(
            "mesh.samples is false, so nobody is there to be asked; name a service of your own "
            "with --service namespace/name"
        )
    target = asking.target or HELLOWORLD
    with opened(mesh.kubeconfig) as kubectl:
        found = scenes(kubectl, mesh, target, with_rules=wanted.drill is Drill.LATENCY)
        plan = build_plan(wanted, mesh, target=target, found=found)
        if not agreed(lines(plan, makes_clients=asking.target is not None)):
            return None
        with ExitStack() as stack:
            tallies = _begun(stack, kubectl, plan, found=found, asking=asking)
            hands = Hands(kubectl=kubectl, cluster=plan.cluster, timeout=asking.timeout)
            return _carried_out(plan, hands, tallies)


def _begun(
    stack: ExitStack, kubectl: Kubectl, plan: Plan, *, found: Scenes, asking: Asking
) -> Mapping[str, Tally]:
    """Begin to ask at every place; return what comes back, by its name."""
    tallies: dict[str, Tally] = {}
    for key in plan.clients:
        service = found[key].service or {}
        port = port_of(service, plan.target)
        good = _OF_HELLOWORLD if asking.target is None else _OF_ANY
        url = f"http://{plan.target.host}:{port}{plan.target.path}"
        tally = tallies[from_cluster(key)] = Tally(place=from_cluster(key))
        source = stack.enter_context(_source(kubectl, found, key, asking=asking))
        stack.enter_context(from_client(source, Question(url=url, good=good), tally))
    for key in plan.gateways:
        address = found[key].cluster.ingress_address
        name = f"through {address} ({key})"
        question = Question(url=f"http://{address}/hello", good=_OF_HELLOWORLD)
        tally = tallies[name] = Tally(place=name)
        stack.enter_context(through_gateway(address, question, tally))
    return tallies


@contextmanager
def _source(kubectl: Kubectl, found: Scenes, key: str, *, asking: Asking) -> Iterator[Source]:
    """Give the pod from which is asked in a cluster."""
    scene = found[key]
    if asking.target is not None:
        with _own_client(kubectl, scene.cluster, asking.target, image=asking.image) as source:
            yield source
        return
    curls = of_app(pods_in(scene.served), "curl")
    if not curls:
        raise OpsError(
            f"{key}: there is no ready pod of curl in the namespace {SAMPLE}; look at "
            f"`kubectl --context {scene.cluster.name} get pods -n {SAMPLE}`"
        )
    yield Source(
        kubectl=kubectl,
        context=scene.cluster.name,
        namespace=SAMPLE,
        pod=curls[0].name,
        container="curl",
    )


@contextmanager
def _own_client(
    kubectl: Kubectl, cluster: Cluster, target: Target, *, image: str
) -> Iterator[Source]:
    was_there = False
    try:
        with client_in(kubectl, cluster, namespace=target.namespace, image=image) as source:
            was_there = True
            yield source
    except KubectlError as error:
        if not was_there:
            raise OpsError(
                f"{cluster.key}: the client could not be made, got {str(error)!r}; see whether you "
                f"may create, exec into and delete pods of {target.namespace}"
            ) from error
        # What the drill has shown is worth more, and the pod ends by itself.
        _tell(f"{cluster.key}: the client could not be deleted, got {str(error)!r}")


def _carried_out(plan: Plan, hands: Hands, tallies: Mapping[str, Tally]) -> Result:
    _refuse_a_mesh_that_is_not_well(plan, hands, tallies)
    since = time.monotonic()
    faults: list[str] = []
    _tell(f"{plan.title}: every place is answered; it begins")
    try:
        _try(lambda: plan.act.begin(hands), faults)
        _tell(f"{plan.title}: done, watching for {plan.seconds:g} s")
        time.sleep(plan.seconds)
    finally:
        _put_back(plan, hands, faults)
    back = time.monotonic()
    _try(lambda: plan.act.await_back(hands), faults)
    _try(lambda: _until_well(plan, hands, tallies, since=time.monotonic()), faults)
    # By then every request that was asked meanwhile has ended, one way or the other.
    time.sleep(max(0.0, back + LAST_SECONDS - time.monotonic()))
    rows = [row(tally, since) for tally in tallies.values()]
    return Result(plan=plan, rows=rows, faults=faults)


def _refuse_a_mesh_that_is_not_well(plan: Plan, hands: Hands, tallies: Mapping[str, Tally]) -> None:
    try:
        _until_well(plan, hands, tallies, since=0)
    except NotSeenError as error:
        raise OpsError(
            f"nothing was changed: {error}; a drill begins with a mesh that is well, so look at "
            "`python -m ops verify` first"
        ) from error


def _until_well(plan: Plan, hands: Hands, tallies: Mapping[str, Tally], *, since: float) -> None:
    """Wait until every place is answered well; what came before the moment `since` says nothing."""
    end = time.monotonic() + hands.timeout
    while faults := [
        f"{name} {why}" for name, one in tallies.items() if (why := _unwell(one, plan.delay, since))
    ]:
        if time.monotonic() > end:
            raise NotSeenError(f"not answered well within {hands.timeout:g} s: {faults[0]}")
        time.sleep(PAUSE_SECONDS)


def _unwell(tally: Tally, delay: float | None, since: float) -> str:
    """Return what is wrong with the last answers of a place; nothing if they are good."""
    latest = tally.latest(_STEADY, since)
    fault = next((answer.fault for answer in reversed(latest) if answer.fault), "")
    if fault:
        return f"got {fault}"
    if len(latest) < _STEADY:
        return f"got {len(latest)} answers, {tally.breaks[-1] if tally.breaks else 'no fault'}"
    if delay and max(answer.seconds for answer in latest) >= delay:
        return f"waits {delay:g} s and more"
    return ""


def _try(work: Callable[[], None], faults: list[str]) -> None:
    """Do something; what does not come about is a fault of the drill, which goes on."""
    try:
        work()
    except (NotSeenError, KubectlError) as error:
        faults.append(str(error))


def _put_back(plan: Plan, hands: Hands, faults: list[str]) -> None:
    """Put everything back, also while somebody interrupts; tell how it is done by hand if not."""
    with held_off():
        for command in plan.act.commands:
            fault = _insist(hands, command)
            if fault:
                shown = by_hand(plan.cluster.name, command)
                faults.append(f"could not be put back, got {fault!r}; run `{shown}`")
                _tell(f"{plan.title}: {faults[-1]}")


def _insist(hands: Hands, command: Sequence[str]) -> str:
    """Return why a command failed, after several tries; nothing if it did not."""
    fault = ""
    for _ in range(_TRIES):
        try:
            hands.run(*command)
        except KubectlError as error:
            fault = str(error)
            time.sleep(PAUSE_SECONDS)
        else:
            return ""
    return fault


def _tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
