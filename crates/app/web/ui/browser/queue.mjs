// The list that is worked through, by keyboard alone and with news arriving.
import { faults, open } from "./tools.mjs";

const equal = (found, wanted) => (found === wanted ? [] : [`${JSON.stringify(found)} is not ${JSON.stringify(wanted)}`]);

export async function queue(browser, tests, server, path) {
  const page = await open(browser, 1280);
  await page.goto(server.address + path);
  await page.waitForFunction(() => document.querySelector("thead .ward-table__choice input") !== null);
  const cursor = () => page.evaluate(() => document.querySelector("[data-row][data-cursor]")?.dataset.row);
  const chosen = () => page.locator("#queue [data-row] input:checked").count();
  const told = () => page.locator("#queue [data-selection-count]").textContent();

  await page.keyboard.press("j");
  await page.keyboard.press("j");
  tests.check("j moves to the next row", equal(await cursor(), "a2"));
  await page.keyboard.press("k");
  tests.check("k moves back", equal(await cursor(), "a1"));
  await page.keyboard.press("k");
  tests.check("k stays at the first row", equal(await cursor(), "a1"));
  await page.keyboard.press("x");
  tests.check("x chooses the row", equal(await told(), "1 of 4 alerts chosen:"));
  tests.check("a half choice passes axe", await faults(page));
  await page.keyboard.press("Escape");
  tests.check("Escape chooses nothing", equal(await chosen(), 0));
  await page.locator("thead .ward-table__choice input").first().click();
  tests.check("the box in the head chooses all", equal(await chosen(), 4));
  await page.keyboard.press("Escape");

  const boxes = page.locator("#queue [data-row] input");
  await boxes.nth(0).click();
  await boxes.nth(2).click({ modifiers: ["Shift"] });
  tests.check("Shift chooses all between", equal(await chosen(), 3));
  await page.keyboard.press("Escape");

  await page.keyboard.press("?");
  tests.check("? lists the keys", equal(await page.locator("dialog[open] kbd").allTextContents().then((k) => k.includes("e")), true));
  tests.check("the list of keys passes axe", await faults(page));
  await page.locator("dialog[open] input").uncheck();
  await page.keyboard.press("Escape");
  const before = await cursor();
  await page.keyboard.press("j");
  tests.check("keys can be turned off", equal(await cursor(), before));
  await page.evaluate(() => localStorage.clear());

  await page.locator("#ward-search").focus();
  await page.keyboard.type("jx");
  tests.check("keys rest while somebody writes", equal(await page.locator("#ward-search").inputValue(), "jx"));
  await page.locator("#ward-search").fill("");

  await boxes.nth(1).focus();
  const top = await boxes.nth(1).boundingBox();
  server.send({ topic: "alerts", count: 5 });
  server.send({ topic: "sources", count: 9 });
  server.send({ topic: "alerts", count: 1_200 });
  await page.getByRole("button", { name: "1,205 new or changed: show" }).waitFor();
  tests.check("news are counted by topic", []);
  tests.check("news move no row", equal((await boxes.nth(1).boundingBox()).width, top.width));
  tests.check("news passes axe", await faults(page));
  await boxes.nth(1).check();
  await page.getByRole("button", { name: "1,205 new or changed: show" }).click();
  await page.getByRole("button", { name: "1,205 new or changed: show" }).waitFor({ state: "detached" });
  tests.check("a choice outlives what is new", equal(await chosen(), 1));
  tests.check("the focus goes to the first row", equal(await cursor(), "a1"));

  await page.keyboard.press("Escape");
  const posted = page.waitForRequest((request) => request.method() === "POST");
  await page.keyboard.press("j");
  await page.keyboard.press("e");
  const body = new URLSearchParams((await posted).postData() ?? "");
  tests.check("a key acts on the row of the cursor", equal(`${body.get("act")} ${body.getAll("alert")}`, "close a2"));
  tests.check("an act carries the token", equal(body.get("csrf"), "0123456789abcdef"));
  tests.check("nothing failed in the queue", page.wrong);
  await page.context().close();
}
