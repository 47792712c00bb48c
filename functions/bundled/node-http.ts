/**
 * `node:http` in the bundle of a function. A module that imports it gets all its exports at once, and one of them,
 * WebSocket, loads the whole of undici when it is touched: some 25 ms of a cold start. The AWS SDK needs these two.
 */
const http = process.getBuiltinModule("node:http");
export const { Agent, request } = http;
export default http;
