import grpc
import pytest

from plotlot.domain import errors
from plotlot.gateway.pages.errors import error_catalogue
from plotlot.http.problems import problem_document
from plotlot.http.problems import status_of as http_status_of
from plotlot.rpc.errors import PROBLEM, error_classes, from_rpc_error, problem_metadata, status_of


def as_rpc_error(error: errors.PlotLotError) -> grpc.aio.AioRpcError:
    trailing = grpc.aio.Metadata(*problem_metadata(error))
    return grpc.aio.AioRpcError(status_of(error), grpc.aio.Metadata(), trailing, error.message)


@pytest.mark.parametrize("kind", error_classes().values())
def test_every_error_survives_the_wire(kind: type[errors.PlotLotError]) -> None:
    error = kind("what is wrong", field="address", suggestions=["near"])
    again = from_rpc_error(as_rpc_error(error), "retrieval")
    assert type(again) is kind
    assert (again.message, again.field, again.suggestions) == ("what is wrong", "address", ("near",))


@pytest.mark.parametrize("kind", error_classes().values())
def test_only_the_callers_faults_are_4xx(kind: type[errors.PlotLotError]) -> None:
    ours = issubclass(kind, errors.UnavailableError) or kind is errors.PlotLotError
    assert (http_status_of(kind("")) >= 500) == ours
    assert (status_of(kind("")) in (grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.NOT_FOUND,
                                    grpc.StatusCode.FAILED_PRECONDITION, grpc.StatusCode.UNAUTHENTICATED,
                                    grpc.StatusCode.PERMISSION_DENIED)) == (not ours)  # fmt: skip


def test_ids_are_unique_and_listed() -> None:
    pending, listed = [errors.PlotLotError], []
    while pending:
        kind = pending.pop()
        if "id" in vars(kind):  # one that has no id of its own is told as what it is a kind of
            listed.append(kind.id)
        pending += kind.__subclasses__()
    assert sorted(listed) == sorted(set(listed)) == list(error_catalogue())


def test_a_silent_failure_is_named_by_its_service() -> None:
    silent = grpc.aio.AioRpcError(grpc.StatusCode.UNAVAILABLE, grpc.aio.Metadata(), grpc.aio.Metadata())
    assert isinstance(from_rpc_error(silent, "retrieval"), errors.ServiceUnavailable)
    assert "retrieval" in from_rpc_error(silent, "retrieval").message
    assert PROBLEM.endswith("-bin")


def test_a_problem_document_names_the_field() -> None:
    document = problem_document(errors.UnknownDistrict("no ZZ", field="district", suggestions=["Z"]))
    assert document["status"] == 404
    assert document["type"] == "/errors#unknown-district"
    assert (document["field"], document["suggestions"]) == ("district", ["Z"])
