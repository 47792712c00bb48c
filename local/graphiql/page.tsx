/** The page at `/` in the browser: GraphiQL with our example queries, all of it served from this machine. */
import { createGraphiQLFetcher, createLocalStorage } from "@graphiql/toolkit";
import { GraphiQL } from "graphiql";
import { createRoot } from "react-dom/client";
import "graphiql/style.css";
import disagreement from "../../schema/operations/examples/disagreement.graphql";
import nodes from "../../schema/operations/examples/nodes.graphql";
import platforms from "../../schema/operations/examples/platforms.graphql";
import province from "../../schema/operations/examples/province.graphql";
import search from "../../schema/operations/examples/search.graphql";
import series from "../../schema/operations/examples/series.graphql";

const examples = [province, search, series, platforms, disagreement, nodes].map((query) => ({ query }));

// Monaco asks for its workers by name; they are bundles of ours.
globalThis.MonacoEnvironment = {
  getWorker: (_id: string, label: string) => {
    const name = label === "json" || label === "graphql" ? label : "editor";
    return new Worker(new URL(`${name}.worker.js`, import.meta.url), { type: "module" });
  },
};

createRoot(document.getElementById("graphiql")).render(
  <GraphiQL
    fetcher={createGraphiQLFetcher({ url: "/graphql" })}
    defaultTabs={examples}
    // Another GraphiQL that was open on this port has tabs of its own.
    storage={createLocalStorage({ namespace: "gazetteer" })}
  />,
);
