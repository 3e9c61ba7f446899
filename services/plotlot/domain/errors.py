"""Every error that PlotLot reports.

PlotLotError
 |- InputError              the caller's input is wrong
 |   |- UnreadableDocument   not a document we can read
 |   |- DocumentTooLarge
 |   |- InvalidParcel        geometry or fields that cannot be used
 |   |- InvalidBundle        a manifest that cannot be used, or was altered
 |   |- InvalidBackup        a backup that is not whole, or was altered
 |   |- InvalidRequest       a field of the request is missing or malformed
 |   |- IdempotencyKeyReused a key that was sent before with another request
 |   |- UnsupportedMedia     a body of a kind that the operation does not read
 |   |- MethodNotAllowed     nothing of that method at that path
 |   |- PromptTooLong        more text than the model reads
 |   `- UnsupportedSchema    a JSON schema that is none, or that the engine cannot follow
 |- NotFoundError           nothing by that name here
 |   |- UnknownMunicipality
 |   |- UnknownDistrict
 |   |- UnknownAddress
 |   |- UnknownParcel
 |   |- UnknownAnalysis
 |   |- UnknownDocument
 |   |- UnknownFeedback
 |   |- UnknownJob
 |   |- UnknownOperation     nothing at that path
 |   |- UnknownGeneration
 |   |- UnknownShare
 |   |- UnknownWatch
 |   |- UnknownKey
 |   |- UnknownBundle
 |   |- UnknownRefresh
 |   |- UnknownRelease
 |   `- UnknownBackup
 |- NotAuthenticated        nobody said who asks
 |   `- InvalidCredentials    a key or token that is not valid, or no longer
 |- NotAllowed              the caller may not do this
 |- TooManyAttempts         invalid keys came from one address too often
 |- AmbiguousAddress        several parcels match
 |- RequestInProgress       the same request is being answered now
 |- RateLimited             the caller asked for more than its share
 `- UnavailableError        a part of PlotLot is not there
     |- StoreUnavailable
     |- BackupFailed         a backup could not be made, fetched or restored
     |- ServiceUnavailable
     |- DeadlineExceeded
     |- NoGenerator          no model that writes is set up
     |- EngineUnavailable    an engine is away, or broke off
     |- EngineFault          an engine answered what is no answer
     |- SourceUnavailable    a source outside of PlotLot gives no answer that can be used
     |   `- EgressRefused     a rule of ours forbids asking it
     |- Overloaded           more was asked than can be answered now
     `- InvalidOutput        a model's answer broke its schema, twice

Each class has an immutable ``id``, which is also a heading of ``docs/errors.md``.
"""

from collections.abc import Sequence


class PlotLotError(Exception):
    """Base of all; ``field`` names the part of the input at fault, ``suggestions`` what was near.

    ``retry_after_seconds`` is when it is worth asking again, 0 where that is not known. ``expected`` is what the
    field should hold; ``remedy`` what to do about every error of the class.
    """

    id = "internal"
    remedy = "Try again; where it stays, search the log for the request's id."

    def __init__(
        self,
        message: str,
        *,
        field: str | None = None,
        suggestions: Sequence[str] = (),
        retry_after_seconds: float = 0.0,
        expected: str = "",
    ) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.suggestions = tuple(suggestions)
        self.retry_after_seconds = retry_after_seconds
        self.expected = expected


class InputError(PlotLotError):
    """The caller's input is wrong; repeating it will not help."""

    id = "invalid-input"
    remedy = "Change what `field` names, as `detail` says."


class UnreadableDocument(InputError):
    """Corrupt, encrypted, binary, empty, or of a kind that no parser reads."""

    id = "unreadable-document"
    remedy = "Send a PDF, DOCX, HTML, Markdown or text file that opens without a password."


class DocumentTooLarge(InputError):
    """Larger than the limit in settings."""

    id = "document-too-large"
    remedy = "Send it in parts, or raise the limit that `detail` names."


class InvalidParcel(InputError):
    """A parcel whose geometry or fields cannot be used."""

    id = "invalid-parcel"
    remedy = "Mend the parcel that `detail` names, and import the whole file again."


class InvalidRequest(InputError):
    """A field of the request is missing or malformed."""

    id = "invalid-request"
    remedy = "Change what `field` names; /docs shows what the operation takes."


class InvalidBundle(InputError):
    """A bundle's manifest that cannot be used, or is not the one that its id names."""

    id = "invalid-bundle"
    remedy = "Build the bundle anew with `plotlot bundle build`."


class InvalidBackup(InputError):
    """A backup that is not whole or was altered, or a database that is not what the backup says."""

    id = "invalid-backup"
    remedy = "Take another one of `plotlot backup list`."


class IdempotencyKeyReused(InputError):
    """The Idempotency-Key came before with another request."""

    id = "idempotency-key-reused"
    remedy = "Send a new key with a new request, and the same request with the same key."


class UnsupportedMedia(InputError):
    """The body is of a kind that this operation does not read."""

    id = "unsupported-media"
    remedy = "Send one of the kinds that `expected` names, and say which in Content-Type."


class MethodNotAllowed(InputError):
    """The path is here, and takes other methods."""

    id = "method-not-allowed"
    remedy = "Use a method that the header `Allow` names."


class PromptTooLong(InputError):
    """More text than the model reads at once, or than is accepted."""

    id = "prompt-too-long"
    remedy = "Ask with less text."


class UnsupportedSchema(InputError):
    """A JSON schema that is none, or that the engine cannot make answers follow."""

    id = "unsupported-schema"
    remedy = "Send a JSON schema that the engine can follow."


class NotFoundError(PlotLotError):
    """Nothing by that name is stored here."""

    id = "not-found"
    remedy = "Check the spelling; `suggestions` has what is near."


class UnknownMunicipality(NotFoundError):
    """No code of that municipality has been ingested."""

    id = "unknown-municipality"
    remedy = "Pick one of /v1/municipalities, or ingest its code first."


class UnknownDistrict(NotFoundError):
    """The municipality's code does not define that district."""

    id = "unknown-district"
    remedy = "Pick one of the municipality's districts."


class UnknownAddress(NotFoundError):
    """No parcel has that address."""

    id = "unknown-address"
    remedy = (
        "Check number, street and municipality, or take one of `suggestions`. A parcel that is not here yet has to be"
        " imported: `plotlot parcels import FILE --municipality NAME`, or POST /v1/parcels."
    )


class UnknownParcel(NotFoundError):
    """No parcel has that id."""

    id = "unknown-parcel"
    remedy = "Check the id, or ask by address."


class UnknownAnalysis(NotFoundError):
    """No analysis has that id."""

    id = "unknown-analysis"
    remedy = "Ask anew with POST /v1/analyses."


class UnknownDocument(NotFoundError):
    """No document has that id."""

    id = "unknown-document"
    remedy = "Pick one of /v1/documents."


class UnknownFeedback(NotFoundError):
    """No remark has that id."""

    id = "unknown-feedback"
    remedy = "List them with GET /v1/feedback."


class UnknownJob(NotFoundError):
    """No job has that id, or it ended too long ago."""

    id = "unknown-job"
    remedy = "Pick one of /v1/jobs."


class UnknownOperation(NotFoundError):
    """Nothing is at that path."""

    id = "unknown-operation"
    remedy = "Check the path; /docs lists every operation."


class UnknownGeneration(NotFoundError):
    """No generation of the search index has that number."""

    id = "unknown-generation"
    remedy = "Pick one of /v1/index/generations."


class UnknownShare(NotFoundError):
    """No report is shared there: the link is not whole, was taken back, or has expired."""

    id = "unknown-share"
    remedy = "Check that the whole link was copied, or ask whoever sent it for a new one."


class UnknownWatch(NotFoundError):
    """The tenant has no watch with that id."""

    id = "unknown-watch"
    remedy = "Pick one of /v1/watches."


class UnknownKey(NotFoundError):
    """No API key of the tenant has that id."""

    id = "unknown-key"
    remedy = "Pick one of /v1/keys."


class UnknownBundle(NotFoundError):
    """No bundle of that id was registered."""

    id = "unknown-bundle"
    remedy = "Pick a bundle of one of /v1/releases."


class UnknownRefresh(NotFoundError):
    """No refresh of codes has that id."""

    id = "unknown-refresh"
    remedy = "Pick one of /v1/refreshes."


class UnknownRelease(NotFoundError):
    """No release has that id, or those bundles."""

    id = "unknown-release"
    remedy = "Pick one of /v1/releases."


class UnknownBackup(NotFoundError):
    """No complete backup is there."""

    id = "unknown-backup"
    remedy = "Pick one of `plotlot backup list`."


class NotAuthenticated(PlotLotError):
    """Nobody said who asks, and this PlotLot answers only those whom it knows."""

    id = "not-authenticated"
    remedy = "Send `Authorization: Bearer` with an API key or a token; an administrator makes keys."


class InvalidCredentials(NotAuthenticated):
    """A key or token that is not valid: mistyped, expired, revoked, or somebody else's."""

    id = "invalid-credentials"
    remedy = "Check that the whole key was sent; where it was, ask an administrator for a new one."


class NotAllowed(PlotLotError):
    """The caller is known, and may not do this."""

    id = "not-allowed"
    remedy = "Ask an administrator for a key with the role or the scope that `detail` names."


class TooManyAttempts(PlotLotError):
    """Invalid keys or tokens came from one address so often that it has to wait."""

    id = "too-many-attempts"
    remedy = (
        "Wait for `Retry-After`, and check the key. Keys that were valid a moment ago go on being answered."
    )


class AmbiguousAddress(PlotLotError):
    """More than one parcel matches the address."""

    id = "ambiguous-address"
    remedy = "Name the municipality, the unit or the parcel's id; `suggestions` has those that match."


class RequestInProgress(PlotLotError):
    """A request with the same Idempotency-Key is being answered now."""

    id = "request-in-progress"
    remedy = "Wait for `Retry-After`, then send the same request with the same key: it gets the same answer."


class RateLimited(PlotLotError):
    """The caller asked for more than its share of this minute."""

    id = "rate-limited"
    remedy = "Wait for `Retry-After`; the header `RateLimit` says how much is left."


class UnavailableError(PlotLotError):
    """A part of PlotLot is not there; the same call may succeed later."""

    id = "unavailable"
    remedy = "Try again after `Retry-After`."


class StoreUnavailable(UnavailableError):
    """The database cannot be reached or cannot be started."""

    id = "store-unavailable"
    remedy = "Try again after `Retry-After`; an operator checks that the database runs."


class BackupFailed(UnavailableError):
    """A backup could not be made, kept, fetched or restored; what is unfinished never passes for a backup."""

    id = "backup-failed"
    remedy = "Do what `detail` says, then try again."


class ServiceUnavailable(UnavailableError):
    """A service does not answer."""

    id = "service-unavailable"
    remedy = "Try again after `Retry-After`."


class DeadlineExceeded(UnavailableError):
    """The answer did not come in the time allowed."""

    id = "deadline-exceeded"
    remedy = "Try again, or ask for it as a job with `Prefer: respond-async` where the operation offers that."


class NoGenerator(UnavailableError):
    """No model that writes is set up here."""

    id = "no-generator"
    remedy = "Set up a model that writes, or ask without one."


class EngineUnavailable(UnavailableError):
    """An inference engine cannot be reached, takes no requests, or broke off."""

    id = "engine-unavailable"
    remedy = "Try again after `Retry-After`."


class EngineFault(UnavailableError):
    """An inference engine answered something that is no answer."""

    id = "engine-fault"
    remedy = "Try again; where it stays, check the engine's version."


class SourceUnavailable(UnavailableError):
    """A source outside of PlotLot is away, is too slow, or answers what cannot be used."""

    id = "source-unavailable"
    remedy = (
        "Try again after `Retry-After`; an operator sees with `plotlot doctor --online` which source it is."
    )


class EgressRefused(SourceUnavailable):
    """A rule of PlotLot, or of the site itself, forbids asking a source."""

    id = "egress-refused"
    remedy = "An operator mends the source's address, or allows its host by the setting that `detail` names."


class Overloaded(UnavailableError):
    """More is asked than can be answered now; it says when to ask again."""

    id = "overloaded"
    remedy = "Try again after `Retry-After`."


class InvalidOutput(UnavailableError):
    """The model's answer broke the schema that was asked for, also when it was told so."""

    id = "invalid-output"
    remedy = "Try again, or ask another model."
