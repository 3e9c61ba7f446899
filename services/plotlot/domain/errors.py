"""Every error that PlotLot reports.

PlotLotError
 |- InputError              the caller's input is wrong
 |   |- UnreadableDocument   not a document we can read
 |   |- DocumentTooLarge
 |   |- InvalidParcel        geometry or fields that cannot be used
 |   |- InvalidBundle        a manifest that cannot be used, or was altered
 |   |- InvalidRequest       a field of the request is missing or malformed
 |   |- PromptTooLong        more text than the model reads
 |   `- UnsupportedSchema    a JSON schema that is none, or that the engine cannot follow
 |- NotFoundError           nothing by that name here
 |   |- UnknownMunicipality
 |   |- UnknownDistrict
 |   |- UnknownAddress
 |   |- UnknownParcel
 |   |- UnknownAnalysis
 |   |- UnknownGeneration
 |   |- UnknownBundle
 |   `- UnknownRelease
 |- AmbiguousAddress        several parcels match
 `- UnavailableError        a part of PlotLot is not there
     |- StoreUnavailable
     |- ServiceUnavailable
     |- DeadlineExceeded
     |- NoGenerator          no model that writes is set up
     |- EngineUnavailable    an engine is away, or broke off
     |- EngineFault          an engine answered what is no answer
     |- Overloaded           more was asked than can be answered now
     `- InvalidOutput        a model's answer broke its schema, twice

Each class has an immutable ``id``, which is also a heading of ``docs/errors.md``.
"""

from collections.abc import Sequence


class PlotLotError(Exception):
    """Base of all; ``field`` names the part of the input at fault, ``suggestions`` what was near.

    ``retry_after_seconds`` is when it is worth asking again, 0 where that is not known.
    """

    id = "internal"

    def __init__(
        self,
        message: str,
        *,
        field: str | None = None,
        suggestions: Sequence[str] = (),
        retry_after_seconds: float = 0.0,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.suggestions = tuple(suggestions)
        self.retry_after_seconds = retry_after_seconds


class InputError(PlotLotError):
    """The caller's input is wrong; repeating it will not help."""

    id = "invalid-input"


class UnreadableDocument(InputError):
    """Corrupt, encrypted, binary, empty, or of a kind that no parser reads."""

    id = "unreadable-document"


class DocumentTooLarge(InputError):
    """Larger than the limit in settings."""

    id = "document-too-large"


class InvalidParcel(InputError):
    """A parcel whose geometry or fields cannot be used."""

    id = "invalid-parcel"


class InvalidRequest(InputError):
    """A field of the request is missing or malformed."""

    id = "invalid-request"


class InvalidBundle(InputError):
    """A bundle's manifest that cannot be used, or is not the one that its id names."""

    id = "invalid-bundle"


class PromptTooLong(InputError):
    """More text than the model reads at once, or than is accepted."""

    id = "prompt-too-long"


class UnsupportedSchema(InputError):
    """A JSON schema that is none, or that the engine cannot make answers follow."""

    id = "unsupported-schema"


class NotFoundError(PlotLotError):
    """Nothing by that name is stored here."""

    id = "not-found"


class UnknownMunicipality(NotFoundError):
    """No code of that municipality has been ingested."""

    id = "unknown-municipality"


class UnknownDistrict(NotFoundError):
    """The municipality's code does not define that district."""

    id = "unknown-district"


class UnknownAddress(NotFoundError):
    """No parcel has that address."""

    id = "unknown-address"


class UnknownParcel(NotFoundError):
    """No parcel has that id."""

    id = "unknown-parcel"


class UnknownAnalysis(NotFoundError):
    """No analysis has that id."""

    id = "unknown-analysis"


class UnknownGeneration(NotFoundError):
    """No generation of the search index has that number."""

    id = "unknown-generation"


class UnknownBundle(NotFoundError):
    """No bundle of that id was registered."""

    id = "unknown-bundle"


class UnknownRelease(NotFoundError):
    """No release has that id, or those bundles."""

    id = "unknown-release"


class AmbiguousAddress(PlotLotError):
    """More than one parcel matches the address."""

    id = "ambiguous-address"


class UnavailableError(PlotLotError):
    """A part of PlotLot is not there; the same call may succeed later."""

    id = "unavailable"


class StoreUnavailable(UnavailableError):
    """The database cannot be reached or cannot be started."""

    id = "store-unavailable"


class ServiceUnavailable(UnavailableError):
    """A service does not answer."""

    id = "service-unavailable"


class DeadlineExceeded(UnavailableError):
    """The answer did not come in the time allowed."""

    id = "deadline-exceeded"


class NoGenerator(UnavailableError):
    """No model that writes is set up here."""

    id = "no-generator"


class EngineUnavailable(UnavailableError):
    """An inference engine cannot be reached, takes no requests, or broke off."""

    id = "engine-unavailable"


class EngineFault(UnavailableError):
    """An inference engine answered something that is no answer."""

    id = "engine-fault"


class Overloaded(UnavailableError):
    """More is asked than can be answered now; it says when to ask again."""

    id = "overloaded"


class InvalidOutput(UnavailableError):
    """The model's answer broke the schema that was asked for, also when it was told so."""

    id = "invalid-output"
