// Every page of a running Ward: the program's own list of routes says which there are, the links
// of its pages lead to those of single things. A page that was not looked at fails the run.
import { readFileSync } from "node:fs";
import { lookAt } from "./look.mjs";

/** What a route answers that is no page: files, streams, other programs' addresses. */
const noPage = [/^\/api\//, /^\/services\//, /^\/health\//, /^\/live$/, /\.(csv|jsonl|json)$/, /\/\{file\}$/];

/** The pages among the routes of `tests/isolation/routes.txt`, which a test holds to the program. */
export function pages(file) {
  const lines = readFileSync(file, "utf8").split("\n").map((line) => line.split(/\s+/));
  const asked = lines.filter(([method, , kind]) => method === "GET" && kind !== "telemetry");
  const routes = [...new Set(asked.map(([, route]) => route))];
  return routes.filter((route) => !noPage.some((one) => one.test(route)));
}

/** The route that answers a path: the one with the fewest names in it. */
function routeOf(path, routes) {
  const bare = path.split(/[?#]/)[0];
  if (noPage.some((one) => one.test(bare))) return undefined;
  const fits = (route) => new RegExp(`^${route.replaceAll(/\{[^}]+\}/g, "[^/]+")}$`).test(bare);
  const names = (route) => route.split("{").length;
  return routes.filter(fits).sort((a, b) => names(a) - names(b))[0];
}

/** Looks at every page that can be reached from `starts`; `seen` are routes that were looked at before. */
export async function walk(browser, tests, address, { storageState, into, routes, starts, seen = new Set(), prefix = "" }) {
  const waiting = [...starts];
  const planned = new Set(waiting.map((path) => routeOf(path, routes)));
  while (waiting.length > 0) {
    const path = waiting.shift();
    const route = routeOf(path, routes);
    const name = prefix + (route ?? path).replaceAll(/[^a-z0-9]+/gi, "-").replace(/^-|-$/g, "") + (path.includes("?") && !route?.includes("{") ? `-${path.split("?")[1].replaceAll(/[^a-z0-9]+/gi, "-").slice(0, 30)}` : "");
    const looked = lookAt(browser, tests, address, path, { storageState, into, name: name || "first" });
    const links = await looked.catch((error) => {
      tests.check(`${path} is looked at`, [error.message.split("\n")[0]]);
      return [];
    });
    seen.add(route);
    for (const link of links) {
      const to = routeOf(link, routes);
      if (to !== undefined && !planned.has(to) && !seen.has(to)) {
        planned.add(to);
        waiting.push(link);
      }
    }
  }
  return seen;
}

/** Pages that no link of the run leads to, and why. */
const notLinked = new Map([
  ["/map/import/{number}", "an upload leads there: the journeys look at it"],
  ["/people/{id}/second-factor", "linked only for a colleague who has one; the page is that of the other questions about a person"],
]);

/** Fails for each page that nobody looked at. */
export function account(tests, routes, seen) {
  for (const route of routes.filter((route) => !notLinked.has(route))) {
    tests.check(`${route} was looked at`, seen.has(route) ? [] : ["no page of the run leads there"]);
  }
}
