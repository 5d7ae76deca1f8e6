// Serves pages from a folder, with the built styles and islands beside it and the security policy
// that Ward sends. For pieces that are tried before a page uses them.
import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { join, normalize, resolve } from "node:path";

const dist = resolve(import.meta.dirname, "../../dist/static");
const types = { js: "text/javascript", css: "text/css", svg: "image/svg+xml", png: "image/png" };

export const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/** Starts a server on a free port of this machine. Returns its address and the way to stop it. */
export async function serve(folder) {
  const streams = new Set();
  const server = createServer(async (request, response) => {
    const path = new URL(request.url, "http://localhost").pathname;
    if (path === "/events") {
      response.writeHead(200, { "content-type": "text/event-stream" }).flushHeaders();
      streams.add(response);
      request.on("close", () => streams.delete(response));
      return;
    }
    const isAsset = path.startsWith("/assets/");
    const file = isAsset ? join(dist, normalize("/" + path.slice(8))) : join(folder, normalize("/" + path));
    try {
      const type = isAsset ? types[file.split(".").pop()] ?? "application/octet-stream" : "text/html; charset=utf-8";
      const body = await readFile(file);
      response.writeHead(200, { "content-type": type, "content-security-policy": policy }).end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const send = (change) => {
    for (const stream of streams) {
      stream.write(`event: change\ndata: ${JSON.stringify(change)}\n\n`);
    }
  };
  const stop = () => {
    streams.forEach((stream) => stream.end());
    server.closeAllConnections();
    return new Promise((done) => server.close(done));
  };
  return { address: `http://127.0.0.1:${server.address().port}`, send, stop };
}
