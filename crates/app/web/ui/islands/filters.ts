// Narrows a list as soon as a choice is made. The form works by its button; here a change fetches
// the list, replaces the regions marked `data-result` and puts the new address into the history.
// The focus stays where it is, so nobody is taken anywhere by choosing.
import { swap } from "../parts/swap";

const form = document.querySelector<HTMLFormElement>("form[data-filters]");

form?.addEventListener("change", (event) => {
  if (event.target instanceof HTMLSelectElement) {
    void narrow(form);
  }
});

async function narrow(form: HTMLFormElement): Promise<void> {
  const address = new URL(form.action, location.href);
  for (const [name, value] of new FormData(form)) {
    if (typeof value === "string" && value !== "") {
      address.searchParams.append(name, value);
    }
  }
  const results = [...document.querySelectorAll("[data-result]")];
  results.forEach((result) => result.setAttribute("aria-busy", "true"));
  const outcome = await swap(address.href, results);
  results.forEach((result) => result.removeAttribute("aria-busy"));
  if (outcome === "failed" || results.length === 0) {
    location.assign(address);
    return;
  }
  history.pushState(null, "", address);
  shown = location.pathname + location.search;
}

// Going to a place within the page, as the way to the main content does, is told here too.
let shown = location.pathname + location.search;
window.addEventListener("popstate", () => {
  if (location.pathname + location.search !== shown) location.reload();
});
