// Regions of a page, replaced by what the server says now. The server renders whole pages only;
// an island fetches the page and takes the parts it needs, so that there is one truth.

/** What people see changed: whether the page could be had. */
export type Outcome = "done" | "failed";

/**
 * Fetches `url` and replaces each of `regions` by the element with the same id. Keeps which
 * details are open, which boxes are ticked, and where the focus is.
 */
export async function swap(url: string, regions: Iterable<Element>): Promise<Outcome> {
  let fresh: Document;
  try {
    const answer = await fetch(url, { headers: { accept: "text/html" }, credentials: "same-origin" });
    if (!answer.ok || answer.redirected) {
      return "failed";
    }
    fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  } catch {
    return "failed";
  }
  for (const region of regions) {
    const next = region.id === "" ? null : fresh.getElementById(region.id);
    if (next !== null) {
      replace(region, next);
    }
  }
  document.dispatchEvent(new CustomEvent("ward:swapped"));
  return "done";
}

function replace(region: Element, next: Element): void {
  const open = new Set(
    [...region.querySelectorAll("details[open] > summary")].map((summary) => summary.textContent),
  );
  const ticked = new Set(
    [...region.querySelectorAll<HTMLInputElement>("[data-row] input:checked")].map((box) => box.value),
  );
  const focus = focused(region);
  region.replaceChildren(...[...next.childNodes].map((node) => document.adoptNode(node)));
  for (const summary of region.querySelectorAll("details > summary")) {
    if (open.has(summary.textContent)) {
      summary.parentElement?.setAttribute("open", "");
    }
  }
  for (const box of region.querySelectorAll<HTMLInputElement>("[data-row] input")) {
    box.checked = ticked.has(box.value);
  }
  focus?.();
}

/** How to come back to what has the focus within a region: by id, or by row and place in it. */
function focused(region: Element): (() => void) | undefined {
  const active = document.activeElement;
  if (!(active instanceof HTMLElement) || !region.contains(active)) {
    return undefined;
  }
  if (active.id !== "") {
    const id = active.id;
    return () => document.getElementById(id)?.focus({ preventScroll: true });
  }
  const row = active.closest<HTMLElement>("[data-row]")?.dataset["row"];
  const name = active.localName;
  return () => {
    const again = row === undefined ? null : region.querySelector(`[data-row="${CSS.escape(row)}"]`);
    again?.querySelector<HTMLElement>(name)?.focus({ preventScroll: true });
  };
}
