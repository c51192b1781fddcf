"""Asks an ingress gateway from outside, as a user's browser would."""

import http.client
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from ops.verify.answers import Answers

_SECONDS: Final = 5.0
# One after the other, hundreds of requests to the other side of the world take minutes.
AT_ONCE: Final = 8
PORT: Final = 80


def ask(address: str, requests: int, on_answer: Callable[[Answers], None]) -> Answers:
    """Return what `requests` to /hello at `address` were answered.

    A load balancer that does not answer at all is not asked again: the caller decides that.
    """
    answers, lock = Answers(asked=requests), threading.Lock()

    def one_by_one(count: int) -> None:
        connection = http.client.HTTPConnection(address, PORT, timeout=_SECONDS)
        try:
            for _ in range(count):
                connection.request("GET", "/hello")
                answer = connection.getresponse()
                body = answer.read().decode(errors="replace")
                with lock:
                    answers.take(answer.status, body)
                    on_answer(answers)
        except (OSError, http.client.HTTPException) as error:
            with lock:
                answers.last_fault = f"{type(error).__name__}: {error}"
        finally:
            connection.close()

    counts = [requests // AT_ONCE + (number < requests % AT_ONCE) for number in range(AT_ONCE)]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        # Its answers are counted; what is not expected is raised here.
        list(pool.map(one_by_one, filter(None, counts)))
    return answers
