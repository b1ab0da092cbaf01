-- The ledger. Standard SQL that SQLite and PostgreSQL both take: text, bigint, no defaults that
-- depend on an engine. Instants are text in UTC, `2025-08-07T04:00:00.000Z`: they sort as they are.
-- Months are text, `2025-07`. Durations are milliseconds. Numbers are given by the program.

-- Daemons that ran: what was watched over, and when nobody was.
CREATE TABLE sessions (
    session_id   BIGINT NOT NULL PRIMARY KEY,
    host         TEXT   NOT NULL,
    process      BIGINT NOT NULL,
    program      TEXT   NOT NULL,
    started_at   TEXT   NOT NULL,
    seen_at      TEXT   NOT NULL,              -- the last sign of life
    ended_at     TEXT                          -- NULL: still running, or killed
);

-- What each job's file promised, and from when to when. The open one (until NULL) holds now.
CREATE TABLE promises (
    job           TEXT NOT NULL,
    since         TEXT NOT NULL,
    until         TEXT,
    schedule      TEXT NOT NULL,               -- the schedule as JSON
    basis         TEXT NOT NULL,               -- what it is reckoned by as JSON: zone, deadlines
    decided_until TEXT NOT NULL,               -- every instant up to here has been decided upon
    PRIMARY KEY (job, since)
);

-- Every instant at which a job was due, and what was decided.
CREATE TABLE activations (
    activation_id BIGINT NOT NULL PRIMARY KEY,
    job           TEXT   NOT NULL,
    scheduled_at  TEXT   NOT NULL,
    trigger_kind  TEXT   NOT NULL,             -- clock, catch_up, deadline, coverage, inbox; gap: stands for many
    occasion      TEXT   NOT NULL,             -- what makes it the only one: the instant, the month of a coverage, the ends of a gap
    period_from   TEXT,
    period_to     TEXT,
    priority      BIGINT NOT NULL,
    decided_at    TEXT   NOT NULL,
    state         TEXT   NOT NULL,             -- waiting, running, done, failed, skipped
    reason        TEXT,                        -- why it was skipped, queued or caught up, in English
    not_before    TEXT   NOT NULL,             -- a retry waits until then
    attempts      BIGINT NOT NULL,
    UNIQUE (job, scheduled_at),
    UNIQUE (job, occasion)
);
CREATE INDEX activations_open ON activations (state);

-- One piece of work, whoever asked for it.
CREATE TABLE runs (
    run_id        BIGINT NOT NULL PRIMARY KEY,
    activation_id BIGINT,
    backfill_id   BIGINT,
    job           TEXT   NOT NULL,             -- empty for `run` without a job
    asked_by      TEXT   NOT NULL,             -- clock, catch_up, deadline, coverage, inbox, command, backfill, console
    who           TEXT   NOT NULL,
    why           TEXT,
    period_from   TEXT,
    period_to     TEXT,
    program       TEXT   NOT NULL,
    state         TEXT   NOT NULL,             -- running, done, failed, held_back, interrupted, timed_out
    started_at    TEXT   NOT NULL,
    ended_at      TEXT,
    edition       BIGINT,
    inputs        TEXT                         -- fingerprint of what the newest edition was made from
);
CREATE INDEX runs_job ON runs (job, started_at);
CREATE UNIQUE INDEX runs_activation ON runs (activation_id);

-- One try of a run by one process.
CREATE TABLE attempts (
    run_id     BIGINT NOT NULL,
    attempt    BIGINT NOT NULL,                -- from 1
    host       TEXT   NOT NULL,
    process    BIGINT NOT NULL,
    started_at TEXT   NOT NULL,
    ended_at   TEXT,
    state      TEXT   NOT NULL,                -- as of runs
    error      TEXT,                           -- the chain of causes, one a line
    PRIMARY KEY (run_id, attempt)
);

-- One step of an attempt.
CREATE TABLE steps (
    run_id     BIGINT NOT NULL,
    attempt    BIGINT NOT NULL,
    position   BIGINT NOT NULL,                -- from 1
    step       TEXT   NOT NULL,
    started_at TEXT   NOT NULL,
    ended_at   TEXT,
    duration_ms BIGINT,
    state      TEXT   NOT NULL,
    counts     TEXT,                           -- what was done, a JSON object of numbers
    error      TEXT,
    PRIMARY KEY (run_id, attempt, position)
);

-- A range of past months to be done again.
CREATE TABLE backfills (
    backfill_id BIGINT NOT NULL PRIMARY KEY,
    job         TEXT   NOT NULL,
    period_from TEXT   NOT NULL,
    period_to   TEXT   NOT NULL,
    reprocess   TEXT   NOT NULL,               -- missing, failed, stale, all
    work_order  TEXT   NOT NULL,               -- oldest, newest
    threads     BIGINT NOT NULL,               -- 0: all cores
    who         TEXT   NOT NULL,
    why         TEXT,
    program     TEXT   NOT NULL,
    state       TEXT   NOT NULL,               -- running, paused, done, failed, cancelled
    created_at  TEXT   NOT NULL,
    ended_at    TEXT,
    edition     BIGINT
);

-- The months of a backfill.
CREATE TABLE backfill_periods (
    backfill_id BIGINT NOT NULL,
    period      TEXT   NOT NULL,
    position    BIGINT NOT NULL,
    cause       TEXT   NOT NULL,               -- asked, damaged, cascade
    because     TEXT,                          -- of a cascade: the changed month it looks back at
    state       TEXT   NOT NULL,               -- waiting, done, unchanged, failed, cancelled
    content     TEXT,                          -- what the month held before; NULL: not begun
    run_id      BIGINT,
    error       TEXT,
    PRIMARY KEY (backfill_id, period)
);

-- What people are to be told.
CREATE TABLE alerts (
    alert_id   BIGINT NOT NULL PRIMARY KEY,
    kind       TEXT   NOT NULL,
    subject    TEXT   NOT NULL,                -- what it is about: open alerts of one kind and subject are one
    text_zh    TEXT   NOT NULL,
    text_en    TEXT   NOT NULL,
    first_at   TEXT   NOT NULL,
    last_at    TEXT   NOT NULL,
    times      BIGINT NOT NULL,                -- how often it came up
    told_at    TEXT   NOT NULL,                -- when it was last sent out: not again before a quiet time
    settled_at TEXT                            -- when it ceased to hold; at once for what merely happened
);
CREATE INDEX alerts_subject ON alerts (kind, subject);
CREATE UNIQUE INDEX alerts_open ON alerts (kind, subject) WHERE settled_at IS NULL;
CREATE TABLE deliveries (
    alert_id     BIGINT NOT NULL,
    channel      TEXT   NOT NULL,
    message      TEXT   NOT NULL,              -- alert, recovery
    state        TEXT   NOT NULL,              -- waiting, delivered, given_up
    told         BIGINT NOT NULL,              -- how many messages about the alert arrived
    attempts     BIGINT NOT NULL,              -- of this message
    not_before   TEXT   NOT NULL,
    delivered_at TEXT,
    error        TEXT,
    PRIMARY KEY (alert_id, channel)
);
CREATE INDEX deliveries_waiting ON deliveries (state);
