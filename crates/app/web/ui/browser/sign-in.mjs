// Signs in once; every page of the run then uses the cookies.
import { open } from "./tools.mjs";

/** The signed-in state for `browser.newContext`, or undefined where nobody is named. */
export async function signIn(browser, address) {
  const { WARD_USER: user, WARD_PASSWORD: password, WARD_SIGN_IN: path = "/sign-in" } = process.env;
  if (user === undefined) {
    return undefined;
  }
  const page = await open(browser, 1280);
  await page.goto(address + path);
  await page.locator('input[autocomplete="username"]').fill(user);
  await page.locator('input[autocomplete="current-password"]').fill(password ?? "");
  await page.locator('main button[type="submit"]').first().click();
  await page.waitForURL((url) => url.pathname !== path);
  const state = await page.context().storageState();
  await page.context().close();
  return state;
}
