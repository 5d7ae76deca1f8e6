// A page at each size, with and without script: no fault by axe, nothing sticks out, nothing fails,
// the keyboard gets everywhere and is seen. Leaves pictures to be looked at.
import { faults, open, overflow, sizes } from "./tools.mjs";
import { keyboard } from "./keyboard.mjs";

/** Looks at several pages; see `lookAt`. */
export async function look(browser, tests, address, paths, storageState, into) {
  for (const path of paths) {
    await lookAt(browser, tests, address, path, { storageState, into });
  }
}

/** Looks at a page and returns where its links lead. `status` is the answer that is right. */
export async function lookAt(browser, tests, address, path, { storageState, into, status = 200, name = named(path) }) {
  let links = [];
  for (const size of Object.keys(sizes)) {
    const page = await open(browser, size, { storageState });
    const answer = await page.goto(address + path, { waitUntil: "load" });
    tests.check(`${path} at ${size}: the answer is ${status}`, answer.status() === status ? [] : [`status ${answer.status()}`]);
    await looks(tests, page, `${path} at ${size}`, status);
    links = await hrefs(page, address);
    if (size === "1280") {
      await page.reload();
      tests.check(`${path} by keyboard`, await keyboard(page).catch((error) => [error.message.split("\n")[0]]));
    }
    if (into(name) !== undefined) {
      await page.goto(address + path);
      await page.screenshot({ path: into(`${name}-${size}.png`), fullPage: true });
    }
    if (size === "1280" && into(name) !== undefined) {
      await page.emulateMedia({ media: "print" });
      await page.pdf({ path: into(`${name}.pdf`), format: "A4", printBackground: false });
    }
    await page.context().close();
  }
  const bare = await open(browser, 390, { storageState, javaScriptEnabled: false });
  const answer = await bare.goto(address + path);
  tests.check(`${path} without script is served`, answer.status() === status ? [] : [`status ${answer.status()}`]);
  tests.check(`${path} without script has one main heading`, (await bare.locator("h1").count()) === 1 ? [] : ["not one h1"]);
  tests.check(`${path} without script: nothing sticks out`, await overflow(bare));
  await bare.context().close();
  return links;
}

/** What is right on every page, as it stands before us: also the answer to a form. */
export async function looks(tests, page, what, status = 200) {
  tests.check(`${what}: axe finds nothing`, await faults(page));
  tests.check(`${what}: nothing sticks out`, await overflow(page));
  const opened = await page.evaluate(() => {
    const closed = [...document.querySelectorAll("main details:not([open])")];
    closed.forEach((one) => (one.open = true));
    return closed.length;
  });
  if (opened > 0) {
    tests.check(`${what}: axe finds nothing with all details open`, await faults(page));
    tests.check(`${what}: nothing sticks out with all details open`, await overflow(page));
  }
  // Chromium writes a line about an answer that is an error by design.
  const wrong = page.wrong.filter((line) => status < 400 || !line.includes(`status of ${status}`));
  tests.check(`${what}: nothing failed`, wrong);
}

/** A path as the name of a file. */
function named(path) {
  return path.replaceAll(/[^a-z0-9]+/gi, "-").replace(/^-|-$/g, "") || "first";
}

/** Where the links of a page lead on the same server. */
function hrefs(page, address) {
  return page.evaluate((address) => {
    const all = [...document.querySelectorAll("a[href], area[href]")].map((one) => one.href.baseVal ?? one.href);
    const ours = all.map((href) => new URL(href, location.href)).filter((url) => url.origin === new URL(address).origin);
    return [...new Set(ours.map((url) => url.pathname + url.search))];
  }, address);
}
