"""`ops report`: what stands on the page, and that no secret does."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from ops.__main__ import main
from ops.commands import report as command
from ops.ready import suite
from ops.report.page import Found, page
from ops.report.topology import topology
from tests.ops import ready_world
from tests.ops import verify_answers as answers
from tests.ops.verify_world import World, fake, system_items
from tests.support.program import CASES, ROOT

Report = Callable[..., str]
PASSWORD = "made-up-password-of-grafana"
TOKEN = "user-of-primary-cluster"


@pytest.fixture
def report(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Report:
    """The page about a mesh that is well and ready, until a test changes something."""
    ready_world.make_ready(world)
    for key, cluster in world.outputs["clusters"].items():
        cluster |= {"region": f"region-of-{key}", "readerTokenSince": "2026-11-01T08:00:00Z"}
    world.outputs["mesh"]["samples"] = True
    world.outputs |= {
        "grafanaPassword": PASSWORD,
        "kubeconfigs": {"primary": answers.kubeconfig("primary")},
        "backbone": {
            "drgs": {"region-of-primary": "ocid1.drg.a", "region-of-secondary": "ocid1.drg.b"},
            "peerings": {"region-of-primary_region-of-secondary": {"status": "PEERED"}},
        },
    }
    monkeypatch.setattr(suite, "opened", lambda _: fake(world))
    monkeypatch.setattr(command, "load_outputs", lambda _, **shown: outputs(world, **shown))
    monkeypatch.setattr(command, "backend", lambda: "https://api.pulumi.com")
    monkeypatch.setattr(command, "load_resources", lambda _: ready_world.resources())
    monkeypatch.setattr(command, "_REQUESTS", 10)
    monkeypatch.setattr(command, "_TIMEOUT_SECONDS", 0)

    def run(*words: str) -> str:
        assert main(["report", "--stack", "dev", *words]) == 0
        return capsys.readouterr().out

    return run


def outputs(world: World, *, with_secrets: bool = False) -> dict[str, Any]:
    """What Pulumi prints, as it hides secrets."""
    secret = ("gitops", "grafanaPassword", "kubeconfigs", "mergedKubeconfig")
    hidden = {} if with_secrets else dict.fromkeys(secret, "[secret]")
    return {**world.outputs, **hidden}


def section(text: str, title: str) -> str:
    return text.partition(f"\n## {title}\n\n")[2].partition("\n\n## ")[0].strip()


def test_a_mesh_that_is_well_has_every_part_on_its_page(report: Report) -> None:
    text = report()
    assert re.match(
        r"# oke-mesh, stack dev\n\nMade 20\d\d-\d\d-\d\d \d\d:\d\d UTC by `python -m ops report "
        r"--stack dev`. \*\*Verified.\*\* \*\*Not ready for production, 1 of 17 items",
        text,
    )
    assert re.findall(r"^## (.*)$", text, re.MULTILINE) == [
        "Endpoints",
        "Topology",
        "Versions",
        "Certificates",
        "Checklist",
        "Open",
    ]


def test_every_cluster_is_in_the_table_of_endpoints(report: Report) -> None:
    lines = section(report(), "Endpoints").splitlines()
    assert lines[2] == (
        "| `primary` | region-of-primary | primary | `127.0.0.1` | `10.1.0.66` | "
        "`https://10.1.0.2:6443` | - |"
    )
    assert lines[-1] == "| host shop | secondary | `https://shop.example.com/` |"


DIAGRAM = """\
flowchart LR
  users((users))
  subgraph r0["region-of-primary"]
    subgraph c0["primary: primary-cluster, , primary-network"]
      c0istiod["istiod 1.31.0"]
      c0in["ingress gateway 127.0.0.1"]
      c0ew["east-west gateway 10.1.0.66"]
    end
    drg0{{"DRG"}}
    c0 --- drg0
  end
  subgraph r1["region-of-secondary"]
    subgraph c1["secondary: secondary-cluster, , secondary-network"]
      c1istiod["istiod 1.31.0"]
      c1in["ingress gateway 127.0.0.1"]
      c1ew["east-west gateway 10.2.0.66"]
    end
    drg1{{"DRG"}}
    c1 --- drg1
  end
  drg1 <-->|"peering, PEERED"| drg0
  users --> c0in
  users --> c1in
  c0istiod -.->|"reads"| c1
  c1istiod -.->|"reads"| c0
"""


def test_the_diagram_has_regions_clusters_gateways_and_who_reads_whom(report: Report) -> None:
    assert f"```mermaid\n{DIAGRAM}```\n" in report()


@pytest.mark.parametrize("case", CASES)
def test_whatever_the_stack_its_diagram_leads_only_to_what_is_in_it(case: str) -> None:
    document = yaml.safe_load((ROOT / "tests" / "inventories" / f"{case}.yaml").read_text())
    text = topology(document["outputs"])
    ends = re.findall(r"^ +(\w+) (?:---|-->|-\.->|<-->)(?:\|\"[^\"|]*\"\|)? (\w+)$", text, re.M)
    made = set(re.findall(r"^ +(?:subgraph )?(\w+)(?:\[\"|\{\{|\(\()", text, re.M))
    assert {name for pair in ends for name in pair} <= made
    clusters = document["outputs"]["clusters"]
    primaries = [key for key, one in clusters.items() if one["role"] == "primary"]
    assert text.count(" -.->|") == len(primaries) * (len(clusters) - 1)
    assert text.count("subgraph c") == len(clusters)


def test_versions_and_certificates_are_told_as_they_were_seen(report: Report) -> None:
    text = report()
    assert section(text, "Versions").splitlines()[3] == (
        "| Kubernetes, primary | v1.34.2 | Kubernetes v1.34.2, Istio 1.31.0 |"
    )
    certificates = section(text, "Certificates").splitlines()
    assert re.fullmatch(
        r"\| root, CN=root \| 20\d\d-\d\d-\d\d \| 36\d\d days left \|", certificates[2]
    )
    assert re.fullmatch(
        r"\| chain of primary \| - \| the root ends in \d+ days, the intermediate ends in \d+ "
        r"days \|",
        certificates[3],
    )
    assert certificates[4] == (
        "| reader token of primary | does not end | since 2026-11-01T08:00:00Z |"
    )


def test_what_was_found_is_a_checklist_and_what_failed_is_open_with_its_remedy(
    report: Report, world: World
) -> None:
    late = [
        answers.read_cluster("primary-cluster"),
        answers.read_cluster("secondary-cluster", "no"),
    ]
    world.set("primary", "debug/clusterz", json.dumps(late))
    text = report()
    assert "**Not verified, 1 of 42 checks failed.**" in text
    checklist = section(text, "Checklist").splitlines()
    assert "- [x] every node is ready (2 of 2)" in checklist
    place = checklist.index("- [ ] every istiod reads every cluster (1 of 2)")
    assert checklist[place + 1].startswith("  - FAILED primary: istiod-abc has secondary-cluster")
    assert "- [x] each of their containers asks for CPU and memory (2 of 2)" in checklist
    rows = section(text, "Open").splitlines()[2:]
    assert [row.split(" | ")[0] for row in rows] == [
        "| every istiod reads every cluster",
        "| no sample runs beside the workloads",
    ]
    assert rows[1].endswith(
        "| set mesh.samples to false; `ops verify --service` asks a service of your own instead |"
    )


def test_a_fact_that_both_commands_look_at_is_open_under_its_own_title(
    report: Report, world: World
) -> None:
    items = [answers.node(ready="False"), *system_items("primary")[1:]]
    world.set("primary", "get nodes,pods,services", answers.listing(*items))
    rows = section(report(), "Open").splitlines()[2:]
    assert [row.split(" | ")[0] for row in rows] == [
        "| every node is ready",
        "| no sample runs beside the workloads",
    ]


def test_where_nothing_is_open_the_page_says_so(report: Report, world: World) -> None:
    world.outputs["mesh"]["samples"] = False
    text = report()
    assert "**Verified, but for traffic.** **Ready for production.**" in text
    assert section(text, "Open") == "Nothing that was looked at."


def test_a_mesh_that_cannot_be_asked_has_a_page_all_the_same(report: Report, world: World) -> None:
    for key in world.answers:
        world.answers[key] = {"": {"err": "i/o timeout\n", "code": 1}}
    text = report()
    assert "**Not verified: it could not be asked.**" in text
    assert "- [ ] could not be asked: no cluster can be reached, got 'i/o timeout'" in text
    assert "\n| ops verify | the whole mesh | no cluster can be reached" in text
    assert section(text, "Endpoints").count("10.1.0.66") == 1


def test_no_secret_of_the_outputs_is_on_the_page(report: Report, world: World) -> None:
    shown = outputs(world, with_secrets=True)
    assert TOKEN in shown["mergedKubeconfig"]
    assert PASSWORD in str(shown)
    text = report()
    for secret in (TOKEN, PASSWORD, "T3du", "made-up-token"):
        assert secret not in text


def test_a_secret_that_a_program_repeats_is_taken_out(report: Report, world: World) -> None:
    fault = f"cannot sign in with {TOKEN}, nor {PASSWORD}"
    world.set("primary", "get nodes,pods,services", code=1, err=f"{fault}\n")
    text = report()
    assert "cannot sign in with [secret], nor [secret]" in text
    assert TOKEN not in text.replace("[secret]", "")


def test_the_token_of_a_gitops_tool_is_taken_out_too(report: Report, world: World) -> None:
    user = {"name": "a", "user": {"token": "token-of-the-tool"}}
    kubeconfig = yaml.safe_dump({"kind": "Config", "users": [user]})
    world.outputs["gitops"] = {"primary": {"kubeconfig": kubeconfig}}
    world.set("primary", "get nodes,pods,services", code=1, err="Bearer token-of-the-tool?\n")
    text = report()
    assert "Bearer [secret]?" in text
    assert "token-of-the-tool" not in text


def test_what_programs_say_does_not_change_the_page(world: World) -> None:
    """A table stays a table, and nothing becomes a tag."""
    found = Found(
        stack="dev",
        at=datetime(2026, 11, 27, tzinfo=UTC),
        outputs=outputs(world)
        | {"clusters": {"a": answers.entry("a", 1, region="r", ingressAddress='<b>"x"|y')}},
        verification="one | two\n# three <img>",
        readiness="nobody knows",
    )
    text = page(found)
    assert "reader token" not in text
    assert "- [ ] could not be asked: one \\| two # three &lt;img>" in text
    assert '`&lt;b>"x"\\|y`' in text
    assert "ingress gateway <b>'x'|y" in topology(found.outputs)


def test_the_page_is_written_to_a_file(report: Report, tmp_path: Path) -> None:
    file = tmp_path / "report.md"
    assert report("--output", str(file)) == ""
    assert file.read_text().startswith("# oke-mesh, stack dev\n")


@pytest.mark.usefixtures("report")
def test_a_file_that_cannot_be_written_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["report", "--stack", "dev", "--output", str(tmp_path)]) == 1
    assert "ops report: --output: cannot be written, got [Errno 21]" in capsys.readouterr().err
