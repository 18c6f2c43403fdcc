// Dialogs and their forms: opening and closing, a refusal beside its field, the question before a gap is opened.

import { Refusal } from "./roster-data.js";

const question = document.querySelector("#question");

/** Open a dialog; Escape, its cross and a click beside it close it. `onClose` is called once. */
export function open(dialog, onClose = () => {}) {
  prepare(dialog);
  if (!dialog.open) dialog.showModal();
  dialog.addEventListener("close", onClose, { once: true });
}

export function close(dialog) {
  if (dialog.open) dialog.close();
}

/** Ask before something is done that may be regretted. Resolves to whether it was agreed to. */
export function agreed(title, words, yes) {
  question.querySelector("[data-title]").textContent = title;
  question.querySelector("[data-words]").textContent = words;
  const button = question.querySelector("[data-yes]");
  button.textContent = yes;
  return new Promise((resolve) => {
    let answer = false;
    button.onclick = () => {
      answer = true;
      close(question);
    };
    open(question, () => resolve(answer));
  });
}

/** Do something outside a form; when it would open a gap, ask and do it again. False when it was not done. */
export async function withConsent(act) {
  try {
    await act(false);
  } catch (refused) {
    if (!(refused instanceof Refusal) || !refused.confirm) throw refused;
    if (!await agreed("This opens a gap", refused.message, "Save all the same")) return false;
    await act(true);
  }
  return true;
}

/**
 * Let a dialog's form save: `save(accepted)` sends what is typed, `done` follows. What was typed is never lost: when
 * somebody else was faster, `reload` puts what is there now in its place only if that is asked for.
 */
export function letSave(dialog, save, done, reload = null) {
  const form = dialog.querySelector("form");
  const tryIt = async (act, then) => {
    clear(form);
    busy(form, true);
    try {
      await act();
      busy(form, false);
      then();
    } catch (refused) {
      busy(form, false);
      if (!(refused instanceof Refusal)) throw refused;
      if (refused.confirm) warn(form, refused.message);
      else complain(form, refused);
      offerReload(form, refused.changed && reload !== null);
    }
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    tryIt(() => save(false), done);
  });
  form.querySelector("[data-anyway]")?.addEventListener("click", () => tryIt(() => save(true), done));
  form.querySelector("[data-reload]")?.addEventListener("click", () => tryIt(reload, () => {}));
  form.querySelector("[data-back]")?.addEventListener("click", () => back(form));
}

/** Take away what an earlier attempt was told. */
export function clear(form) {
  for (const wrong of form.querySelectorAll(".wrong")) wrong.hidden = true;
  for (const field of form.querySelectorAll("[aria-invalid]")) {
    field.removeAttribute("aria-invalid");
    field.removeAttribute("aria-describedby");
  }
  back(form);
}

/** Show a refusal beside its field, or above the buttons when it is of none. */
export function complain(form, refused) {
  const place = placeOf(form, refused.field);
  const wrong = place?.querySelector(":scope > .wrong");
  if (!wrong) {
    say(form, refused.message, "bad");
    return;
  }
  wrong.textContent = refused.message;
  wrong.hidden = false;
  const input = place.querySelector("input, select");
  if (!input) return;
  input.setAttribute("aria-invalid", "true");
  if (wrong.id) input.setAttribute("aria-describedby", wrong.id);
  input.focus();
}

/** A 422 of a list's entry, such as "rotations.1", belongs beside that entry, else beside the list. */
function placeOf(form, field) {
  if (field === null) return null;
  const [name, index] = field.split(".");
  const group = form.querySelector(`[data-field="${CSS.escape(name)}"]`);
  if (index === undefined || group === null) return group;
  return group.querySelector(`[data-entry="${CSS.escape(index)}"]`) ?? group;
}

function warn(form, words) {
  say(form, words, "warn");
  form.querySelector("[data-usual]").hidden = true;
  form.querySelector("[data-warned]").hidden = false;
  form.querySelector("[data-back]").focus();
}

function offerReload(form, yes) {
  const button = form.querySelector("[data-reload]");
  if (!button) return;
  button.hidden = !yes;
  if (yes) button.scrollIntoView({ block: "nearest" });
}

function back(form) {
  offerReload(form, false);
  const said = form.querySelector("[data-said]");
  if (said) said.hidden = true;
  const usual = form.querySelector("[data-usual]");
  const warned = form.querySelector("[data-warned]");
  if (usual) usual.hidden = false;
  if (!warned || warned.hidden) return;
  warned.hidden = true;
  usual.querySelector('[type="submit"]').focus();
}

function say(form, words, tone) {
  const said = form.querySelector("[data-said]");
  said.textContent = words;
  said.className = `told ${tone}`;
  said.hidden = false;
  said.scrollIntoView({ block: "nearest" });
}

function busy(form, yes) {
  form.setAttribute("aria-busy", String(yes));
  for (const button of form.querySelectorAll(".panel-foot button")) button.disabled = yes;
}

function prepare(dialog) {
  if (dialog.dataset.prepared) return;
  dialog.dataset.prepared = "yes";
  dialog.addEventListener("click", (event) => {
    const outside = event.target === dialog && !dialog.querySelector("form");
    if (outside || event.target.closest("[data-close]")) close(dialog);
  });
}
