// @ts-check
import { h, setAttr } from "./dom.js";

const GAP = 8;

/**
 * A button and the small panel it opens below itself, closed by Escape or a click outside.
 * @param {HTMLButtonElement} button @param {HTMLElement} panel @param {{ onOpen?: () => void }} [facts]
 */
export function popover(button, panel, { onOpen } = {}) {
  panel.setAttribute("popover", "auto");
  panel.classList.add("popover");
  setAttr(button, "aria-haspopup", "dialog");
  setAttr(button, "aria-expanded", "false");
  button.popoverTargetElement = panel;
  panel.addEventListener("toggle", (event) => {
    const open = event.newState === "open";
    setAttr(button, "aria-expanded", String(open));
    if (!open) return;
    place(button, panel);
    onOpen?.();
  });
  window.addEventListener("resize", () => panel.matches(":popover-open") && place(button, panel));
  return panel;
}

/**
 * Below the button, or above where there is more room, and never outside the window.
 * @param {HTMLButtonElement} button @param {HTMLElement} panel
 */
function place(button, panel) {
  const anchor = button.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = panel;
  const left = Math.min(Math.max(GAP, anchor.right - width), window.innerWidth - width - GAP);
  const below = anchor.bottom + GAP;
  const top = below + height > window.innerHeight - GAP ? Math.max(GAP, anchor.top - height - GAP) : below;
  panel.style.left = `${Math.max(GAP, left)}px`;
  panel.style.top = `${top}px`;
}

/**
 * A panel with a heading.
 * @param {string} title @param {...Child} children
 */
export function panel(title, ...children) {
  return h("div", { role: "dialog", "aria-label": title }, h("h2", {}, title), ...children);
}
