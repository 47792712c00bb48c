import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { type Act, covers, type Grant } from "./deployed-policies.ts";
import { type AwsRequest, actsOf } from "./deployed-requests.ts";
import { type AwsAnswer, jsonAnswer, type Service, s3Error } from "./deployed-services.ts";
import { ACCOUNT } from "./deployed-templates.ts";

/** What a function did, or tried to do. */
export interface RecordedAct extends Act {
  readonly function: string;
  /** Whether the policies of the function's role let it. */
  readonly allowed: boolean;
}

export type ActListener = (act: RecordedAct) => Promise<void> | undefined;

/** AWS as functions see it: it lets each of them do what its role may do, refuses the rest, and writes both down. */
export interface DeployedAws {
  readonly endpoint: string;
  readonly acts: readonly RecordedAct[];
  /** Calls whenever a function does something, before it is done; what the listener promises is waited for. */
  onAct(listener: ActListener): void;
  /** Sets what functions may do, by their names. */
  allow(grants: ReadonlyMap<string, readonly Grant[]>): void;
  /** Sets what answers, by the name that signatures give a service. */
  serve(services: Readonly<Record<string, Service>>): void;
  /** Notes what a function, or AWS in its name, does. Answers whether it may. */
  act(functionName: string, act: Act): boolean;
  close(): Promise<void>;
}

export async function startDeployedAws(): Promise<DeployedAws> {
  let grants: ReadonlyMap<string, readonly Grant[]> = new Map();
  let services: Readonly<Record<string, Service>> = {};
  const acts: RecordedAct[] = [];
  const listeners: ActListener[] = [];
  let heardOf: Promise<unknown> = Promise.resolve();
  const act = (name: string, { action, resource }: Act): boolean => {
    const allowed = (grants.get(name) ?? []).some((grant) => covers(grant, { action, resource }));
    const recorded = { function: name, action, resource, allowed };
    acts.push(recorded);
    const heard = listeners.map((listener) => listener(recorded));
    heardOf = Promise.all([heardOf, ...heard]);
    return allowed;
  };
  const answer = async (request: AwsRequest): Promise<AwsAnswer> => {
    const allowed = actsOf(request, ACCOUNT).map((each) => act(request.caller, each));
    await heardOf;
    if (!allowed.every(Boolean)) return denial(request);
    const service = services[request.service];
    if (!service) throw new Error(`${request.service} is not there`);
    const answered = await service(request);
    return isMissingObject(request, answered) && !act(request.caller, listing(request)) ? denial(request) : answered;
  };
  const server = createServer((incoming, outgoing) => {
    readRequest(incoming)
      .then(answer)
      .catch((error: unknown) => jsonAnswer(501, { __type: "NotEmulated", message: String(error) }))
      .then((answered) => respond(outgoing, answered));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ...{ acts, act },
    onAct: (listener) => void listeners.push(listener),
    allow: (allowed) => {
      grants = allowed;
    },
    serve: (served) => {
      services = served;
    },
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

async function readRequest(incoming: IncomingMessage): Promise<AwsRequest> {
  const headers = Object.fromEntries(Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]));
  const url = new URL(incoming.url ?? "/", "http://localhost");
  // "Credential=<access key>/<date>/<region>/<service>/aws4_request", in a header or in a presigned URL.
  const credential = headers.authorization ?? `Credential=${url.searchParams.get("X-Amz-Credential")}`;
  const [, caller, region, service] = /Credential=([^/]+)\/\d+\/([^/]+)\/([^/]+)\//.exec(credential) ?? [];
  if (!caller || !region || !service) throw new Error("a request without a signature");
  return { caller, region, service, method: incoming.method ?? "", url, headers, body: await buffer(incoming) };
}

/** S3 says that an object is not there only to those who may list the bucket. */
function isMissingObject({ service, method, url }: AwsRequest, { status }: AwsAnswer): boolean {
  return service === "s3" && status === 404 && method !== "PUT" && url.pathname.split("/").length > 2;
}

function listing({ url }: AwsRequest): Act {
  return { action: "s3:ListBucket", resource: `arn:aws:s3:::${url.pathname.split("/")[1]}` };
}

function denial({ service }: AwsRequest): AwsAnswer {
  if (service === "s3") return s3Error(403, "AccessDenied");
  return jsonAnswer(400, { __type: "AccessDeniedException", Message: "is not authorized to perform this action" });
}

function respond(outgoing: ServerResponse, { status, headers, body }: AwsAnswer): void {
  const { "transfer-encoding": _, ...sent } = headers as Record<string, string>;
  outgoing.writeHead(status, sent).end(body);
}
