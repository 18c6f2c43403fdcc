// @ts-check
// How times are read and written, on ordinary days and in the nights of a clock change.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { instantsOf, wallOf } from "../../web/static/roster-clock.js";
import * as time from "../../web/static/roster-time.js";
import { clockWords } from "../../web/static/roster-when.js";
import { inRome, span } from "./support.js";

beforeEach(inRome);

test("what the server writes is read and written back", () => {
  for (const text of ["2026-06-01T18:00", "2026-12-31T23:59", "2026-10-25T02:30+01:00"]) {
    assert.equal(time.iso(time.minutes(text)), text);
  }
  assert.equal(time.minutes("2026-06-01"), time.minutes("2026-06-01T00:00"));
  assert.equal(time.minutes("2026-06-01T18:00"), Date.UTC(2026, 5, 1, 16) / 60_000);
});

test("anything else is no time", () => {
  for (const text of ["", "tomorrow", "2026-6-1", "2026-06-01 18:00"]) assert.ok(Number.isNaN(time.minutes(text)), text);
});

test("a time that comes twice is told with the name of its clock", () => {
  const twice = instantsOf(wallOf(time.minutes("2026-10-25T02:30")));
  assert.deepEqual(twice.map(time.clock), ["02:30 CEST", "02:30 CET"]);
  assert.equal(clockWords("2026-10-25T02:30"), "02:30 comes twice that night: the first one is meant, CEST.");
});

test("a time that never comes is moved by the gap", () => {
  assert.equal(time.clock(time.minutes("2026-03-29T02:30")), "03:30");
  assert.equal(clockWords("2026-03-29T02:30"), "02:30 does not exist that night: it is read as 03:30.");
  assert.equal(clockWords("2026-03-30T02:30"), "");
});

test("days of the calendar keep the time of the day", () => {
  const friday = time.minutes("2026-10-23T18:00");
  assert.equal(time.wallIso(time.addDays(friday, 3)), "2026-10-26T18:00");
  assert.equal(time.addDays(friday, 3) - friday, 3 * time.DAY + time.HOUR);
  assert.equal(time.wallIso(time.dayOf(friday)), "2026-10-23T00:00");
});

test("spans and their lengths in words", () => {
  const night = span("2026-06-01T18:00", "2026-06-02T09:00");
  assert.equal(time.spanWords(night.start, night.end), "Mon 1 Jun 2026, 18:00 to Tue 2 Jun 2026, 09:00");
  assert.equal(time.spanLength(night.start, night.end), "15 h");
  assert.equal(time.spanWords(night.start, night.start + 90), "Mon 1 Jun 2026, 18:00 to 19:30");
  assert.equal(time.lengthWords(2 * time.DAY + 3 * time.HOUR + 30), "2 days 3 h 30 min");
  assert.equal(time.lengthWords(0), "0 min");
  const week = span("2026-10-19T18:00", "2026-10-26T18:00");
  assert.equal(time.spanLength(week.start, week.end), "7 days (169 h: the clock changes)");
});

test("periods in words, whose end is not in them", () => {
  const words = (/** @type {string} */ from, /** @type {string} */ to) => time.periodWords(time.minutes(from), time.minutes(to));
  assert.equal(words("2026-06-01", "2026-06-15"), "Mon 1 – Sun 14 Jun 2026");
  assert.equal(words("2026-06-29", "2026-07-13"), "Mon 29 Jun – Sun 12 Jul 2026");
  assert.equal(words("2026-12-28", "2027-01-04"), "Mon 28 Dec 2026 – Sun 3 Jan 2027");
  assert.equal(words("2026-06-01", "2026-06-02"), "Mon 1 Jun 2026");
});

test("the next full hour of the clock", () => {
  assert.equal(time.wallIso(time.nextHour(time.minutes("2026-06-01T18:00"))), "2026-06-01T18:00");
  assert.equal(time.wallIso(time.nextHour(time.minutes("2026-06-01T18:01"))), "2026-06-01T19:00");
});
