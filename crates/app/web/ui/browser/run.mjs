// Ward in a real browser: `npm run browser`.
//
// Without an address: the galleries of all pieces that `cargo test -p web` writes into the target
// folder (WARD_GALLERY, CARGO_TARGET_DIR or `target`). With WARD_URL: the pages of a running Ward that WARD_PAGES names, separated
// by blanks, signed in as WARD_USER with WARD_PASSWORD where they are given. Pictures go to
// WARD_PICTURES, where that is given.
import { existsSync, mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { launch, suite } from "./tools.mjs";
import { serve } from "./serve.mjs";
import { look } from "./look.mjs";
import { queue } from "./queue.mjs";
import { signIn } from "./sign-in.mjs";

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
    const state = await signIn(browser, process.env.WARD_URL);
    const pages = (process.env.WARD_PAGES ?? "/").split(" ").filter((path) => path !== "");
    await look(browser, tests, process.env.WARD_URL, pages, state, into);
  }
} finally {
  await browser.close();
}
process.exitCode = tests.end();
