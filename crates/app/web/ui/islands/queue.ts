// A list that is worked through: what is new waits for a press, keys move, open, choose and act,
// and the bar tells what is chosen. Rows never move by themselves. All of it also works by links,
// boxes and buttons without this file.
import { onChange } from "../parts/events";
import { addKeys } from "../parts/keys";
import { swap } from "../parts/swap";

const queue = document.querySelector<HTMLElement>("[data-queue]");
if (queue !== null) {
  start(queue);
}

function start(queue: HTMLElement): void {
  fresh(queue);
  choosing(queue);
  document.addEventListener("ward:swapped", () => choosing(queue));
  addKeys([
    { key: "j", does: "Next row", run: () => move(queue, 1) },
    { key: "k", does: "Row before", run: () => move(queue, -1) },
    { key: "Enter", does: "Open the row", run: () => link(cursor(queue))?.click() },
    { key: "x", does: "Choose the row, or not", run: () => box(cursor(queue))?.click() },
    { key: "Escape", does: "Choose nothing", run: () => choose(queue, () => false) },
    ...acts(queue),
  ]);
  queue.addEventListener("focusin", (event) => {
    const row = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-row]") : null;
    if (row !== null) {
      point(queue, row);
    }
  });
  queue.addEventListener("change", () => tell(queue));
  queue.addEventListener("click", (event) => range(queue, event));
  queue.addEventListener("submit", (event) => needsRows(queue, event));
}

// What is new: counted, and shown when asked.

function fresh(queue: HTMLElement): void {
  const place = document.createElement("div");
  place.className = "ward-fresh";
  place.setAttribute("role", "status");
  queue.before(place);
  // One that changes again and again is told once; of very many only the number is known.
  let known = new Set<string>();
  let unnamed = 0;
  onChange((change) => {
    if (change.topic === queue.dataset["queue"]) {
      change.ids.forEach((id) => known.add(id));
      unnamed += change.count - change.ids.length;
      show();
    }
  });
  function show(): void {
    const count = known.size + unnamed;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "nhsuk-button nhsuk-button--small";
    button.textContent = `${count.toLocaleString("en-GB")} new or changed: show`;
    button.addEventListener("click", () => void take(button));
    place.replaceChildren(button);
  }
  async function take(button: HTMLButtonElement): Promise<void> {
    button.disabled = true;
    const [taken, takenUnnamed] = [known, unnamed];
    known = new Set();
    unnamed = 0;
    const others = [...document.querySelectorAll("[data-result]")].filter((one) => one !== queue);
    if ((await swap(location.href, [queue, ...others])) === "failed") {
      taken.forEach((id) => known.add(id));
      unnamed += takenUnnamed;
      button.disabled = false;
      button.textContent = "Could not be fetched: try again";
      return;
    }
    known.size + unnamed > 0 ? show() : place.replaceChildren();
    link(rows(queue)[0])?.focus();
  }
}

// The cursor.

function rows(queue: HTMLElement): HTMLElement[] {
  return [...queue.querySelectorAll<HTMLElement>("[data-row]")];
}

function cursor(queue: HTMLElement): HTMLElement | undefined {
  return queue.querySelector<HTMLElement>("[data-row][data-cursor]") ?? undefined;
}

function point(queue: HTMLElement, row: HTMLElement): void {
  cursor(queue)?.removeAttribute("data-cursor");
  row.setAttribute("data-cursor", "");
}

function move(queue: HTMLElement, by: number): void {
  const all = rows(queue);
  const now = cursor(queue);
  const from = now === undefined ? (by > 0 ? -1 : all.length) : all.indexOf(now);
  const row = all[Math.min(Math.max(from + by, 0), all.length - 1)];
  if (row !== undefined) {
    point(queue, row);
    (link(row) ?? box(row))?.focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
  }
}

function link(row: HTMLElement | undefined): HTMLAnchorElement | null {
  return row?.querySelector<HTMLAnchorElement>("a[href]") ?? null;
}

function box(row: HTMLElement | undefined): HTMLInputElement | null {
  return row?.querySelector<HTMLInputElement>('input[type="checkbox"]') ?? null;
}

// Choosing rows.

function boxes(queue: HTMLElement): HTMLInputElement[] {
  return rows(queue).flatMap((row) => box(row) ?? []);
}

/** A box in the head that chooses all rows of the page. */
function choosing(queue: HTMLElement): void {
  const head = queue.querySelector<HTMLElement>("thead .ward-table__choice");
  if (head === null || head.querySelector("input") !== null) {
    return;
  }
  const label = document.createElement("label");
  label.className = "ward-choice";
  const all = document.createElement("input");
  all.type = "checkbox";
  all.setAttribute("aria-label", "Choose all rows of this page");
  all.addEventListener("click", () => choose(queue, () => all.checked));
  label.append(all);
  head.replaceChildren(label);
  tell(queue);
}

function choose(queue: HTMLElement, wanted: (box: HTMLInputElement) => boolean): void {
  boxes(queue).forEach((one) => (one.checked = wanted(one)));
  tell(queue);
}

let last: HTMLInputElement | undefined;

/** With Shift, all rows between the last choice and this one. */
function range(queue: HTMLElement, event: MouseEvent): void {
  const target = event.target;
  if (!(target instanceof HTMLInputElement) || target.closest("[data-row]") === null) {
    return;
  }
  const all = boxes(queue);
  const [from, to] = [last, target].map((one) => (one === undefined ? -1 : all.indexOf(one)));
  if (event.shiftKey && from !== undefined && to !== undefined && from >= 0) {
    all.slice(Math.min(from, to), Math.max(from, to) + 1).forEach((one) => (one.checked = target.checked));
  }
  last = target;
  tell(queue);
}

function tell(queue: HTMLElement): void {
  const all = boxes(queue);
  const chosen = all.filter((one) => one.checked).length;
  const form = queue.querySelector<HTMLFormElement>("form[data-selection]");
  const noun = form?.dataset["selection"] ?? "rows";
  form?.toggleAttribute("data-chosen", chosen > 0);
  const count = form?.querySelector("[data-selection-count]") ?? null;
  const text = chosen === 0 ? `Choose ${noun}, then:` : `${chosen} of ${all.length} ${noun} chosen:`;
  if (count !== null && count.textContent !== text) {
    count.textContent = text;
  }
  const head = queue.querySelector<HTMLInputElement>("thead .ward-table__choice input");
  if (head !== null) {
    head.checked = chosen > 0 && chosen === all.length;
    head.indeterminate = chosen > 0 && chosen < all.length;
  }
}

// Acting.

/** The buttons of the bar that have a key. Without a choice they act on the row of the cursor. */
function acts(queue: HTMLElement) {
  return [...queue.querySelectorAll<HTMLButtonElement>("button[data-key]")].map((button) => ({
    key: button.dataset["key"] ?? "",
    does: button.dataset["does"] ?? "",
    run: () => {
      const row = box(cursor(queue));
      if (row !== null && !boxes(queue).some((one) => one.checked)) {
        row.checked = true;
        tell(queue);
      }
      queue.querySelector<HTMLButtonElement>(`button[data-key="${button.dataset["key"] ?? ""}"]`)?.click();
    },
  }));
}

function needsRows(queue: HTMLElement, event: SubmitEvent): void {
  const form = event.target;
  const isBulk = form instanceof HTMLFormElement && form.dataset["selection"] !== undefined;
  if (isBulk && !boxes(queue).some((one) => one.checked)) {
    event.preventDefault();
    const count = queue.querySelector("[data-selection-count]");
    if (count !== null) {
      count.textContent = `Nothing is chosen. Choose ${form.dataset["selection"] ?? "rows"} first, then:`;
    }
    boxes(queue)[0]?.focus();
  }
}
