import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { expect } from "vitest";
import openapi from "../../../schema/openapi.json" with { type: "json" };

/** Holds answers of the partner API against `schema/openapi.json`. */

interface MediaType {
  readonly schema: object;
}

interface ResponseObject {
  readonly headers?: Readonly<Record<string, unknown>>;
  readonly content?: Readonly<Record<string, MediaType>>;
}

export interface OperationObject {
  readonly parameters: readonly { readonly name: string; readonly in: string }[];
  readonly responses: Readonly<Record<string, ResponseObject | { readonly $ref: string }>>;
}

export const operations: ReadonlyMap<string, OperationObject> = new Map(
  Object.entries(openapi.paths).map(([path, { get }]) => [path, get as OperationObject]),
);

const ajv = new Ajv2020({ strict: false, allErrors: true });
addFormats.default(ajv);
ajv.addSchema(openapi, "openapi");

const RESPONSES = openapi.components.responses as Readonly<Record<string, ResponseObject>>;

/** The answer's text, once it is known to be one that the document allows at this address. */
export async function conforming(address: string, response: Response): Promise<string> {
  const text = await response.text();
  const path = templateOf(new URL(address, "http://localhost").pathname);
  const [found, at] = path === undefined ? [undefined, ""] : describedAt(path, response.status);
  expect(found, `${address}: ${response.status} is not described\n${text}`).toBeDefined();
  if (found?.content === undefined) {
    expect(text).toBe("");
    return text;
  }
  const type = response.headers.get("content-type")?.split(";")[0] ?? "";
  expect(Object.keys(found.content), address).toContain(type);
  const value: unknown = /json$/.test(type) && type !== "application/x-ndjson" ? JSON.parse(text) : text;
  const isValid = validatorOf(`openapi#${at}/content/${type.replaceAll("/", "~1")}/schema`);
  expect(isValid(value), `${address}: ${JSON.stringify(isValid.errors?.slice(0, 3))}\n${text.slice(0, 500)}`).toBe(
    true,
  );
  expect(response.headers.get("x-request-id")).toMatch(/\w/);
  return text;
}

const validators = new Map<string, ReturnType<typeof ajv.compile>>();

function validatorOf($ref: string) {
  const validator = validators.get($ref) ?? ajv.compile({ $ref });
  validators.set($ref, validator);
  return validator;
}

/** Addresses that the document does not know are answered as those of a thing that is not there. */
function templateOf(pathname: string): string | undefined {
  const known = [...operations.keys()].find((path) => {
    const pattern = new RegExp(`^/v1${path.replace(/\{\w+\}/g, "[^/]+")}$`);
    return pattern.test(pathname);
  });
  return known ?? "/regions/{id}";
}

function describedAt(path: string, status: number): [ResponseObject | undefined, string] {
  const response = operations.get(path)?.responses[status];
  if (response === undefined || !("$ref" in response)) {
    return [response, `/paths/${encodeURIComponent(path.replaceAll("/", "~1"))}/get/responses/${status}`];
  }
  const name = response.$ref.split("/").at(-1) ?? "";
  return [RESPONSES[name], `/components/responses/${name}`];
}
