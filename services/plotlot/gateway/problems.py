"""The problem documents of every HTTP application, by the name that the gateway's modules know."""

from plotlot.http.problems import (
    MEDIA_TYPE,
    RETRY_AFTER_SECONDS,
    install_problems,
    invalid_request,
    problem_document,
    problem_response,
    status_of,
    unforeseen,
)

__all__ = [
    "MEDIA_TYPE",
    "RETRY_AFTER_SECONDS",
    "install_problems",
    "invalid_request",
    "problem_document",
    "problem_response",
    "status_of",
    "unforeseen",
]
