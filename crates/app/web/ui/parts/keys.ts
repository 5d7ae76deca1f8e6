// Single keys as shortcuts. They can be turned off (people who speak to their computer type
// letters by accident), rest while somebody writes, and are listed by `?`.

/** A key and what it does. */
export interface Shortcut {
  /** As `KeyboardEvent.key` spells it. */
  key: string;
  /** What it does, for the list. */
  does: string;
  run: () => void;
}

const OFF = "ward.keys.off";
const shortcuts: Shortcut[] = [];

/** Adds shortcuts; a later one with the same key wins. */
export function addKeys(added: Shortcut[]): void {
  for (const one of added) {
    const known = shortcuts.findIndex((other) => other.key === one.key);
    known < 0 ? shortcuts.push(one) : shortcuts.splice(known, 1, one);
  }
}

/** Starts listening. Once a page. */
export function listen(): void {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isWriting(event) || isPressing(event)) {
      return;
    }
    if (event.key === "?") {
      event.preventDefault();
      help();
      return;
    }
    const shortcut = shortcuts.find((one) => one.key === event.key);
    if (shortcut !== undefined && !isOff() && document.querySelector("dialog[open]") === null) {
      event.preventDefault();
      shortcut.run();
    }
  });
}

function isOff(): boolean {
  try {
    return localStorage.getItem(OFF) === "yes";
  } catch {
    return false;
  }
}

function isWriting(event: KeyboardEvent): boolean {
  const target = event.target;
  if (!(target instanceof HTMLElement)) {
    return false;
  }
  const box = target.closest("input, textarea, select");
  return target.isContentEditable || (box !== null && box.getAttribute("type") !== "checkbox");
}

/** Whether the key presses what has the focus, which is meant then and nothing else. */
function isPressing(event: KeyboardEvent): boolean {
  const presses = event.key === "Enter" && event.target instanceof Element;
  return presses && event.target.closest("a[href], area[href], button, summary") !== null;
}

function help(): void {
  const dialog = document.createElement("dialog");
  dialog.className = "ward-dialog";
  dialog.setAttribute("aria-labelledby", "ward-keys-title");
  const title = make("h2", "Keys");
  title.id = "ward-keys-title";
  const list = document.createElement("dl");
  for (const { key, does } of [...shortcuts, { key: "?", does: "Show this list" }]) {
    const term = document.createElement("dt");
    term.append(make("kbd", key === "Escape" ? "Esc" : key));
    list.append(term, make("dd", does));
  }
  const close = make("button", "Close");
  close.className = "nhsuk-button nhsuk-button--small";
  close.addEventListener("click", () => dialog.close());
  dialog.append(title, list, choice(), close);
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

/** The way to turn single keys off, remembered in this browser. */
function choice(): HTMLElement {
  const label = document.createElement("label");
  const box = document.createElement("input");
  box.type = "checkbox";
  box.checked = !isOff();
  box.addEventListener("change", () => {
    try {
      localStorage.setItem(OFF, box.checked ? "no" : "yes");
    } catch {
      // A browser that keeps nothing: the keys stay as they are for this page.
    }
  });
  label.append(box, " Use these keys on this computer");
  const line = document.createElement("p");
  line.append(label);
  return line;
}

function make<Name extends keyof HTMLElementTagNameMap>(name: Name, text: string): HTMLElementTagNameMap[Name] {
  const element = document.createElement(name);
  element.textContent = text;
  return element;
}
