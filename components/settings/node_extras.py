"""What is asked of a node beyond its shape: taints, arguments of its kubelet, steps of its own."""

import re
from typing import Annotated, Final

from pydantic import BeforeValidator

from components.settings.types import Kind, fault, matching, text_or_fault

_LABEL: Final = r"[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?"

Taint = Annotated[
    str,
    matching(
        rf"([a-z0-9]([-a-z0-9.]*[a-z0-9])?/)?{_LABEL}(={_LABEL})?"
        r":(NoSchedule|PreferNoSchedule|NoExecute)",
        "a taint",
        "dedicated=gateways:NoSchedule",
    ),
    Kind("key=value:effect"),
]

KubeletArgument = Annotated[
    str, matching(r"[a-z][a-z0-9-]*", "an argument of kubelet", "max-pods"), Kind("name")
]

# OKE's script takes all arguments as one text and parts them at spaces.
KubeletValue = Annotated[
    str,
    matching(r"[^\s'\"\\`$]+", "a value without spaces and quotes", "memory.available<500Mi"),
    Kind("text"),
]

# With the rest of the first boot it has to stay below the 32,000 bytes of all metadata.
_LONGEST_SCRIPT: Final = 12_000
_SCRIPT_WORDS: Final = "is not a shell script", "begin it with a line such as #!/bin/bash"


def _script(value: object) -> str:
    text = text_or_fault(value, _SCRIPT_WORDS)
    if not re.match(r"#!/\S", text):
        raise fault(*_SCRIPT_WORDS)
    if len(text.encode()) > _LONGEST_SCRIPT:
        raise fault(f"is longer than {_LONGEST_SCRIPT} bytes", "let it fetch what is long")
    return text


Script = Annotated[str, BeforeValidator(_script), Kind("shell script")]
