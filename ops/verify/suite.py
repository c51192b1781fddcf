"""The verification as a whole: its stages in order, and the report that they make up."""

import sys
from dataclasses import replace

from ops.errors import OpsError
from ops.verify.answers import enough_requests
from ops.verify.checks import WITHOUT_SAMPLES, Check, Kind, skipped
from ops.verify.credentials import credentials
from ops.verify.document import Mesh
from ops.verify.kubectl import opened
from ops.verify.planes import control_planes
from ops.verify.progress import Progress
from ops.verify.proxies import certificates
from ops.verify.report import Report
from ops.verify.rounds import ingress, plaintext, traffic
from ops.verify.session import Deadline, Session, together
from ops.verify.states import State, States, cluster_states


def verify(mesh: Mesh, *, requests: int, timeout: float) -> Report:
    """Return what was found; waits for what is still on its way.

    Args:
        mesh: What to verify.
        requests: From each cluster and through each ingress gateway; more in a large mesh.
        timeout: Seconds of waiting, over all stages; what is good is not waited for.

    Raises:
        OpsError: no cluster can be reached, or none has the sample workloads.
    """
    progress = Progress(sys.stderr)
    with opened(mesh.kubeconfig) as kubectl:
        session = Session(
            mesh=mesh,
            kubectl=kubectl,
            requests=enough_requests(requests, len(mesh.clusters)),
            deadline=Deadline(timeout),
            progress=progress,
        )
        progress.note(f"{mesh.id}: verifying {len(mesh.clusters)} clusters")
        states = cluster_states(session)
        _refuse_nothing_to_ask(mesh, list(states.values()))
        ways_in = {key: state.ways_in for key, state in states.items()}
        return _report(replace(session, mesh=mesh.seen(ways_in)), states)


def _report(session: Session, states: States) -> Report:
    session.progress.note("control planes: asking istiod, the proxies, and with the credentials")
    planes, tried, certified = together(
        lambda: control_planes(session, states),
        lambda: credentials(session),
        lambda: certificates(session, states),
    )
    quiet: tuple[Check, ...] = (
        *(check for state in states.values() for check in state.checks),
        *certified,
        *planes,
        *tried,
    )
    if not session.mesh.has_samples:
        return _without_traffic(session.mesh, quiet)
    outcomes, pods = traffic(session)
    refused = plaintext(session, pods)
    internal = {key for key, state in states.items() if state.has_internal_ingress}
    gateways, led = ingress(session, pods, internal=internal)
    versions = {
        key: tuple(sorted({p.labels["version"] for p in found if "version" in p.labels}))
        for key, found in pods.items()
    }
    return Report(
        mesh=session.mesh.id,
        requests=session.requests,
        versions=versions,
        clients={key: outcome.answers for key, outcome in outcomes.items()},
        pairs=tuple(pair for outcome in outcomes.values() for pair in outcome.pairs),
        ingress=gateways,
        checks=(
            *quiet,
            *(check for outcome in outcomes.values() for check in outcome.checks),
            *refused,
            *led,
        ),
    )


def _without_traffic(mesh: Mesh, checks: tuple[Check, ...]) -> Report:
    """Return a report that says of each cluster what nobody was there to ask."""
    kinds = (Kind.ANSWERS, Kind.PATH, Kind.MTLS, Kind.PLAINTEXT, Kind.INGRESS)
    unasked = [skipped(kind, key, seen=WITHOUT_SAMPLES) for kind in kinds for key in mesh.clusters]
    return Report(
        mesh=mesh.id,
        requests=0,
        versions={},
        clients={},
        pairs=(),
        ingress={},
        checks=(*checks, *unasked),
    )


def _refuse_nothing_to_ask(mesh: Mesh, states: list[State]) -> None:
    if not any(state.is_reached for state in states):
        check = states[0].checks[0]
        raise OpsError(f"no cluster can be reached, got {check.seen!r}; {check.remedy}")
    if mesh.has_samples and not any(state.has_samples for state in states):
        raise OpsError(
            "no cluster has the sample workloads that the verification asks; set mesh.samples "
            "to true and run `pulumi up`"
        )
