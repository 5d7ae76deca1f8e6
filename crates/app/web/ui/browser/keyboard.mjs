// Working by keyboard alone: what every page must allow, and hands that never touch a mouse.

/** Stops of the Tab key that are tried on a page. */
const stops = 40;

/** What is wrong for somebody who only has a keyboard: best nothing. */
export async function keyboard(page) {
  const wrong = [];
  const positive = await page.locator('[tabindex]:not([tabindex="0"]):not([tabindex="-1"])').count();
  if (positive > 0) wrong.push(`${positive} elements with an order of their own`);
  await page.keyboard.press("Tab");
  const first = await page.evaluate(() => document.activeElement.getAttribute("href"));
  if (first !== "#maincontent") wrong.push(`the first stop is ${first}, not the way to the main content`);
  let before = "";
  for (let stop = 0; stop < stops; stop += 1) {
    const said = await page.evaluate(note);
    if (said.wrong !== "") wrong.push(said.wrong);
    if (said.isLast) break;
    before = said.name;
    await page.keyboard.press("Tab");
  }
  if (before === "") wrong.push("nothing can be reached");
  await page.evaluate(() => document.querySelector('a[href="#maincontent"]').focus());
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  const lost = await page.evaluate(() => {
    const [main, active] = [document.querySelector("#maincontent"), document.activeElement];
    // A page without anything to press in its main part goes on to what follows it.
    const isInside = main.contains(active) || active === document.body || (main.compareDocumentPosition(active) & 4) > 0;
    return isInside ? "" : active.outerHTML.slice(0, 80);
  });
  if (lost !== "") wrong.push(`the way to the main content leads to ${lost}`);
  return [...new Set(wrong)];
}

/** Runs in the page: whether the stop is seen, comes after the one before and looks different from when it had not the focus. */
function note() {
  const active = document.activeElement;
  if (active === document.body || active === null) return { wrong: "", isLast: true, name: "" };
  const name = `${active.localName} ${active.id || active.getAttribute("name") || active.textContent.trim().slice(0, 30)}`;
  const marks = (one) => {
    const parts = [
      [one, null],
      ...[...(one.labels ?? [])].flatMap((label) => [[label, "::before"], [label, "::after"]]),
      ...(one.firstElementChild ? [[one.firstElementChild, null]] : []),
    ];
    return JSON.stringify(
      parts.map(([part, pseudo]) => {
        const s = getComputedStyle(part, pseudo);
        return [s.outlineStyle, s.outlineWidth, s.outlineColor, s.boxShadow, s.backgroundColor, s.borderBottomColor, s.borderBottomWidth];
      }),
    );
  };
  const known = window.wardStop;
  let wrong = "";
  if (known !== undefined && known.one.isConnected && known.one !== active) {
    if (known.marks === marks(known.one)) wrong = `${known.name}: the focus is not seen`;
    if ((known.one.compareDocumentPosition(active) & Node.DOCUMENT_POSITION_PRECEDING) > 0) wrong = `${name} comes after ${known.name}`;
  }
  const box = active.getBoundingClientRect();
  if (box.width === 0 || box.height === 0) wrong ||= `${name}: has the focus and no size`;
  // A date has several stops of its own; the first tells how it looks.
  if (known?.one !== active) window.wardStop = { one: active, marks: marks(active), name };
  return { wrong, isLast: false, name };
}

/** Hands on the keyboard: everything by Tab, arrows, Space, Enter and letters. */
export function typist(page) {
  const reach = async (target) => {
    const wanted = await target.elementHandle();
    const isThere = () => wanted.evaluate((one) => document.activeElement === one || (one.type === "radio" && document.activeElement?.type === "radio" && document.activeElement.name === one.name && document.activeElement.form === one.form));
    for (let stop = 0; stop < 500; stop += 1) {
      if (await isThere()) return wanted;
      await page.keyboard.press("Tab");
    }
    throw new Error(`${target} cannot be reached by keyboard`);
  };
  return {
    async press(target) {
      await reach(target);
      await page.keyboard.press("Enter");
    },
    async follow(target) {
      await reach(target);
      await arrives(page, () => page.keyboard.press("Enter"));
    },
    async pick(target) {
      await reach(target);
      await page.keyboard.press("ArrowDown");
    },
    async write(target, text) {
      await reach(target);
      await page.keyboard.press("ControlOrMeta+a");
      await page.keyboard.type(text);
    },
    async choose(target) {
      const wanted = await reach(target);
      for (let step = 0; step < 20 && !(await wanted.evaluate((one) => one.checked)); step += 1) {
        await page.keyboard.press(step === 0 && (await wanted.evaluate((one) => document.activeElement === one)) ? "Space" : "ArrowDown");
      }
      if (!(await wanted.isChecked())) throw new Error(`${target} cannot be chosen by keyboard`);
    },
    async give(target, files) {
      // The window in which files are chosen is the browser's own; the way to it is ours.
      await reach(target);
      await target.setInputFiles(files);
    },
  };
}

/** Hands on a mouse or a touch screen. */
export function pointer(page) {
  return {
    press: (target) => target.click(),
    follow: (target) => arrives(page, () => target.click()),
    pick: (target) => target.selectOption({ index: 1 }),
    write: (target, text) => target.fill(text),
    choose: (target) => target.check({ force: true }),
    give: (target, files) => target.setInputFiles(files),
  };
}

/** Does something that leads to another page, and waits until it is there. */
async function arrives(page, act) {
  const there = page.waitForEvent("framenavigated", { predicate: (frame) => frame === page.mainFrame(), timeout: 15_000 });
  await Promise.all([there, act()]);
  await page.waitForLoadState();
}
