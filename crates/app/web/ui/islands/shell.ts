// On every page: the design system's own behaviour for the components that Ward uses.
import {
  Button,
  CharacterCount,
  Checkboxes,
  ErrorSummary,
  NotificationBanner,
  PasswordInput,
  Radios,
  SkipLink,
  createAll,
  isSupported,
} from "nhsuk-frontend";

document.body.classList.add("js-enabled");
if (isSupported()) {
  document.body.classList.add("nhsuk-frontend-supported");
}
createAll(Button);
createAll(CharacterCount);
createAll(Checkboxes);
createAll(ErrorSummary);
createAll(NotificationBanner);
createAll(PasswordInput);
createAll(Radios);
createAll(SkipLink);
