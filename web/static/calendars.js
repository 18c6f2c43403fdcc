// The page of calendar links: copying the new one, and closing the question before a link is revoked.

for (const button of document.querySelectorAll("[data-copy]")) {
  button.hidden = false;
  button.addEventListener("click", () => copy(document.getElementById(button.dataset.copy)));
}

for (const question of document.querySelectorAll("details.confirm")) {
  const opener = question.querySelector("summary");
  const close = () => {
    question.open = false;
    opener.focus();
  };
  question.addEventListener("toggle", () => question.open && closeOthers(question));
  question.addEventListener("keydown", (event) => event.key === "Escape" && question.open && close());
  const keep = question.querySelector("[data-keep]");
  keep.hidden = false;
  keep.addEventListener("click", close);
}

async function copy(address) {
  const told = document.querySelector("[data-copied]");
  try {
    await navigator.clipboard.writeText(address.textContent.trim());
    told.textContent = "Copied.";
  } catch {
    // No leave, or no https: what is selected can be copied by hand.
    getSelection().selectAllChildren(address);
    told.textContent = document.execCommand("copy") ? "Copied." : "The link is selected: copy it with Ctrl+C, or by a long press.";
  }
}

function closeOthers(question) {
  for (const other of document.querySelectorAll("details.confirm[open]")) {
    if (other !== question) other.open = false;
  }
}
