// A Ward nobody has used: the one-time link, the second factor, the sign-in in two steps, and pages
// that have nothing to show yet. At last its database is destroyed, to see the page of that.
import { readdirSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { lookAt, looks } from "./look.mjs";
import { code } from "./totp.mjs";
import { open } from "./tools.mjs";
import { walk } from "./walk.mjs";

const person = { email: "first@example.org", name: "Example Administrator", password: "copper meadow violin 4" };

/** Walks through a fresh Ward. `link` makes its first administrator; `data` is its folder. */
export async function fresh(browser, tests, { address, link, data, routes, into, seen }) {
  const outside = async (path, status = 200) => {
    const name = `outside-${path.replaceAll(/[^a-z]+/g, "-").slice(1, 20)}`;
    await lookAt(browser, tests, address, path, { into, status, name });
  };
  const path = new URL(link).pathname;
  await outside(path);
  await outside("/link/nothing", 404);
  await outside("/sign-in");
  seen.add("/link/{secret}").add("/sign-in");

  const page = await open(browser, 390);
  await page.goto(address + path);
  await page.locator('[name="email"]').fill(person.email);
  await page.locator('[name="name"]').fill(person.name);
  await page.locator('[name="password"]').fill(person.password);
  await page.locator('main button[type="submit"]').click();
  await page.waitForURL(/set-up/);
  await looks(tests, page, "the second factor is set up");
  await picture(page, into, "set-up");
  const secret = await page.locator(".ward-secret").textContent();
  await page.locator('[name="code"]').fill("000000");
  await page.locator('main button[type="submit"]').click();
  await page.locator(".nhsuk-error-summary").waitFor();
  page.wrong = page.wrong.filter((line) => !line.includes("status of 4"));
  await looks(tests, page, "a code that is wrong");
  const again = await page.locator(".ward-secret").textContent();
  await page.locator('[name="code"]').fill(code(again));
  await page.locator('main button[type="submit"]').click();
  await page.locator(".ward-codes").waitFor();
  await looks(tests, page, "codes for the day the phone is lost");
  await picture(page, into, "codes");
  await page.locator("main a.nhsuk-button").click();
  seen.add("/sign-in/set-up");
  tests.check("a wrong code does not change the secret", again === secret ? [] : ["another secret is shown"]);

  const second = await open(browser, 390);
  await second.goto(`${address}/sign-in`);
  await second.locator('[autocomplete="username"]').fill(person.email);
  await second.locator('[autocomplete="current-password"]').fill(person.password);
  await second.locator('main button[type="submit"]').first().click();
  await second.waitForURL(/sign-in\/code/);
  const storageState = await second.context().storageState();
  for (const step of ["/sign-in/code", "/sign-in/recovery"]) {
    const name = step.slice(1).replace("/", "-");
    await lookAt(browser, tests, address, step, { storageState, into, name });
    seen.add(step);
  }
  // A code lets in once: this one is of the next half minute, which clocks that differ may show.
  await second.locator('[name="code"]').fill(code(again, 30));
  await second.locator('main button[type="submit"]').first().click();
  await second.waitForURL((url) => url.pathname === "/");
  const state = await second.context().storageState();
  await second.context().close();
  await page.context().close();

  const fixed = routes.filter((route) => !route.includes("{") && !route.startsWith("/sign-in") && !route.startsWith("/map/dependencies"));
  await walk(browser, tests, address, { storageState: state, into, routes, starts: fixed, prefix: "empty-" });

  for (const file of readdirSync(data).filter((name) => name.startsWith("ward.db"))) {
    truncateSync(join(data, file), 0);
    writeFileSync(join(data, file), "destroyed for a test ".repeat(5_000));
  }
  await lookAt(browser, tests, address, "/account", { storageState: state, into, status: 500, name: "wrong-500" });
}

async function picture(page, into, name) {
  if (into(name) !== undefined) await page.screenshot({ path: into(`${name}-390.png`), fullPage: true });
}
