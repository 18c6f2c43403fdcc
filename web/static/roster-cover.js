// @ts-check
// "Cover this time": one form that makes overrides and changes them.

import { need } from "./dom.js";
import { accepting, Refusal, send } from "./roster-data.js";
import { fieldsOf, fill, idOf, peopleOptions } from "./roster-forms.js";
import { offerTimes, tonight } from "./roster-nights.js";
import { lookUp, markBusy, metWords } from "./roster-replaced.js";
import { clear, close, letSave, open } from "./roster-sheet.js";
import { iso, minutes, spanLength, spanWords } from "./roster-time.js";
import { instantIn, setTime, timeOf } from "./roster-when.js";
import { nameOf } from "./roster-model.js";

/** @type {Record<string, string>} */
const BEFORE = { replace: "Instead of", add: "Rung after", nobody: "Nobody, instead of" };
const dialog = need(document, "#cover", HTMLDialogElement);
const form = need(dialog, "form", HTMLFormElement);
const field = fieldsOf(form);
/** @type {Filled["seen"]} */
let editing = null;
const replaced = need(form, "[data-replaced]");
/** @type {Page} */
let page;
/** @type {Covering | null} */
let found = null;
/** @type {(wish: Wish | null) => void} */
let look = () => {};
/** @type {(start: Instant | null, end: Instant | null) => void} */
let showChosen = () => {};

/** @param {Page} thePage */
export function prepareCover(thePage) {
  page = thePage;
  look = lookUp(page, (met) => {
    found = met;
    showMet();
  });
  form.addEventListener("input", showTimes);
  form.addEventListener("change", showKind);
  letSave(dialog, save, () => {
    const words = savedWords();
    close(dialog);
    page.saved(words);
  }, loadAgain, ({ person_id: personId, start }) => {
    if (personId) field.person_id.value = String(personId);
    if (start) setTime(field.start, minutes(start));
    showTimes();
  });
}

/** The override as somebody else has left it, in place of what is typed. */
async function loadAgain() {
  await page.load();
  const shifts = page.board.layers.flatMap((layer) => layer.shifts);
  const shift = shifts.find((each) => each.override_id === editing?.id);
  if (!shift) {
    throw new Refusal("This override is gone, or on other days than those that are shown: close this form.");
  }
  changeOverride(shift);
}

/**
 * Open the form for a new override: `layerId`, `personId`, `span` are what is known already. Resolves on closing.
 * @param {{ layerId?: number | null, personId?: number | null, span?: Span | null }} [facts]
 */
export function coverTime({ layerId = null, personId = null, span = null } = {}) {
  const { board } = page;
  return start({
    seen: null, layerId: layerId ?? board.layers[0]?.id, personId, how: "replace", note: "",
    span: span ?? tonight(page.now(), board.night),
  });
}

/** What another page has asked for in this page's address, once: a layer by its name, from when to when. */
export function coverAsked() {
  const query = new URLSearchParams(location.search);
  const layer = page.board.layers.find((each) => each.name === query.get("cover"));
  const [first, last] = ["start", "end"].map((name) => minutes(query.get(name) ?? ""));
  for (const name of ["cover", "start", "end"]) query.delete(name);
  history.replaceState(null, "", `${location.pathname}${query.size ? `?${query}` : ""}${location.hash}`);
  if (layer && page.mayEdit) coverTime({ layerId: layer.id, span: first < last ? { start: first, end: last } : null });
}

/**
 * Open the form for an override that is there.
 * @param {Shift} shift
 */
export function changeOverride(shift) {
  if (!shift.override || shift.override_id === null || !shift.whole) return;
  const nobody = shift.kind === "replace" && shift.addedId === null;
  start({
    seen: { id: shift.override_id, version: shift.override.version }, layerId: shift.layer.id,
    personId: nobody ? null : shift.addedId, how: nobody ? "nobody" : shift.kind ?? "replace", note: shift.note, span: shift.whole,
  });
}

/**
 * What the server takes for an override that is there and gets another span.
 * @param {Shift} shift @param {Span} span
 */
export function overrideBody(shift, span) {
  return {
    layer_id: shift.layer.id, start: iso(span.start), end: iso(span.end), kind: shift.kind, note: shift.note,
    person_id: shift.addedId, version: shift.override?.version,
  };
}

/**
 * `seen`: the id and version of the override that is changed, null for a new one.
 * @param {Filled} facts
 */
function start({ seen, layerId, personId, how, note, span }) {
  editing = seen;
  form.reset();
  clear(form);
  need(dialog, "[data-title]").textContent = seen === null ? "Cover this time" : "Change the override";
  fill(field.layer_id, page.board.layers.map((layer) => [layer.id, layer.name]), layerId);
  field.layer_id.disabled = seen !== null;
  fill(field.person_id, [["", "Choose a person"], ...peopleOptions(page.board)], personId ?? "");
  field.how.value = how;
  setTime(field.start, span.start);
  setTime(field.end, span.end);
  field.note.value = note;
  found = null;
  showChosen = offerTimes(need(form, "[data-quick]"), {
    page, at: () => instantIn(field.start), shift: () => found?.shift ?? null, take: (taken) => {
      setTime(field.start, taken.start);
      setTime(field.end, taken.end);
      showTimes();
    },
  });
  showKind();
  showTimes();
  /** @type {Promise<void>} */
  const closed = new Promise((resolve) => { open(dialog, () => resolve()); });
  (how === "nobody" ? field.start : field.person_id).focus({ preventScroll: true });
  return closed;
}

function showKind() {
  const nobody = field.how.value === "nobody";
  need(form, '[data-field="person_id"]').hidden = nobody;
  showMet();
}

/** How long it is, which of the quick choices that is, and, some moments later, whom it concerns. */
function showTimes() {
  const [start, end] = [instantIn(field.start), instantIn(field.end)];
  const words = start !== null && end !== null && end > start ? `That is ${spanLength(start, end)}.` : "";
  need(form, "[data-length]").textContent = words;
  showChosen(start, end);
  look(start === null || end === null ? null : { layerId: field.layer_id.value, start, end, besides: editing?.id });
}

/** Who is on call then without this override; whoever has time off is marked among the people. */
function showMet() {
  markBusy(field.person_id, page.board, found?.busy);
  const who = found?.met.length ? metWords(page.board, found.met) : "";
  replaced.textContent = who ? `${BEFORE[field.how.value]} ${who}.` : "";
  showChosen(instantIn(field.start), instantIn(field.end));
}

/** @param {Accepted} accepted */
async function save(accepted) {
  const nobody = field.how.value === "nobody";
  const body = {
    layer_id: Number(field.layer_id.value), start: timeOf(field.start), end: timeOf(field.end), note: field.note.value,
    person_id: nobody ? null : idOf(field.person_id), kind: nobody ? "replace" : field.how.value,
  };
  page.check(body, nobody ? ["start", "end"] : ["person_id", "start", "end"]);
  if (editing === null) {
    await send("POST", page.edit("overrides"), accepting(body, accepted));
  } else {
    const { id, version } = editing;
    await send("PUT", page.edit(`overrides/${id}`), accepting({ ...body, version }, accepted));
  }
}

function savedWords() {
  const when = spanWords(instantIn(field.start), instantIn(field.end));
  if (field.how.value === "nobody") return `Saved: nobody, on purpose, ${when}.`;
  const name = nameOf(page.board, Number(field.person_id.value));
  return `Saved: ${name} ${field.how.value === "add" ? "added" : "covers"}, ${when}.`;
}
