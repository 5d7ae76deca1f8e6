// Keeps regions of a page true: `<section id="clocks" data-live="incidents sources">` is fetched
// anew when the server says that one of its topics changed. A region that somebody points at or
// works in waits until they leave it; nothing moves under a hand.
import { onChange } from "../parts/events";
import { swap } from "../parts/swap";

/** News come in bursts; a page asks once for all of them, and not more often than this. */
const PAUSE_MS = 2_000;

const waiting = new Set<Element>();
let isAsking = false;

onChange(({ topic }) => {
  for (const region of document.querySelectorAll<HTMLElement>("[data-live]")) {
    if (region.dataset["live"]?.split(" ").includes(topic) === true) {
      waiting.add(region);
    }
  }
  void refresh();
});

async function refresh(): Promise<void> {
  if (isAsking) {
    return;
  }
  isAsking = true;
  while (waiting.size > 0) {
    await pause(PAUSE_MS);
    const free = [...waiting].filter((region) => !isInUse(region));
    if (free.length > 0 && document.visibilityState === "visible") {
      free.forEach((region) => waiting.delete(region));
      if ((await swap(location.href, free)) === "failed") {
        free.filter((region) => region.isConnected).forEach((region) => waiting.add(region));
        await pause(5 * PAUSE_MS);
      }
    }
  }
  isAsking = false;
}

function isInUse(region: Element): boolean {
  return region.matches(":hover, :focus-within") || region.contains(getSelection()?.focusNode ?? null);
}

function pause(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, ms));
}
