import { extname } from "node:path";
import type { Routes } from "../routes.ts";
import { type Bundle, bundleGraphiql } from "./bundle.ts";

const MEDIA_TYPES: Readonly<Record<string, string>> = {
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".ttf": "font/ttf",
};

/** Nothing is loaded from elsewhere; Monaco sets styles from its script, and some fonts are inside the style sheet. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "font-src 'self' data:",
  "img-src 'self' data:",
].join("; ");

const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Gazetteer</title>
    <link rel="icon" href="data:,">
    <link rel="stylesheet" href="/graphiql/page.css">
    <style>body { margin: 0; overflow: hidden } #graphiql { height: 100dvh }</style>
  </head>
  <body>
    <div id="graphiql">Loading GraphiQL …</div>
    <script type="module" src="/graphiql/page.js"></script>
  </body>
</html>
`;

/** GraphiQL at `/`. It is bundled when it is first asked for, which takes some seconds, and kept in memory. */
export function graphiqlRoutes(): Routes {
  let bundle: Promise<Bundle> | undefined;
  const loadBundle = () => {
    bundle ??= bundleGraphiql();
    return bundle;
  };
  return {
    "GET /": async () => {
      const headers = {
        "content-security-policy": CONTENT_SECURITY_POLICY,
        "content-type": "text/html; charset=utf-8",
      };
      return new Response(PAGE, { headers });
    },
    "GET /graphiql/{file}": async (_request, { pathParameters: { file = "" } }) => {
      const contents = (await loadBundle()).get(file);
      if (contents === undefined) return Response.json({ message: "Not Found" }, { status: 404 });
      const mediaType = MEDIA_TYPES[extname(file)] ?? "application/octet-stream";
      return new Response(Buffer.from(contents), {
        headers: { "content-type": mediaType, "cache-control": "no-cache" },
      });
    },
  };
}
