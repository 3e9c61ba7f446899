-- Releases: how two bundles answered, what that proves, what was decided. And questions with known answers.

CREATE TABLE bundles (
    id            text PRIMARY KEY,
    manifest      text NOT NULL,            -- canonical JSON; empty where other software gave none
    registered_at timestamptz NOT NULL DEFAULT now()
);

-- One for each pair of bundles, whatever becomes of it; at most one of a stable bundle is open.
CREATE TABLE releases (
    id             text PRIMARY KEY,        -- plotlot.judge.releases.release_id
    stable         text NOT NULL REFERENCES bundles,
    candidate      text NOT NULL REFERENCES bundles,
    guardrails     jsonb NOT NULL,          -- as they stood when it was opened
    shadow         jsonb NOT NULL,
    stage          text NOT NULL
        CHECK (stage IN ('shadow', 'canary', 'promoted', 'rolled_back', 'aborted', 'superseded')),
    weight         double precision NOT NULL DEFAULT 0,
    verdict        text NOT NULL DEFAULT 'continue',
    reason         text NOT NULL DEFAULT '',
    guardrail      text NOT NULL DEFAULT '',        -- that the verdict is about
    promoted_by    text NOT NULL DEFAULT '',        -- a person's word; the next verdict takes it
    shadow_stopped boolean NOT NULL DEFAULT false,
    opened_at      timestamptz NOT NULL DEFAULT now(),
    closed_at      timestamptz,
    asked_at       timestamptz NOT NULL DEFAULT now(),
    told_at        timestamptz,             -- when a verdict was last kept
    UNIQUE (stable, candidate)
);
CREATE UNIQUE INDEX releases_open ON releases (stable) WHERE closed_at IS NULL;
CREATE INDEX releases_by_time ON releases (opened_at DESC);

-- Answers of both bundles to one question. A unit of evidence is a session, or a request of none.
CREATE TABLE pairs (
    release     text NOT NULL REFERENCES releases ON DELETE CASCADE,
    request_id  text NOT NULL,
    unit        text NOT NULL,
    session     text NOT NULL,
    operation   text NOT NULL,
    question    text NOT NULL,
    source      text NOT NULL,
    at          timestamptz NOT NULL,
    stable      jsonb NOT NULL,
    candidate   jsonb,                      -- null where its answer is not known
    differences jsonb NOT NULL,             -- by guardrail, as plotlot.domain.outcomes.Difference
    against     double precision NOT NULL,  -- how much it counts against the candidate
    state       text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'counted', 'set_aside')),
    recorded_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (release, request_id)
);
-- Rows commit in another order than they are numbered in, so each says for itself whether it was bet on.
CREATE INDEX pairs_waiting ON pairs (release, unit) INCLUDE (recorded_at, session) WHERE state = 'waiting';
CREATE INDEX pairs_counted ON pairs (release, unit) WHERE state = 'counted' AND session <> '';
CREATE INDEX pairs_against ON pairs (release, against DESC) WHERE against <> 0;

-- Users' requests that failed or were slower than their objective, while both bundles served users.
CREATE TABLE exposures (
    release            text NOT NULL REFERENCES releases ON DELETE CASCADE,
    request_id         text NOT NULL,
    session            text NOT NULL,
    session_started_at timestamptz NOT NULL,
    at                 timestamptz NOT NULL,
    bundle             text NOT NULL,
    operation          text NOT NULL,
    question           text NOT NULL,
    outcome            jsonb NOT NULL,
    guardrails         text[] NOT NULL,     -- those it is an event for
    waiting            boolean NOT NULL DEFAULT true,
    PRIMARY KEY (release, request_id)
);
CREATE INDEX exposures_waiting ON exposures (release) WHERE waiting;
CREATE INDEX exposures_by_time ON exposures (release, bundle, at DESC);

-- Sessions whose event was bet on: each counts once for a guardrail.
CREATE TABLE event_sessions (
    release   text NOT NULL REFERENCES releases ON DELETE CASCADE,
    guardrail text NOT NULL,
    session   text NOT NULL,
    PRIMARY KEY (release, guardrail, session)
);

-- Users' requests by bundle and by the weight that was reported last.
CREATE TABLE exposure_counts (
    release   text NOT NULL REFERENCES releases ON DELETE CASCADE,
    bundle    text NOT NULL,
    operation text NOT NULL,
    since     timestamptz NOT NULL,         -- weights.at
    requests  bigint NOT NULL,
    sessions  bigint NOT NULL,
    PRIMARY KEY (release, since, bundle, operation)
);

-- What senders sent already; those that lost pairs wait until that is bet on.
CREATE TABLE reports (
    release text NOT NULL REFERENCES releases ON DELETE CASCADE,
    id      text NOT NULL,
    lost    bigint NOT NULL DEFAULT 0,
    waiting boolean NOT NULL DEFAULT false,
    at      timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (release, id)
);
CREATE INDEX reports_waiting ON reports (release) WHERE waiting;
CREATE INDEX reports_by_time ON reports (at);

CREATE TABLE weights (
    release  text NOT NULL REFERENCES releases ON DELETE CASCADE,
    at       timestamptz NOT NULL DEFAULT clock_timestamp(),
    weight   double precision NOT NULL,     -- percent, as it was reported
    share    double precision NOT NULL,     -- 0 to 1, of new sessions that may meet the candidate from now on
    reported boolean NOT NULL,              -- else it was allowed by a verdict
    PRIMARY KEY (release, at)
);

CREATE TABLE evidence (
    release   text NOT NULL REFERENCES releases ON DELETE CASCADE,
    guardrail text NOT NULL,
    state     jsonb NOT NULL,               -- plotlot.domain.sequential.Evidence
    set_aside bigint NOT NULL,              -- pairs whose session was counted before they came
    PRIMARY KEY (release, guardrail)
);

CREATE TABLE looks (
    release           text NOT NULL REFERENCES releases ON DELETE CASCADE,
    guardrail         text NOT NULL,
    at                timestamptz NOT NULL DEFAULT now(),
    pairs             bigint NOT NULL,
    harm_log_e        double precision NOT NULL,
    noninferior_log_e double precision NOT NULL,
    PRIMARY KEY (release, guardrail, at)
);

CREATE TABLE verdicts (
    release  text NOT NULL REFERENCES releases ON DELETE CASCADE,
    at       timestamptz NOT NULL DEFAULT clock_timestamp(),
    stage    text NOT NULL,
    weight   double precision NOT NULL,
    verdict  text NOT NULL,
    reason   text NOT NULL,
    evidence jsonb NOT NULL,
    PRIMARY KEY (release, at)
);

-- Gateways that asked for their plan: those of one bundle share its budget.
CREATE TABLE gateways (
    bundle  text NOT NULL,
    name    text NOT NULL,
    seen_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (bundle, name)
);

CREATE TABLE gold_cases (
    id           text PRIMARY KEY,          -- digest of its content
    municipality text NOT NULL,
    operation    text NOT NULL,
    question     jsonb NOT NULL,
    expected     jsonb NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now()
);
