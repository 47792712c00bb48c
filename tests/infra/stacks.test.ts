/**
 * Everything that the templates promise, environment by environment. In one file, because the first synthesis loads the
 * CDK, and each takes its time: all suites look at the same three.
 */
import "./stacks/data.ts";
import "./stacks/functions.ts";
import "./stacks/api.ts";
import "./stacks/publishing.ts";
import "./stacks/observability.ts";
import "./stacks/rules.ts";
import "./stacks/kept.ts";
import "./stacks/permissions.ts";
import "./stacks/costs.ts";
