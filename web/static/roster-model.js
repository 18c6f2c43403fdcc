// @ts-check
// The board as it comes from the server, made into rows of bars.

import { setClock } from "./roster-clock.js";
import { pack } from "./roster-geometry.js";
import { addDays, minutes } from "./roster-time.js";

/**
 * The server's board with times as instants and things to look up. From now on the clock is that of its roster.
 * @param {BoardJson} json
 */
export function readBoard(json) {
  setClock(json.clock);
  const start = minutes(json.from);
  const end = addDays(start, json.days);
  const people = new Map(json.people.map((person) => [person.id, person]));
  /** @type {Board} */
  const board = {
    roster: json.roster, start, end, days: json.days, now: minutes(json.now), people,
    night: json.night, required: json.required.map(timed), gaps: joinedGaps(json.gaps.map(timed)), timeOff: json.time_off.map(timed),
    holidays: new Map(json.holidays.map((each) => [minutes(each.date), each.name])),
    warnings: json.warnings.map(timedWarning), moves: json.moves ?? null,
    fault: json.fault, lastChange: json.last_change, swaps: json.swaps, failedDrills: json.failed_drills,
    contactFaults: json.contact_faults, layers: [],
  };
  board.layers = json.layers.map((each) => readLayer(each, board));
  if (json.draft) {
    board.inForce = (json.in_force ?? []).map((each) => readLayer(each, board));
    board.draft = readDraft(json.draft);
  }
  return board;
}

/**
 * @param {Board} board
 * @returns {board is DraftBoard}
 */
export function isDraft(board) {
  return board.draft !== undefined;
}

/**
 * The draft of a draft's board.
 * @param {Board} board
 */
export function draftOf({ draft }) {
  if (draft === undefined) throw new TypeError("This board is no draft's.");
  return draft;
}

/** @param {Board} board @param {number} id */
export function nameOf(board, id) {
  return board.people.get(id)?.name ?? "somebody who has left";
}

/**
 * Why somebody who would be on call is not.
 * @param {Board} board @param {number} id
 */
export function absenceWords(board, id) {
  return board.people.get(id)?.left ? "has left" : "has time off";
}

/**
 * Colours stay with the person, here as on every other page.
 * @param {number} id
 */
export function hueOf(id) {
  return String((id * 67 + 148) % 360);
}

/** @param {string} name */
export function initials(name) {
  return name.split(/\s+/).slice(0, 2).map((word) => word[0]).join("").toUpperCase();
}

/**
 * One row a layer. Beside the people on call stand those who would be, but have time off.
 * @param {Board} board
 * @returns {Row[]}
 */
export function layerRows(board) {
  return board.layers.map((layer) => {
    const bars = layer.shifts.map((shift) => (
      { start: shift.start, end: shift.end, shift, lane: 0, whos: whosOf(shift) }));
    const depth = Math.max(1, ...bars.map((bar) => bar.whos.length));
    return { key: `layer-${layer.id}`, name: layer.name, layer, person: null, bars, away: [], depth };
  });
}

/**
 * One row a person (of those who have left, only where they stand), with a row for times without anybody on top where there are any.
 * @param {Board} board
 * @returns {Row[]}
 */
export function peopleRows(board) {
  const rows = new Map([...board.people.values()].map((person) => [person.id, rowOf(person)]));
  /** @type {Row} */
  const nobody = { key: "nobody", name: "Nobody", layer: null, person: null, bars: [], away: [], depth: 1 };
  for (const layer of board.layers) {
    for (const shift of layer.shifts) {
      if (shift.why === "off duty") continue;
      for (const who of whosOf(shift)) addBar(who.id === null ? nobody : rows.get(who.id), shift, who);
    }
  }
  for (const off of board.timeOff) rows.get(off.person_id)?.away.push(off);
  const all = [...rows.values()];
  const shown = all.filter((row) => !row.person?.left || row.bars.length);
  if (nobody.bars.length) shown.unshift(nobody);
  for (const row of shown) {
    row.bars.sort((one, other) => one.start - other.start);
    row.depth = pack([...row.away, ...row.bars].sort((one, other) => one.start - other.start));
  }
  return shown;
}

/**
 * The shift of a layer at a time.
 * @param {Layer} layer @param {Instant} at
 */
export function shiftAt(layer, at) {
  return layer.shifts.find((shift) => shift.start <= at && at < shift.end) ?? null;
}

/**
 * What a shift is in one word, for its looks.
 * @param {Shift} shift
 */
export function kindOf(shift) {
  if (shift.why === "off duty") return "off";
  return shift.people.length ? "duty" : "nobody";
}

/**
 * What put its people there, when it was not the rotation.
 * @param {Shift} shift
 */
export function madeBy(shift) {
  if (shift.swap_id !== null) return "swap";
  return shift.override_id !== null ? "override" : null;
}

/**
 * @param {Person} person
 * @returns {Row}
 */
function rowOf(person) {
  return { key: `person-${person.id}`, name: person.name, layer: null, person, bars: [], away: [], depth: 1 };
}

/**
 * Somebody beside them for an hour splits a shift of the layer, but not the row of whoever goes on.
 * @param {Row | undefined} row @param {Shift} shift @param {Who} who
 */
function addBar(row, shift, who) {
  if (row === undefined) return;
  const last = row.bars.findLast((bar) => bar.shift.layer.id === shift.layer.id);
  const goesOn = last && last.end === shift.start && last.whos[0].absent === who.absent && !who.added
    && !last.whos[0].added && (shift.override_id === null || shift.kind === "add")
    && (last.shift.override_id === null || last.shift.kind === "add");
  if (goesOn) last.end = shift.end;
  else row.bars.push({ start: shift.start, end: shift.end, shift, lane: 0, whos: [who] });
}

/**
 * @param {Shift} shift
 * @returns {Who[]}
 */
function whosOf(shift) {
  const on = shift.people.map((id) => ({ id, absent: false, added: shift.kind === "add" && id === shift.addedId }));
  const away = shift.absent.map((id) => ({ id, absent: true, added: false }));
  const nobody = shift.people.length ? [] : [{ id: null, absent: false, added: false }];
  return [...on, ...nobody, ...away];
}

/** @param {LayerJson} json @param {Span} board */
function readLayer(json, board) {
  /** @type {Layer} */
  const layer = { id: json.id, name: json.name, shifts: [] };
  layer.shifts = json.shifts.map((shift) => readShift(shift, layer, board));
  return layer;
}

/**
 * What a draft would change; `differences` by the layer's id.
 * @param {DraftJson} json
 */
function readDraft(json) {
  const [opens, closes, stay] = [json.opens, json.closes, json.stay].map((gaps) => joinedGaps(gaps.map(timed)));
  const differences = new Map(Object.entries(json.differences).map(([id, spans]) => [Number(id), spans.map(timed)]));
  return { ...json, opens, closes, stay, differences };
}

/** @param {ShiftJson} json @param {Layer} layer @param {Span} board */
function readShift(json, layer, board) {
  const { start, end } = timed(json);
  // An override may reach beyond the board, or be cut in two by a handoff.
  const whole = json.override ? timed(json.override) : null;
  return {
    ...json, start, end, layer, whole,
    addedId: json.override ? json.override.person_id : null,
    cutBefore: start <= board.start, cutAfter: end >= board.end,
  };
}

/**
 * Each region has its own hours to cover: gaps that touch are one to look at, with `parts` that say it exactly.
 * @param {GapPart[]} gaps
 */
function joinedGaps(gaps) {
  /** @type {(Span & { parts: GapPart[] })[]} */
  const found = [];
  for (const gap of [...gaps].sort((one, other) => one.start - other.start)) {
    const last = found.at(-1);
    if (last && gap.start <= last.end) {
      last.end = Math.max(last.end, gap.end);
      last.parts.push(gap);
    } else {
      found.push({ start: gap.start, end: gap.end, parts: [gap] });
    }
  }
  return found.map((gap) => ({ ...gap, regions: [...new Set(gap.parts.map((part) => part.region))].sort() }));
}

/**
 * A warning may have a time, or none.
 * @param {BoardJson["warnings"][number]} json
 * @returns {Warned}
 */
function timedWarning({ start, end, ...facts }) {
  return start && end ? { ...facts, start: minutes(start), end: minutes(end) } : facts;
}

/**
 * @template {SpanJson} Item
 * @param {Item} item
 * @returns {Omit<Item, "start" | "end"> & Span}
 */
function timed(item) {
  return { ...item, start: minutes(item.start), end: minutes(item.end) };
}

/**
 * The days of the board, by their beginning.
 * @param {Board} board
 */
export function daysOf(board) {
  return Array.from({ length: board.days }, (_, index) => addDays(board.start, index));
}
