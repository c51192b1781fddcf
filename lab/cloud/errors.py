"""The error answers every OCI service shares: status, `code` and `message` as the vendor's."""

from __future__ import annotations

from http import HTTPStatus

NOT_FOUND = "Authorization failed or requested resource not found."
NOT_AUTHENTICATED = (
    "The required information to complete authentication was not provided or was incorrect."
)


class ApiError(Exception):
    """An answer other than success, on its way to the client."""

    def __init__(self, status: HTTPStatus, code: str, message: str) -> None:
        super().__init__(f"{status.value} {code}: {message}")
        self.status = status
        self.code = code
        self.message = message


def not_found() -> ApiError:
    return ApiError(HTTPStatus.NOT_FOUND, "NotAuthorizedOrNotFound", NOT_FOUND)


def not_authenticated(detail: str) -> ApiError:
    """The vendor's sentence first, since clients match it; the lab adds what was wrong."""
    return ApiError(HTTPStatus.UNAUTHORIZED, "NotAuthenticated", f"{NOT_AUTHENTICATED} ({detail})")


def invalid(message: str) -> ApiError:
    return ApiError(HTTPStatus.BAD_REQUEST, "InvalidParameter", message)


def missing(message: str) -> ApiError:
    return ApiError(HTTPStatus.BAD_REQUEST, "MissingParameter", message)


def unreadable(message: str) -> ApiError:
    return ApiError(HTTPStatus.BAD_REQUEST, "CannotParseRequest", message)


def over_limit(message: str) -> ApiError:
    return ApiError(HTTPStatus.BAD_REQUEST, "LimitExceeded", message)


def incorrect_state(message: str) -> ApiError:
    return ApiError(HTTPStatus.CONFLICT, "IncorrectState", message)


def conflict(message: str) -> ApiError:
    return ApiError(HTTPStatus.CONFLICT, "Conflict", message)


def in_use(what: str, by: str) -> ApiError:
    """The vendor's sentence for a deletion that something else stands in the way of."""
    return conflict(
        f"The {what} references the {by}. "
        "You must remove the reference to proceed with this operation."
    )


def stale_etag(wanted: str, found: str) -> ApiError:
    return ApiError(
        HTTPStatus.PRECONDITION_FAILED,
        "NoEtagMatch",
        f"The if-match header {wanted} does not match the current etag {found}.",
    )


def spent_token() -> ApiError:
    return ApiError(
        HTTPStatus.CONFLICT,
        "InvalidatedRetryToken",
        "The retry token was used before by a request with other content.",
    )


def not_here(operation: str) -> ApiError:
    return ApiError(
        HTTPStatus.NOT_IMPLEMENTED, "NotImplemented", f"{operation} is not part of the lab."
    )
