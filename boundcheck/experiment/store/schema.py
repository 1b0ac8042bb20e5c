"""The tables of a store, which users read with other tools as well: every column is described here.

A float is stored as it is, so that it comes back bit for bit (but -0.0 as 0.0); what is not known is NULL, as is NaN,
and an infinite number is one.
Times and names of workers are in `batches` alone: all else is the same however a campaign was run.
"""

from __future__ import annotations

SCHEMA_VERSION = 1
APPLICATION_ID = 0x62636B73
"""Marks the file as a store of boundcheck's ("bcks")."""

TABLES = """
-- What the store is: name, level, text (the campaign as JSON), digest (of that and of the files that it names),
-- version (of boundcheck), planned (how many points there are, when all are written).
CREATE TABLE meta (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;

-- One row for each theorem of each study.
CREATE TABLE theorems (
    study TEXT NOT NULL,          -- name of the study
    theorem TEXT NOT NULL,        -- name of the theorem
    file TEXT,                    -- where it is stated; NULL where boundcheck derives it
    claim TEXT NOT NULL,          -- in words
    latex TEXT,
    mathml TEXT,
    source TEXT,
    expected INTEGER NOT NULL DEFAULT 1,  -- 0: lies among claims that must come out refuted
    status TEXT,                  -- of a record of `check`: the verdict on the theorem; NULL in a campaign
    method TEXT,                  -- likewise: how it is known
    note TEXT,
    PRIMARY KEY (study, theorem)
) WITHOUT ROWID;

-- What is asked: one row for each point of the campaign, in its order.
CREATE TABLE points (
    id INTEGER PRIMARY KEY,       -- from 0
    study TEXT NOT NULL,
    theorem TEXT NOT NULL,
    kind TEXT NOT NULL,           -- 'network' or 'sample'
    architecture TEXT,            -- of a network: 64,256,256,10 or a file
    activation TEXT,
    weights TEXT,                 -- law and K: uniform:1
    pruning TEXT,                 -- rule and amount: magnitude:alpha=0.5
    rule TEXT,                    -- the rule alone: magnitude
    width INTEGER,                -- largest number of units of a hidden layer (of inputs where there is none)
    depth INTEGER,                -- layers with weights
    alpha REAL,                   -- of the amount k = floor(D^(1 - alpha))
    delta REAL,                   -- claimed failure probability
    seed INTEGER NOT NULL,
    parameters TEXT NOT NULL,     -- JSON: exact values as strings, by name
    spec TEXT NOT NULL,           -- JSON: all that it takes to run the point again
    trials INTEGER NOT NULL,      -- to be run; 0 where exact laws and proofs may do without
    batches INTEGER NOT NULL,     -- in which they are run
    concluded INTEGER NOT NULL DEFAULT 0  -- 1: there is a verdict
);
CREATE INDEX points_open ON points (id) WHERE concluded = 0;
CREATE INDEX points_study ON points (study, theorem);

-- What was measured: one row for each batch that is done.
CREATE TABLE batches (
    point INTEGER NOT NULL REFERENCES points (id),
    batch INTEGER NOT NULL,       -- from 0
    start INTEGER NOT NULL,       -- number of its first trial
    trials INTEGER NOT NULL,
    violations INTEGER NOT NULL,  -- for sure, whatever rounding did
    open INTEGER NOT NULL,        -- neither surely violated nor surely fine
    result TEXT NOT NULL,         -- JSON: all that was seen
    gaps BLOB,                    -- little-endian float64, one per trial, until there is a verdict: gap seen,
    certificates BLOB,            -- T1 at the realised norms
    seconds REAL NOT NULL,
    worker TEXT NOT NULL,         -- host and process
    finished TEXT NOT NULL,       -- ISO 8601, UTC
    PRIMARY KEY (point, batch)
);

-- Who is at what: a hint that keeps processes from doing the same batch; nothing rests on it.
CREATE TABLE leases (
    point INTEGER NOT NULL,
    batch INTEGER NOT NULL,
    owner TEXT NOT NULL,
    until REAL NOT NULL,          -- seconds since 1970
    PRIMARY KEY (point, batch)
) WITHOUT ROWID;

-- What came out: one row for each point that is done; where several laws were tested, numbers of the tightest.
CREATE TABLE verdicts (
    point INTEGER PRIMARY KEY REFERENCES points (id),
    status TEXT NOT NULL,         -- PROVED, CONFIRMED, REFUTED, SCALING OBSERVED, SCALING BROKEN, INCONCLUSIVE, ERROR
    vacuous INTEGER NOT NULL,     -- 1: the claim says nothing here
    worst REAL,                   -- how much of the claim is used up: largest gap seen / bound, or exact tail / claim,
                                  -- or rate of violations / claim; an exact tail above 1 refutes, the others may be
                                  -- above 1 by chance
    law TEXT,                     -- of weights or variables
    quantity TEXT,                -- what the sides are: 'probability', 'expectation' or 'ratio'
    claimed_low REAL,             -- the right side lies between these
    claimed_high REAL,
    observed REAL,                -- the left side: rate of sure violations, or middle of its enclosure
    limit_low REAL,               -- the left side lies between these, for sure or with confidence 1 - beta each
    limit_high REAL,
    ratio_low REAL,               -- left over right side lies between these
    ratio_high REAL,
    exact INTEGER,                -- 1: the left side is known without trials
    beta REAL,                    -- failure probability of each limit; NULL where they are certain
    trials INTEGER,
    violations INTEGER,
    open INTEGER,
    bound REAL,                   -- what the theorem promises of the gap
    gap_max REAL,                 -- largest gap seen
    certificate_max REAL,         -- largest T1 at realised norms
    gap_q05 REAL, gap_q25 REAL, gap_q50 REAL, gap_q75 REAL, gap_q95 REAL, gap_q99 REAL,  -- quantiles over trials
    certificate_q50 REAL, certificate_q99 REAL,
    attack REAL,                  -- of the trials looked at closer: largest gap that a search for inputs found,
    sure REAL,                    -- and the sharpest certified bound of it
    method TEXT,
    note TEXT NOT NULL,           -- why
    details TEXT                  -- JSON: the record of `boundcheck check --json`, for what is not a network;
                                  -- the counterexample, for a network that refutes
);
CREATE INDEX verdicts_status ON verdicts (status, point);
CREATE INDEX verdicts_worst ON verdicts (worst, point);

-- How far it is: one row of sums over the tables above, kept by triggers, since counting a million rows takes seconds.
CREATE TABLE totals (
    points INTEGER NOT NULL,      -- written so far, with their
    batches INTEGER NOT NULL,     -- batches and
    trials INTEGER NOT NULL,      -- trials
    batches_done INTEGER NOT NULL,
    trials_done INTEGER NOT NULL,
    concluded INTEGER NOT NULL    -- points with a verdict
);
INSERT INTO totals VALUES (0, 0, 0, 0, 0, 0);
CREATE TRIGGER points_counted AFTER INSERT ON points BEGIN
    UPDATE totals SET points = points + 1, batches = batches + NEW.batches, trials = trials + NEW.trials;
END;
CREATE TRIGGER batches_counted AFTER INSERT ON batches BEGIN
    UPDATE totals SET batches_done = batches_done + 1, trials_done = trials_done + NEW.trials;
END;
CREATE TRIGGER verdicts_counted AFTER INSERT ON verdicts BEGIN
    UPDATE totals SET concluded = concluded + 1;
END;

-- Points with their verdicts: the view to begin with.
CREATE VIEW results AS
SELECT p.id AS point, p.study, p.theorem, p.kind, p.architecture, p.activation, p.weights, p.pruning, p.rule, p.width,
    p.depth, p.alpha, p.delta, p.seed, p.parameters,
    v.status, v.vacuous, v.worst, v.law, v.quantity, v.claimed_low, v.claimed_high, v.observed, v.limit_low,
    v.limit_high, v.ratio_low, v.ratio_high, v.exact, v.beta, v.trials, v.violations, v.open, v.bound, v.gap_max,
    v.certificate_max, v.gap_q05, v.gap_q25, v.gap_q50, v.gap_q75, v.gap_q95, v.gap_q99, v.certificate_q50,
    v.certificate_q99, v.attack, v.sure, v.method, v.note, v.details
FROM verdicts v JOIN points p ON p.id = v.point;
"""
