// Ward in a real browser: `npm run browser`.
//
// Without an address: the galleries of all pieces that `cargo test -p web` writes into the target
// folder (WARD_GALLERY, CARGO_TARGET_DIR or `target`). With WARD_URL: every page of a running
// demonstration and what people do there, signed in as WARD_USER with WARD_PASSWORD; WARD_PAGES,
// where it is given, names pages separated by blanks that are looked at instead. With WARD_FRESH,
// the one-time link of a Ward nobody has used, and WARD_FRESH_DATA, its folder, also that one,
// which is destroyed. Pictures go to WARD_PICTURES, where that is given.
import { existsSync, mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { launch, open, suite } from "./tools.mjs";
import { serve } from "./serve.mjs";
import { fresh } from "./fresh.mjs";
import { journeys, ways } from "./journeys.mjs";
import { look, lookAt } from "./look.mjs";
import { queue } from "./queue.mjs";
import { signIn } from "./sign-in.mjs";
import { account, pages, walk } from "./walk.mjs";

const pictures = process.env.WARD_PICTURES;
if (pictures !== undefined) {
  mkdirSync(pictures, { recursive: true });
}
const into = (name) => (pictures === undefined ? undefined : join(pictures, name));
const tests = suite();
const browser = await launch();
try {
  if (process.env.WARD_URL === undefined) {
    const root = resolve(import.meta.dirname, "../../../../..");
    const folder = process.env.WARD_GALLERY ?? process.env.CARGO_TARGET_DIR ?? join(root, "target");
    if (!existsSync(join(folder, "gallery.html"))) {
      throw new Error(`${folder}/gallery.html is missing: run \`cargo test -p web --test pieces\` first`);
    }
    const server = await serve(folder);
    await look(browser, tests, server.address, ["/gallery.html", "/gallery-extreme.html"], undefined, into);
    await queue(browser, tests, server, "/gallery.html");
    await server.stop();
  } else {
    await running(process.env.WARD_URL);
  }
} finally {
  await browser.close();
}
process.exitCode = tests.end();

/** A running demonstration, and a fresh Ward beside it. */
async function running(address) {
  const state = await signIn(browser, address);
  const named = process.env.WARD_PAGES;
  if (named !== undefined) {
    await look(browser, tests, address, named.split(" ").filter((path) => path !== ""), state, into);
    return;
  }
  const routes = pages(resolve(import.meta.dirname, "../../tests/isolation/routes.txt"));
  const at = await trust(address, state);
  let invited;
  for (const [index, way] of ways.entries()) {
    invited = (await journeys(browser, tests, address, way, index + 1, at)) ?? invited;
  }
  const fixed = routes.filter((route) => !route.includes("{") && !route.startsWith("/sign-in") && !route.startsWith("/map/dependencies"));
  const more = ["/alerts?state=closed", "/alerts?q=nothing-is-called-this", "/search?q=path", "/search?q=nothing-is-called-this", "/devices?q=nothing-is-called-this"];
  const starts = [...fixed, ...more, `/map/organisations/${at}`, `/map/organisations/${at}/edit`];
  const seen = await walk(browser, tests, address, { storageState: state, into, routes, starts });
  await lookAt(browser, tests, address, "/nothing-is-here", { storageState: state, into, status: 404, name: "wrong-404" });
  if (invited !== undefined) {
    const viewer = await accept(invited);
    await lookAt(browser, tests, address, "/tokens", { storageState: viewer, into, status: 403, name: "wrong-403" });
  }
  if (process.env.WARD_FRESH !== undefined) {
    const link = process.env.WARD_FRESH;
    await fresh(browser, tests, { address: new URL(link).origin, link, data: process.env.WARD_FRESH_DATA, routes, into, seen });
    account(tests, routes, seen);
  }
}

/** The code of an organisation with an open alert. */
async function trust(address, storageState) {
  const page = await open(browser, 1280, { storageState });
  await page.goto(`${address}/alerts`);
  await page.locator('main table a[href^="/alerts/"]').first().click();
  const href = await page.locator('main a[href^="/map/organisations/"]').first().getAttribute("href");
  await page.context().close();
  return href.split("/").pop();
}

/** The state of somebody who accepts an invitation. */
async function accept(link) {
  const page = await open(browser, 390);
  await page.goto(link);
  await page.locator('[name="password"]').fill("copper meadow violin 4");
  await page.locator('main button[type="submit"]').click();
  await page.waitForURL((url) => !url.pathname.startsWith("/link"));
  const state = await page.context().storageState();
  await page.context().close();
  return state;
}
