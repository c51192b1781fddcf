"""Asks an ingress gateway from outside, as a user's browser would."""

import http.client
from collections.abc import Callable
from typing import Final

from ops.verify.traffic import Answers

_SECONDS: Final = 5.0
PORT: Final = 80


def ask(address: str, requests: int, on_answer: Callable[[Answers], None]) -> Answers:
    """Return what `requests` to /hello at `address` were answered.

    A load balancer that does not answer at all is not asked again: the caller decides that.
    """
    answers = Answers(asked=requests)
    connection = http.client.HTTPConnection(address, PORT, timeout=_SECONDS)
    try:
        for _ in range(requests):
            connection.request("GET", "/hello")
            answer = connection.getresponse()
            answers.take(answer.status, answer.read().decode(errors="replace"))
            on_answer(answers)
    except (OSError, http.client.HTTPException) as error:
        answers.last_fault = f"{type(error).__name__}: {error}"
    finally:
        connection.close()
    return answers
