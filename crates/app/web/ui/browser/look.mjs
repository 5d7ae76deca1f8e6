// Each page at each size, with and without script: no fault by axe, nothing sticks out, nothing
// fails. Leaves pictures to be looked at.
import { faults, open, overflow, sizes } from "./tools.mjs";

export async function look(browser, tests, address, paths, storageState, into) {
  for (const path of paths) {
    const name = path.replaceAll(/[^a-z0-9]+/gi, "-").replace(/^-|-$/g, "") || "first";
    for (const size of Object.keys(sizes)) {
      const page = await open(browser, size, { storageState });
      await page.goto(address + path, { waitUntil: "load" });
      tests.check(`${path} at ${size}: axe finds nothing`, await faults(page));
      tests.check(`${path} at ${size}: nothing sticks out`, await overflow(page));
      await page.evaluate(() => document.querySelectorAll("main details").forEach((one) => (one.open = true)));
      tests.check(`${path} at ${size}: axe finds nothing with all details open`, await faults(page));
      tests.check(`${path} at ${size}: nothing failed`, page.wrong);
      await page.reload();
      if (into(name) !== undefined) {
        await page.screenshot({ path: into(`${name}-${size}.png`), fullPage: true });
      }
      await page.context().close();
    }
    const bare = await open(browser, 390, { storageState, javaScriptEnabled: false });
    const answer = await bare.goto(address + path);
    tests.check(`${path} without script is served`, answer.ok() ? [] : [`status ${answer.status()}`]);
    tests.check(`${path} without script has a main heading`, (await bare.locator("h1").count()) > 0 ? [] : ["no h1"]);
    await bare.context().close();
    if (into(name) !== undefined) {
      const page = await open(browser, 1280, { storageState });
      await page.goto(address + path);
      await page.emulateMedia({ media: "print" });
      await page.pdf({ path: into(`${name}.pdf`), format: "A4", printBackground: false });
      await page.context().close();
    }
  }
}
