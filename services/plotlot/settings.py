"""One Settings; the sole reader of the environment. Built in ``cli``, never at import."""

import logging
import sys
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


def default_data_dir() -> Path:
    """The user's data folder: ``$XDG_DATA_HOME/plotlot`` or the platform's equivalent."""
    return UserFolders().xdg_data_home / "plotlot"


class UserFolders(BaseSettings):
    """Where the platform keeps a user's data."""

    xdg_data_home: Path = Field(default_factory=lambda: Path.home() / ".local" / "share")


class OpenTelemetry(BaseSettings):
    """What OpenTelemetry's specification names, as far as PlotLot itself has to know it; its exporter reads the rest."""

    model_config = SettingsConfigDict(env_ignore_empty=True, extra="ignore")

    otel_sdk_disabled: bool = False
    otel_service_name: str = ""
    otel_exporter_otlp_endpoint: str = ""
    otel_exporter_otlp_traces_endpoint: str = ""
    otel_traces_sampler: Literal[
        "always_on",
        "always_off",
        "traceidratio",
        "parentbased_always_on",
        "parentbased_always_off",
        "parentbased_traceidratio",
    ] = "parentbased_traceidratio"
    otel_traces_sampler_arg: float = Field(default=0.1, ge=0, le=1)

    @property
    def traces_endpoint(self) -> str:
        """Where traces are sent; empty where they are not."""
        return self.otel_exporter_otlp_traces_endpoint or self.otel_exporter_otlp_endpoint


class Settings(BaseSettings):
    """Every setting, each an environment variable ``PLOTLOT_<NAME>``."""

    model_config = SettingsConfigDict(env_prefix="PLOTLOT_", env_ignore_empty=True, extra="ignore")

    data_dir: Path = Field(
        default_factory=default_data_dir, description="Folder of the embedded database and logs."
    )
    url: str | None = Field(
        default=None, description="Gateway that the command line calls instead of its own process."
    )
    database_url: SecretStr | None = Field(
        default=None, description="Postgres with pgvector; empty means the embedded one."
    )
    host: str = Field(default="127.0.0.1", description="Address that the gateway listens on.")
    port: int = Field(default=8080, ge=0, le=65535, description="Port of the gateway; 0 picks one.")
    auth: Literal["local", "required", "insecure-everyone-is-owner"] = Field(
        default="local",
        description="Who may ask the gateway. `local`: whoever sits at this machine, and it listens nowhere else."
        " `required`: holders of API keys, and of tokens where PLOTLOT_OIDC_ISSUER is set."
        " `insecure-everyone-is-owner`: whoever can reach it may do everything; only behind a proxy or a network"
        " that lets nobody else in.",
    )
    api_key: SecretStr | None = Field(
        default=None,
        description="Key that the command line sends to PLOTLOT_URL; `plotlot key create` makes one.",
    )
    oidc_issuer: str | None = Field(
        default=None,
        description="OpenID provider whose tokens are taken (extra `oidc`), as their `iss` names it.",
    )
    oidc_audience: str | None = Field(default=None, description="For whom tokens must be made: their `aud`.")
    oidc_keys_url: str | None = Field(
        default=None, description="Where the provider publishes its keys; empty asks its configuration."
    )
    oidc_tenant_claim: str = Field(
        default="tenant", description="Claim that says whose data a token may see; without it, `local`."
    )
    oidc_role_claim: str = Field(
        default="roles",
        description="Claim with roles; the highest of reader, analyst, operator, admin counts.",
    )
    oidc_client_id: str | None = Field(
        default=None, description="What PlotLot is called at the provider; with it, browsers sign in there."
    )
    oidc_client_secret: SecretStr | None = Field(
        default=None, description="Its secret there; empty for a public client, which PKCE protects alone."
    )
    oidc_scopes: str = Field(
        default="openid profile", description="Scopes that browsers ask for, with spaces between."
    )
    oidc_sign_in_hours: float = Field(
        default=1.0,
        gt=0,
        le=24 * 30,
        description="Hours that roles which the provider told a browser's sign-in count; then it is asked again.",
    )
    public_url: str | None = Field(
        default=None,
        description="Where browsers reach the gateway, e.g. https://plotlot.example: links begin so, and the provider"
        " sends them back there.",
    )
    sign_in_hours: float = Field(
        default=12.0, gt=0, le=24 * 30, description="Hours that a browser stays signed in."
    )
    trusted_proxies: str = Field(
        default="127.0.0.1",
        description="Addresses or networks, with commas between, whose X-Forwarded-For says who asks.",
    )
    grpc_address: str | None = Field(
        default=None,
        description="Address that `plotlot serve` listens on for gRPC, e.g. 0.0.0.0:50051.",
    )
    retrieval_address: str | None = Field(default=None, description="gRPC address of retrieval.")
    extraction_address: str | None = Field(default=None, description="gRPC address of extraction.")
    inference_address: str | None = Field(default=None, description="gRPC address of inference.")
    ingestion_address: str | None = Field(default=None, description="gRPC address of ingestion.")
    gateway_address: str | None = Field(default=None, description="gRPC address of the gateway.")
    judge_address: str | None = Field(default=None, description="gRPC address of the judge.")
    judge_host: str = Field(
        default="127.0.0.1", description="Address that the HTTP of `plotlot serve judge` listens on."
    )
    judge_port: int = Field(
        default=8081, ge=0, le=65535, description="Port of the judge's HTTP; 0 picks one."
    )
    judge_retention_days: float = Field(
        default=90.0, gt=0, description="Days that a closed release's pairs, evidence and verdicts are kept."
    )
    model_dir: Path = Field(
        default_factory=lambda: Path(sys.prefix) / "share" / "plotlot" / "models",
        description="Folder of the models that set-up built.",
    )
    reader_model: Path | None = Field(
        default=None,
        description="File of the learned reader's model, as `plotlot train reader` writes it, or its name in MLflow,"
        " e.g. models:/plotlot-reader@champion; empty means none.",
    )
    prompt_dir: Path | None = Field(
        default=None,
        description="Folder with further versions of the prompts by which a model reads codes.",
    )
    embedding_url: str | None = Field(
        default=None, description="OpenAI-compatible server to embed with instead of MiniLM."
    )
    embedding_model: str = Field(default="all-MiniLM-L6-v2", description="Name of the embedding model.")
    embedding_api_key: SecretStr | None = Field(default=None, description="Key of the embedding server.")
    embedding_dimensions: int = Field(
        default=384, gt=0, description="Numbers in a vector of the embedding model."
    )
    generation_model: str = Field(default="", description="Name of the model at PLOTLOT_GENERATION_URL.")
    generation_url: str | None = Field(
        default=None,
        description="Server of a model that writes, e.g. one's own vLLM: http://host:8000; with dns+http://"
        " every address of the name is a replica. Empty means answers by quotes alone.",
    )
    generation_engine: Literal["openai", "vllm", "sglang", "llamacpp"] = Field(
        default="openai",
        description="What serves that model: openai (any server of that API), vllm, sglang or llamacpp.",
    )
    generation_api_key: SecretStr | None = Field(default=None, description="Key of that server.")
    generation_price_prompt: float = Field(
        default=0.0, ge=0, description="What a million tokens that the model reads cost, in your currency."
    )
    generation_price_cached: float | None = Field(
        default=None, ge=0, description="What a million of those cost that its cache had; unset: as much."
    )
    generation_price_completion: float = Field(
        default=0.0, ge=0, description="What a million tokens that it writes cost."
    )
    generation_priorities: bool = Field(
        default=False,
        description="Tell the engine how urgent a request is; vLLM refuses it unless it schedules by priority.",
    )
    rerank_url: str | None = Field(
        default=None,
        description="Server with `/rerank` that puts the best results in order; empty means none.",
    )
    rerank_model: str = Field(
        default="", description="Model that the reranker is asked for; empty for a server of only one."
    )
    rerank_api_key: SecretStr | None = Field(default=None, description="Key of the reranker.")
    rerank_timeout_seconds: float = Field(
        default=2.0, gt=0, description="Time that the reranker has; search goes on without it after that."
    )
    generation_concurrency: int = Field(
        default=256,
        gt=0,
        description="Requests that each replica of the engine is given at a time by one process.",
    )
    generation_queue: int = Field(
        default=128,
        gt=0,
        description="Requests that may wait in one process, for each replica of the engine; longer queues answer no"
        " more, only later.",
    )
    generation_hedge_seconds: float | None = Field(
        default=None,
        gt=0,
        description="Time without a first token after which an answer that is not streamed is asked of a second"
        " replica too; unset means never.",
    )
    max_document_bytes: int = Field(
        default=100_000_000, gt=0, description="Largest document accepted, in bytes."
    )
    request_deadline_seconds: float = Field(
        default=30.0, gt=0, description="Time that a request to the gateway may take."
    )
    max_waiting_requests: int = Field(
        default=128,
        gt=0,
        description="Requests that wait for a gateway process's answers at once; the next one gets 503 and Retry-After.",
    )
    ingest_deadline_seconds: float = Field(
        default=3600.0, gt=0, description="Time that one document's ingestion may take."
    )
    ocr: bool = Field(
        default=False,
        description="Read scanned pages of a PDF by OCR (extra `ocr`) where a request does not say whether to;"
        " what is read so is marked and less sure.",
    )
    ocr_seconds: float = Field(
        default=1800.0,
        gt=0,
        description="Time that OCR may take for one document; what is read by then is kept, and the rest is told of.",
    )
    pool_size: int = Field(
        default=8, gt=0, description="Database connections for requests a process holds at most."
    )
    migrate_at_start: bool = Field(
        default=True,
        description="Bring the schema up to date at start; false waits until `plotlot migrate` has.",
    )
    bundle_file: Path | None = Field(
        default=None,
        description="File of the bundle that this gateway serves, as `plotlot bundle build` writes it;"
        " empty means the one that this code and these settings make.",
    )
    candidate_url: str | None = Field(
        default=None,
        description="Gateway of a release's candidate: it is asked too what a sample of users asks here.",
    )
    shadow_busy_requests: int = Field(
        default=32,
        ge=0,
        description="Requests in flight above which this gateway asks a candidate nothing.",
    )
    property_sources: str = Field(
        default="",
        description="Where parcels that nobody imported are looked up: a YAML or JSON file (docs/property-data.md), what"
        " one holds in JSON, or names of presets with commas between, of miami-dade, broward and palm-beach. Empty asks"
        " nobody.",
    )
    property_fresh_days: float = Field(
        default=30.0, gt=0, description="Days after which a parcel that was found there is looked up anew."
    )
    property_kept_days: float = Field(
        default=365.0,
        gt=0,
        description="Days that it serves, with a warning, while the source does not answer; then it is removed.",
    )
    egress_hosts: str = Field(
        default="",
        description="Hosts, with commas between, that may be asked over HTTPS besides those of"
        " PLOTLOT_PROPERTY_SOURCES, e.g. where one of them redirects to: name, name:port, or *.name.",
    )
    egress_own_hosts: str = Field(
        default="",
        description="Hosts of one's own, with commas between, that may be asked over http and at private addresses.",
    )
    egress_agreed_hosts: str = Field(
        default="",
        description="Hosts, with commas between, whose owners agreed to be asked whatever their robots.txt says.",
    )
    egress_timeout_seconds: float = Field(
        default=10.0, gt=0, description="Time that one request to a source outside may take."
    )
    publishers: str = Field(
        default="",
        description="Who publishes codes: a YAML or JSON file (docs/coverage.md), what one holds in JSON, or names of"
        " presets with commas between, of municode, american-legal and ecode360. Empty asks nobody.",
    )
    publisher_requests_per_second: float = Field(
        default=2.0, gt=0, description="Requests that one process sends to one publisher's host in a second."
    )
    publisher_towns_at_once: int = Field(
        default=4,
        gt=0,
        description="Towns of one publisher's host that are fetched at a time, by all processes.",
    )
    expectations: str = Field(
        default="",
        description="A YAML file with a schema of pandera over the sections of a code (docs/coverage.md, extra `quality`):"
        " a code that does not meet it is held back. Empty expects what PlotLot always does.",
    )
    refresh_worker: bool | None = Field(
        default=None,
        description="Whether ingestion in this process works on refreshes (extra `workflows`). Unset: `plotlot up` does"
        " where PLOTLOT_PUBLISHERS is set, a service of its own does not.",
    )
    listing_fresh_days: float = Field(
        default=7.0, gt=0, description="Days after which a publisher is asked anew which towns it has."
    )
    edition_trusted_days: float = Field(
        default=30.0,
        ge=0,
        le=36_500,
        description="Days for which a publisher is believed that a code is of the edition that serves, and is not asked for"
        " its chapters; towns come due between half of them and all. 0 asks for every chapter each time.",
    )
    redis_url: SecretStr | None = Field(
        default=None, description="Redis that replicas share as their cache; empty means memory."
    )
    answer_cache: bool = Field(
        default=True,
        description="Keep answers until what they rest on changes, in Redis where it is set; never while a release"
        " is judged.",
    )
    client_units_per_minute: int = Field(
        default=0,
        ge=0,
        description="What one client may ask in a minute, in units that docs/api.md counts; 0 is no limit.",
    )
    tenant_units_per_minute: int = Field(
        default=0,
        ge=0,
        description="What one tenant may ask in a minute, all its clients together; 0 is no limit.",
    )
    map_tiles: str = Field(
        default="",
        description="Tiles that maps lie on, as https://tiles.example/{z}/{x}/{y}.png: browsers ask that server, which"
        " sees where its askers look. Empty is plain ground.",
    )
    map_attribution: str = Field(
        default="", description="Whom the tiles are from, as their licence wants it said below a map."
    )
    cors_origins: str = Field(
        default="",
        description="Origins whose pages may call the REST API from a browser, with commas between; * is every one.",
    )
    rpc_connection_age_seconds: float | None = Field(
        default=None,
        gt=0,
        description="Age at which servers close gRPC connections, so that new replicas get calls.",
    )
    drain_delay_seconds: float = Field(
        default=0.0,
        ge=0,
        description="Time that a stopping process goes on serving while name servers forget it; no shorter than they remember.",
    )
    drain_grace_seconds: float = Field(
        default=5.0, ge=0, description="Time that a stopping process gives to what is in flight."
    )
    door_certificate: Path | None = Field(
        default=None,
        description="File (PEM) of the certificate that browsers are shown, whose end is told as a metric.",
    )
    metrics_port: int | None = Field(
        default=None,
        ge=1,
        le=65535,
        description="Port that serves Prometheus metrics on every address; the gateway's HTTP has them too.",
    )
    trace_slow_seconds: float = Field(
        default=1.0,
        gt=0,
        description="Time after which a request that is not sampled is told of all the same, by one span, as those are"
        " that fail; docs/observability.md.",
    )
    log_level: str = Field(default="WARNING", description="DEBUG, INFO, WARNING or ERROR.")
    log_format: Literal["text", "json"] = Field(
        default="text", description="Whether a line of the log is for people or one JSON object."
    )

    @field_validator("database_url")
    @classmethod
    def _is_for_postgres(cls, url: SecretStr | None) -> SecretStr | None:
        if url is None or not url.get_secret_value().strip():
            return None
        from psycopg import ProgrammingError
        from psycopg.conninfo import conninfo_to_dict

        try:
            conninfo_to_dict(url.get_secret_value())
        except ProgrammingError:  # not told: it repeats the URL, with its password
            raise ValueError("it should look like postgresql://user:password@host:5432/database") from None
        return url

    @field_validator("redis_url")
    @classmethod
    def _is_for_redis(cls, url: SecretStr | None) -> SecretStr | None:
        if url is None or not url.get_secret_value().strip():
            return None
        if urlsplit(url.get_secret_value()).scheme not in ("redis", "rediss", "unix"):
            raise ValueError("it should look like redis://host:6379/0")
        return url

    @field_validator("public_url")
    @classmethod
    def _is_an_origin(cls, url: str | None) -> str | None:
        parts = urlsplit(url or "")
        if url and (parts.scheme not in ("http", "https") or not parts.hostname or parts.path.strip("/")):
            raise ValueError("it should look like https://plotlot.example, without a path")
        return url

    @field_validator("map_tiles")
    @classmethod
    def _is_of_tiles(cls, template: str) -> str:
        parts = urlsplit(template)
        whole = parts.scheme in ("http", "https") and parts.netloc and not set(parts.netloc) & set(" ;,'\"")
        if template and not (whole and all(name in template for name in ("{z}", "{x}", "{y}"))):
            raise ValueError("it should look like https://tiles.example/{z}/{x}/{y}.png")
        return template

    @field_validator("log_level")
    @classmethod
    def _is_a_level(cls, level: str) -> str:
        if level.upper() not in logging.getLevelNamesMapping():
            raise ValueError(f"there is no level {level!r}; use DEBUG, INFO, WARNING or ERROR")
        return level.upper()

    @field_validator("generation_url")
    @classmethod
    def _is_of_a_server(cls, url: str | None, others: ValidationInfo) -> str | None:
        if url is None or not url.strip():
            return None
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https", "dns+http", "dns+https") or not parts.hostname:
            raise ValueError(
                "it should look like http://host:8000, or dns+http://name:8000 for every address"
            )
        if not others.data.get("generation_model"):
            raise ValueError(
                "it needs PLOTLOT_GENERATION_MODEL too: the model's name there, as /v1/models has it"
            )
        return url
