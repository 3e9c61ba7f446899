"""The names of attributes and events of spans."""

FIRST_TOKEN_EVENT = "plotlot.first_token"  # on the span of a call to an engine, when its first text comes


class GenAi:
    """Attributes of calls to models, by OpenTelemetry's semantic conventions."""

    CHAT = "chat"
    OPERATION = "gen_ai.operation.name"
    PROVIDER = "gen_ai.provider.name"
    REQUEST_MODEL = "gen_ai.request.model"
    MAX_TOKENS = "gen_ai.request.max_tokens"
    TEMPERATURE = "gen_ai.request.temperature"
    TOP_P = "gen_ai.request.top_p"
    SEED = "gen_ai.request.seed"
    STOP_SEQUENCES = "gen_ai.request.stop_sequences"
    STREAM = "gen_ai.request.stream"
    OUTPUT_TYPE = "gen_ai.output.type"
    FINISH_REASONS = "gen_ai.response.finish_reasons"
    TIME_TO_FIRST_CHUNK = "gen_ai.response.time_to_first_chunk"
    INPUT_TOKENS = "gen_ai.usage.input_tokens"
    CACHED_TOKENS = "gen_ai.usage.cache_read.input_tokens"
    OUTPUT_TOKENS = "gen_ai.usage.output_tokens"
    SERVER_ADDRESS = "server.address"
    SERVER_PORT = "server.port"
    ERROR_TYPE = "error.type"


class Egress:
    """Attributes of calls to servers that are not PlotLot's, by OpenTelemetry's semantic conventions of HTTP."""

    METHOD = "http.request.method"
    STATUS = "http.response.status_code"
    SERVER_ADDRESS = "server.address"
    SERVER_PORT = "server.port"
    ERROR_TYPE = "error.type"


class Http:
    """Attributes of requests that a door took, by OpenTelemetry's semantic conventions of HTTP."""

    METHOD = "http.request.method"
    ROUTE = "http.route"
    STATUS = "http.response.status_code"
    ERROR_TYPE = "error.type"


class Rpc:
    """Attributes of gRPC calls, on both their sides, by OpenTelemetry's semantic conventions."""

    GRPC = "grpc"
    SYSTEM = "rpc.system.name"
    METHOD = "rpc.method"
    STATUS = "rpc.response.status_code"
    ERROR_TYPE = "error.type"


class Db:
    """Attributes of statements and of the cache, by OpenTelemetry's semantic conventions.

    Neither their text nor their parameters are among them: both may hold what users typed.
    """

    POSTGRES = "postgresql"
    REDIS = "redis"
    SYSTEM = "db.system.name"
    SUMMARY = "db.query.summary"
    OPERATION = "db.operation.name"
    BATCH_SIZE = "db.operation.batch.size"
    ROWS = "db.response.returned_rows"
    STATUS = "db.response.status_code"
    ERROR_TYPE = "error.type"


class SpanNames:
    """Attributes of our own."""

    DOOR = "plotlot.door"  # where a request came in: http, grpc, or job
    REQUEST_ID = "plotlot.request_id"
    BUNDLE = "plotlot.bundle"
    TENANT = "plotlot.tenant"
    TOWN = "plotlot.town"
    ENGINE = "plotlot.engine"
    CACHE = "plotlot.cache"  # how the answer was come by: hit, stale, shared, miss, bypass
    CHUNKS_USED = "plotlot.chunks_used"
    PROMPT = "plotlot.prompt"
    # Of all that it took; a model's own span has those of GenAi, which are summed.
    INPUT_TOKENS = "plotlot.input_tokens"
    OUTPUT_TOKENS = "plotlot.output_tokens"
    ADAPTER = "plotlot.adapter"
    QUEUE_SECONDS = "plotlot.queue_seconds"
    ATTEMPT = "plotlot.attempt"
