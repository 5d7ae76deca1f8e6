// The one stream of news of a page. Its address stands in the page; the server tells which topic
// changed (`event: change`, `data: {"topic": "alerts", "count": 5, "ids": […]}`), never what it is now.

/** One thing that changed at the server. */
export interface Change {
  /** What changed, as `data-live` and `data-queue` name it. */
  topic: string;
  /** How many things of the topic are new or changed. */
  count: number;
  /** Which, as far as they are told; fewer than `count` where there are many. */
  ids: string[];
}

type Listener = (change: Change) => void;

const listeners: Listener[] = [];
let stream: EventSource | undefined;

/** Calls `listener` for each change from now on. Without an address in the page: never. */
export function onChange(listener: Listener): void {
  listeners.push(listener);
  stream ??= open();
}

function open(): EventSource | undefined {
  const address = document.querySelector<HTMLMetaElement>('meta[name="ward-events"]')?.content;
  if (address === undefined) {
    return undefined;
  }
  const source = new EventSource(address);
  source.addEventListener("change", (event: MessageEvent<string>) => {
    const change = read(event.data);
    if (change !== undefined) {
      listeners.forEach((listener) => listener(change));
    }
  });
  source.addEventListener("error", () => tell(true));
  source.addEventListener("open", () => tell(false));
  window.addEventListener("pagehide", () => source.close());
  return source;
}

function read(text: string): Change | undefined {
  try {
    const { topic, count, ids } = JSON.parse(text) as Partial<Change>;
    const told = Array.isArray(ids) ? ids.filter((id) => typeof id === "string") : [];
    return typeof topic === "string"
      ? { topic, count: typeof count === "number" ? count : 1, ids: told }
      : undefined;
  } catch {
    return undefined;
  }
}

/** A page that no longer hears news says so, and until when it is right. */
function tell(isBroken: boolean): void {
  const place = document.querySelector<HTMLElement>("[data-live-status]");
  if (place === null) {
    return;
  }
  if (!isBroken) {
    place.textContent = "";
  } else if (place.textContent === "") {
    const now = new Date().toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
    place.textContent = `Live updates stopped at ${now}. Ward is trying again; what you see may be old.`;
  }
}
