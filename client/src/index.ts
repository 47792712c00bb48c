export { type AnsweredError, GazetteerError } from "./error.ts";
export type { Operation } from "./operation.ts";
export type { PageOptions } from "./pages.ts";
export type { PanelPoint, PanelTable } from "./panel.ts";
export { Portal } from "./portal.ts";
export type { RetryOptions } from "./retry.ts";
export type { Fetch, PortalOptions, RequestOptions } from "./transport.ts";
export type * from "./types.ts";
