import { describe, expect, test } from "vitest";
import { vintageOf } from "../../portal/releases/head.ts";
import { engines } from "../support/engines.ts";
import { platform } from "../support/made-up-world.ts";
import { type MadeFiles, type MadeRow, madeUp } from "../support/releases.ts";
import { COMPLEXES, deleted, PLATFORMS, region, says, takesBack } from "./support/history.ts";
import { embedded, portalWithHistory } from "./support/portal-with-history.ts";

const day = "2024-04-01";
const release = (files: MadeFiles, title = "Deletions") => madeUp(files, day, title);

/** What is said of a subject's data volume, now or as of a release. */
const SERIES = `query ($subject: ID!, $asOf: ReleaseRef) {
  series(metric: "data-volume", subject: $subject, frequency: A, asOf: $asOf) {
    observations { timePeriod value source { id } alternatives { source { id } } }
  }
}`;
const CHANGES = `{ changes(first: 100) { nodes { release { number } action nodeId node { id } observations {
  timePeriod action old { value } new { value } claims { sourceId withdrawn } } } } }`;

interface Series {
  readonly series: { readonly observations: readonly { readonly timePeriod: string; readonly value: string }[] } | null;
}
interface Changes {
  readonly changes: {
    readonly nodes: readonly { readonly release: { readonly number: number }; readonly nodeId: string }[];
  };
}

describe.each(engines)("what is taken back on $name", (engine) => {
  const portal = portalWithHistory(engine);

  const valuesOf = async (subject: string, asOf: number | null = null) => {
    const { data } = await portal().ask<Series>(SERIES, { subject, asOf });
    return data.series?.observations.map(({ timePeriod, value }) => `${timePeriod} ${value}`);
  };
  const changesOf = async (number: number) => {
    const { data } = await portal().ask<Changes>(CHANGES);
    return data.changes.nodes.filter((change) => change.release.number === number);
  };

  test("by one of two sources leaves what the other says", async () => {
    await portal().publish(
      release({ "observations.csv": [takesBack("9001", { time_period: "2022", source_id: "yearbook-2023" })] }),
    );
    expect(await valuesOf("9001")).toEqual(["2021 79", "2022 80.5", "2023 86"]);
    expect(await valuesOf("9001", 3)).toEqual(["2021 79", "2022 80.5", "2023 86"]);
    const { data } = await portal().ask<{ series: { observations: readonly unknown[] } }>(SERIES, { subject: "9001" });
    expect(data.series.observations[1]).toMatchObject({ source: { id: "source:bulletin-2024" }, alternatives: [] });
    expect(await changesOf(4)).toMatchObject([
      {
        action: "REVISED",
        nodeId: "series:data-volume/region:9001/A",
        observations: [
          {
            timePeriod: "2022",
            action: "REVISED",
            old: { value: "80.5" },
            new: { value: "80.5" },
            claims: [{ sourceId: "source:yearbook-2023", withdrawn: true }],
          },
        ],
      },
    ]);
  });

  test("by every source of a period takes the observation away, but not as of before", async () => {
    await portal().publish(release({ "observations.csv": [takesBack("9001", { time_period: "2022" })] }));
    expect(await valuesOf("9001")).toEqual(["2021 79", "2023 86"]);
    expect(await valuesOf("9001", 3)).toEqual(["2021 79", "2022 80.5", "2023 86"]);
    expect(await changesOf(4)).toMatchObject([
      {
        action: "REVISED",
        observations: [{ timePeriod: "2022", action: "WITHDRAWN", old: { value: "80.5" }, new: null }],
      },
    ]);
  });

  test("of a whole series takes it in all its frequencies, but not as of before", async () => {
    const [summary] = await portal().publish(release({ "observations.csv": [takesBack("9001")] }));
    expect(summary).toMatchObject({ rows: 1, unchanged: 0, observations: { added: 0, revised: 0 } });
    expect(await valuesOf("9001")).toEqual([]);
    expect(await valuesOf("9001", 3)).toEqual(["2021 79", "2022 80.5", "2023 86"]);
    const changes = await changesOf(4);
    expect(changes).toMatchObject([
      { action: "WITHDRAWN", nodeId: "series:data-volume/region:9001/A" },
      { action: "WITHDRAWN", nodeId: "series:data-volume/region:9001/M" },
    ]);
  });

  test("twice in one release is refused once", async () => {
    const twice = portal().publish(release({ "observations.csv": [takesBack("9001"), takesBack("9001")] }));
    await expect(twice).rejects.toMatchObject({ report: { total: 1, problems: [{ code: "DUPLICATE_ROW" }] } });
  });

  test("can be said again", async () => {
    await portal().publish(release({ "observations.csv": [takesBack("9001")] }));
    await portal().publish(
      release({ "observations.csv": [says("9001", "2022", "85"), says("9001", "2025", "90")] }, "Again"),
    );
    expect(await valuesOf("9001")).toEqual(["2022 85", "2025 90"]);
    expect(await valuesOf("9001", 4)).toEqual([]);
    expect(await changesOf(5)).toMatchObject([
      {
        nodeId: "series:data-volume/region:9001/A",
        observations: [
          { timePeriod: "2022", action: "ADDED", old: null, new: { value: "85" } },
          { timePeriod: "2025", action: "ADDED" },
        ],
      },
    ]);
  });

  test("with an entity in the same release is gone together with it, but not as of before", async () => {
    const files = { "platforms.csv": [deleted(PLATFORMS[1])], "observations.csv": [takesBack("platform:port-data")] };
    const [summary] = await portal().publish(release(files));
    expect(summary).toMatchObject({ entities: { deleted: 1 }, observations: { withdrawn: 1 } });
    expect((await valuesOf("platform:port-data")) ?? []).toEqual([]);
    expect(await valuesOf("platform:port-data", 3)).toEqual(["2022 12"]);
    expect(await changesOf(4)).toMatchObject([
      { action: "DELETED", nodeId: "platform:port-data", node: null },
      { action: "WITHDRAWN", nodeId: "series:data-volume/platform:port-data/A" },
    ]);
  });

  test("leaves an entity that is no more to those who ask as of before", async () => {
    const before = await (await portal().snapshot()).entity("complex:south-lab");
    await portal().publish(release({ "complexes.csv": [deleted(COMPLEXES[1])] }));
    const snapshot = await portal().snapshot();
    expect(await snapshot.entity("complex:south-lab")).toBeNull();
    expect(await snapshot.entity("complex:south-lab", vintageOf(snapshot.head, 3))).toEqual(before);
    const added = (await changesOf(1)).find(({ nodeId }) => nodeId === "complex:south-lab");
    expect(added).toMatchObject({ action: "ADDED", node: { id: "complex:south-lab" } });
  });
});

describe("what comes back", () => {
  const portal = portalWithHistory(embedded);
  const PANEL = `query ($within: ID!, $asOf: ReleaseRef) {
    panel(metric: "data-volume", of: { subjects: { kind: PLATFORM, within: $within } }, asOf: $asOf) { rows { subject { id } values } }
  }`;
  const panelOf = async (within: string, asOf: number | null = null) =>
    (await portal().ask(PANEL, { within, asOf })).data.panel;

  test("at another place is there now, and where it was as of before", async () => {
    const before = { north: await panelOf("90"), east: await panelOf("92"), south: await panelOf("91") };
    const files = { "platforms.csv": [deleted(PLATFORMS[1])], "observations.csv": [takesBack("platform:port-data")] };
    await portal().publish(release(files));
    const back = {
      "platforms.csv": [platform("port-data", "Port Data", "OPEN_DATA", "92")],
      "observations.csv": [says("platform:port-data", "2023", "15")],
    };
    await portal().publish(release(back, "Back"));
    expect(await panelOf("92")).toMatchObject({
      rows: expect.arrayContaining([{ subject: { id: "platform:port-data" }, values: expect.arrayContaining(["15"]) }]),
    });
    expect({ north: await panelOf("90", 3), east: await panelOf("92", 3), south: await panelOf("91", 3) }).toEqual(
      before,
    );
  });

  test("as a region where it once was has nothing of what was withdrawn in between", async () => {
    const PROVINCES = `{ panel(metric: "data-volume", of: { childrenOf: "90" }) { timePeriods rows { subject { id } values } } }`;
    const field = (parent: string, rest: MadeRow = {}) => ({
      "regions.csv": [region("9002", parent, "PREFECTURE", "Northfield", rest)],
    });
    await portal().publish(release(field("91"), "Moved"));
    await portal().publish(
      release({ ...field("91", { action: "D" }), "observations.csv": [takesBack("9002")] }, "Deleted"),
    );
    await portal().publish(release({ ...field("90"), "observations.csv": [says("9002", "2025", "1")] }, "Back"));
    const { data } = await portal().ask<{
      panel: { timePeriods: string[]; rows: { subject: { id: string }; values: (string | null)[] }[] };
    }>(PROVINCES);
    const row = data.panel.rows.find(({ subject }) => subject.id === "region:9002");
    expect(row?.values.filter((value) => value !== null)).toEqual(["1"]);
  });

  test("is listed and counted once, before and after its traces are swept away", async () => {
    const LIST = `{ platforms(filter: { kind: CLOUD }) { totalCount nodes { id } } }`;
    const before = (await portal().ask(LIST)).data;
    await portal().publish(release({ "platforms.csv": [deleted(PLATFORMS[5])] }));
    await portal().publish(release({ "platforms.csv": [PLATFORMS[5] as MadeRow] }, "Back"));
    expect((await portal().ask(LIST)).data).toEqual(before);
    await portal().publish(release({ "sources.csv": [{ id: "other", title: "Other" }] }, "Next"));
    expect((await portal().ask(LIST)).data).toEqual(before);
  });
});
