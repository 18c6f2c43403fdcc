// "Who would be rung at…": answered by the same rules that ring people.

import { h } from "./dom.js";
import { get } from "./roster-data.js";
import { regionWords } from "./roster-board.js";
import { fill } from "./roster-forms.js";
import { clear, letSave, open } from "./roster-sheet.js";
import { instantIn, setTime, timeOf } from "./roster-when.js";

const dialog = document.querySelector("#what-if");
const form = dialog.querySelector("form");
const field = form.elements;
const place = dialog.querySelector("[data-answer]");
let page = null;

export function prepareAsking(thePage) {
  page = thePage;
  letSave(dialog, ask, () => {});
}

export function showAsking() {
  clear(form);
  place.hidden = true;
  fill(field.region, page.board.roster.regions.map((region) => [region, regionWords(region)]));
  setTime(field.at, instantIn(field.at) ?? page.now());
  open(dialog);
}

async function ask() {
  place.hidden = true;
  const at = timeOf(field.at);
  page.check({ at }, ["at"]);
  const query = new URLSearchParams({ at, region: field.region.value });
  const found = await get(page.url(`what-if.json?${query}`));
  const steps = rounds(found.steps).map(({ seconds, names }) => h("li", "", h("time", "", after(seconds)), names));
  const list = steps.length ? h("ol", "rings", ...steps) : h("p", "told bad", "Nobody would be rung.");
  place.replaceChildren(h("h3", "", found.written), h("p", "", found.words), list);
  place.hidden = false;
  place.scrollIntoView({ block: "nearest" });
}

/** Whoever is rung at the same moment stands in one line. */
function rounds(steps) {
  const found = [];
  for (const step of steps) {
    const last = found.at(-1);
    const words = [h("b", "", step.person), h("small", "", step.source)];
    if (last && last.seconds === step.seconds) last.names.append(h("span", "ring", ...words));
    else found.push({ seconds: step.seconds, names: h("span", "ring-names", h("span", "ring", ...words)) });
  }
  return found;
}

function after(seconds) {
  if (seconds === 0) return "at once";
  const minutes = Math.floor(seconds / 60);
  const rest = seconds % 60;
  return `after ${[minutes ? `${minutes} min` : "", rest ? `${rest} s` : ""].filter(Boolean).join(" ")}`;
}
