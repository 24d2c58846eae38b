// The small web application around either library: pages answer with JSON or with a redirect.
// What the test asked for comes as JSON in the environment variable PEER.

import { createServer } from "node:http";
import { text } from "node:stream/consumers";

export const settings = JSON.parse(process.env.PEER);
export const origin = `http://127.0.0.1:${settings.port}`;
export const redirect_uri = `${origin}/callback`;
export const post_logout_redirect_uri = `${origin}/signed-out`;
export const scope = "openid profile email offline_access";

// `pages` maps "GET /path" to a function of a Fetch API Request; it gives back a URL to go to, or what becomes JSON.
export function serve(pages) {
  createServer(async (incoming, response) => {
    const request = await fetchRequest(incoming);
    const page = pages[`${request.method} ${new URL(request.url).pathname}`];
    if (!page) return answer(response, 404, { error: "not_found" });
    try {
      const content = await page(request);
      if (content instanceof URL) response.writeHead(302, { Location: content.href }).end();
      else answer(response, 200, content);
    } catch (error) {
      answer(response, 400, described(error));
    }
  }).listen(settings.port, "127.0.0.1");
}

async function fetchRequest(incoming) {
  const { method, headers } = incoming;
  const body = method === "POST" ? await text(incoming) : undefined;
  return new Request(`${origin}${incoming.url}`, { method, headers, body });
}

function answer(response, status, content) {
  response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(content));
}

// The OAuth error code where the provider sent one, else the library's own code.
function described(error) {
  const challenge = Array.isArray(error.cause) ? error.cause[0]?.parameters?.error : undefined;
  return { error: error.error ?? challenge ?? error.code ?? error.name, message: `${error.stack} ${error.cause ?? ""}` };
}
