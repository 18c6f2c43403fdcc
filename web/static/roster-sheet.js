// Dialogs and their forms: opening and closing, a refusal beside its field, the question before a gap is opened.

import { Refusal, send } from "./roster-data.js";
import { questionParts, toneOf, yesTo } from "./roster-questions.js";
import { isUnsaved, remember } from "./roster-unsaved.js";

const question = document.querySelector("#question");

/**
 * Open a dialog; Escape, its cross and a click beside it close it. What is typed into a form that keeps it is asked
 * about first. `onClose` is called once.
 */
export function open(dialog, onClose = () => {}) {
  prepare(dialog);
  const form = keeping(dialog);
  if (form) remember(form);
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
  question.querySelector("[data-words]").className = "told";
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

/**
 * Do something outside a form; when it is asked about, ask and do it again. False when it was not done, "instead" when
 * something else was done by a better choice.
 */
export async function withConsent(act) {
  let accepted = null;
  for (;;) {
    try {
      await act(accepted);
      return true;
    } catch (refused) {
      if (!(refused instanceof Refusal) || !refused.confirm) throw refused;
      const answer = await answered(refused);
      if (answer === null) return false;
      if (answer.instead) {
        await send("POST", answer.instead, {});
        return "instead";
      }
      accepted = answer === "yes"
        ? yesTo(accepted, refused.questions)
        : { keys: accepted?.keys ?? [], change: { ...accepted?.change, ...answer.change } };
    }
  }
}

/** "yes", a better choice, or null for no. */
function answered(refused) {
  let answer = null;
  const place = question.querySelector("[data-words]");
  const choose = (choice) => {
    answer = choice;
    close(question);
  };
  const gap = toneOf(refused.questions) === "warn";
  const asking = agreed(gap ? "This opens a gap" : "Is this meant?", "", "Save all the same");
  place.replaceChildren(...questionParts(refused, choose));
  place.className = `told ${toneOf(refused.questions)}`;
  return asking.then((yes) => (yes ? "yes" : answer));
}

/**
 * Let a dialog's form save: `save(accepted)` sends what is typed, `done` follows. What was typed is never lost: when
 * somebody else was faster, `reload` puts what is there now in its place only if that is asked for. `choose` fills a
 * better choice into the form.
 */
export function letSave(dialog, save, done, reload = null, choose = () => {}) {
  const form = dialog.querySelector("form");
  let accepted = null;
  let asked = [];
  const better = (choice) => {
    choose(choice.change);
    tryIt(() => save(accepted), done);
  };
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
      if (refused.confirm) {
        asked = refused.questions;
        warn(form, refused, better);
      }
      if (!refused.confirm) complain(form, refused);
      offerReload(form, refused.changed && reload !== null);
    }
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    accepted = null;
    tryIt(() => save(accepted), done);
  });
  form.querySelector("[data-anyway]")?.addEventListener("click", () => {
    accepted = yesTo(accepted, asked);
    tryIt(() => save(accepted), done);
  });
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

function warn(form, refused, better) {
  say(form, "", toneOf(refused.questions));
  form.querySelector("[data-said]").replaceChildren(...questionParts(refused, better));
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
    if (event.target.closest(".panel-head [data-close]")) leave(dialog);
    else if (outside || event.target.closest("[data-close]")) close(dialog);
  });
  dialog.addEventListener("keydown", (event) => {
    if (event.key === "Escape") stay(event, dialog);
  });
  // A phone's way back.
  dialog.addEventListener("cancel", (event) => {
    if (event.target === dialog) stay(event, dialog);
  });
}

/** Where something would be lost, or a question stands, Escape does not close. */
function stay(event, dialog) {
  const form = keeping(dialog);
  const asked = form?.querySelector("[data-warned]:not([hidden])");
  if (event.defaultPrevented || !form || !(asked || isUnsaved(form))) return;
  event.preventDefault();
  if (asked) back(form);
  else leave(dialog);
}

async function leave(dialog) {
  const form = keeping(dialog);
  const words = "What you have typed here is not saved.";
  if (!form || !isUnsaved(form) || await agreed("Leave without saving?", words, "Throw it away")) close(dialog);
}

function keeping(dialog) {
  return dialog.querySelector("form[data-keeps]");
}
