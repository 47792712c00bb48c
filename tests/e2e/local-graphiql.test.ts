import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { buildSchema, Kind, parse, validate } from "graphql";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { graphiqlRoutes } from "../../local/graphiql/routes.ts";
import { type LocalServer, serve } from "../../local/http.ts";

const schemaFolder = join(import.meta.dirname, "..", "..", "schema");
const examplesFolder = join(schemaFolder, "operations", "examples");
const examples = readdirSync(examplesFolder).map(
  (file) => [file, readFileSync(join(examplesFolder, file), "utf8")] as const,
);

describe("the example queries", () => {
  const sdl = readdirSync(schemaFolder).filter((file) => file.endsWith(".graphql"));
  const schema = buildSchema(sdl.map((file) => readFileSync(join(schemaFolder, file), "utf8")).join("\n"));

  test("are six", () => {
    expect(examples).toHaveLength(6);
  });

  test.for(examples)("%s is valid and named", ([, text]) => {
    const document = parse(text);
    expect(validate(schema, document)).toEqual([]);
    expect(document.definitions).toMatchObject([{ kind: Kind.OPERATION_DEFINITION, operation: "query", name: {} }]);
    expect(text).toMatch(/^# /);
  });
});

describe("GraphiQL", () => {
  let server: LocalServer;
  beforeAll(async () => {
    server = await serve({ routes: graphiqlRoutes(), port: 0 });
  });
  afterAll(() => server.close());

  const load = async (path: string) => {
    const response = await fetch(new URL(path, server.url));
    return { status: response.status, headers: response.headers, text: await response.text() };
  };

  test("is at /, and loads nothing from elsewhere", async () => {
    const { status, headers, text } = await load("/");
    expect(status).toBe(200);
    expect(headers.get("content-type")).toBe("text/html; charset=utf-8");
    expect(headers.get("content-security-policy")).toContain("default-src 'self'");
    expect(text).not.toMatch(/https?:/);
  });

  test("its page, its style, its workers and every chunk that they import are served", async () => {
    const page = await load("/");
    const pending = [...page.text.matchAll(/(?:href|src)="(\/[^"]+)"/g)].map((match) => match[1] ?? "");
    pending.push(...["editor", "json", "graphql"].map((name) => `/graphiql/${name}.worker.js`));
    const seen = new Set<string>();
    for (let path = pending.pop(); path !== undefined; path = pending.pop()) {
      if (seen.has(path)) continue;
      seen.add(path);
      const { status, headers, text } = await load(path);
      expect([path, status]).toEqual([path, 200]);
      expect(headers.get("content-type")).toMatch(path.endsWith(".css") ? /^text\/css/ : /^text\/javascript/);
      if (path.endsWith(".js"))
        pending.push(
          ...[...text.matchAll(/(?:from |import[( ])"\.\/([\w.-]+\.js)"/g)].map((match) => `/graphiql/${match[1]}`),
        );
    }
    expect(seen.size).toBeGreaterThan(10);
  });

  test("its page holds the examples and asks for the workers by name", async () => {
    const { text } = await load("/graphiql/page.js");
    for (const [, example] of examples) expect(text).toContain(/query \w+/.exec(example)?.[0]);
    expect(text).toContain(".worker.js");
    expect(text).not.toMatch(/https:\/\/(esm\.sh|unpkg|cdn)/);
  });

  test("its style sheet needs no other file", async () => {
    const { text } = await load("/graphiql/page.css");
    const urls = [...text.matchAll(/url\(["']?([^"')]{1,40})/g)].map((match) => match[1] ?? "");
    const files = urls.filter((url) => !url.startsWith("data:") && !url.startsWith("#"));
    for (const file of files) expect((await load(`/graphiql/${file}`)).status).toBe(200);
  });

  test.for(["/graphiql/none.js", "/graphiql/page.tsx", "/graphiql/..%2Froutes.ts"])("%s is not found", async (path) => {
    expect((await load(path)).status).toBe(404);
  });
});
