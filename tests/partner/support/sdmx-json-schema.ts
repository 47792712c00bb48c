/**
 * What an SDMX-JSON 2.0 data message has to be, written down from its Field Guide as JSON Schema: of every object the
 * members that the guide names and no others, so that a name of ours cannot slip in where the standard has one.
 */

const text = { type: "string" };
const componentId = { type: "string", pattern: "^[A-Za-z][A-Za-z0-9_-]*$" };
const codeId = { type: "string", pattern: "^[A-Za-z0-9_@$-]+$" };
const index = { type: "integer", minimum: 0 };
const instant = { type: "string", format: "date-time" };

const object = (properties: Readonly<Record<string, unknown>>, required: readonly string[]) => ({
  type: "object",
  properties,
  required,
  additionalProperties: false,
});
const list = (items: unknown, minItems = 0) => ({ type: "array", items, minItems });
const keyed = (value: unknown) => ({
  type: "object",
  patternProperties: { "^[0-9]+(:[0-9]+)*$": value },
  additionalProperties: false,
});

const link = {
  ...object({ href: text, urn: { type: "string", pattern: "^urn:sdmx:" }, rel: text }, ["rel"]),
  anyOf: [{ required: ["href"] }, { required: ["urn"] }],
};
const coded = object({ id: codeId, name: text }, ["id", "name"]);
const uncoded = object({ value: { type: ["string", "number", "boolean"] } }, ["value"]);
const values = { ...list({ oneOf: [coded, uncoded] }, 1), uniqueItems: true };
const format = object({ dataType: { enum: ["String", "Decimal", "Integer", "ObservationalTimePeriod"] } }, []);
const named = { id: componentId, name: text, roles: list(componentId), format };

const dimension = object({ ...named, keyPosition: index, values }, ["id", "keyPosition", "values"]);
const measure = object({ ...named, values }, ["id"]);
const attribute = object(
  {
    ...named,
    values,
    relationship: {
      oneOf: [
        object({ dimensions: list(componentId, 1) }, ["dimensions"]),
        object({ dataflow: object({}, []) }, ["dataflow"]),
        object({ observation: object({}, []) }, ["observation"]),
      ],
    },
  },
  ["id", "relationship"],
);

const structure = object(
  {
    name: text,
    dataSets: list(index, 1),
    links: list(link),
    dimensions: object({ dataSet: list(dimension), series: list(dimension), observation: list(dimension) }, []),
    measures: object({ observation: list(measure) }, []),
    attributes: object({ dataSet: list(attribute), observation: list(attribute) }, []),
  },
  ["dimensions"],
);

const cell = { type: ["string", "number", "null"] };
const dataSet = object(
  {
    structure: index,
    action: { enum: ["Information", "Append", "Replace", "Delete"] },
    links: list(link),
    attributes: list({ type: ["integer", "null"] }),
    series: keyed(object({ attributes: list(cell), observations: keyed(list(cell)) }, [])),
  },
  ["links"],
);

export const sdmxJsonMessage = object(
  {
    meta: object(
      {
        schema: { type: "string", format: "uri" },
        id: codeId,
        prepared: instant,
        contentLanguages: list(text),
        sender: object({ id: codeId, name: text }, ["id"]),
      },
      ["id", "prepared", "sender"],
    ),
    data: object({ structures: list(structure), dataSets: list(dataSet) }, []),
  },
  ["meta", "data"],
);
