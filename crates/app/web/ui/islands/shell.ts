// On every page: the design system's own behaviour for the components that Ward uses, the way to
// the search box by key, and a view switcher that closes when one leaves it.
import {
  Button,
  CharacterCount,
  Checkboxes,
  ErrorSummary,
  PasswordInput,
  Radios,
  SkipLink,
  createAll,
} from "nhsuk-frontend";
import { addKeys, listen } from "../parts/keys";

// The design system asks for these before its components start. A browser that reads modules has
// all they need.
document.body.classList.add("js-enabled", "nhsuk-frontend-supported");
createAll(Button);
createAll(CharacterCount);
createAll(Checkboxes);
createAll(ErrorSummary);
createAll(PasswordInput);
createAll(Radios);
createAll(SkipLink);

const search = document.querySelector<HTMLInputElement>("#ward-search");
if (search !== null) {
  addKeys([{ key: "/", does: "Go to the search box", run: () => search.focus() }]);
}
listen();

const view = document.querySelector<HTMLDetailsElement>(".ward-view");
document.addEventListener("click", (event) => {
  if (view?.open === true && event.target instanceof Node && !view.contains(event.target)) {
    view.open = false;
  }
});
view?.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && view.open) {
    view.open = false;
    view.querySelector("summary")?.focus();
  }
});
