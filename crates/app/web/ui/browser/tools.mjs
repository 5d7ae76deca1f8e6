// What every browser test needs: Chromium as Debian installs it, the sizes Ward is designed for,
// accessibility by axe, and a count of what passed.
import { chromium } from "playwright-core";
import { AxeBuilder } from "@axe-core/playwright";

export const sizes = { 1280: { width: 1280, height: 900 }, 390: { width: 390, height: 844 } };
const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"];

/** Starts the browser. WARD_CHROMIUM names another one. */
export function launch() {
  const executablePath = process.env.WARD_CHROMIUM ?? "/usr/bin/chromium";
  return chromium.launch({ executablePath, args: process.getuid?.() === 0 ? ["--no-sandbox"] : [] });
}

/** A page whose errors are kept: scripts that fail, the security policy broken, other hosts asked. */
export async function open(browser, size, options = {}) {
  const context = await browser.newContext({ viewport: sizes[size], locale: "en-GB", ...options });
  const page = await context.newPage();
  page.wrong = [];
  page.on("pageerror", (error) => page.wrong.push(`script: ${error.message}`));
  page.on("console", (message) => {
    if (message.type() === "error") page.wrong.push(`console: ${message.text()}`);
  });
  return page;
}

/** What axe finds at fault, one line each; best none. */
export async function faults(page) {
  const found = await new AxeBuilder({ page }).withTags(tags).analyze();
  return found.violations.flatMap((violation) =>
    violation.nodes.map((node) => `${violation.id}: ${node.target} ${node.failureSummary?.split("\n")[1] ?? ""}`),
  );
}

/** What sticks out of the page sideways, which a narrow screen would have to be swept for. */
export function overflow(page) {
  return page.evaluate(() => {
    const width = document.documentElement.clientWidth;
    const sticksOut = (element) => {
      const box = element.getBoundingClientRect();
      const held = element.closest(".ward-table-wrap, .ward-places__list, .ward-code__text, .nhsuk-details__text, svg *");
      return box.right > width + 1 && box.width > 0 && held === null;
    };
    const excess = document.documentElement.scrollWidth - width;
    if (excess <= 1) {
      return [];
    }
    const all = [...document.body.querySelectorAll("*")].filter(sticksOut).slice(0, 5);
    const named = all.map((one) => `${one.localName}.${one.className.baseVal ?? one.className}`);
    return [`${excess} pixels too wide`, ...named];
  });
}

/** Collects checks; `end` tells the numbers and gives the exit code. */
export function suite() {
  const failed = [];
  let passed = 0;
  return {
    check(name, wrong) {
      if (wrong.length === 0) {
        passed += 1;
      } else {
        failed.push(name);
        console.error(`failed: ${name}\n  ${wrong.join("\n  ")}`);
      }
    },
    end() {
      console.log(`${passed} passed, ${failed.length} failed`);
      return failed.length === 0 && passed > 0 ? 0 : 1;
    },
  };
}
