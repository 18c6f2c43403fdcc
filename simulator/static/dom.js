// @ts-check
// The few functions with which the page patches itself in place: nothing is redrawn that did not change, so focus,
// scrolling and running animations survive every update. Text from the server only ever becomes text nodes.

/**
 * Make an element. Keys of `attrs`: `on<event>` adds a listener, `class`, anything else is an attribute.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag @param {Attributes} [attrs] @param {...Child} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function h(tag, attrs = {}, ...children) {
  const el = document.createElement(tag);
  for (const [key, value] of Object.entries(attrs)) {
    if (key.startsWith("on")) el.addEventListener(key.slice(2), /** @type {(event: any) => void} */ (value));
    else setAttr(el, key, value);
  }
  el.append(...children.filter((child) => child != null));
  return el;
}

/**
 * The element of the page with a `data-…` attribute.
 * @param {string} name
 */
export function find(name) {
  const found = document.querySelector(`[data-${name}]`);
  if (!found) throw new TypeError(`The page has no data-${name}.`);
  return found;
}

/**
 * Set, or for null, undefined and false remove, one attribute, only when it differs.
 * @param {Element} el @param {string} name @param {unknown} value
 */
export function setAttr(el, name, value) {
  if (value === null || value === undefined || value === false) {
    if (el.hasAttribute(name)) el.removeAttribute(name);
    return;
  }
  const text = value === true ? "" : String(value);
  if (el.getAttribute(name) !== text) el.setAttribute(name, text);
}

/** @param {Element} el @param {string | null} text */
export function setText(el, text) {
  if (el.textContent !== text) el.textContent = text;
}

/**
 * Show or hide; a hidden element that had the focus hands it to `fallback`.
 * @param {HTMLElement} el @param {boolean} visible @param {HTMLElement | null} [fallback]
 */
export function show(el, visible, fallback = null) {
  if (el.hidden === !visible) return;
  const hadFocus = !visible && el.contains(document.activeElement);
  el.hidden = !visible;
  if (hadFocus && fallback) fallback.focus({ preventScroll: true });
}

/**
 * Seconds as m:ss.
 * @param {number} seconds
 */
export function minutes(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/** @param {string} name */
export function initials(name) {
  return name.split(/\s+/).filter((word) => /\p{L}/u.test(word)).slice(0, 2).map((word) => word[0]).join("").toUpperCase();
}

/**
 * What a tab has room for: "St. Anna" of "St. Anna Hospital", "Giulia" of "Giulia Conti".
 * @param {string} name
 */
export function shortName(name) {
  const words = name.split(" ");
  return words.slice(0, words[0].endsWith(".") ? 2 : 1).join(" ");
}

/**
 * A round face with a person's initials, in a colour of their own.
 * @param {string} name @param {number} index
 */
export function avatar(name, index) {
  const el = h("span", { class: "avatar", "aria-hidden": "true" }, initials(name));
  el.style.setProperty("--hue", String((index * 67 + 215) % 360));
  return el;
}

/** Seconds of this page's life; unlike the wall clock it never jumps. */
export function uptime() {
  return performance.now() / 1000;
}

/** What the person chose earlier in this browser. Private windows may forbid storing: then the choice lasts until reload. */
export const memory = {
  /** @param {string} key @param {HTMLElement} fallback */
  /**
   * @param {string} key @param {any} fallback
   * @returns {any}
   */
  get(key, fallback) {
    try {
      const stored = localStorage.getItem(`nightline.${key}`);
      return stored === null ? fallback : JSON.parse(stored);
    } catch {
      return fallback;
    }
  },
  /** @param {string} key @param {unknown} value */
  /** @param {string} key @param {unknown} value */
  set(key, value) {
    try {
      localStorage.setItem(`nightline.${key}`, JSON.stringify(value));
    } catch (error) {
      console.info("This browser does not remember settings:", error);
    }
  },
};
