// @ts-check
// Line icons on a 24 px grid, drawn for this page; they take the colour of the text around them.

/** @type {Record<string, string[]>} */
const SHAPES = {
  call: ["M6.2 4.2h2.9l1.6 4-2 1.6a11 11 0 0 0 5.5 5.5l1.6-2 4 1.6v2.9a2 2 0 0 1-2.1 2A15.6 15.6 0 0 1 4.2 6.3a2 2 0 0 1 2-2.1Z"],
  hangup: ["M3 14.6c-.5-1-.4-2.3.5-3.1a12.6 12.6 0 0 1 17 0c.9.8 1 2.1.5 3.1l-.6 1.2-4-1.2v-2.6a12 12 0 0 0-8.8 0v2.6l-4 1.2Z"],
  text: ["M4.5 5.5h15a1.5 1.5 0 0 1 1.5 1.5v8.5a1.5 1.5 0 0 1-1.5 1.5H11l-4.5 3.6V17h-2A1.5 1.5 0 0 1 3 15.5V7a1.5 1.5 0 0 1 1.5-1.5Z", "M8 9.8h8M8 12.8h5"],
  speak: ["M12 3.5a2.7 2.7 0 0 1 2.7 2.7v5a2.7 2.7 0 0 1-5.4 0v-5A2.7 2.7 0 0 1 12 3.5Z", "M5.8 11a6.2 6.2 0 0 0 12.4 0M12 17.3v3.2"],
  sound: ["M4 9.5h3.2L12 5.5v13l-4.8-4H4Z", "M15.5 9a4.2 4.2 0 0 1 0 6M18.3 6.4a8 8 0 0 1 0 11.2"],
  muted: ["M4 9.5h3.2L12 5.5v13l-4.8-4H4Z", "m16 9.5 5 5m0-5-5 5"],
  ear: ["M4.5 15.5V12a7.5 7.5 0 0 1 15 0v3.5", "M4.5 14h2.2a1 1 0 0 1 1 1v4a1 1 0 0 1-1 1H6a1.5 1.5 0 0 1-1.5-1.5ZM19.5 14h-2.2a1 1 0 0 0-1 1v4a1 1 0 0 0 1 1h.7a1.5 1.5 0 0 0 1.5-1.5Z"],
  gear: ["M4 7.5h9m4 0h3M4 16.5h3m4 0h9", "M15 5.3a2.2 2.2 0 1 1 0 4.4 2.2 2.2 0 0 1 0-4.4ZM9 14.3a2.2 2.2 0 1 1 0 4.4 2.2 2.2 0 0 1 0-4.4Z"],
  more: ["M12 5.5v.01M12 12v.01M12 18.5v.01"],
  warning: ["M12 4.2 21 19.5H3Z", "M12 10v4.2M12 16.8v.01"],
  clock: ["M12 3.8a8.2 8.2 0 1 1 0 16.4 8.2 8.2 0 0 1 0-16.4Z", "M12 7.5V12l3 2"],
  check: ["m5.5 12.5 4.2 4.2 8.8-9.2"],
  close: ["m6.5 6.5 11 11m0-11-11 11"],
  down: ["m7 10 5 5 5-5"],
  help: ["M12 3.8a8.2 8.2 0 1 1 0 16.4 8.2 8.2 0 0 1 0-16.4Z", "M9.7 9.6a2.4 2.4 0 1 1 3.4 2.3c-.8.4-1.1.9-1.1 1.8M12 16.6v.01"],
  ticket: ["M4 6.5h16v3.7a1.9 1.9 0 0 0 0 3.7v3.6H4v-3.6a1.9 1.9 0 0 0 0-3.7Z", "M14 7v10"],
  key: ["M8.5 10.5a4 4 0 1 1 0 8 4 4 0 0 1 0-8Z", "m11.5 11.7 7.5-7.5m-3 3 2.6 2.6"],
  record: ["M12 8a4 4 0 1 1 0 8 4 4 0 0 1 0-8Z"],
  moon: ["M19.8 14.6A8 8 0 0 1 9.4 4.2a8 8 0 1 0 10.4 10.4Z"],
  hare: ["M4 12h8M6.5 8h7M3 16h6", "m14 6 6 6-6 6"],
};

/**
 * One icon as inline SVG, hidden from screen readers: the button around it carries the label.
 * @param {string} name
 */
export function icon(name) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", `icon icon-${name}`);
  svg.setAttribute("aria-hidden", "true");
  for (const d of SHAPES[name]) {
    const path = document.createElementNS(space, "path");
    path.setAttribute("d", d);
    svg.append(path);
  }
  return svg;
}
