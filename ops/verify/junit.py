"""The report as JUnit XML, which build servers show; pure."""

from xml.etree import ElementTree as Xml

from ops.verify.checks import TITLES, Status
from ops.verify.report import Report


def junit(report: Report) -> str:
    """Return one test case for each check."""
    count = {s: sum(1 for check in report.checks if check.status is s) for s in Status}
    suite = Xml.Element(
        "testsuite",
        name=f"oke-mesh.verify.{report.mesh}",
        tests=str(len(report.checks)),
        failures=str(count[Status.FAILED]),
        skipped=str(count[Status.SKIPPED]),
        errors="0",
    )
    for check in report.checks:
        case = Xml.SubElement(
            suite,
            "testcase",
            classname=check.kind.value,
            name=f"{TITLES[check.kind]}: {check.subject}",
        )
        if check.status is Status.FAILED:
            fault = Xml.SubElement(case, "failure", message=check.seen)
            fault.text = check.remedy
        elif check.status is Status.SKIPPED:
            Xml.SubElement(case, "skipped", message=check.seen)
    Xml.indent(suite)
    return Xml.tostring(suite, encoding="unicode", xml_declaration=True) + "\n"
